"""The oblivious PRF of RFC 9497: mode 0, ristretto255-SHA512, over libsodium (rbcl).

The phone learns F(k, secret) without showing the secret, and every guess costs one evaluation by
the server, which counts. rbcl passes our bytes to C unchecked when installed as a package, so
every length is checked here before the call.
"""

import contextlib
import hashlib
import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

import rbcl

from dojang.crypto.encoding import BadEncoding, len16, u8

Element = NewType("Element", bytes)
"""32 bytes: a canonical ristretto255 encoding that is not the identity."""

OprfScalar = NewType("OprfScalar", bytes)
"""32 bytes little-endian, below L, not zero."""

OUTPUT_BYTES = 64
_ELEMENT_BYTES = 32
_SCALAR_BYTES = 32
_WIDE = 64
_SHA512_BLOCK = 128
_IDENTITY = bytes(_ELEMENT_BYTES)
_CONTEXT = b"OPRFV1-\x00-ristretto255-SHA512"
_TO_GROUP = b"HashToGroup-" + _CONTEXT
_DERIVE = b"DeriveKeyPair" + _CONTEXT
_SEED_BYTES = 32
_TOP_BIT = 0x80


@dataclass(frozen=True)
class KeyPair:
    """An OPRF key. Its public half is never sent in mode 0; it is here for the RFC's vectors."""

    secret: OprfScalar = field(repr=False)
    public: Element


@dataclass(frozen=True)
class Blinding:
    """The phone's side between blind and finalize. Never stored: with the blinded element it
    would let a thief test guesses offline.
    """

    data: bytes = field(repr=False)
    blind: OprfScalar = field(repr=False)
    blinded: Element


def _forget_the_unpacked_library() -> None:
    """Remove the 2.8 MB copy of libsodium that rbcl leaves in the temporary folder at each import.

    Loaded is loaded: the file is no longer needed, and a server that restarts would fill the disk.
    """
    with contextlib.suppress(OSError):
        Path(rbcl._sodium._name).unlink()  # noqa: SLF001  (rbcl offers no other way)


_forget_the_unpacked_library()


def element(data: bytes) -> Element:
    """`data` if it is a canonical element other than the identity, else `BadEncoding`.

    The top bit is checked here because the libsodium inside rbcl 1.1.2 (1.0.18) ignores it, so
    that every element had two encodings.
    """
    if len(data) != _ELEMENT_BYTES or data[-1] & _TOP_BIT:
        raise BadEncoding("not a ristretto255 element")
    if not rbcl.crypto_core_ristretto255_is_valid_point(data):
        raise BadEncoding("not a ristretto255 element")
    if data == _IDENTITY:
        raise BadEncoding("the identity is not an element we work with")
    return Element(data)


def oprf_scalar(data: bytes) -> OprfScalar:
    """`data` if it is a canonical scalar other than zero, else `BadEncoding`."""
    if len(data) != _SCALAR_BYTES or hmac.compare_digest(data, bytes(_SCALAR_BYTES)):
        raise BadEncoding("not a scalar of ristretto255")
    reduced = rbcl.crypto_core_ristretto255_scalar_reduce(data + bytes(_WIDE - _SCALAR_BYTES))
    if not hmac.compare_digest(reduced, data):
        raise BadEncoding("scalar not below the group order")
    return OprfScalar(data)


def random_scalar(random64: bytes) -> OprfScalar:
    """An unbiased scalar from 64 random bytes, for `blind`."""
    return oprf_scalar(_reduce(random64))


def derive_key_pair(seed: bytes, info: bytes) -> KeyPair:
    """RFC 9497 3.2.1. `seed` has 32 bytes."""
    if len(seed) != _SEED_BYTES:
        raise ValueError("a seed has 32 bytes")
    for counter in range(256):
        wide = _expand(seed + len16(info) + u8(counter), _DERIVE)
        secret = _reduce(wide)
        if secret != bytes(_SCALAR_BYTES):
            public = rbcl.crypto_scalarmult_ristretto255_base(secret)
            return KeyPair(OprfScalar(secret), Element(public))
    raise BadEncoding("no key follows from this seed")


def blind(data: bytes, scalar: OprfScalar) -> Blinding:
    """RFC 9497 3.3.1, with the blind handed in (see `random_scalar`)."""
    mapped = rbcl.crypto_core_ristretto255_from_hash(_expand(data, _TO_GROUP))
    return Blinding(data, scalar, _times(scalar, element(mapped)))


def evaluate(key: OprfScalar, blinded: Element) -> Element:
    """RFC 9497 3.3.1 BlindEvaluate: the server's one multiplication."""
    return _times(key, blinded)


def finalize(blinding: Blinding, evaluated: Element) -> bytes:
    """RFC 9497 3.3.1: 64 bytes that depend on the key and the input, not on the blind."""
    inverse = rbcl.crypto_core_ristretto255_scalar_invert(blinding.blind)
    unblinded = _times(OprfScalar(inverse), evaluated)
    text = len16(blinding.data) + len16(unblinded) + b"Finalize"
    return hashlib.sha512(text).digest()


def _times(scalar: OprfScalar, of: Element) -> Element:
    try:
        return Element(rbcl.crypto_scalarmult_ristretto255(scalar, of))
    except RuntimeError:
        raise BadEncoding("the product is the identity") from None


def _reduce(wide: bytes) -> bytes:
    if len(wide) != _WIDE:
        raise ValueError("64 uniform bytes are needed")
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(wide))


def _expand(message: bytes, dst: bytes) -> bytes:
    """expand_message_xmd of RFC 9380 5.3.1 with SHA-512 and one block of output (64 bytes)."""
    suffix = dst + u8(len(dst))  # DST_prime: the tag, then its length
    first = hashlib.sha512(bytes(_SHA512_BLOCK) + message + b"\x00\x40\x00" + suffix).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()
