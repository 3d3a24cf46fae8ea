"""What ends a journey: the bank said one thing and the evidence another."""

from collections.abc import Callable
from typing import Any

from dojang.phone.http import Refused


class Lie(Exception):
    """A promise that was not kept; the message says which, without personal data."""


def prove(holds: object, claim: str) -> None:
    """Raise `Lie` unless `holds`."""
    if not holds:
        raise Lie(claim)


def same(found: object, expected: object, claim: str) -> None:
    """Raise `Lie` with both values unless they are equal."""
    if found != expected:
        raise Lie(f"{claim}: expected {expected!r}, found {found!r}")


def refused(code: str, act: Callable[[], object]) -> dict[str, Any]:
    """The figures of the refusal `code`, which `act` must meet; anything else is a `Lie`."""
    try:
        act()
    except Refused as refusal:
        same(refusal.code, code, "another refusal")
        return refusal.body
    raise Lie(f"it should have been refused with {code}")
