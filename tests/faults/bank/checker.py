"""The eight questions to a bank that was ill-treated. Every finding is a broken promise.

1. Every acknowledged outcome is stored, identically, exactly once, with two postings or none.
2. Nothing is stored that nobody asked for.
3. Totals, running balances, contiguous versions, nobody below zero.
4. The log, replayed one by one through the reference, comes to the same outcomes and balances.
5. The log's chain holds, and the log is in the order in which clients were answered.
6. Reads are of real versions, never of the future, never older than what was known before.
7. Of two snapshots one is the older one in all accounts.
8. Thirty quiet seconds after the last fault nobody waits for an answer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.faults.bank import reads, replay
from tests.faults.bank.books import Books, Line, Stored
from tests.faults.bank.history import Asked, History
from tests.faults.bank.town import OPENING_WON, Town

CASH_IN = "bank:cash_in"


@dataclass(frozen=True)
class Finding:
    """`what` names the broken promise, `which` where to look."""

    what: str
    which: str

    def __str__(self) -> str:
        return f"{self.what}: {self.which}"


LOST, ALTERED, DIFFERS = "lost acknowledged", "stored differently", "two answers to one id"
POSTINGS, PHANTOM, TOTAL, BALANCE = "postings", "phantom", "total", "running balance"
CHAIN, ORDER, STUCK = "chain", "order", "no answer"


def check(town: Town, history: History, books: Books) -> list[Finding]:
    """Everything that is wrong, by question."""
    asked = {**history.asked, **_openings(town)}
    return [
        *_stored(history, books),
        *_phantoms(asked, books),
        *_sums(town, books),
        *(Finding(what, which) for what, which in replay.wrong(asked, history, books)),
        *_chained(history, books),
        *(Finding(what, which) for what, which in reads.wrong(town, history, books)),
        *(Finding(STUCK, f"client {one} still waits") for one in history.stuck),
    ]


def summary(findings: list[Finding]) -> str:
    """How often what, and the first of each kind."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.what, finding)
    counted = Counter(finding.what for finding in findings)
    return "\n".join(f"{counted[what]} x {finding}" for what, finding in first.items())


def _openings(town: Town) -> dict[str, Asked]:
    """The deposits that the town began with."""
    return {
        transfer: Asked(
            {
                "id": transfer,
                "debit": CASH_IN,
                "credit": account,
                "amount": OPENING_WON,
                "subject": "",
                "kind": "transfer",
            },
            0.0,
        )
        for account, transfer in town.deposits.items()
    }


def _stored(history: History, books: Books) -> Iterator[Finding]:
    for one in history.differing:
        yield Finding(DIFFERS, f"{one.id}: {one.first} then {one.then}")
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in books.lines:
        lines[line.transfer].append(line)
    for asked in history.asked.values():
        row = books.transfers.get(asked.id)
        if asked.said is None or (row is None and asked.said[0] == "refused"):
            continue
        if row is None:
            yield Finding(LOST, f"{asked.id}: {asked.said}")
            continue
        told = _as_told(row, lines[asked.id])
        if told != asked.said:
            yield Finding(ALTERED, f"{asked.id}: said {asked.said}, stored {told}")
    for row in books.transfers.values():
        moves = row.status == "ok" and row.kind in {"transfer", "post"}
        if len(lines[row.id]) != (2 if moves else 0):
            yield Finding(POSTINGS, f"{row.id}: {len(lines[row.id])}")


def _as_told(row: Stored, lines: list[Line]) -> list[object]:
    """What a client must have been told, in the order of `application.told`."""
    debited = [line.balance for line in lines if line.account == row.debit]
    return [
        row.status,
        row.id,
        row.kind,
        row.ref,
        row.subject,
        row.digest,
        row.debit,
        row.credit,
        row.amount,
        row.refusal,
        row.kst_day,
        row.at,
        row.log_idx,
        debited[0] if debited else None,
    ]


def _phantoms(asked: dict[str, Asked], books: Books) -> Iterator[Finding]:
    names = ("id", "kind", "ref", "expires_at", "subject", "debit", "credit", "amount")
    for row in books.transfers.values():
        request = replay.request_of(row, asked)
        if request is None:
            yield Finding(PHANTOM, f"{row.id} was asked by nobody")
        elif any(getattr(row, name) != request.get(name) for name in names):
            yield Finding(PHANTOM, f"{row.id} is not what was asked: {row}")


def _sums(town: Town, books: Books) -> Iterator[Finding]:
    whole = sum(posted for posted, *_ in books.accounts.values())
    ours = sum(books.accounts[one.id][0] for one in town.accounts)
    if (whole, ours) != (0, town.total):
        yield Finding(TOTAL, f"all accounts {whole}, customers {ours}")
    sums: Counter[str] = Counter()
    balance, version = dict.fromkeys(books.accounts, 0), dict.fromkeys(books.accounts, 0)
    for line in books.lines:
        sums[line.transfer] += line.amount
        balance[line.account] += line.amount
        version[line.account] += 1
        if (line.version, line.balance) != (version[line.account], balance[line.account]):
            yield Finding(BALANCE, f"{line}, not {balance[line.account]}")
        if line.balance < 0 and books.accounts[line.account][3] is not None:
            yield Finding(BALANCE, f"below zero: {line}")
    for account, (posted, held, seen, owner) in books.accounts.items():
        if (posted, seen) != (balance[account], version[account]):
            yield Finding(BALANCE, f"{account} says {posted} at {seen}")
        if owner is not None and not 0 <= held <= posted:
            yield Finding(BALANCE, f"{account} holds {held} of {posted}")
    for transfer, amount in sums.items():
        if amount != 0:
            yield Finding(TOTAL, f"{transfer} comes to {amount}")


def _chained(history: History, books: Books) -> Iterator[Finding]:
    if books.broken_at is not None:
        yield Finding(CHAIN, f"from {books.broken_at} on")
    for before, after in pairwise(books.log):
        if after.idx != before.idx + 1:
            yield Finding(CHAIN, f"{before.idx} is followed by {after.idx}")
    yield from _answered_in_order(history, books)


def _answered_in_order(history: History, books: Books) -> Iterator[Finding]:
    """Who asks after another was answered stands behind that one in the log."""
    placed = [
        (asked, books.transfers[asked.id].log_idx)
        for asked in history.asked.values()
        if asked.said is not None and asked.id in books.transfers
    ]
    answered = sorted(placed, key=lambda one: one[0].acked_at)
    newest, n = -1, 0
    for asked, idx in sorted(placed, key=lambda one: one[0].asked_at):
        while n < len(answered) and answered[n][0].acked_at < asked.asked_at:
            newest = max(newest, answered[n][1])
            n += 1
        if idx < newest:
            yield Finding(ORDER, f"{asked.id} at {idx}, asked after {newest} was answered")
