"""Eight signatures at a time, on processors that can: Intel's crypto_mb (ADR 0033).

An extra (`pip install "dojang[multibuffer]"`), and never the one that says no: what it does not
take is laid before OpenSSL, which alone refuses. Where it is not installed, or the processor has no
AVX-512 with IFMA, `library()` is None and everything is done one by one.
A call takes as long for one signature as for eight; below `FEWEST_…` it is not worth it.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from dojang.crypto.crypto_mb import LANES, SCALAR_BYTES, STATUS_BITS, CryptoMb

T = TypeVar("T")

FEWEST_P256: Final = 3
FEWEST_ED25519: Final = 4
FEWEST_SIGNED: Final = 3
COORDINATE_BYTES: Final = 32
DIGEST_BYTES: Final = 32
P256_ORDER: Final = bytes.fromhex(
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
)
ED25519_ORDER: Final = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "big")

_ZEROS: Final = bytes(SCALAR_BYTES)
_KEY, _NONCE, _X, _Y, _R, _S = map(
    bytes.fromhex,
    (
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60",
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ),
)
"""RFC 6979 A.2.5: P-256 with SHA-256, the message "sample"."""


class P256(NamedTuple):
    """One question: does `signature` (r | s, 64 bytes) stand under `digest` (32 bytes, SHA-256)?

    `x` and `y` of the public key are 32 bytes each, little-endian; that they are a point of the
    curve was seen when the key was read.
    """

    x: bytes
    y: bytes
    digest: bytes
    signature: bytes


class Ed25519(NamedTuple):
    """One question: a public key of 32 bytes, a message, a signature of 64."""

    key: bytes
    message: bytes
    signature: bytes


class SigningFailed(Exception):
    """The library said no to a key or a nonce. Nothing of it is shown."""


@functools.cache
def library() -> CryptoMb | None:
    """The library, if it is installed, fits this processor, and knows the example of RFC 6979.

    Not before somebody asks: whoever never has many at once does without it.
    """
    try:
        found = CryptoMb()
    except (OSError, AttributeError):
        return None
    return found if found.fits and _knows_the_example(found) else None


def p256_taken(asked: Sequence[P256]) -> list[bool]:
    """Of each whether it surely holds (FIPS 186-5 6.4.2). False is no verdict: ask OpenSSL."""
    found = library() if len(asked) >= FEWEST_P256 else None
    if found is None:
        return [False] * len(asked)
    return _by_eights(functools.partial(_p256, found), asked, _p256_fits, FEWEST_P256)


def ed25519_taken(asked: Sequence[Ed25519]) -> list[bool]:
    """Of each whether it surely holds (RFC 8032 5.1.7). False is no verdict: ask OpenSSL."""
    found = library() if len(asked) >= FEWEST_ED25519 else None
    if found is None:
        return [False] * len(asked)
    return _by_eights(functools.partial(_ed25519, found), asked, _ed25519_fits, FEWEST_ED25519)


def p256_signed(
    scalar: bytes, digests: Sequence[bytes], chance: Callable[[int], bytes]
) -> list[tuple[bytes, bytes]] | None:
    """(r, s) of each digest, 32 bytes each, under the secret `scalar` (32 bytes, little-endian).

    `chance` gives so many random bytes: the secret number of each signature is drawn from it anew.
    None where the library is not here, or they are too few for it. Raises SigningFailed.
    """
    found = library() if len(digests) >= FEWEST_SIGNED else None
    if found is None:
        return None
    made: list[tuple[bytes, bytes]] = []
    for start in range(0, len(digests), LANES):
        made += _signed(found, scalar, digests[start : start + LANES], chance)
    return made


def _knows_the_example(found: CryptoMb) -> bool:
    """It signs as is written there, and takes that under no other hash."""
    digest = hashlib.sha256(b"sample").digest()
    [made] = _signed(found, _KEY[::-1], [digest], lambda _count: _NONCE)
    good = P256(_X[::-1], _Y[::-1], digest, b"".join(made))
    bad = good._replace(digest=hashlib.sha256(b"other").digest())
    judged = _by_eights(functools.partial(_p256, found), [good, bad], _p256_fits, fewest=1)
    return made == (_R, _S) and judged == [True, False]


def _signed(
    found: CryptoMb, scalar: bytes, digests: Sequence[bytes], chance: Callable[[int], bytes]
) -> list[tuple[bytes, bytes]]:
    """At most eight; what fills them up to eight is signed for nobody."""
    if len(scalar) != SCALAR_BYTES or any(len(one) != DIGEST_BYTES for one in digests):
        raise SigningFailed
    eight = [*digests, *[digests[0]] * (LANES - len(digests))]
    made = found.p256_sign(scalar, eight, [_nonce(chance) for _ in eight])
    if made is None:
        raise SigningFailed
    return made[: len(digests)]


def _nonce(chance: Callable[[int], bytes]) -> bytes:
    """Uniform in [1, n), little-endian: drawn until it is (FIPS 186-5 A.3.2).

    Never a Python integer, whose running time depends on its value.
    """
    while True:
        drawn = chance(SCALAR_BYTES)
        if len(drawn) != SCALAR_BYTES:
            raise SigningFailed
        if _ZEROS < drawn < P256_ORDER:
            return drawn[::-1]


def _by_eights(
    act: Callable[[Sequence[T]], int], asked: Sequence[T], fits: Callable[[T], bool], fewest: int
) -> list[bool]:
    """Only what has the right sizes goes in; the last few may be too few to be worth it."""
    taken = [False] * len(asked)
    places = [n for n, one in enumerate(asked) if fits(one)]
    for start in range(0, len(places), LANES):
        these = places[start : start + LANES]
        if len(these) < fewest:
            break
        eight = [asked[n] for n in these] + [asked[these[-1]]] * (LANES - len(these))
        status = act(eight)
        for lane, n in enumerate(these):
            taken[n] = not status >> (STATUS_BITS * lane) & (2**STATUS_BITS - 1)
    return taken


def _p256(found: CryptoMb, eight: Sequence[P256]) -> int:
    r, s = _halves([one.signature for one in eight])
    x, y, digest = ([one[n] for one in eight] for n in (0, 1, 2))
    return found.p256_verify(r, s, digest, x, y)


def _ed25519(found: CryptoMb, eight: Sequence[Ed25519]) -> int:
    r, s = _halves([one.signature for one in eight])
    return found.ed25519_verify(r, s, [one.message for one in eight], [one.key for one in eight])


def _halves(signatures: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    first = [one[:SCALAR_BYTES] for one in signatures]
    return first, [one[SCALAR_BYTES:] for one in signatures]


def _p256_fits(one: P256) -> bool:
    """The library reads so many bytes whatever it is given, so sizes are looked at here; and that
    r and s lie in [1, n), which is the first thing a verifier has to see.
    """
    r, s = one.signature[:SCALAR_BYTES], one.signature[SCALAR_BYTES:]
    return (
        len(one.x) == len(one.y) == COORDINATE_BYTES
        and len(one.digest) == DIGEST_BYTES
        and len(s) == SCALAR_BYTES
        and _ZEROS < r < P256_ORDER
        and _ZEROS < s < P256_ORDER
    )


def _ed25519_fits(one: Ed25519) -> bool:
    """As of P-256; s < L, so that no signature has a second spelling (RFC 8032 8.4)."""
    s = one.signature[SCALAR_BYTES:]
    return (
        len(one.key) == SCALAR_BYTES
        and len(s) == SCALAR_BYTES
        and s[::-1] < ED25519_ORDER
        and len(one.message) > 0
    )
