"""One key, many sharings: deltas, refresh and the mask over the phone's share (PROTOCOL 1, 3).

For every method instance (secret kind, version) the pair is s1 + delta for the phone and
s2 + 2*delta for the server, so that 2*s1 - s2 stays the key (I1) and no two instances share a
sharing (I9). The phone stores only o = s1 - h, where h comes from the OPRF: for every PIN there is
an h, so the stored bytes fit all of them (I10).

Hashed contexts, exactly (integers big-endian, `|` joins, len8/len16 put a length in front):
    OPRF input   "dojang/1/oprf" | kid (16) | len8(m) | u32(version) | salt (32) | secret
    OPRF seed    HMAC-SHA-256(vault secret, kid (16) | len8(m) | u32(version)), info "dojang/1"
    mask         h = SHA-512("dojang/1/mask" | salt (32) | len16(secret) | y) as LE integer mod L
"""

import hashlib
import hmac
from dataclasses import dataclass

from dojang.crypto import ed25519, oprf
from dojang.crypto.encoding import BadEncoding, Scalar, len8, len16, u32

KID_BYTES = 16
SALT_BYTES = 32
_OPRF_INPUT = b"dojang/1/oprf"
_OPRF_INFO = b"dojang/1"
_MASK = b"dojang/1/mask"


@dataclass(frozen=True)
class Instance:
    """A method instance of one key: which secret kind, in which version."""

    kid: bytes
    method: str
    version: int

    def context(self) -> bytes:
        """kid | len8(m) | u32(version): the part that OPRF input and OPRF key have in common."""
        if len(self.kid) != KID_BYTES:
            raise BadEncoding("a kid has 16 bytes")
        return self.kid + len8(self.method.encode("ascii")) + u32(self.version)


def draw_delta(random64: bytes) -> Scalar:
    """An unbiased delta from 64 random bytes."""
    return ed25519.wide_scalar(random64)


def shift_phone(value: Scalar, delta: Scalar) -> Scalar:
    """s1 + delta. Holds for a share and, at a refresh, just as well for the stored masked share."""
    return ed25519.scalar_add(value, delta)


def shift_server(share: Scalar, delta: Scalar) -> Scalar:
    """s2 + 2*delta."""
    return ed25519.scalar_add(share, ed25519.scalar_mul(ed25519.TWO, delta))


def oprf_key(vault_secret: bytes, instance: Instance) -> oprf.OprfScalar:
    """The server's OPRF key of an instance; derived, never stored."""
    seed = hmac.digest(vault_secret, instance.context(), "sha256")
    return oprf.derive_key_pair(seed, _OPRF_INFO).secret


def oprf_input(instance: Instance, salt: bytes, secret: bytes) -> bytes:
    """What the phone blinds. `secret` is ASCII: six digits, or pattern nodes joined by "-"."""
    _check_salt(salt)
    return _OPRF_INPUT + instance.context() + salt + secret


def mask(salt: bytes, secret: bytes, y: bytes) -> Scalar:
    """h, from the 64-byte OPRF output y."""
    _check_salt(salt)
    if len(y) != oprf.OUTPUT_BYTES:
        raise ValueError("an OPRF output has 64 bytes")
    return ed25519.wide_scalar(hashlib.sha512(_MASK + salt + len16(secret) + y).digest())


def conceal(share: Scalar, h: Scalar) -> Scalar:
    """o = s1 - h: the only form in which the phone stores a share."""
    return ed25519.scalar_sub(share, h)


def reveal(stored: Scalar, h: Scalar) -> Scalar:
    """s1 = o + h. Another secret gives another h and another scalar; nothing here can tell."""
    return ed25519.scalar_add(stored, h)


def _check_salt(salt: bytes) -> None:
    if len(salt) != SALT_BYTES:
        raise BadEncoding("a salt has 32 bytes")
