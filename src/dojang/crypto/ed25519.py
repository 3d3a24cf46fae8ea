"""The Ed25519 group over libsodium (PyNaCl), and the one verdict on signatures (`cryptography`).

Secret scalars never become Python integers: their running time would depend on their value.
Arguments typed `Scalar` and `Point` have been through `encoding.scalar` and `encoding.point`.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from dojang.crypto.encoding import WIDE_BYTES, BadEncoding, Point, Scalar

SIGNATURE_BYTES = 64
ONE = Scalar((1).to_bytes(32, "little"))
_IDENTITY = (1).to_bytes(32, "little")
TWO = Scalar((2).to_bytes(32, "little"))


class BadSignature(Exception):
    """The signature does not verify. Says nothing about which part of it is wrong."""


def verify(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Raise `BadSignature` unless `signature` is an RFC 8032 signature of `message`.

    `cryptography` (OpenSSL) decides and nobody else: it verifies without multiplying by the
    cofactor, so an R with a small-order component is refused, as every relying party's OpenSSL
    will refuse it.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature from None


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
