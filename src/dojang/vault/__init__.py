"""Key custody in three verbs (create, use, sign): no private key ever leaves this room."""

from dojang.vault.model import (
    BadCiphertext,
    BadWrap,
    KeyExists,
    KeyKind,
    Padding,
    ReadableKey,
    UnknownKey,
    Vault,
    VaultLocked,
    ensure,
)

__all__ = [
    "BadCiphertext",
    "BadWrap",
    "KeyExists",
    "KeyKind",
    "Padding",
    "ReadableKey",
    "UnknownKey",
    "Vault",
    "VaultLocked",
    "ensure",
]
