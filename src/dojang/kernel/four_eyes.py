"""One of the staff asks, another approves; a request lapses by its age.

Where a request is kept is each room's: it is a leaf of the log and nothing else.
"""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from dojang.kernel.clock import DAY, Instant

LAPSES_DAYS: Final = 7


class NotApproved(Exception):
    """Nothing was done; why, in a few words."""


class Request(Protocol):
    """`by` is an account name of the staff."""

    @property
    def by(self) -> str: ...


R = TypeVar("R", bound=Request)


def open_since(now: Instant) -> Instant:
    """A request from before has lapsed."""
    return Instant(now - LAPSES_DAYS * DAY)


def of_another(asked: Sequence[R], *, by: str, alone: bool) -> R:
    """The last of these open requests that `by` may approve.

    `alone`: where there is one account of the staff only, in a demo. Raises `NotApproved`.
    """
    if not asked:
        raise NotApproved(f"nobody asked for it in the last {LAPSES_DAYS} days")
    others = [one for one in asked if alone or one.by != by]
    if not others:
        raise NotApproved("who asked does not approve: it takes another of the staff")
    return others[-1]
