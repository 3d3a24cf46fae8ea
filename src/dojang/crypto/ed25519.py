"""The Ed25519 group over libsodium (PyNaCl), and the one verdict on signatures, OpenSSL's.

Secret scalars never become Python integers: their running time would depend on their value.
Arguments typed `Scalar` and `Point` have been through `encoding.scalar` and `encoding.point`.
"""

import functools
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from dojang.crypto import multibuffer
from dojang.crypto.crypto_mb import LANES
from dojang.crypto.encoding import WIDE_BYTES, BadEncoding, Point, Scalar

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64
ONE = Scalar((1).to_bytes(32, "little"))
_IDENTITY = (1).to_bytes(32, "little")
TWO = Scalar((2).to_bytes(32, "little"))


class BadSignature(Exception):
    """The signature does not verify. Says nothing about which part of it is wrong."""


def verify(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Raise `BadSignature` unless `signature` is an RFC 8032 signature of `message`.

    The verdict is OpenSSL's (`cryptography`): it verifies without multiplying by the cofactor, so
    an R with a small-order component is refused, as every relying party's OpenSSL will refuse it.
    libsodium, at half the price, is asked first: whatever it takes OpenSSL takes too (ADR 0027).
    """
    if _SODIUM_IS_STRICT and _sodium_takes(public_key, message, signature):
        return
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature from None


def hold(asked: Sequence[multibuffer.Ed25519]) -> list[bool]:
    """Of each what `verify` says of it, many looked at together where the processor can."""
    taken = multibuffer.ed25519_taken(asked) if _eights_are_strict() else [False] * len(asked)
    return [sure or _holds(*one) for sure, one in zip(taken, asked, strict=True)]


def _holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        verify(public_key, message, signature)
    except BadSignature:
        return False
    return True


def _sodium_takes(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Sizes first: libsodium cannot tell where a signature ends and its message begins."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        sodium.crypto_sign_open(signature + message, public_key)
    except CryptoError:
        return False
    return True


ONLY_WITH_COFACTOR: Final = (
    bytes.fromhex("a0a72fe59d74d87169efcce3f8b95f19ba64214fcc9c4f33c255f02b758af3a2"),
    b"dojang",
    bytes.fromhex(
        "a9a3cf45d9e9ba23001e2da91c657f8ceca0326d584579553b6d33b235ce99e6"
        "2b1853fab91de59bbbccabf091c8a8e62b46c3afb6eccd5962c4badb03e5bd0b"
    ),
)
"""Key, message and signature that a verifier takes which multiplies by the cofactor, and no other:
R = rB + a point of order 8, s = r + ha."""

_SODIUM_IS_STRICT: Final = not _sodium_takes(*ONLY_WITH_COFACTOR)
"""Asked of the libsodium that is really here: one that is lenient has no say."""


@functools.cache
def _eights_are_strict() -> bool:
    """Asked likewise of the library for many."""
    asked = multibuffer.Ed25519(*ONLY_WITH_COFACTOR)
    return not any(multibuffer.ed25519_taken([asked] * LANES))


def wide_scalar(uniform64: bytes) -> Scalar:
    """64 uniform bytes, little-endian, modulo L: unbiased."""
    if len(uniform64) != WIDE_BYTES:
        raise ValueError("64 uniform bytes are needed")
    return Scalar(sodium.crypto_core_ed25519_scalar_reduce(uniform64))


def scalar_add(a: Scalar, b: Scalar) -> Scalar:
    return Scalar(sodium.crypto_core_ed25519_scalar_add(a, b))


def scalar_sub(a: Scalar, b: Scalar) -> Scalar:
    return Scalar(sodium.crypto_core_ed25519_scalar_sub(a, b))


def scalar_mul(a: Scalar, b: Scalar) -> Scalar:
    return Scalar(sodium.crypto_core_ed25519_scalar_mul(a, b))


def scalar_negate(a: Scalar) -> Scalar:
    return Scalar(sodium.crypto_core_ed25519_scalar_negate(a))


def scalar_invert(a: Scalar) -> Scalar:
    try:
        return Scalar(sodium.crypto_core_ed25519_scalar_invert(a))
    except CryptoError:
        raise BadEncoding("zero has no inverse") from None


def times_base(a: Scalar) -> Point:
    """a*B; raises `BadEncoding` for a = 0, whose product is the identity."""
    try:
        return Point(sodium.crypto_scalarmult_ed25519_base_noclamp(a))
    except CryptoError:
        raise BadEncoding("the product is the identity") from None


def times(a: Scalar, p: Point) -> Point:
    """a*p; raises `BadEncoding` when the product is the identity."""
    try:
        return Point(sodium.crypto_scalarmult_ed25519_noclamp(a, p))
    except CryptoError:
        raise BadEncoding("the product is the identity") from None


def total(points: Sequence[Point]) -> Point:
    """The sum of at least one point; raises `BadEncoding` if that is the identity.

    Sums of prime-order points have prime order or are the identity, so a compare is enough; an
    identity on the way is harmless.
    """
    result = points[0]
    for p in points[1:]:
        result = Point(sodium.crypto_core_ed25519_add(result, p))
    if result == _IDENTITY:
        raise BadEncoding("the sum is the identity")
    return result
