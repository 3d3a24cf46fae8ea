"""Key custody in three verbs (create, use, sign): no private key ever leaves this room."""

from dojang.vault.model import (
    BadWrap,
    KeyExists,
    KeyKind,
    UnknownKey,
    Vault,
    VaultLocked,
    ensure,
)

__all__ = ["BadWrap", "KeyExists", "KeyKind", "UnknownKey", "Vault", "VaultLocked", "ensure"]
