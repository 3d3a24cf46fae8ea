"""Every statement of the ledger that moves money. Locks are taken in sorted order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.ledger.model import (
    Account,
    AccountStatus,
    Code,
    DayUse,
    Decision,
    Limits,
    Outcome,
    Posting,
    Refusal,
    Status,
)
from dojang.ledger.tables import account, limit_profile, narration, posting, transfer

_accounts: Final = (
    select(
        account.c.id,
        account.c.customer_id,
        account.c.currency,
        account.c.posted,
        account.c.held,
        account.c.floor,
        account.c.version,
        account.c.status,
    )
    .where(account.c.id.in_(bindparam("b_ids", expanding=True)))
    .order_by(account.c.id)
)
_accounts_locked: Final = _accounts.with_for_update(key_share=True)
_limits: Final = (
    select(limit_profile)
    .where(limit_profile.c.customer_id.in_(bindparam("b_ids", expanding=True)))
    .order_by(limit_profile.c.customer_id)
)
_limits_locked: Final = _limits.with_for_update()
_outcomes: Final = (
    select(transfer, posting.c.balance_after)
    .join_from(
        transfer,
        posting,
        (posting.c.account_id == transfer.c.debit) & (posting.c.version == transfer.c.dv),
        isouter=True,
    )
    .where(transfer.c.id.in_(bindparam("b_ids", expanding=True)))
)
_used_authorizations: Final = select(transfer.c.auth_id).where(
    transfer.c.auth_id.in_(bindparam("b_ids", expanding=True))
)
_move: Final = (
    update(account)
    .where(account.c.id == bindparam("b_id"))
    .values(posted=bindparam("b_posted"), held=bindparam("b_held"), version=bindparam("b_version"))
)
_use: Final = (
    update(limit_profile)
    .where(limit_profile.c.customer_id == bindparam("b_id"))
    .values(
        used_day=bindparam("b_day"),
        used=bindparam("b_used"),
        used_pin_only=bindparam("b_pin_only"),
        version=limit_profile.c.version + 1,
    )
)
_add_transfers: Final = insert(transfer)
_add_postings: Final = insert(posting)
_add_narrations: Final = insert(narration)


class Collision(Exception):
    """Another process stored one of these ids, or authorizations, a moment ago. Run it again."""


def locked_accounts(tx: Tx, ids: set[str]) -> dict[str, Account]:
    return {row.id: _account(row) for row in tx.execute(_accounts_locked, {"b_ids": sorted(ids)})}


def locked_limits(tx: Tx, customers: set[str], caps: tuple[int, int]) -> dict[str, Limits]:
    """`caps` are the policy's (per transfer, per day); the lower one of both is in force."""
    rows = tx.execute(_limits_locked, {"b_ids": sorted(customers)})
    return {row.customer_id: _limits_of(row, caps) for row in rows}


def limits(tx: Tx, customer_id: str, caps: tuple[int, int]) -> Limits | None:
    row = tx.execute(_limits, {"b_ids": [customer_id]}).one_or_none()
    return None if row is None else _limits_of(row, caps)


def outcomes(tx: Tx, ids: Sequence[str]) -> dict[str, Outcome]:
    """Whatever is known of these ids."""
    return {row.id: _outcome(row) for row in tx.execute(_outcomes, {"b_ids": sorted(set(ids))})}


def used_authorizations(tx: Tx, ids: Sequence[str]) -> set[str]:
    return set(tx.execute(_used_authorizations, {"b_ids": sorted(set(ids))}).scalars())


def move(tx: Tx, accounts: Sequence[Account]) -> None:
    """Write the new balances and versions of accounts locked before."""
    if accounts:
        rows = [
            {"b_id": a.id, "b_posted": a.posted, "b_held": a.held, "b_version": a.version}
            for a in accounts
        ]
        tx.execute(_move, rows)


def use(tx: Tx, used: Sequence[Limits]) -> None:
    if used:
        rows = [
            {
                "b_id": one.customer_id,
                "b_day": one.use.day,
                "b_used": one.use.total,
                "b_pin_only": one.use.pin_only,
            }
            for one in used
        ]
        tx.execute(_use, rows)


def add(tx: Tx, decisions: Sequence[Decision], first_idx: int) -> None:
    """Write history: outcomes, postings, words. Raises Collision."""
    rows = [_row(d, first_idx + n, tx.now) for n, d in enumerate(decisions)]
    try:
        tx.execute(_add_transfers, rows)
    except IntegrityError as error:
        raise Collision from error
    if lines := [_line(p) for d in decisions for p in d.postings]:
        tx.execute(_add_postings, lines)
    tx.execute(_add_narrations, [_words(d) for d in decisions])


def _row(decision: Decision, idx: int, at: Instant) -> dict[str, Any]:
    asked, refusal = decision.request, decision.refusal
    versions: list[int | None] = [None, None]
    if decision.postings:
        versions = [line.version for line in decision.postings]
    return {
        "id": asked.id,
        "kind": asked.kind.value,
        "subject": asked.subject,
        "req_hash": asked.digest,
        "debit": asked.debit,
        "credit": asked.credit,
        "amount": asked.amount,
        "kst_day": decision.kst_day,
        "status": Status.OK if refusal is None else Status.REJECTED,
        "reason": None if refusal is None else str(refusal.code),
        "figures": None if refusal is None else _json(refusal.figures),
        "auth_id": asked.authorization if _consumes(decision) else None,
        "log_idx": idx,
        "dv": versions[0],
        "cv": versions[1],
        "created_at": at,
    }


def _consumes(decision: Decision) -> bool:
    """A signature is consumed by the first id it is used for, whatever comes of that."""
    return decision.refusal is None or decision.refusal.code != Code.AUTHORIZATION_USED


def _line(line: Posting) -> dict[str, Any]:
    return {
        "account_id": line.account_id,
        "version": line.version,
        "transfer_id": line.transfer_id,
        "amount": line.amount,
        "balance_after": line.balance_after,
    }


def _words(decision: Decision) -> dict[str, Any]:
    asked = decision.request
    return {
        "transfer_id": asked.id,
        "payer": asked.payer,
        "payee": asked.payee,
        "memo": asked.memo,
    }


def _json(figures: Mapping[str, int | str | list[str]]) -> str:
    return json.dumps(dict(figures), sort_keys=True, separators=(",", ":"))


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        customer_id=row.customer_id,
        currency=row.currency,
        posted=row.posted,
        held=row.held,
        floor=row.floor,
        version=row.version,
        status=AccountStatus(row.status),
    )


def _limits_of(row: Row[Any], caps: tuple[int, int]) -> Limits:
    per_transfer, per_day = caps
    return Limits(
        customer_id=row.customer_id,
        per_transfer=per_transfer
        if row.per_transfer is None
        else min(per_transfer, row.per_transfer),
        per_day=per_day if row.per_day is None else min(per_day, row.per_day),
        use=DayUse(row.used_day, row.used, row.used_pin_only),
    )


def _outcome(row: Row[Any]) -> Outcome:
    refusal = None if row.reason is None else Refusal(row.reason, json.loads(row.figures))
    return Outcome(
        id=row.id,
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
