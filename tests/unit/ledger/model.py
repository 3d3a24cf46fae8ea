"""The bank as a child would keep it: a purse for each account, and a slate for each day.

Written from LEDGER 1.3, without the code under test: no versions, no batches, no `apply`.
"""

import datetime as dt
from dataclasses import dataclass, field

FIXED_OFFSET_HOURS = 9
"""Seoul has had no summer time since 1988."""


def day_of(now: int) -> int:
    at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        microseconds=now, hours=FIXED_OFFSET_HOURS
    )
    return at.year * 10_000 + at.month * 100 + at.day


@dataclass
class Purse:
    owner: str
    money: int = 0
    closed: bool = False


@dataclass
class Slate:
    day: int = 0
    sent: int = 0


@dataclass
class Simple:
    """`tell` says what a request comes to: "ok", a code, or what the same id came to before."""

    per_transfer: int
    per_day: int
    purses: dict[str, Purse] = field(default_factory=dict)
    slates: dict[str, Slate] = field(default_factory=dict)
    told: dict[str, tuple[tuple, str]] = field(default_factory=dict)
    latest_day: int = 0

    def tell(self, now: int, id_: str, who: str, debit: str, credit: str, amount: int) -> str:
        # Every look at the clock moves the day, also for a request that comes to nothing.
        self.latest_day = max(self.latest_day, day_of(now))
        asked = (who, debit, credit, amount)
        known = self.told.get(id_)
        if amount <= 0:
            return "malformed"
        if known is not None and known[0][0] != who:
            return "not_found"
        source, target = self.purses.get(debit), self.purses.get(credit)
        if source is None or target is None or source.owner != who:
            return "not_found"
        if known is not None:
            return known[1] if known[0] == asked else "id_mismatch"
        result = self._decide(who, source, target, amount)
        self.told[id_] = (asked, result)
        return result

    def _decide(self, who: str, source: Purse, target: Purse, amount: int) -> str:
        slate = self.slates.setdefault(who, Slate())
        sent = 0 if self.latest_day > slate.day else slate.sent
        if source.closed or target.closed:
            return "account_closed"
        if source is target:
            return "same_account"
        if amount > self.per_transfer:
            return "over_per_transfer_limit"
        if source.money < amount:
            return "insufficient_funds"
        if sent + amount > self.per_day:
            return "over_daily_limit"
        source.money -= amount
        target.money += amount
        slate.day, slate.sent = max(slate.day, self.latest_day), sent + amount
        return "ok"
