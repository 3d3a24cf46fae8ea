"""Which PINs, patterns and account passwords may be chosen. Pure; the phones run the same rules.

The reasons are words of the app's tables too (`site/src/kit/pinRefusal.ts`), and
`tests/vectors/pin_rules.json` holds both sides to the same answers.
"""

import itertools
import re
from collections.abc import Iterable
from typing import Final, Literal

PinReason = Literal[
    "not_six_digits",
    "three_equal",
    "run_of_four",
    "repeated_pair",
    "repeated_triple",
    "birth_date",
    "phone_digits",
    "same_as_last",
]
PatternReason = Literal["not_a_pattern", "fewer_than_four"]
PasswordReason = Literal[
    "not_four_digits", "all_equal", "run_of_four", "birth_date", "phone_digits"
]

RUN: Final = 4
NODES_MIN: Final = 4
SIDE: Final = 3
NODES: Final = SIDE * SIDE

_SIX: Final = re.compile(r"[0-9]{6}")
_FOUR: Final = re.compile(r"[0-9]{4}")
_NODES: Final = re.compile(r"[0-8](-[0-8])*")


def pin_refusal(
    pin: str, *, birth_date: str | None, phone: str | None, last: str | None = None
) -> PinReason | None:
    """Why a PIN may not be chosen, or None. The server never sees a PIN: this runs on the phone.

    `birth_date` is YYYYMMDD, `phone` digits with or without hyphens, `last` the PIN before; None
    where it is not known.
    """
    shape = _shape_refusal(pin)
    if shape is not None:
        return shape
    if birth_date is not None and pin in _birth_forms(birth_date):
        return "birth_date"
    if phone is not None and _shares_four(pin, _digits(phone)):
        return "phone_digits"
    return "same_as_last" if pin == last else None


def _shape_refusal(pin: str) -> PinReason | None:
    if not _SIX.fullmatch(pin):
        return "not_six_digits"
    if re.search(r"(.)\1\1", pin):
        return "three_equal"
    if _has_run(pin):
        return "run_of_four"
    if pin == pin[:2] * 3:
        return "repeated_pair"
    return "repeated_triple" if pin == pin[:3] * 2 else None


def account_password_refusal(
    password: str, *, birth_date: str | None, phone: str | None
) -> PasswordReason | None:
    """Why an account password may not be chosen, or None: 4 digits, none that a thief tries first.

    `birth_date` is YYYYMMDD (MMDD is refused), `phone` digits (the last four are refused).
    """
    if not _FOUR.fullmatch(password):
        return "not_four_digits"
    if len(set(password)) == 1:
        return "all_equal"
    if _has_run(password):
        return "run_of_four"
    if birth_date is not None and password == birth_date[4:8]:
        return "birth_date"
    if phone is not None and password == _digits(phone)[-RUN:]:
        return "phone_digits"
    return None


def extend_pattern(drawn: tuple[int, ...], node: int) -> tuple[int, ...]:
    """The pattern with `node` added, and before it the unvisited node the line passes over.

    A node visited before changes nothing. One rule for finger, tap and keyboard (PROTOCOL 1).
    """
    if not 0 <= node < NODES:
        raise ValueError("nodes are 0 to 8")
    if node in drawn:
        return drawn
    between = _passed_over(drawn[-1], node) if drawn else None
    if between is None or between in drawn:
        return (*drawn, node)
    return (*drawn, between, node)


def pattern(nodes: Iterable[int]) -> tuple[int, ...]:
    """What is drawn when these nodes are touched in this order."""
    drawn: tuple[int, ...] = ()
    for node in nodes:
        drawn = extend_pattern(drawn, node)
    return drawn


def pattern_text(drawn: tuple[int, ...]) -> str:
    """The secret itself, as it is masked: "0-1-2-5"."""
    return "-".join(str(node) for node in drawn)


def pattern_refusal(text: str) -> PatternReason | None:
    """Why an encoded pattern may not be chosen, or None: drawable, and at least four nodes."""
    if not _NODES.fullmatch(text):
        return "not_a_pattern"
    nodes = tuple(int(node) for node in text.split("-"))
    if pattern(nodes) != nodes:
        return "not_a_pattern"
    return "fewer_than_four" if len(nodes) < NODES_MIN else None


def _has_run(digits: str) -> bool:
    """Four digits each one more, or one less, than the one before, modulo 10: 8901 and 1098 too."""
    steps = [(int(b) - int(a)) % 10 for a, b in itertools.pairwise(digits)]
    runs = [steps[at : at + RUN - 1] for at in range(len(steps) - RUN + 2)]
    return [1] * (RUN - 1) in runs or [9] * (RUN - 1) in runs


def _birth_forms(birth_date: str) -> frozenset[str]:
    year, short, month, day = birth_date[:4], birth_date[2:4], birth_date[4:6], birth_date[6:8]
    return frozenset(
        {
            short + month + day,
            short + day + month,
            month + day + short,
            day + month + short,
            year + month,
            month + year,
        }
    )


def _shares_four(pin: str, phone: str) -> bool:
    return any(pin[at : at + RUN] in phone for at in range(len(pin) - RUN + 1))


def _digits(phone: str) -> str:
    return "".join(char for char in phone if char in "0123456789")


def _passed_over(start: int, end: int) -> int | None:
    """The node exactly in the middle of two others, or None."""
    row, column = start // SIDE + end // SIDE, start % SIDE + end % SIDE
    return None if row % 2 or column % 2 else row // 2 * SIDE + column // 2
