"""EME-OAEP with SHA-256 and MGF1-SHA-256, taken off what a token decrypted (RFC 8017 7.1.2).

Tokens differ in which hashes they take for OAEP (SoftHSM takes SHA-1 alone), and all of them do the
bare RSA operation. So the token raises to its secret power and the padding is looked at here: every
step is done whatever the bytes are, and one verdict at the end says nothing of which one failed
(Manger, CRYPTO 2001).
"""

import hashlib
import hmac
from typing import Final

HASH_BYTES: Final = 32
_NO_LABEL: Final = hashlib.sha256(b"").digest()


class BadPadding(Exception):
    """These bytes were not padded so."""


def unpadded(encoded: bytes) -> bytes:
    """The message in an encoded message of the modulus's length. Raises `BadPadding`."""
    first, seed, block = encoded[:1], encoded[1 : 1 + HASH_BYTES], encoded[1 + HASH_BYTES :]
    seed = _xor(seed, _mgf1(block, HASH_BYTES))
    block = _xor(block, _mgf1(seed, len(block)))
    label, rest = block[:HASH_BYTES], block[HASH_BYTES:]
    zeros, one, message = rest.partition(b"\x01")
    fits = hmac.compare_digest(label, _NO_LABEL)
    fits &= hmac.compare_digest(first, b"\x00")
    fits &= hmac.compare_digest(zeros, bytes(len(zeros)))
    fits &= len(one) == 1
    if not fits:
        raise BadPadding
    return message


def _mgf1(seed: bytes, count: int) -> bytes:
    """MGF1 of RFC 8017 B.2.1."""
    blocks = -(-count // HASH_BYTES)
    made = b"".join(hashlib.sha256(seed + n.to_bytes(4, "big")).digest() for n in range(blocks))
    return made[:count]


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))
