"""Names, numbers, locks and quotas as pure rules."""

import pytest

from dojang.customers.model import (
    birth_date,
    calendar_date,
    locked_until,
    login_id,
    person_name,
    resident_number,
)
from dojang.customers.quota import admitted
from dojang.kernel.clock import HOUR, SECOND


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("8503151234567", "19850315"),
        ("850315-2234567", "19850315"),
        ("0105073456789", "20010507"),
        ("0105074456789", "20010507"),
        ("8503155234567", "19850315"),
        ("8503156234567", "19850315"),
        ("0105077456789", "20010507"),
        ("0105078456789", "20010507"),
        ("9912319234567", "18991231"),
        ("9912310234567", "18991231"),
    ],
)
def test_a_resident_number_says_the_birth_date_and_its_checksum_is_never_asked(number, born):
    assert birth_date(resident_number(number)) == born


@pytest.mark.parametrize(
    "number", ["850315123456", "8502301234567", "８503151234567", "85031512345678", "", "abc"]
)
def test_what_is_no_resident_number_is_refused(number):
    with pytest.raises(ValueError, match=r".*"):
        resident_number(number)


def test_a_resident_number_does_not_show_itself():
    assert "850315" not in repr(resident_number("8503151234567"))


def test_a_name_typed_decomposed_is_the_same_name():
    assert person_name(" 김민용 ") == "김민용"


@pytest.mark.parametrize("name", ["", " ", "김1용", "가" * 51, "김\n용"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="name"):
        person_name(name)


def test_login_ids_are_lower_case_and_of_one_form():
    assert login_id(" MinYong85 ") == "minyong85"
    for wrong in ("kim", "8minyong", "min yong", "민용민용민용", "a" * 21):
        with pytest.raises(ValueError, match="login"):
            login_id(wrong)


def test_a_birth_date_must_be_in_the_calendar():
    assert calendar_date("20240229") == "20240229"
    for wrong in ("20230229", "2024229", "20241301"):
        with pytest.raises(ValueError, match=r".*"):
            calendar_date(wrong)


@pytest.mark.parametrize(
    ("wrong", "hours"),
    [
        (0, None),
        (4, None),
        (5, 1),
        (6, None),
        (10, 2),
        (15, 4),
        (20, 8),
        (25, 16),
        (30, 24),
        (95, 24),
    ],
)
def test_each_further_round_of_wrong_passwords_waits_longer_up_to_a_day(wrong, hours):
    expected = None if hours is None else 1_000 + hours * HOUR

    assert locked_until(wrong, 1_000, 5, hours=1, hours_max=24) == expected


def test_a_quota_forgets_what_left_its_window():
    now = 10 * HOUR
    uses = [now - HOUR, now - HOUR + 1, now - SECOND]

    assert admitted(uses, now, limit=3, seconds=3_600) == [now - HOUR + 1, now - SECOND, now]
    assert admitted(uses, now, limit=2, seconds=3_600) is None
