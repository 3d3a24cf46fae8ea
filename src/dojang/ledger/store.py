"""Every statement of a batch: it locks in sorted order, and each reads or writes many rows."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from dojang.db import Tx
from dojang.db.bulk import Among, InsertMany, UpdateMany
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.ledger.model import (
    Account,
    AccountStatus,
    Code,
    DayUse,
    Decision,
    Kind,
    Limits,
    Outcome,
    Refusal,
    Status,
)
from dojang.ledger.rules import CONSUMING
from dojang.ledger.tables import account, limit_profile, narration, posting, transfer
from dojang.ledger.views import OwnLimits
from dojang.policy.model import Transfers

_accounts: Final = select(
    account.c.id,
    account.c.customer_id,
    account.c.currency,
    account.c.posted,
    account.c.held,
    account.c.floor,
    account.c.version,
    account.c.status,
    account.c.day_cap,
    account.c.used_day,
    account.c.used,
).order_by(account.c.id)
_accounts_locked: Final = Among(
    account.c.id, lambda these: _accounts.where(these).with_for_update(key_share=True)
)
_limits_locked: Final = Among(
    limit_profile.c.customer_id,
    lambda these: (
        select(limit_profile)
        .where(these)
        .order_by(limit_profile.c.customer_id)
        .with_for_update(key_share=True)
    ),
)
_limits: Final = Prepared(
    select(limit_profile).where(limit_profile.c.customer_id == bindparam("b_id"))
)
_outcomes: Final = Among(
    transfer.c.id,
    lambda these: (
        select(transfer, posting.c.balance_after)
        .join_from(
            transfer,
            posting,
            (posting.c.account_id == transfer.c.debit) & (posting.c.version == transfer.c.dv),
            isouter=True,
        )
        .where(these)
    ),
)
_used_authorizations: Final = Among(
    transfer.c.auth_id, lambda these: select(transfer.c.auth_id).where(these)
)
MOVED: Final = ("posted", "held", "version", "used_day", "used")
USED: Final = ("used_day", "used", "used_pin_only", "used_unregistered")
_move: Final = UpdateMany(account, ["id"], MOVED, was=MOVED)
_use: Final = UpdateMany(limit_profile, ["customer_id"], USED, was=USED, raised="version")
"""Only rows that still are as they were read: what the locks are for, asked once more."""
_add_transfers: Final = InsertMany(transfer)
_add_postings: Final = InsertMany(posting)
_add_narrations: Final = InsertMany(narration)
_STATUSES: Final = {one.value: one for one in AccountStatus}


class Collision(Exception):
    """Another process stored one of these ids, or authorizations, a moment ago. Run it again.

    Also where a row that was locked is no longer as it was read: nothing of ours does that, and
    from the row as it is now everything can be decided anew.
    """


def is_outage(error: Exception) -> bool:
    """Whether the database was away, busy or lost: nobody knows what became of the batch.

    Else it is the batch itself that cannot be stored.
    """
    if isinstance(error, DBAPIError):
        return isinstance(error, OperationalError) or error.connection_invalidated
    return isinstance(error, NoConnection)


def locked_accounts(tx: Tx, ids: Collection[str]) -> dict[str, Account]:
    return {row.id: _account(row) for row in _accounts_locked(tx.connection, sorted(ids))}


def locked_limits(tx: Tx, customers: Collection[str], caps: Transfers) -> dict[str, Limits]:
    """`caps` are the policy's; the lower one of them and the customer's own is in force."""
    if not customers:
        return {}
    rows = _limits_locked(tx.connection, sorted(customers))
    return {row.customer_id: _limits_of(row, caps) for row in rows}


def limits(tx: Tx, customer_id: str, caps: Transfers) -> Limits | None:
    row = _limits(tx.connection, {"b_id": customer_id}).one_or_none()
    return None if row is None else _limits_of(row, caps)


def own_limits(tx: Tx, customer_id: str) -> OwnLimits | None:
    row = _limits(tx.connection, {"b_id": customer_id}).one_or_none()
    return None if row is None else OwnLimits(row.per_transfer, row.per_day, row.designated)


def outcomes(tx: Tx, ids: Collection[str]) -> dict[str, Outcome]:
    """Whatever is known of these ids."""
    return {row.id: _outcome(row) for row in _outcomes(tx.connection, sorted(set(ids)))}


def used_authorizations(tx: Tx, ids: Collection[str]) -> set[str]:
    if not ids:
        return set()
    return set(_used_authorizations(tx.connection, sorted(set(ids))).scalars())


def move(tx: Tx, accounts: Sequence[tuple[Account, Account]]) -> None:
    """Write accounts locked before: (as it was read, as it is now). Collision where one is not."""
    rows = [(*_moved(now), now.id, *_moved(was)) for was, now in accounts]
    _move.send(tx.connection, rows, unless_all=Collision)


def use(tx: Tx, limits: Sequence[tuple[Limits, Limits]]) -> None:
    """The same for what customers have sent on a day."""
    rows = [(*now.use, now.customer_id, *was.use) for was, now in limits]
    _use.send(tx.connection, rows, unless_all=Collision)


def _moved(one: Account) -> tuple[int, int, int, int, int]:
    """The values of MOVED."""
    return one.posted, one.held, one.version, one.used_day, one.used


def add(
    tx: Tx, decisions: Sequence[Decision], first_idx: int, failpoint: Callable[[str], None]
) -> None:
    """Write history: outcomes, postings, words (what resolves a hold has the hold's).

    Collision where an id is there already. On PostgreSQL that, and what `move` and `use` have to
    say, is heard at the latest before the commit.
    """
    _add_transfers.send(
        tx.connection,
        [_row(d, first_idx + n, tx.now) for n, d in enumerate(decisions)],
        unless_new=Collision,
    )
    failpoint("after_transfers")
    _add_postings.send(
        tx.connection,
        [
            (p.account_id, p.version, p.transfer_id, p.amount, p.balance_after)
            for d in decisions
            for p in d.postings
        ],
    )
    failpoint("after_postings")
    _add_narrations.send(
        tx.connection,
        [
            (d.request.id, d.request.payer, d.request.payee, d.request.memo)
            for d in decisions
            if d.request.ref is None
        ],
    )


def _row(decision: Decision, idx: int, at: Instant) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    asked, refusal, lines = decision.request, decision.refusal, decision.postings
    return (
        asked.id,
        asked.kind.value,
        asked.subject,
        asked.ref,
        asked.digest,
        asked.debit,
        asked.credit,
        asked.amount,
        decision.kst_day,
        asked.expires_at,
        "ok" if refusal is None else "rejected",
        None if refusal is None else str(refusal.code),
        None if refusal is None else _json(refusal.figures),
        asked.authorization if _consumes(decision) else None,
        idx,
        lines[0].version if lines else None,
        lines[1].version if lines else None,
        at,
    )


def _consumes(decision: Decision) -> bool:
    """A signature is consumed by the first id it is used for, whatever comes of that."""
    if decision.request.kind not in CONSUMING:
        return False
    return decision.refusal is None or decision.refusal.code != Code.AUTHORIZATION_USED


def _json(figures: Mapping[str, int | str | list[str]]) -> str:
    return json.dumps(dict(figures), sort_keys=True, separators=(",", ":"))


def _account(row: Row[Any]) -> Account:
    return Account(
        row.id,
        row.customer_id,
        row.currency,
        row.posted,
        row.held,
        row.floor,
        row.version,
        _STATUSES[row.status],
        row.day_cap,
        row.used_day,
        row.used,
    )


def _limits_of(row: Row[Any], caps: Transfers) -> Limits:
    return Limits(
        customer_id=row.customer_id,
        per_transfer=_lower(caps.per_transfer, row.per_transfer),
        per_day=_lower(caps.per_day, row.per_day),
        use=DayUse(row.used_day, row.used, row.used_pin_only, row.used_unregistered),
        unregistered_per_day=caps.unregistered_per_day if row.designated else None,
    )


def _lower(cap: int, own: int | None) -> int:
    return cap if own is None else min(cap, own)


def _outcome(row: Row[Any]) -> Outcome:
    refusal = None if row.reason is None else Refusal(row.reason, json.loads(row.figures))
    return Outcome(
        id=row.id,
        kind=Kind(row.kind),
        ref=row.ref,
        subject=row.subject,
        digest=row.req_hash,
        debit=row.debit,
        credit=row.credit,
        amount=row.amount,
        status=Status(row.status),
        refusal=refusal,
        kst_day=row.kst_day,
        at=Instant(row.created_at),
        log_idx=row.log_idx,
        balance_after=row.balance_after,
    )
