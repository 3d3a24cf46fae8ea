"""Every statement about holds. Their facts are read from `transfer`, only their end from `hold`."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, select

from dojang.db import Tx
from dojang.db.bulk import Among, InsertMany, UpdateMany
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.ledger.model import Hold, HoldState
from dojang.ledger.tables import account, hold, transfer

_T: Final = transfer.c
_H: Final = hold.c
_OPEN: Final = _H.state == HoldState.OPEN.value
_hold: Final = select(
    _T.id,
    _T.subject,
    _T.debit,
    _T.credit,
    _T.amount,
    _T.kst_day,
    _T.created_at,
    _T.expires_at,
    _T.auth_id,
    _H.pin_only,
    _H.registered,
    _H.state,
    _H.resolved_by,
    _H.posted,
).join_from(hold, transfer, _H.id == _T.id)
_named: Final = Among(_H.id, _hold.where)
_OVER: Final = _OPEN & (_H.expires_at <= bindparam("b_now"))
_debits_over: Final = Among(
    account.c.customer_id,
    lambda these: (
        select(_H.debit).join(account, account.c.id == _H.debit).where(these, _OVER).distinct()
    ),
)
_over_of: Final = Among(_H.debit, lambda these: _hold.where(these, _OVER))
_over_of_customer: Final = Prepared(
    _hold.join(account, account.c.id == _H.debit).where(
        account.c.customer_id == bindparam("b_customer"), _OVER
    )
)
_due: Final = Prepared(
    _hold.where(_OPEN, _H.expires_at <= bindparam("b_now"))
    .order_by(_H.expires_at, _H.id)
    .limit(bindparam("b_limit"))
)
_living: Final = (
    _hold.join(account, account.c.id == _H.debit)
    .where(
        account.c.customer_id == bindparam("b_customer"),
        _OPEN,
        _H.expires_at > bindparam("b_now"),
    )
    .order_by(_H.expires_at, _H.id)
    .limit(bindparam("b_limit"))
)
_of_customer: Final = Prepared(_living)
_of_account: Final = Prepared(_living.where(account.c.id == bindparam("b_account")))
_owned: Final = Prepared(
    _hold.where(_H.id == bindparam("b_id"), _T.subject == bindparam("b_customer"))
)
_add: Final = InsertMany(hold)
_resolve: Final = UpdateMany(hold, ["id"], ["state", "resolved_by", "posted"])


def debits_over(tx: Tx, customers: Collection[str]) -> set[str]:
    """The accounts of these customers on which a hold is due. To be locked, then looked at."""
    if not customers:
        return set()
    return set(_debits_over(tx.connection, sorted(customers), {"b_now": tx.now}).scalars())


def concerned(tx: Tx, debits: Collection[str], named: Collection[str]) -> dict[str, Hold]:
    """Those named, and those of these accounts that are due. The accounts are locked before."""
    rows = _over_of(tx.connection, sorted(debits), {"b_now": tx.now}).all() if debits else []
    if named:
        rows = rows + _named(tx.connection, sorted(named)).all()
    return {row.id: _made(row) for row in rows}


def over(tx: Tx, customer_id: str) -> list[Hold]:
    """The customer's holds that are due and that nobody has noted."""
    asked = {"b_customer": customer_id, "b_now": tx.now}
    return [_made(row) for row in _over_of_customer(tx.connection, asked)]


def due(tx: Tx, limit: int) -> list[Hold]:
    """Holds whose time is over and that nobody has resolved, the earliest first."""
    return [_made(row) for row in _due(tx.connection, {"b_now": tx.now, "b_limit": limit})]


def of_customer(tx: Tx, customer_id: str, limit: int) -> list[Hold]:
    asked = {"b_customer": customer_id, "b_now": tx.now, "b_limit": limit}
    return [_made(row) for row in _of_customer(tx.connection, asked)]


def of_account(tx: Tx, customer_id: str, account_id: str, limit: int) -> list[Hold]:
    asked = {"b_customer": customer_id, "b_account": account_id}
    asked |= {"b_now": tx.now, "b_limit": limit}  # type: ignore[dict-item]
    return [_made(row) for row in _of_account(tx.connection, asked)]


def owned(tx: Tx, customer_id: str, hold_id: str) -> Hold | None:
    row = _owned(tx.connection, {"b_id": hold_id, "b_customer": customer_id}).one_or_none()
    return None if row is None else _made(row)


def write(tx: Tx, changed: Sequence[Hold], made: Collection[str]) -> None:
    """The present values of holds; those in `made` are new."""
    _add(
        tx.connection,
        [
            (
                one.id,
                one.debit,
                one.amount,
                one.expires_at,
                int(one.pin_only),
                int(one.registered),
                one.state.value,
                one.resolved_by,
                one.posted,
            )
            for one in changed
            if one.id in made
        ],
    )
    resolved = [one for one in changed if one.id not in made]
    _resolve(
        tx.connection, [(one.state.value, one.resolved_by, one.posted, one.id) for one in resolved]
    )


def _made(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        subject=row.subject,
        debit=row.debit,
        credit=row.credit,
        amount=row.amount,
        kst_day=row.kst_day,
        made_at=Instant(row.created_at),
        expires_at=Instant(row.expires_at),
        authorization=row.auth_id,
        pin_only=bool(row.pin_only),
        registered=bool(row.registered),
        state=HoldState(row.state),
        resolved_by=row.resolved_by,
        posted=row.posted,
    )
