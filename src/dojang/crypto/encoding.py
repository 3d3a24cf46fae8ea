"""Bytes on the wire: base64url, Ed25519 scalars and points (PROTOCOL 0, RFC 8032, RFC 4648 5).

Every parser here is total and strict: one value has one encoding, and whatever is not that
encoding raises `BadEncoding`, which the web layer answers with 400 before anything is consumed.
"""

import binascii
import hmac
from typing import NewType

from nacl import bindings as sodium

Scalar = NewType("Scalar", bytes)
"""32 bytes little-endian, below the group order L."""

Point = NewType("Point", bytes)
"""32 bytes, canonical Ed25519 encoding, in the prime-order subgroup, not the identity."""

SCALAR_BYTES = 32
POINT_BYTES = 32
WIDE_BYTES = 64
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")


class BadEncoding(ValueError):
    """The bytes are not the one encoding of a value of this kind. Never repeats the input."""


def b64u(data: bytes) -> str:
    """Base64url without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def unb64u(text: str, size: int | None = None) -> bytes:
    """The bytes of `text`; raises `BadEncoding` for padding, foreign characters, stray bits in
    the last character, or a length other than `size`.
    """
    try:
        standard = text.encode("ascii").translate(_FROM_URL)
        data = binascii.a2b_base64(standard + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise BadEncoding("not base64url") from None
    # Python's decoder skips foreign characters and ignores stray bits: only a round trip is strict.
    if b64u(data) != text:
        raise BadEncoding("not canonical base64url")
    if size is not None and len(data) != size:
        raise BadEncoding(f"not {size} bytes")
    return data


def scalar(data: bytes) -> Scalar:
    """`data` if it is a canonical scalar (zero included), else `BadEncoding`.

    The comparison with L is a reduction by libsodium and a constant-time compare, because some of
    these scalars (key shares on their way between the parties) are secret.
    """
    if len(data) != SCALAR_BYTES:
        raise BadEncoding("a scalar has 32 bytes")
    reduced = sodium.crypto_core_ed25519_scalar_reduce(data + bytes(WIDE_BYTES - SCALAR_BYTES))
    if not hmac.compare_digest(reduced, data):
        raise BadEncoding("scalar not below the group order")
    return Scalar(data)


def point(data: bytes) -> Point:
    """`data` if it is a canonical point of prime order, else `BadEncoding`.

    Refuses the identity, small and mixed order, y >= p, and what is not on the curve. Needs
    PyNaCl >= 1.6.2: the libsodium in earlier wheels let mixed-order points pass (CVE-2025-69277).
    """
    if len(data) != POINT_BYTES or not sodium.crypto_core_ed25519_is_valid_point(data):
        raise BadEncoding("not a point of the prime-order group")
    return Point(data)


def u8(value: int) -> bytes:
    return _unsigned(value, 1)


def u16(value: int) -> bytes:
    return _unsigned(value, 2)


def u32(value: int) -> bytes:
    """Four bytes big-endian. Every integer of `dojang/1` that is hashed is big-endian."""
    return _unsigned(value, 4)


def u64(value: int) -> bytes:
    """Eight bytes big-endian."""
    return _unsigned(value, 8)


def len8(data: bytes) -> bytes:
    """`data` behind its length in one byte."""
    return u8(len(data)) + data


def len16(data: bytes) -> bytes:
    """`data` behind its length in two bytes big-endian."""
    return u16(len(data)) + data


def _unsigned(value: int, size: int) -> bytes:
    try:
        return value.to_bytes(size, "big")
    except OverflowError:
        raise BadEncoding(f"not an unsigned integer of {size} bytes") from None
