"""What every vault can do, whatever it is made of.

    VaultError
    ├── KeyExists     a key of that label was made before; keys are created once
    ├── UnknownKey    no key of that label, or not of the kind the verb needs
    ├── BadWrap       wrapped bytes that this key did not wrap for this place
    ├── BadCiphertext bytes that were not encrypted to this key; it says no more than that
    ├── ReadableKey   a token's key that could be read out of it: it may have been
    └── VaultLocked   the passphrase or PIN does not open the vault, or its bytes were changed

These are faults of ours, never answers to a customer, hence no Problems. A token that is away for
a moment is `Unavailable`, as a database is: any verb may raise it, and may be asked again.
"""

import enum
from collections.abc import Sequence
from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey: TypeAlias = EllipticCurvePublicKey


class VaultError(Exception):
    """Something is wrong with our own keys."""


class KeyExists(VaultError):
    pass


class UnknownKey(VaultError):
    pass


class BadWrap(VaultError):
    pass


class BadCiphertext(VaultError):
    pass


class ReadableKey(VaultError):
    pass


class VaultLocked(VaultError):
    pass


class KeyKind(enum.StrEnum):
    """What a key can be used for; a label has one kind for ever."""

    EC_P256 = "ec-p256"
    """Signs: ECDSA with SHA-256."""

    EC_P384 = "ec-p384"
    """Signs: ECDSA with SHA-384."""

    RSA_2048 = "rsa-2048"
    """Signs: RSASSA-PKCS1-v1_5 with SHA-256, as the readers of joint certificates demand."""

    RSA_2048_DECRYPT = "rsa-2048-decrypt"
    """Decrypts what others encrypted to it, and signs nothing."""

    SECRET = "secret"  # noqa: S105 - the name of a kind
    """256 bits that other secrets are derived from (HMAC-SHA-256)."""

    KEK = "kek"
    """AES-256: wraps data keys."""


class Padding(enum.Enum):
    """How what is decrypted was padded (RFC 8017 7)."""

    OAEP_SHA256 = "oaep-sha256"
    """With MGF1-SHA-256 and no label."""

    PKCS1 = "pkcs1"
    """Old clients only. Garbage may come out where garbage went in: whoever asks judges by what is
    inside, and answers a bad padding and a bad inside with the same words."""


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

    def rsa_public_key(self, label: str) -> RSAPublicKey:
        """The public half of an RSA key, of either kind. Raises `UnknownKey`."""
        ...

    def sign(self, label: str, data: bytes) -> bytes:
        """A signature over `data` as the key's kind says; ECDSA as DER (RFC 3279 2.2.3).

        Raises `UnknownKey`, also for a key that does not sign.
        """
        ...

    def sign_each(self, label: str, data: Sequence[bytes]) -> list[bytes]:
        """As `sign`, for many at once, which may be cheaper. Raises `UnknownKey`."""
        ...

    def sign_digest(self, label: str, digest: bytes) -> bytes:
        """As `sign` with an EC key, of what was hashed elsewhere because it is too long to pass.

        The digest is the kind's own. Raises `UnknownKey`.
        """
        ...

    def decrypt(self, label: str, ciphertext: bytes, padding: Padding) -> bytes:
        """What was encrypted to an RSA_2048_DECRYPT key. Raises `BadCiphertext`, `UnknownKey`."""
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
