"""Rows with shares at rest: AES-256-GCM-SIV (RFC 8452) with the row's place as associated data.

GCM-SIV because a database restored from a backup may repeat a nonce: that then tells at most that
two equal plaintexts were equal.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from dojang.crypto.encoding import len8, u32, u64

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class BadSeal(Exception):
    """The sealed bytes were not made under this key for this place."""


def place(
    *, kid: bytes, gen: int, method: str, version: int, purpose: str, data_key_id: str
) -> bytes:
    """The associated data of a row (PROTOCOL 4).

    len8(kid) | u64(gen) | len8(m) | u32(version) | len8(purpose) | len8(data key id), big-endian.
    """
    return b"".join(
        (
            len8(kid),
            u64(gen),
            len8(method.encode("ascii")),
            u32(version),
            len8(purpose.encode("ascii")),
            len8(data_key_id.encode("ascii")),
        )
    )


def seal(key: bytes, plaintext: bytes, associated: bytes, *, nonce12: bytes) -> bytes:
    """nonce | ciphertext | tag. The nonce is handed in: 12 random bytes."""
    _check_key(key)
    if len(nonce12) != NONCE_BYTES:
        raise ValueError("12 nonce bytes are needed")
    return nonce12 + AESGCMSIV(key).encrypt(nonce12, plaintext, associated)


def unseal(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """The plaintext; raises `BadSeal` for another key, another place or changed bytes."""
    _check_key(key)
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise BadSeal
    try:
        return AESGCMSIV(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except InvalidTag:
        raise BadSeal from None


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise ValueError("a sealing key has 32 bytes")
