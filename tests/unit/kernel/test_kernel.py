"""Facts about clocks, chance, ids, secrets and masks."""

import datetime as dt
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dojang.kernel import masking
from dojang.kernel.clock import (
    DAY,
    HOUR,
    MINUTE,
    Instant,
    MovableClock,
    SystemClock,
    instant,
    seoul_day,
    utc,
)
from dojang.kernel.entropy import SeededEntropy, SystemEntropy, digits
from dojang.kernel.ids import Ids, is_uuid7, uuid7
from dojang.kernel.phone_numbers import phone_number
from dojang.kernel.secret import Secret


@given(st.integers(0, 4_102_444_800_000_000))
def test_an_instant_survives_the_way_to_a_datetime_and_back(microseconds: int) -> None:
    assert instant(utc(Instant(microseconds))) == microseconds


def test_a_naive_datetime_is_not_an_instant() -> None:
    with pytest.raises(ValueError, match="zone"):
        instant(dt.datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_the_seoul_day_turns_at_fifteen_hundred_utc() -> None:
    midnight = instant(dt.datetime(2026, 11, 22, 15, tzinfo=dt.UTC))

    assert seoul_day(Instant(midnight - 1)) == 20261122
    assert seoul_day(midnight) == 20261123


def test_a_still_clock_moves_only_when_moved() -> None:
    clock = MovableClock(Instant(5 * DAY))

    before = clock.now()
    clock.move(-HOUR)

    assert (before, clock.now()) == (5 * DAY, 5 * DAY - HOUR)


def test_a_running_clock_runs_beside_the_machines() -> None:
    clock = MovableClock(running=True)
    clock.move(DAY)

    assert abs(clock.now() - SystemClock().now() - DAY) < MINUTE


def test_digits_are_decimal_and_as_many_as_asked() -> None:
    drawn = {digits(SystemEntropy(), 6) for _ in range(200)}

    assert all(len(code) == 6 and code.isdecimal() and code.isascii() for code in drawn)
    assert len(drawn) > 190


def test_seeded_chance_repeats_itself() -> None:
    assert SeededEntropy(b"a").bytes(9) == SeededEntropy(b"a").bytes(9)
    assert SeededEntropy(b"a").bytes(9) != SeededEntropy(b"b").bytes(9)


def test_ids_sort_by_the_time_they_were_made() -> None:
    clock = MovableClock(Instant(10 * DAY))
    ids = Ids(clock, SystemEntropy())
    made = []
    for _ in range(20):
        made.append(ids.uuid7())
        clock.move(2_000)

    assert made == sorted(made)
    assert all(is_uuid7(one) for one in made)


@pytest.mark.parametrize(
    "text",
    ["", "x", "018F0000-0000-7000-8000-000000000000", "018f0000-0000-4000-8000-000000000000"],
)
def test_only_a_canonical_uuid_of_version_seven_is_one(text: str) -> None:
    assert not is_uuid7(text)


def test_ids_rise_in_the_order_they_were_made_though_the_clock_stands_or_steps_back() -> None:
    clock = MovableClock(Instant(1_800_000_000_000_000))
    ids = Ids(clock, SystemEntropy())
    made = [ids.uuid7() for _ in range(5_000)]
    clock.move(-3_600_000_000)
    made += [ids.uuid7() for _ in range(100)]

    assert made == sorted(set(made))
    assert all(is_uuid7(one) for one in made)


def test_a_uuid7_carries_its_milliseconds() -> None:
    assert uuid7(0x0123_4567_89AB, bytes(10)).startswith("01234567-89ab-7000-8000-")


def test_a_secret_does_not_show_itself() -> None:
    pin = Secret("482916")

    shown = f"{pin} {pin!r} {pin!s} {[pin]}"

    assert "482916" not in shown
    assert pin.same_as("482916")
    assert not pin.same_as("482917")
    with pytest.raises(TypeError):
        pickle.dumps(pin)
    with pytest.raises(TypeError):
        json.dumps(pin)


@pytest.mark.parametrize(
    ("full", "shown"),
    [("김민용", "김*용"), ("김용", "김*"), ("남궁민수", "남**수"), ("김", "김")],
)
def test_a_name_shows_its_ends(full: str, shown: str) -> None:
    assert masking.name(full) == shown


def test_numbers_show_what_their_owner_recognises() -> None:
    assert masking.phone("01012345678") == "010-****-5678"
    assert masking.resident_number("9001011234567") == "900101-1******"
    assert masking.account("123456789789") == "123-***-***789"


@pytest.mark.parametrize("text", ["010-1234-5678", "01012345678", "010 1234 5678"])
def test_a_mobile_number_is_its_digits(text: str) -> None:
    assert phone_number(text) == "01012345678"


@pytest.mark.parametrize("text", ["0212345678", "010123456", "０１０12345678", "", "+821012345678"])
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mobile"):
        phone_number(text)
