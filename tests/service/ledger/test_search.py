"""Words of a statement are found as they were typed, in any script, on both databases alike."""

import pytest

from dojang.ledger import accounts
from dojang.ledger.wanted import Wanted

NAMES = (
    "ＫＢ카드",
    "Äpfel",
    "ŁÓDŹ",
    "ΟΔΟΣ",
    "İstanbul",
    "STRAẞE",
    "현금",
    "100%_\\",
    "100 percent",
)


@pytest.fixture
def found(db, ledger, ids, mine):
    """Whose deposits a search brings, oldest first. The account began with one of 현금."""
    for name in NAMES:
        ledger.deposit(ids.uuid7(), mine, 1_000, payer=name)

    def names(typed: str) -> list[str]:
        with db.snapshot() as tx:
            lines, _ = accounts.statement(
                tx, "c1", mine, before=None, limit=50, wanted=Wanted(text=typed, most=1_000)
            )
        return [line.counterparty for line in reversed(lines)]

    return names


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_found_as_it_stands(found, name: str) -> None:
    assert found(name) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_and_by_each_part_of_it(found, name: str) -> None:
    parts = {name[first:end] for first in range(len(name)) for end in range(first + 1, len(name))}

    assert [part for part in parts if part.strip() and name not in found(part)] == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [("ｋｂ카드", "ＫＢ카드"), ("äPFEL", "Äpfel"), ("łódź", "ŁÓDŹ"), ("οδοσ", "ΟΔΟΣ"), ("kb", "")],
)
def test_large_and_small_are_one(found, typed: str, name: str) -> None:
    assert found(typed) == ([name] if name else [])


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("%", ["100%_\\"]),
        ("_", ["100%_\\"]),
        ("\\", ["100%_\\"]),
        ("0%", ["100%_\\"]),
        ("100", ["100%_\\", "100 percent"]),
        ("Ä%l", []),
        ("Äpfe_", []),
        ("ＫＢ_드", []),
    ],
)
def test_wildcards_are_signs_like_others(found, typed: str, names: list[str]) -> None:
    assert found(typed) == names


def test_who_asks_for_nothing_sees_all(found) -> None:
    assert found("  ") == list(NAMES)
