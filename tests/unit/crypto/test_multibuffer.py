"""Eight at a time: the verdicts are OpenSSL's, whoever looks first (ADR 0033)."""

import hashlib
import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography_vectors import open_vector_file
from tests.unit.crypto.test_ed25519_verdict import NOT_CANONICAL, SMALL_ORDER, L

from dojang.crypto import ed25519, multibuffer
from dojang.crypto.multibuffer import P256, Ed25519

PREHASHED = ec.ECDSA(Prehashed(hashes.SHA256()))
DIGEST = hashlib.sha256(b"the same").digest()
N = int.from_bytes(multibuffer.P256_ORDER, "big")
PROCESSOR = Path("/proc/cpuinfo")
CAN = PROCESSOR.exists() and "avx512ifma" in PROCESSOR.read_text()

here = pytest.mark.skipif(not CAN, reason="this processor has no AVX-512 with IFMA")


@pytest.fixture
def nowhere(monkeypatch):
    """As where the extra is not installed."""
    monkeypatch.setattr(multibuffer, "library", lambda: None)


@here
def test_where_the_processor_can_it_is_installed_and_used():
    """Else everything below would hold of nothing; `./dev` installs it for the tests."""
    assert multibuffer.library() is not None
    assert multibuffer.p256_taken([p256(n) for n in range(8)]) == [True] * 8
    assert multibuffer.ed25519_taken([edwards(n) for n in range(8)]) == [True] * 8


@here
@pytest.mark.parametrize("many", [0, 1, 2, 3, 7, 8, 9, 12, 16, 17])
def test_who_lied_is_found_among_many(many: int):
    """Each stands in its own lane: one bad signature spoils nobody else's."""
    for liar in range(many):
        asked = [p256(n) for n in range(many)]
        asked[liar] = asked[liar]._replace(digest=hashlib.sha256(b"another").digest())
        judged = multibuffer.p256_taken(asked)
        assert not judged[liar]
        assert many < multibuffer.FEWEST_P256 or sum(judged) >= many // 8 * 8 - 1

        signed = [edwards(n) for n in range(many)]
        signed[liar] = signed[liar]._replace(message=b"another")
        wanted = [n != liar for n in range(many)]
        assert ed25519.hold(signed) == wanted


@here
def test_every_bit_that_is_bent_is_left_to_openssl():
    """Signature, digest and key of P-256; eight different ones at a time."""
    good = p256(1)
    bent = [
        good._replace(**{field: bytes(changed)})
        for field in ("signature", "digest", "x", "y")
        for bit in range(8 * len(getattr(good, field)))
        for changed in [bytearray(getattr(good, field))]
        if not changed.__setitem__(bit // 8, changed[bit // 8] ^ 1 << bit % 8)
    ]
    assert len(bent) == 8 * (64 + 32 + 32 + 32)
    assert not any(multibuffer.p256_taken(bent))


@here
@pytest.mark.parametrize("r", [0, 1, N - 1, N, N + 1, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, N - 1, N, N + 1, 2**256 - 1])
def test_numbers_out_of_range_are_never_taken(r: int, s: int):
    good = p256(1)
    odd = good._replace(signature=r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert multibuffer.p256_taken([odd, good, good, good]) == [False, True, True, True]


@here
def test_what_nist_says_of_signatures_is_said_here():
    """CAVP 186-3 SigVer, P-256 with SHA-256: every case of it, the bad ones by their reasons."""
    asked, wanted = vectors("FIPS_186-3/SigVer.rsp", "P-256,SHA-256")
    assert len(asked) >= 15
    assert set(wanted) == {True, False}

    judged = multibuffer.p256_taken(asked)

    assert not any(taken and not right for taken, right in zip(judged, wanted, strict=True))
    whole = len(asked) // 8 * 8
    assert judged[:whole] == wanted[:whole]


@here
def test_what_openssl_signs_is_taken_and_what_is_swapped_is_not():
    asked = [p256(n) for n in range(64)]
    swapped = [one._replace(signature=one.signature[32:] + one.signature[:32]) for one in asked]
    assert all(multibuffer.p256_taken(asked))
    assert not any(multibuffer.p256_taken(swapped))


@here
@pytest.mark.parametrize("field", ["x", "y", "digest", "signature"])
@pytest.mark.parametrize("size", [0, 1, 31, 33, 63, 65])
def test_a_size_that_is_not_right_is_not_handed_over(field: str, size: int):
    good = p256(1)
    odd = good._replace(**{field: (getattr(good, field) * 3)[:size]})
    assert multibuffer.p256_taken([odd] * 8) == [False] * 8

    fine = edwards(1)
    if field == "signature":
        assert not any(multibuffer.ed25519_taken([fine._replace(signature=bytes(size))] * 8))
        assert not any(multibuffer.ed25519_taken([fine._replace(key=bytes(size))] * 8))


@here
@pytest.mark.parametrize("point", [*SMALL_ORDER, *NOT_CANONICAL])
def test_odd_points_of_ed25519_are_taken_only_where_openssl_takes_them(point: str):
    odd, fine = bytes.fromhex(point), edwards(1)
    others = list(map(bytes.fromhex, [*SMALL_ORDER, *NOT_CANONICAL]))
    cases = [
        Ed25519(key, bytes([n]), r + s)
        for key, r in [(odd, other) for other in others] + [(fine.key, odd), (odd, odd)]
        for s in (bytes(32), fine.signature[32:])
        for n in range(8)
    ]
    for one, taken in zip(cases, multibuffer.ed25519_taken(cases), strict=True):
        assert not taken or openssl_takes(one)
    assert ed25519.hold(cases) == [openssl_takes(one) for one in cases]


@here
def test_a_second_spelling_of_s_is_refused():
    fine = edwards(1)
    s = int.from_bytes(fine.signature[32:], "little") + L
    odd = fine._replace(signature=fine.signature[:32] + s.to_bytes(32, "little"))
    assert multibuffer.ed25519_taken([odd] * 8) == [False] * 8
    assert ed25519.hold([odd, fine] * 4) == [False, True] * 4


@here
def test_a_signature_only_with_the_cofactor_is_refused():
    odd = Ed25519(*ed25519.ONLY_WITH_COFACTOR)
    assert multibuffer.ed25519_taken([odd] * 8) == [False] * 8
    assert ed25519.hold([odd] * 8) == [False] * 8


@here
def test_one_that_is_lenient_would_have_no_say(monkeypatch):
    """A verifier that multiplies by the cofactor is not asked a second time."""
    ed25519._eights_are_strict.cache_clear()
    monkeypatch.setattr(multibuffer, "ed25519_taken", lambda asked: [True] * len(asked))
    try:
        bad = edwards(1)._replace(message=b"another")
        assert ed25519.hold([bad] * 8) == [False] * 8
    finally:
        ed25519._eights_are_strict.cache_clear()


@here
@pytest.mark.parametrize("many", [3, 8, 9, 20])
def test_what_is_signed_together_openssl_verifies(many: int):
    key = ec.generate_private_key(ec.SECP256R1())
    digests = [hashlib.sha256(bytes([n])).digest() for n in range(many)]

    made = multibuffer.p256_signed(scalar(key), digests, os.urandom)

    assert made is not None
    assert len(made) == many
    for digest, (r, s) in zip(digests, made, strict=True):
        der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        key.public_key().verify(der, digest, PREHASHED)


@here
def test_no_two_signatures_share_their_secret_number():
    """Who signs two things with one k has given the key away: also for the same digest, also for
    the lanes that only fill up the eight.
    """
    key, drawn = ec.generate_private_key(ec.SECP256R1()), []

    def chance(count: int) -> bytes:
        drawn.append(os.urandom(count))
        return drawn[-1]

    made = multibuffer.p256_signed(scalar(key), [DIGEST] * 21, chance)

    assert made is not None
    assert len({r for r, _ in made}) == 21
    assert len(set(drawn)) == 24


@here
def test_a_number_out_of_range_is_drawn_again():
    key = ec.generate_private_key(ec.SECP256R1())
    too_large = [b"\xff" * 32, bytes(32), multibuffer.P256_ORDER]
    given = iter([*too_large, *[os.urandom(32) for _ in range(20)]])

    made = multibuffer.p256_signed(scalar(key), [DIGEST] * 3, lambda _count: next(given))

    assert made is not None
    for r, s in made:
        der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        key.public_key().verify(der, DIGEST, PREHASHED)


@here
@pytest.mark.parametrize(
    ("size", "digest", "drawn"), [(31, 32, 32), (33, 32, 32), (32, 31, 32), (32, 32, 31)]
)
def test_secrets_of_a_wrong_size_sign_nothing(size: int, digest: int, drawn: int):
    with pytest.raises(multibuffer.SigningFailed) as refused:
        multibuffer.p256_signed(b"\x01" * size, [bytes(digest)] * 3, lambda _n: b"\x01" * drawn)
    assert not refused.value.args


def test_without_it_everything_is_judged_one_by_one(nowhere):
    asked = [edwards(n) for n in range(9)]
    assert multibuffer.p256_taken([p256(n) for n in range(9)]) == [False] * 9
    assert multibuffer.ed25519_taken(asked) == [False] * 9
    assert multibuffer.p256_signed(b"\x01" * 32, [bytes(32)] * 9, os.urandom) is None
    asked[4] = asked[4]._replace(message=b"another")
    assert ed25519.hold(asked) == [n != 4 for n in range(9)]


def p256(n: int) -> P256:
    key = ec.derive_private_key(n + 7, ec.SECP256R1())
    digest = hashlib.sha256(bytes([n])).digest()
    r, s = decode_dss_signature(key.sign(digest, PREHASHED))
    point = key.public_key().public_numbers()
    x, y = (one.to_bytes(32, "little") for one in (point.x, point.y))
    return P256(x, y, digest, r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def edwards(n: int) -> Ed25519:
    key, message = Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)), bytes([n]) * (n * 40 + 1)
    return Ed25519(key.public_key().public_bytes_raw(), message, key.sign(message))


def scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(32, "little")


def openssl_takes(one: Ed25519) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(one.key).verify(one.signature, one.message)
    except (InvalidSignature, ValueError):
        return False
    return True


def vectors(name: str, section: str) -> tuple[list[P256], list[bool]]:
    """The cases of one section of a CAVP file, and whether each is to be taken."""
    asked, wanted, now, case = [], [], "", {}
    with open_vector_file(f"asymmetric/ECDSA/{name}", "r") as file:
        for line in map(str.strip, file):
            if line.startswith("["):
                now = line.strip("[]")
            elif now == section and " = " in line:
                field, _, value = line.partition(" = ")
                case[field] = value
                if field == "Result":
                    asked.append(_case(case))
                    wanted.append(value.startswith("P"))
    return asked, wanted


def _case(said: dict[str, str]) -> P256:
    x, y, r, s = (int(said[name], 16) for name in ("Qx", "Qy", "R", "S"))
    digest = hashlib.sha256(bytes.fromhex(said["Msg"])).digest()
    little, big = (x, y), (r, s)
    return P256(
        *(one.to_bytes(32, "little") for one in little),
        digest,
        b"".join(one.to_bytes(32, "big") for one in big),
    )
