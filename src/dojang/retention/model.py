"""When a former customer's time is over: pure, over what is known of them."""

from dataclasses import dataclass

from dojang.kernel.clock import Instant, years_after


@dataclass(frozen=True)
class Last:
    """Something of a customer's that ended or happened. `what` is a code: joined, certificate, …"""

    at: Instant
    what: str


@dataclass(frozen=True)
class Past:
    """What is known of one customer. `open` names, in codes, what has not ended."""

    customer_id: str
    open: tuple[str, ...]
    happened: tuple[Last, ...]
    """The end of each certificate, each account's opening and last movement: never empty."""

    @property
    def last(self) -> Last:
        return max(self.happened, key=lambda one: (one.at, one.what))

    def due_at(self, years: int) -> Instant | None:
        """From when on nothing is kept any more; None while something is open."""
        return None if self.open else years_after(self.last.at, years)


@dataclass(frozen=True)
class Due:
    """A former customer of whom nothing is kept any more from `since` on."""

    customer_id: str
    last: Last
    since: Instant
