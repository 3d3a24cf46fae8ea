"""Key generation for two without a dealer (PROTOCOL 1, E1 and E2): the key never exists anywhere.

Each side draws a line f(x) = a0 + a1*x, shows C0 = a0*B and C1 = a1*B with a proof that it knows
a0, and hands the other side f(other). Compatible with frost-core and `@noble/curves`: the proof is
R | mu with c = SHA-512("FROST-ED25519-SHA512-v1dkg" | id as 32 bytes little-endian | C0 | R) mod L.

Erasing: Python's bytes cannot be overwritten. These functions keep nothing; the caller drops its
references to lines and shares as soon as they are masked, and never stores or logs them.
"""

import hashlib
from dataclasses import dataclass, field

from dojang.crypto import ed25519
from dojang.crypto.encoding import BadEncoding, Point, Scalar, point, scalar
from dojang.crypto.frost import PHONE, SERVER, identifier_scalar

PROOF_BYTES = 64
_CONTEXT = b"FROST-ED25519-SHA512-v1dkg"
_WIDE = 64


class BadOffer(ValueError):
    """The peer's proof of knowledge or its share does not fit its commitments."""


@dataclass(frozen=True)
class Line:
    """f(x) = a0 + a1*x, the secret of one participant during key generation only."""

    identifier: int
    a0: Scalar = field(repr=False)
    a1: Scalar = field(repr=False)


@dataclass(frozen=True)
class Offer:
    """What a participant sends: its commitments and the proof that it knows a0."""

    identifier: int
    c0: Point
    c1: Point
    proof: bytes


@dataclass(frozen=True)
class KeyShare:
    """One participant's share of a key that nobody holds."""

    identifier: int
    share: Scalar = field(repr=False)
    public_key: Point


def begin(identifier: int, random192: bytes) -> tuple[Line, Offer]:
    """A line and its offer, from 192 random bytes (64 each for a0, a1 and the proof's nonce)."""
    if len(random192) != 3 * _WIDE:
        raise ValueError("192 random bytes are needed")
    a0, a1, k = (
        ed25519.wide_scalar(random192[at : at + _WIDE]) for at in range(0, 3 * _WIDE, _WIDE)
    )
    c0, c1, r = (ed25519.times_base(secret) for secret in (a0, a1, k))
    mu = ed25519.scalar_add(k, ed25519.scalar_mul(a0, _challenge(identifier, c0, r)))
    return Line(identifier, a0, a1), Offer(identifier, c0, c1, r + mu)


def read_offer(identifier: int, c0: bytes, c1: bytes, proof: bytes) -> Offer:
    """The peer's offer, checked.

    Raises `BadEncoding` for what is not a point or scalar, `BadOffer` for a proof that fails.
    """
    if len(proof) != PROOF_BYTES:
        raise BadEncoding("a proof of knowledge has 64 bytes")
    offer = Offer(identifier, point(c0), point(c1), proof)
    r, mu = point(proof[:32]), scalar(proof[32:])
    expected = ed25519.total([r, ed25519.times(_challenge(identifier, offer.c0, r), offer.c0)])
    if ed25519.times_base(mu) != expected:
        raise BadOffer("the proof of knowledge fails")
    return offer


def share_for(line: Line, identifier: int) -> Scalar:
    """f(identifier), for the other participant's eyes only."""
    x = identifier_scalar(identifier)
    return ed25519.scalar_add(line.a0, ed25519.scalar_mul(line.a1, x))


def finish(line: Line, own: Offer, peer: Offer, peer_share: bytes) -> KeyShare:
    """This participant's share of the new key.

    Raises `BadEncoding` for a share that is no scalar, `BadOffer` for one that does not lie on the
    peer's line, or if the two offers cancel out to the identity as public key.
    """
    if {own.identifier, peer.identifier} != {PHONE, SERVER} or own.identifier != line.identifier:
        raise ValueError("key generation is between the phone and the server")
    received = scalar(peer_share)
    try:
        image = ed25519.times(identifier_scalar(line.identifier), peer.c1)
        on_the_line = ed25519.times_base(received) == ed25519.total([peer.c0, image])
        public_key = ed25519.total([own.c0, peer.c0])
    except BadEncoding:
        raise BadOffer("the offers add up to the identity") from None
    if not on_the_line:
        raise BadOffer("the share is not on the line that was committed to")
    share = ed25519.scalar_add(share_for(line, line.identifier), received)
    return KeyShare(line.identifier, share, public_key)


def _challenge(identifier: int, c0: Point, r: Point) -> Scalar:
    text = _CONTEXT + identifier_scalar(identifier) + c0 + r
    return ed25519.wide_scalar(hashlib.sha512(text).digest())
