"""Question 4: the log, one leaf after the other, through the reference."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.faults.bank.books import Books, Entry, Stored
from tests.faults.bank.history import Asked, History
from tests.faults.bank.reference import Purse, Reference

REPLAY, FINAL, DAY = "serial replay", "replayed state", "day"
OVERDUE, NEVER_SO = "overdue hold", "read of a state that never was"

Wrong = Iterator[tuple[str, str]]
Line = tuple[str, int, int, int]


def wrong(asked: dict[str, Asked], history: History, books: Books) -> Wrong:
    """(what, which) wherever the log and the reference part."""
    reference = Reference({id_: Purse(row[3]) for id_, row in books.accounts.items()})
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in books.lines:
        lines[line.transfer].append((line.account, line.version, line.amount, line.balance))
    by_idx = {row.log_idx: row for row in books.transfers.values()}
    seen: set[str] = set()
    reads = _Reads(history)
    for entry in books.log:
        yield from reads.until(entry.idx, reference)
        if not entry.kind.startswith(("transfer.", "hold.")):
            continue
        row = by_idx.get(entry.idx)
        request = None if row is None else request_of(row, asked)
        if row is None or request is None or row.id not in entry.fields.values():
            yield REPLAY, f"leaf {entry.idx} is {entry.fields}, stored: {row}"
            continue
        seen.add(row.id)
        yield from _one(entry, row, request, reference, lines[row.id])
    yield from reads.until(len(books.log), reference)
    if missing := set(books.transfers) - seen:
        yield REPLAY, f"{len(missing)} outcomes have no leaf: {min(missing)}"
    yield from _final(reference, books)


def request_of(row: Stored, asked: dict[str, Asked]) -> dict[str, Any] | None:
    """What was asked for; an expiry nobody asks for, it follows from the hold."""
    if row.kind != "expire":
        return asked[row.id].request if row.id in asked else None
    hold = asked.get(row.ref or "")
    if hold is None or row.id != f"{hold.id}:expire":
        return None
    kept = {name: hold.request[name] for name in ("debit", "credit", "amount", "subject")}
    return {"id": row.id, "kind": "expire", "ref": hold.id, **kept}


def _one(
    entry: Entry, row: Stored, request: dict[str, Any], reference: Reference, lines: list[Line]
) -> Wrong:
    takes = row.kind in {"transfer", "hold"}
    if takes and reference.day_is_over(row.subject, row.kst_day):
        yield DAY, f"{row} lies before the customer's day"
    if takes and (overdue := reference.overdue(row.debit, entry.at)):
        yield OVERDUE, f"leaf {entry.idx}: {overdue} were still open"
    envelope = reference.envelopes.get(row.ref or "")
    if row.kind == "expire" and (envelope is None or not envelope.due(entry.at)):
        yield REPLAY, f"leaf {entry.idx}: {row} was not due"
    verdict = reference.decide(request, row.kst_day, entry.at)
    if verdict.refusal != row.refusal or set(verdict.lines) != set(lines):
        yield REPLAY, f"leaf {entry.idx}: {row} should be {verdict}"


class _Reads:
    """The snapshots in the order of the log's size, held against the reference as it stood."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._reads = sorted(history.reads, key=lambda one: one.size, reverse=True)

    def until(self, size: int, reference: Reference) -> Wrong:
        """All that saw a log of this size: everything before it is played."""
        while self._reads and self._reads[-1].size <= size:
            read = self._reads.pop()
            shown = self._history.shown(read)
            real = [reference.shown(one, read.now) for one in self._history.accounts]
            if shown != real:
                yield NEVER_SO, f"at {read.size}: {shown} should be {real}"


def _final(reference: Reference, books: Books) -> Wrong:
    for account, (posted, held, version, _) in books.accounts.items():
        purse = reference.purses[account]
        if (posted, held, version) != purse.shown:
            yield FINAL, f"{account}: {(posted, held, version)} should be {purse}"
    for customer, slate in reference.slates.items():
        if slate.day and books.uses[customer] != (slate.day, slate.used):
            yield FINAL, f"{customer}: {books.uses[customer]} should be {slate}"
