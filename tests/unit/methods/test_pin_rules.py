"""The rules of PIN, pattern and account password, against sets built from their meaning."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vectors import pin_rules

from dojang.methods import rules

GROUPS = json.loads(pin_rules.PATH.read_text("utf-8"))["groups"]
OWNER = {"birth_date": "19900317", "phone": "01048275913"}
FORBIDDEN = set().union(*pin_rules.forbidden({**OWNER, "last": None}).values())


def owner_of(group: dict) -> dict:
    return group["owner"]


def test_the_vectors_are_what_the_script_writes() -> None:
    assert pin_rules.PATH.read_text("utf-8") == pin_rules.vectors()


def test_there_are_two_thousand_rejected_values_and_more() -> None:
    rejected = [pin for g in GROUPS for pins in g["rejected"].values() for pin in pins]

    assert len(rejected) >= 2_000


@pytest.mark.parametrize("group", GROUPS, ids=["known", "hyphens", "nothing-known"])
def test_every_vector_is_refused_for_its_reason_or_accepted(group: dict) -> None:
    wrong = [
        (pin, reason)
        for reason, pins in group["rejected"].items()
        for pin in pins
        if rules.pin_refusal(pin, **owner_of(group)) != reason
    ]
    refused = [p for p in group["accepted"] if rules.pin_refusal(p, **owner_of(group))]

    assert wrong == []
    assert refused == []


@given(st.integers(0, 999_999).map(lambda n: f"{n:06}"))
def test_no_accepted_pin_is_in_the_forbidden_set(pin: str) -> None:
    assert (rules.pin_refusal(pin, **OWNER) is None) == (pin not in FORBIDDEN)


@pytest.mark.parametrize("last", ["482915", "482916"])
def test_only_the_last_pin_itself_is_refused_for_being_the_last(last: str) -> None:
    refused = rules.pin_refusal("482915", birth_date=None, phone=None, last=last)

    assert refused == ("same_as_last" if last == "482915" else None)


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ((0, 2), "0-1-2"),
        ((0, 8), "0-4-8"),
        ((2, 6), "2-4-6"),
        ((1, 7), "1-4-7"),
        ((3, 5), "3-4-5"),
        ((0, 5), "0-5"),
        ((0, 7), "0-7"),
        ((1, 0, 2), "1-0-2"),
        ((0, 1, 0, 1, 2), "0-1-2"),
        ((4, 0, 8), "4-0-8"),
    ],
)
def test_a_line_takes_the_node_it_passes_over(nodes: tuple[int, ...], text: str) -> None:
    assert rules.pattern_text(rules.pattern(nodes)) == text


def test_a_node_outside_the_field_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="0 to 8"):
        rules.extend_pattern((), 9)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0-1-2-5", None),
        ("0-1-2-5-8-7-6-3-4", None),
        ("0-1-2", "fewer_than_four"),
        ("0-2-5-8", "not_a_pattern"),
        ("0-1-2-2", "not_a_pattern"),
        ("0-1-2-9", "not_a_pattern"),
        ("0125", "not_a_pattern"),
        ("0-1-2-5\n", "not_a_pattern"),
        ("", "not_a_pattern"),
    ],
)
def test_a_pattern_is_drawable_and_has_four_nodes(text: str, reason: str | None) -> None:
    assert rules.pattern_refusal(text) == reason


@given(st.lists(st.integers(0, 8), min_size=1, max_size=12))
def test_what_is_drawn_never_names_a_node_twice_and_can_be_drawn_again(nodes: list[int]) -> None:
    drawn = rules.pattern(nodes)

    assert len(set(drawn)) == len(drawn)
    assert rules.pattern(drawn) == drawn


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("5837", None),
        ("0317", "birth_date"),
        ("5913", "phone_digits"),
        ("4827", None),
        ("0000", "all_equal"),
        ("1112", None),
        ("1234", "run_of_four"),
        ("8901", "run_of_four"),
        ("1098", "run_of_four"),
        ("583", "not_four_digits"),
        ("58377", "not_four_digits"),
        ("５８３７", "not_four_digits"),
        ("5837\n", "not_four_digits"),
    ],
)
def test_an_account_password_is_four_digits_that_nobody_tries_first(
    password: str, reason: str | None
) -> None:
    assert rules.account_password_refusal(password, **OWNER) == reason


def test_the_vectors_lie_where_the_app_reads_them() -> None:
    assert Path(__file__).parents[2] / "vectors" / "pin_rules.json" == pin_rules.PATH
