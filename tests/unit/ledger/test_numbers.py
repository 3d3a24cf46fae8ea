"""Account numbers carry a check digit that also knows the bank."""

from hypothesis import given
from hypothesis import strategies as st

from dojang.kernel.entropy import SeededEntropy
from dojang.ledger import numbers

BANK = "990"
SERIALS = st.text("0123456789", min_size=8, max_size=8)


def number(serial: str) -> str:
    body = "110" + serial
    return body + numbers.check_digit(BANK + body)


def test_the_check_digit_is_that_of_iso_7064() -> None:
    assert numbers.check_digit("0794") == "5"


def test_drawn_numbers_fit_this_bank_and_differ() -> None:
    entropy = SeededEntropy(b"numbers")
    drawn = [numbers.draw(BANK, entropy) for _ in range(200)]

    assert len(set(drawn)) == 200
    assert all(numbers.fits(BANK, one) and len(one) == 12 for one in drawn)


@given(SERIALS, st.integers(0, 11), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(serial, place, off) -> None:
    good = number(serial)
    bad = good[:place] + str((int(good[place]) + off) % 10) + good[place + 1 :]

    assert not numbers.fits(BANK, bad)


def test_most_numbers_of_another_bank_do_not_fit() -> None:
    ours = [number(f"{n:08}") for n in range(1_000)]

    assert sum(numbers.fits("901", one) for one in ours) < 200


def test_what_is_no_number_does_not_fit() -> None:
    for text in ("", "11012345678", "1101234567890", "11012345678x", "１１０１２３４５６７８９"):
        assert not numbers.fits(BANK, text)
