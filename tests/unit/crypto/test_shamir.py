"""Facts about shares of a secret."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dojang.crypto import shamir
from dojang.kernel.entropy import SeededEntropy, SystemEntropy

BYTE = st.integers(0, 255)


def test_the_field_is_that_of_aes():
    """FIPS 197 4.2, 4.2.1: {57} x {83} = {c1}, {57} x {13} = {fe}; {53} is the inverse of {ca}."""
    assert shamir.multiply(0x57, 0x83) == 0xC1
    assert shamir.multiply(0x57, 0x13) == 0xFE
    assert shamir.inverse(0x53) == 0xCA


def test_every_byte_but_zero_has_its_inverse():
    assert all(shamir.multiply(a, shamir.inverse(a)) == 1 for a in range(1, 256))


@given(BYTE, BYTE, BYTE)
def test_the_product_is_one_of_a_field(a, b, c):
    assert shamir.multiply(a, b) == shamir.multiply(b, a)
    assert shamir.multiply(a, b ^ c) == shamir.multiply(a, b) ^ shamir.multiply(a, c)
    assert shamir.multiply(a, shamir.multiply(b, c)) == shamir.multiply(shamir.multiply(a, b), c)


def test_a_line_worked_out_by_hand():
    """f(x) = 2a + 80x: f(1) = aa, f(2) = 2a + {80}{02} = 2a + 1b = 31, f(3) = 2a + 9b = b1."""
    shares = shamir.split(b"\x2a", threshold=2, shares=3, draw=lambda count: b"\x80" * count)

    assert shares == {1: b"\xaa", 2: b"\x31", 3: b"\xb1"}
    assert shamir.combine({1: b"\xaa", 3: b"\xb1"}) == b"\x2a"


@settings(max_examples=30)
@given(st.binary(min_size=1, max_size=40), st.integers(1, 5), st.integers(0, 3), st.binary())
def test_any_of_them_in_the_number_it_takes_give_the_secret_back(secret, threshold, more, seed):
    n = threshold + more
    shares = shamir.split(secret, threshold=threshold, shares=n, draw=SeededEntropy(seed).bytes)

    for chosen in itertools.combinations(shares, threshold):
        assert shamir.combine({x: shares[x] for x in chosen}) == secret


def test_one_share_fewer_fits_every_secret_alike():
    """For each secret there is exactly one missing share that would give it: nothing is learned."""
    shares = shamir.split(b"\x2a", threshold=3, shares=3, draw=SystemEntropy().bytes)
    two = {1: shares[1], 2: shares[2]}

    told = {shamir.combine({**two, 3: bytes([guess])}) for guess in range(256)}

    assert len(told) == 256


@pytest.mark.parametrize(("threshold", "shares"), [(0, 1), (3, 2), (2, 256)])
def test_a_number_that_cannot_be_is_refused(threshold, shares):
    with pytest.raises(ValueError, match="threshold"):
        shamir.split(b"x", threshold=threshold, shares=shares, draw=SystemEntropy().bytes)
