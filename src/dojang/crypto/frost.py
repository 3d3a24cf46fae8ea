"""FROST(Ed25519, SHA-512), RFC 9591, for the phone (participant 1) and the server (participant 2).

The functions hold for any participants, so that the RFC's own vectors (1 and 3) check them; the
constants are ours. What is new against the RFC is `server_nonces` (PROTOCOL 3): the server moves
last, stores no nonce, and derives its pair from everything that fixes the challenge.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dojang.crypto import ed25519
from dojang.crypto.encoding import BadEncoding, Point, Scalar, len8, u8, u32, u64

PHONE = 1
SERVER = 2

_CONTEXT = b"FROST-ED25519-SHA512-v1"
_NONCE_RANDOM_BYTES = 32
_ID_BYTES = 16


@dataclass(frozen=True)
class Commitment:
    """What a participant shows of its nonces (D, E in PROTOCOL 3)."""

    identifier: int
    hiding: Point
    binding: Point


@dataclass(frozen=True)
class Nonces:
    """A hiding and a binding nonce: they answer one challenge and are then forgotten."""

    hiding: Scalar = field(repr=False)
    binding: Scalar = field(repr=False)
    commitment: Commitment


@dataclass(frozen=True)
class Ceremony:
    """Everything that fixes the challenge: one key, one message, one set of commitments."""

    public_key: Point
    message: bytes
    commitments: tuple[Commitment, ...]
    factors: Mapping[int, Scalar] = field(repr=False)
    r: Point
    challenge: Scalar


def h1(data: bytes) -> Scalar:
    return _to_scalar(_CONTEXT, b"rho", data)


def h2(data: bytes) -> Scalar:
    """Without the context string: this is the challenge of RFC 8032."""
    return _to_scalar(data)


def h3(data: bytes) -> Scalar:
    return _to_scalar(_CONTEXT, b"nonce", data)


def h4(data: bytes) -> bytes:
    return hashlib.sha512(_CONTEXT + b"msg" + data).digest()


def h5(data: bytes) -> bytes:
    return hashlib.sha512(_CONTEXT + b"com" + data).digest()


def identifier_scalar(identifier: int) -> Scalar:
    """A participant's number as a scalar; numbers start at 1 (0 would reveal the secret)."""
    if identifier < 1:
        raise ValueError("participants are numbered from 1")
    return Scalar(identifier.to_bytes(32, "little"))


def lagrange(identifier: int, participants: Sequence[int]) -> Scalar:
    """The coefficient at x = 0 (RFC 9591 4.2); 2 for the phone and -1 for the server of (1, 2)."""
    if identifier not in participants or len(set(participants)) != len(participants):
        raise ValueError("the participants must be distinct and include this one")
    own = identifier_scalar(identifier)
    above, below = ed25519.ONE, ed25519.ONE
    for other in map(identifier_scalar, participants):
        if other != own:
            above = ed25519.scalar_mul(above, other)
            below = ed25519.scalar_mul(below, ed25519.scalar_sub(other, own))
    return ed25519.scalar_mul(above, ed25519.scalar_invert(below))


_PAIR = {p: lagrange(p, (PHONE, SERVER)) for p in (PHONE, SERVER)}


def nonce_generate(random32: bytes, secret: Scalar) -> Scalar:
    """RFC 9591 4.1, with the 32 random bytes handed in."""
    if len(random32) != _NONCE_RANDOM_BYTES:
        raise ValueError("32 random bytes are needed")
    return h3(random32 + secret)


def nonces(identifier: int, random64: bytes, secret: Scalar) -> Nonces:
    """A fresh pair from 64 random bytes. The phone passes its stored masked share as `secret`."""
    half = _NONCE_RANDOM_BYTES
    return commit(
        identifier,
        nonce_generate(random64[:half], secret),
        nonce_generate(random64[half:], secret),
    )


def server_nonces(
    nonce_key: bytes,
    *,
    kid: bytes,
    gen: int,
    method: str,
    version: int,
    sid: bytes,
    phone: Commitment,
    message: bytes,
    share: Scalar,
) -> Nonces:
    """The server's pair for one transcript (PROTOCOL 3).

    random_bytes = HMAC-SHA-256(nonce_key, kid | u64 gen | len8(m) m | u32 version | sid | D1 | E1 |
    SHA-512(message) | 1 or 2), integers big-endian. Whatever is rolled back, retried or raced, the
    same pair can only ever answer the same challenge.
    """
    if len(kid) != _ID_BYTES or len(sid) != _ID_BYTES:
        raise BadEncoding("kid and sid have 16 bytes")
    transcript = b"".join(
        (
            kid,
            u64(gen),
            len8(method.encode("ascii")),
            u32(version),
            sid,
            phone.hiding,
            phone.binding,
            hashlib.sha512(message).digest(),
        )
    )
    hiding, binding = (
        nonce_generate(hmac.digest(nonce_key, transcript + u8(which), "sha256"), share)
        for which in (1, 2)
    )
    return commit(SERVER, hiding, binding)


def commit(identifier: int, hiding: Scalar, binding: Scalar) -> Nonces:
    public = Commitment(identifier, ed25519.times_base(hiding), ed25519.times_base(binding))
    return Nonces(hiding, binding, public)


def ceremony(public_key: Point, message: bytes, commitments: Sequence[Commitment]) -> Ceremony:
    """Binding factors, R and challenge (RFC 9591 4.4 to 4.6) for validated commitments.

    Raises `BadEncoding` when a participant chose commitments that cancel out to the identity.
    """
    ordered = tuple(sorted(commitments, key=lambda c: c.identifier))
    if len({c.identifier for c in ordered}) != len(ordered):
        raise ValueError("one commitment for each participant")
    factors = binding_factors(public_key, message, ordered)
    r = _group_commitment(ordered, factors)
    return Ceremony(public_key, message, ordered, factors, r, h2(r + public_key + message))


def binding_factor_inputs(
    public_key: Point, message: bytes, commitments: Sequence[Commitment]
) -> dict[int, bytes]:
    """What `h1` is taken of, for each participant (RFC 9591 4.4); `commitments` are in order."""
    encoded = b"".join(identifier_scalar(c.identifier) + c.hiding + c.binding for c in commitments)
    prefix = public_key + h4(message) + h5(encoded)
    return {c.identifier: prefix + identifier_scalar(c.identifier) for c in commitments}


def binding_factors(
    public_key: Point, message: bytes, commitments: Sequence[Commitment]
) -> dict[int, Scalar]:
    inputs = binding_factor_inputs(public_key, message, commitments)
    return {identifier: h1(data) for identifier, data in inputs.items()}


def sign_share(share: Scalar, own: Nonces, of: Ceremony) -> Scalar:
    """z_i = d + e*rho + lambda*s*c (RFC 9591 5.2).

    Raises `ValueError` if the ceremony does not carry this participant's own commitment: signing
    for foreign commitments would answer a challenge the nonces were not made for.
    """
    if own.commitment not in of.commitments:
        raise ValueError("the ceremony does not hold this participant's commitment")
    identifier = own.commitment.identifier
    participants = [c.identifier for c in of.commitments]
    pair = participants == [PHONE, SERVER]
    weight = _PAIR[identifier] if pair else lagrange(identifier, participants)
    bound = ed25519.scalar_mul(own.binding, of.factors[identifier])
    weighted = ed25519.scalar_mul(weight, share)
    return ed25519.scalar_add(
        ed25519.scalar_add(own.hiding, bound), ed25519.scalar_mul(weighted, of.challenge)
    )


def aggregate(of: Ceremony, shares: Sequence[Scalar]) -> bytes:
    """R | sum of the shares (RFC 9591 5.3): 64 bytes, not yet verified."""
    if len(shares) != len(of.commitments):
        raise ValueError("one signature share for each commitment")
    z = Scalar(bytes(32))
    for share in shares:
        z = ed25519.scalar_add(z, share)
    return of.r + z


def finish(of: Ceremony, *, share: Scalar, own: Nonces, phone_z: Scalar) -> bytes:
    """The server's second move: a verified signature, or `ed25519.BadSignature`.

    The server's own z never leaves this function outside a valid signature (invariant I5), and
    ordinary Ed25519 verification is the only check of the phone's secret there is.
    """
    signature = aggregate(of, (phone_z, sign_share(share, own, of)))
    ed25519.verify(of.public_key, of.message, signature)
    return signature


def _group_commitment(commitments: Sequence[Commitment], factors: Mapping[int, Scalar]) -> Point:
    parts: list[Point] = []
    for c in commitments:
        parts += [c.hiding, ed25519.times(factors[c.identifier], c.binding)]
    return ed25519.total(parts)


def _to_scalar(*parts: bytes) -> Scalar:
    return ed25519.wide_scalar(hashlib.sha512(b"".join(parts)).digest())
