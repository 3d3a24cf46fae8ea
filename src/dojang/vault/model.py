"""What every vault can do, whatever it is made of.

    VaultError
    ├── KeyExists     a key of that label was made before; keys are created once
    ├── UnknownKey    no key of that label, or not of the kind the verb needs
    ├── BadWrap       wrapped bytes that this key did not wrap for this place
    └── VaultLocked   the passphrase does not open the vault, or its bytes were changed

These are faults of ours, never answers to a customer, hence no Problems.
"""

import enum
from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

PublicKey: TypeAlias = EllipticCurvePublicKey


class VaultError(Exception):
    """Something is wrong with our own keys."""


class KeyExists(VaultError):
    pass


class UnknownKey(VaultError):
    pass


class BadWrap(VaultError):
    pass


class VaultLocked(VaultError):
    pass


class KeyKind(enum.StrEnum):
    """What a key can be used for; a label has one kind for ever."""

    EC_P256 = "ec-p256"
    """Signs: ECDSA with SHA-256."""

    EC_P384 = "ec-p384"
    """Signs: ECDSA with SHA-384."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    """256 bits that other secrets are derived from (HMAC-SHA-256)."""

    KEK = "kek"
    """AES-256: wraps data keys."""


class Vault(Protocol):
    """Create, use, sign. Safe to call from many threads, and never inside a transaction.

    (A key ceremony or an HSM takes its time, and a writer's lock must not wait for it.)
    """

    def create(self, label: str, kind: KeyKind) -> None:
        """Make a key, durable before this returns. Raises `KeyExists`."""
        ...

    def labels(self) -> list[str]:
        """The labels of all keys, sorted."""
        ...

    def public_key(self, label: str) -> PublicKey:
        """The public half of an EC key. Raises `UnknownKey`."""
        ...

    def sign(self, label: str, data: bytes) -> bytes:
        """ECDSA over `data`, as DER (RFC 3279 2.2.3). Raises `UnknownKey`."""
        ...

    def derive(self, label: str, info: bytes) -> bytes:
        """32 bytes: HMAC-SHA-256 of `info` under a SECRET. Raises `UnknownKey`."""
        ...

    def wrap(self, label: str, key: bytes, aad: bytes) -> bytes:
        """The key encrypted under a KEK, bound to `aad`. Raises `UnknownKey`."""
        ...

    def unwrap(self, label: str, blob: bytes, aad: bytes) -> bytes:
        """What `wrap` was given. Raises `BadWrap`, `UnknownKey`."""
        ...


def ensure(vault: Vault, label: str, kind: KeyKind) -> None:
    """Make the key unless it is there; another process may make it at the same moment."""
    if label in vault.labels():
        return
    try:
        vault.create(label, kind)
    except KeyExists:
        return
