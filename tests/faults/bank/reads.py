"""Questions 6 and 7: what the readers saw."""

from collections.abc import Iterator
from itertools import pairwise

from tests.faults.bank.books import Books
from tests.faults.bank.history import History, Read
from tests.faults.bank.town import Town

READ_TOTAL, UNREAL, FUTURE = "read total", "read of no version", "read of the future"
STALE, FORK = "stale read", "snapshots not in one order"

Wrong = Iterator[tuple[str, str]]


def wrong(town: Town, history: History, books: Books) -> Wrong:
    """(what, which) of every read that no serial bank could have answered."""
    yield from _unreal(town, history, books)
    yield from _stale(history, books)
    yield from _forked(history)


def _unreal(town: Town, history: History, books: Books) -> Wrong:
    balances = {(line.account, line.version): line for line in books.lines}
    for read in history.reads:
        shown = history.shown(read)
        if sum(posted for posted, _, _ in shown) != town.total:
            yield READ_TOTAL, f"{shown}"
        for account, (posted, _, version) in zip(history.accounts, shown, strict=True):
            line = balances.get((account, version))
            if line is None or line.balance != posted:
                yield UNREAL, f"{account} at {version}: {posted}, stored {line}"
                continue
            asked = history.asked.get(line.transfer)
            if asked is not None and asked.asked_at > read.to:
                yield FUTURE, f"{account} at {version}, asked {asked.asked_at - read.to} s later"


def _stale(history: History, books: Books) -> Wrong:
    """For each account: a version at least as high as any that was known before it began."""
    place = {account: n for n, account in enumerate(history.accounts)}
    known: list[tuple[float, int, int]] = []
    for asked in history.asked.values():
        row = books.transfers.get(asked.id)
        if asked.said is None or row is None:
            continue
        for account, version in ((row.debit, row.dv), (row.credit, row.cv)):
            if version is not None and account in place:
                known.append((asked.acked_at, place[account], version))
    for read in history.reads:
        known.extend((read.to, n, one[2]) for n, one in enumerate(history.shown(read)))
    known.sort()
    newest, n = [0] * len(place), 0
    for read in sorted(history.reads, key=lambda one: one.from_):
        while n < len(known) and known[n][0] < read.from_:
            _, account, version = known[n]
            newest[account] = max(newest[account], version)
            n += 1
        versions = _versions(history, read)
        if any(seen < was for seen, was in zip(versions, newest, strict=True)):
            yield STALE, f"{versions}, but {newest} was known before"


def _forked(history: History) -> Wrong:
    """Sorted by their sum, versions only rise: then any two snapshots can be compared."""
    seen = sorted({tuple(_versions(history, read)) for read in history.reads}, key=sum)
    for before, after in pairwise(seen):
        if any(one > other for one, other in zip(before, after, strict=True)):
            yield FORK, f"{before} and {after}"


def _versions(history: History, read: Read) -> list[int]:
    return [version for _, _, version in history.shown(read)]
