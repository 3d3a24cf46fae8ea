"""What one would write first: a transfer a transaction, row locks, SQLAlchemy Core, 16 threads.

The peer of the group committer: the same tables, locks, writes and leaf on PostgreSQL, with the
log's chain inside the transaction or, to its advantage, without one.
"""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor

import cbor2
from sqlalchemy import bindparam, insert, select, text, update

from dojang.db import Database
from dojang.db.log import log_head, log_table
from dojang.ledger import Request
from dojang.ledger.tables import account, limit_profile, narration, posting, transfer

THREADS = 16

_limits = (
    select(limit_profile).where(limit_profile.c.customer_id == bindparam("b_id")).with_for_update()
)
_accounts = (
    select(account)
    .where(account.c.id.in_([bindparam("b_debit"), bindparam("b_credit")]))
    .order_by(account.c.id)
    .with_for_update(key_share=True)
)
_known = select(transfer.c.req_hash).where(transfer.c.id == bindparam("b_id"))
_move = (
    update(account)
    .where(account.c.id == bindparam("b_id"))
    .values(posted=bindparam("b_posted"), version=bindparam("b_version"))
)
_use = (
    update(limit_profile)
    .where(limit_profile.c.customer_id == bindparam("b_id"))
    .values(used_day=bindparam("b_day"), used=bindparam("b_used"))
)
_head = select(log_head.c.size, log_head.c.head).where(log_head.c.one == 1).with_for_update()
_next = text("SELECT nextval('bench_idx') AS size, ''::bytea AS head")
_move_head = (
    update(log_head)
    .where(log_head.c.one == 1)
    .values(size=bindparam("b_size"), head=bindparam("b_head"))
)
_add_transfer, _add_words, _add_leaf = insert(transfer), insert(narration), insert(log_table)
_add_postings = insert(posting).values(
    [{one.name: bindparam(f"{one.name}_{side}") for one in posting.columns} for side in range(2)]
)
"""Both sides in one statement, as the database wants them."""
_DAY = 20_000


class RowLocks:
    """`submit` like the ledger's; each request is decided by a thread of its own."""

    def __init__(self, db: Database, *, chain: bool) -> None:
        self._db = db
        self._chain = chain
        self._threads = ThreadPoolExecutor(THREADS)

    def submit(self, asked: Request) -> "Future[bool]":
        return self._threads.submit(self._post, asked)

    def stop(self) -> None:
        self._threads.shutdown()

    def _post(self, asked: Request) -> bool:
        """True when it was posted. Limits, accounts in order, history, the log's head last."""
        with self._db.transaction() as tx:
            limits = tx.execute(_limits, {"b_id": asked.subject}).one()
            both = {"b_debit": asked.debit, "b_credit": asked.credit}
            found = {row.id: row for row in tx.execute(_accounts, both)}
            if tx.execute(_known, {"b_id": asked.id}).one_or_none() is not None:
                return False
            debit, credit = found[asked.debit], found[asked.credit]
            if debit.posted - debit.held - asked.amount < debit.floor:
                return False
            lines = [_line(asked, debit, -asked.amount), _line(asked, credit, asked.amount)]
            moved = [
                {
                    "b_id": line["account_id"],
                    "b_posted": line["balance_after"],
                    "b_version": line["version"],
                }
                for line in lines
            ]
            tx.execute(_move, moved)
            used = {"b_id": asked.subject, "b_day": _DAY, "b_used": limits.used + asked.amount}
            tx.execute(_use, used)
            head = tx.execute(_head if self._chain else _next).one()
            versions = (lines[0]["version"], lines[1]["version"])
            tx.execute(_add_transfer, _row(asked, head.size, versions, tx.now))
            sides = {f"{k}_{n}": v for n, line in enumerate(lines) for k, v in line.items()}
            tx.execute(_add_postings, sides)
            words = {"payer": asked.payer, "payee": asked.payee, "memo": asked.memo}
            tx.execute(_add_words, {"transfer_id": asked.id, **words})
            leaf = _leaf(asked, head.size, head.head, tx.now)
            tx.execute(_add_leaf, leaf)
            if self._chain:
                tx.execute(_move_head, {"b_size": head.size + 1, "b_head": leaf["chain"]})
        return True


def _line(asked: Request, row, amount: int) -> dict[str, object]:
    return {
        "account_id": row.id,
        "version": row.version + 1,
        "transfer_id": asked.id,
        "amount": amount,
        "balance_after": row.posted + amount,
    }


def _row(asked: Request, idx: int, versions, now: int) -> dict[str, object]:
    return {
        "id": asked.id,
        "kind": "transfer",
        "subject": asked.subject,
        "req_hash": asked.digest,
        "debit": asked.debit,
        "credit": asked.credit,
        "amount": asked.amount,
        "kst_day": _DAY,
        "status": "ok",
        "log_idx": idx,
        "dv": versions[0],
        "cv": versions[1],
        "created_at": now,
    }


def _leaf(asked: Request, idx: int, head: bytes, now: int) -> dict[str, object]:
    said = {
        "kind": "transfer.posted",
        "at": now,
        "idx": idx,
        "subject": asked.subject,
        "transfer_id": asked.id,
        "debit": asked.debit,
        "credit": asked.credit,
        "credited": asked.subject,
        "amount": asked.amount,
        "kst_day": _DAY,
        "authorization": "",
        "evidence": b"",
    }
    body = cbor2.dumps(said, canonical=True)
    leaf = hashlib.sha256(b"\x00" + body).digest()
    return {
        "idx": idx,
        "at": now,
        "kind": "transfer.posted",
        "subject": asked.subject,
        "body": body,
        "leaf": leaf,
        "chain": hashlib.sha256(head + leaf).digest(),
    }
