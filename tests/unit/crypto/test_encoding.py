"""Bytes have one encoding; everything else is refused before anything is consumed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.crypto.support import L, load, unhex

from dojang.crypto import dkg, ed25519, frost, oprf
from dojang.crypto.encoding import BadEncoding, b64u, len8, len16, point, scalar, u32, u64, unb64u

BAD = load("ed25519-bad-encodings.json")
RISTRETTO = load("ristretto255-bad-encodings.json")
BAD_POINTS = [unhex(case["hex"]) for case in BAD["points"] if not case["ok"]]
BAD_SCALARS = [unhex(case["hex"]) for case in BAD["scalars"] if not case["ok"]]


@pytest.mark.parametrize("case", BAD["points"], ids=lambda case: case["name"])
def test_only_prime_order_points_in_canonical_form_are_points(case):
    data = unhex(case["hex"])

    if case["ok"]:
        assert point(data) == data
    else:
        with pytest.raises(BadEncoding):
            point(data)


@pytest.mark.parametrize("case", BAD["scalars"], ids=lambda case: case["name"])
def test_only_scalars_below_the_order_are_scalars(case):
    data = unhex(case["hex"])

    if case["ok"]:
        assert scalar(data) == data
    else:
        with pytest.raises(BadEncoding):
            scalar(data)


@pytest.mark.parametrize("case", RISTRETTO["elements"], ids=lambda case: case["name"])
def test_only_canonical_elements_other_than_the_identity_are_elements(case):
    data = unhex(case["hex"])

    if case["ok"]:
        assert oprf.element(data) == data
    else:
        with pytest.raises(BadEncoding):
            oprf.element(data)


@pytest.mark.parametrize("size", BAD["lengths"])
@pytest.mark.parametrize("parse", [point, scalar, oprf.element, oprf.oprf_scalar])
def test_a_wrong_length_is_refused_before_libsodium_sees_it(parse, size):
    with pytest.raises(BadEncoding):
        parse(b"\x02" * size)


@pytest.mark.parametrize("bad", [*BAD_SCALARS, bytes(32)])
def test_a_blind_is_a_canonical_scalar_and_not_zero(bad):
    with pytest.raises(BadEncoding):
        oprf.oprf_scalar(bad)


@pytest.mark.parametrize("bad", BAD_POINTS)
def test_key_generation_refuses_every_bad_point_in_every_place(bad):
    _, offer = dkg.begin(frost.PHONE, bytes(range(192)))

    with pytest.raises(BadEncoding):
        dkg.read_offer(frost.PHONE, bad, offer.c1, offer.proof)
    with pytest.raises(BadEncoding):
        dkg.read_offer(frost.PHONE, offer.c0, bad, offer.proof)
    with pytest.raises(BadEncoding):
        dkg.read_offer(frost.PHONE, offer.c0, offer.c1, bad + offer.proof[32:])


@pytest.mark.parametrize("bad", BAD_SCALARS)
def test_key_generation_refuses_every_bad_scalar_in_every_place(bad):
    line, own = dkg.begin(frost.PHONE, bytes(range(192)))
    _, peer = dkg.begin(frost.SERVER, bytes(range(1, 193)))

    with pytest.raises(BadEncoding):
        dkg.read_offer(frost.PHONE, own.c0, own.c1, own.proof[:32] + bad)
    with pytest.raises(BadEncoding):
        dkg.finish(line, own, peer, bad)


def test_no_result_of_the_group_is_the_identity():
    zero = scalar(bytes(32))
    some = ed25519.times_base(ed25519.ONE)
    opposite = ed25519.times_base(ed25519.scalar_negate(ed25519.ONE))

    with pytest.raises(BadEncoding):
        ed25519.times_base(zero)
    with pytest.raises(BadEncoding):
        ed25519.times(zero, some)
    with pytest.raises(BadEncoding):
        ed25519.total([some, opposite])
    with pytest.raises(BadEncoding):
        ed25519.scalar_invert(zero)
    assert ed25519.total([some, opposite, some]) == some


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_a_scalar_is_accepted_exactly_when_it_is_below_the_order(value):
    data = value.to_bytes(32, "little")

    try:
        accepted = scalar(data) == data
    except BadEncoding:
        accepted = False

    assert accepted == (value < L)


@given(st.binary(max_size=80))
def test_base64url_comes_back(data):
    assert unb64u(b64u(data)) == data


@pytest.mark.parametrize(
    "text", ["AA==", "AB", "A", "AAA=", "A A", "AA\n", "+A", "/w", "AAAA!", "\u00e9w", "_x"]
)
def test_base64url_has_one_form(text):
    with pytest.raises(BadEncoding):
        unb64u(text)


def test_base64url_of_another_size_is_refused():
    with pytest.raises(BadEncoding):
        unb64u("AAAA", 4)


def test_integers_and_lengths_are_big_endian_and_bounded():
    assert u32(1) == b"\0\0\0\1"
    assert u64(258) == b"\0\0\0\0\0\0\1\2"
    assert len8(b"pin") == b"\3pin"
    assert len16(b"pin") == b"\0\3pin"
    for refused in (lambda: u32(2**32), lambda: u32(-1), lambda: len8(bytes(256))):
        with pytest.raises(BadEncoding):
            refused()
