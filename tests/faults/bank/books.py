"""What the bank has stored, read by plain SQL when everything is still."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from dojang.db import Database, log


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of `transfer`."""

    id: str
    kind: str
    ref: str | None
    expires_at: int | None
    subject: str
    digest: str
    debit: str
    credit: str
    amount: int
    kst_day: int
    status: str
    refusal: list[Any] | None
    log_idx: int
    dv: int | None
    cv: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row of `posting`."""

    account: str
    version: int
    transfer: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of the log."""

    idx: int
    at: int
    kind: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Books:
    """`accounts` are (posted, held, version, owner), `uses` are (day, used) of the customers."""

    accounts: dict[str, tuple[int, int, int, str | None]]
    uses: dict[str, tuple[int, int]]
    transfers: dict[str, Stored]
    lines: list[Line]
    log: list[Entry]
    broken_at: int | None


def read(db: Database) -> Books:
    with db.snapshot() as tx:
        connection = tx.connection
        return Books(
            accounts={
                row.id: (row.posted, row.held, row.version, row.customer_id)
                for row in connection.execute(text("SELECT * FROM account"))
            },
            uses={
                row.customer_id: (row.used_day, row.used)
                for row in connection.execute(text("SELECT * FROM limit_profile"))
            },
            transfers={one.id: one for one in _transfers(connection)},
            lines=[
                Line(r.account_id, r.version, r.transfer_id, r.amount, r.balance_after)
                for r in connection.execute(
                    text("SELECT * FROM posting ORDER BY account_id, version")
                )
            ],
            log=list(_entries(connection)),
            broken_at=log.broken_at(connection),
        )


def _transfers(connection: Connection) -> Iterator[Stored]:
    for row in connection.execute(text("SELECT * FROM transfer")):
        yield Stored(
            id=row.id,
            kind=row.kind,
            ref=row.ref,
            expires_at=row.expires_at,
            subject=row.subject,
            digest=bytes(row.req_hash).hex(),
            debit=row.debit,
            credit=row.credit,
            amount=row.amount,
            kst_day=row.kst_day,
            status=row.status,
            refusal=None if row.reason is None else [row.reason, json.loads(row.figures)],
            log_idx=row.log_idx,
            dv=row.dv,
            cv=row.cv,
            at=row.created_at,
        )


def _entries(connection: Connection) -> Iterator[Entry]:
    next_idx = 0
    while page := log.read(connection, next_idx, 5_000):
        for leaf in page:
            yield Entry(leaf.idx, leaf.at, leaf.kind, leaf.fields())
        next_idx = page[-1].idx + 1
