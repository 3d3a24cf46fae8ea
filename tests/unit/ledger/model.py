"""The bank as a child would keep it: a purse for each account, a slate for each day, and notes.

Written from LEDGER 1.3, without the code under test: no versions, no batches, no `apply`. A note
says that money in a purse is set aside; when its time is over it is torn up before anything else.
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
    aside: int = 0
    closed: bool = False


@dataclass
class Slate:
    day: int = 0
    sent: int = 0
    pin_only: int = 0
    strangers: int = 0


@dataclass
class Note:
    """`how` it ended, "" while it is open."""

    owner: str
    debit: str
    credit: str
    amount: int
    day: int
    until: int
    pin_only: bool
    stranger: bool
    how: str = ""


@dataclass
class Simple:
    """`tell` says what a request comes to: "ok", a code, or what the same id came to before."""

    per_transfer: int
    per_day: int
    strangers_per_day: int
    note_max: int
    purses: dict[str, Purse] = field(default_factory=dict)
    slates: dict[str, Slate] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    told: dict[str, tuple[tuple, str]] = field(default_factory=dict)
    latest_day: int = 0

    def tell(self, now: int, asked) -> str:
        # Every look at the clock moves the day, also for a request that comes to nothing.
        self.latest_day = max(self.latest_day, day_of(now))
        self._tear_up(now, asked.subject)
        known = self.told.get(asked.id)
        words = (asked.kind, asked.subject, asked.debit, asked.credit, asked.amount)
        words += (asked.ref, asked.expires_at)
        if asked.amount <= 0:
            return "malformed"
        if known is not None and known[0][1] != asked.subject:
            return "not_found"
        source, target = self.purses.get(asked.debit), self.purses.get(asked.credit)
        if source is None or target is None or source.owner != asked.subject:
            return "not_found"
        if known is not None:
            return known[1] if known[0] == words else "id_mismatch"
        if asked.kind == "hold" and not now < asked.expires_at <= now + self.note_max:
            return "malformed"
        result = getattr(self, f"_{asked.kind}")(asked, source, target)
        self.told[asked.id] = (words, result)
        return result

    def _tear_up(self, now: int, who: str) -> None:
        for note in self.notes.values():
            if note.owner == who and not note.how and now >= note.until:
                self._end(note, "expired", note.amount)

    def _transfer(self, asked, source: Purse, target: Purse) -> str:
        refused = self._refused(asked, source, target)
        if refused:
            return refused
        self._use(asked)
        source.money -= asked.amount
        target.money += asked.amount
        return "ok"

    def _hold(self, asked, source: Purse, target: Purse) -> str:
        refused = self._refused(asked, source, target)
        if refused:
            return refused
        slate = self._use(asked)
        source.aside += asked.amount
        self.notes[asked.id] = Note(
            asked.subject,
            asked.debit,
            asked.credit,
            asked.amount,
            slate.day,
            asked.expires_at,
            asked.pin_only,
            not asked.registered,
        )
        return "ok"

    def _post(self, asked, source: Purse, target: Purse) -> str:
        if source.closed or target.closed:
            return "account_closed"
        if source is target:
            return "same_account"
        note = self._note(asked)
        if isinstance(note, str):
            return note
        self._end(note, "posted", note.amount - asked.amount)
        source.money -= asked.amount
        target.money += asked.amount
        return "ok"

    def _void(self, asked, _source: Purse, _target: Purse) -> str:
        note = self._note(asked)
        if isinstance(note, str):
            return note
        self._end(note, "voided", note.amount)
        return "ok"

    def _note(self, asked) -> "Note | str":
        note = self.notes.get(asked.ref)
        if note is None or (note.owner, note.debit, note.credit) != (
            asked.subject,
            asked.debit,
            asked.credit,
        ):
            return "hold_not_found"
        if note.how:
            return f"hold_already_{note.how}"
        return "exceeds_hold" if asked.amount > note.amount else note

    def _end(self, note: Note, how: str, unsent: int) -> None:
        note.how = how
        self.purses[note.debit].aside -= note.amount
        slate = self.slates[note.owner]
        if slate.day == note.day:
            slate.sent -= unsent
            slate.pin_only -= unsent if note.pin_only else 0
            slate.strangers -= unsent if note.stranger else 0

    def _refused(self, asked, source: Purse, target: Purse) -> str:
        """The first that is so, "" if none is."""
        today, amount = self._today(asked.subject), asked.amount
        stranger = 0 if asked.registered else amount
        reasons = [
            (source.closed or target.closed, "account_closed"),
            (source is target, "same_account"),
            (amount > self.per_transfer, "over_per_transfer_limit"),
            (source.money - source.aside < amount, "insufficient_funds"),
            (today.sent + amount > self.per_day, "over_daily_limit"),
            (today.strangers + stranger > self.strangers_per_day, "over_unregistered_limit"),
        ]
        return next((why for so, why in reasons if so), "")

    def _today(self, who: str) -> Slate:
        """A fresh slate where the day is new; an old day never comes back."""
        slate = self.slates.get(who)
        if slate is None or self.latest_day > slate.day:
            return Slate(self.latest_day)
        return slate

    def _use(self, asked) -> Slate:
        slate = self.slates[asked.subject] = self._today(asked.subject)
        slate.sent += asked.amount
        slate.pin_only += asked.amount if asked.pin_only else 0
        slate.strangers += 0 if asked.registered else asked.amount
        return slate
