"""Statements about accounts as their owners see them. The owner stands in every WHERE."""

from typing import Any, Final

from sqlalchemy import Row, bindparam, case, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.ledger.model import AccountStatus, AccountView, Line
from dojang.ledger.tables import account, limit_profile, narration, posting, transfer

_of_customer: Final = (
    select(account)
    .where(account.c.customer_id == bindparam("b_customer"))
    .order_by(account.c.opened_at, account.c.id)
)
_owned: Final = select(account).where(
    account.c.id == bindparam("b_id"), account.c.customer_id == bindparam("b_customer")
)
_by_number: Final = select(account).where(account.c.number == bindparam("b_number"))
_exists: Final = select(account.c.id).where(account.c.id == bindparam("b_id"))
_profile: Final = select(limit_profile.c.customer_id).where(
    limit_profile.c.customer_id == bindparam("b_customer")
)
_lines: Final = (
    select(
        posting.c.version,
        transfer.c.created_at,
        posting.c.amount,
        posting.c.balance_after,
        case((posting.c.amount < 0, narration.c.payee), else_=narration.c.payer).label("other"),
        narration.c.memo,
        posting.c.transfer_id,
    )
    .join_from(posting, account, posting.c.account_id == account.c.id)
    .join(transfer, posting.c.transfer_id == transfer.c.id)
    .join(narration, narration.c.transfer_id == transfer.c.id, isouter=True)
    .where(
        account.c.id == bindparam("b_id"),
        account.c.customer_id == bindparam("b_customer"),
        posting.c.version < bindparam("b_before"),
    )
    .order_by(posting.c.version.desc())
    .limit(bindparam("b_limit"))
)
_close: Final = (
    update(account)
    .where(
        account.c.id == bindparam("b_id"),
        account.c.customer_id == bindparam("b_customer"),
        account.c.posted == 0,
        account.c.held == 0,
    )
    .values(status=AccountStatus.CLOSED.value)
)
_own_limits: Final = (
    update(limit_profile)
    .where(limit_profile.c.customer_id == bindparam("b_customer"))
    .values(
        per_transfer=bindparam("b_per_transfer"),
        per_day=bindparam("b_per_day"),
        version=limit_profile.c.version + 1,
    )
)


def add(tx: Tx, row: dict[str, Any]) -> bool:
    """False where the number is taken already."""
    return _inserted(tx, insert(account), row)


def exists(tx: Tx, account_id: str) -> bool:
    return tx.execute(_exists, {"b_id": account_id}).one_or_none() is not None


def make_profile(tx: Tx, customer_id: str) -> None:
    """The customer's row of limits and use, once."""
    if tx.execute(_profile, {"b_customer": customer_id}).one_or_none() is None:
        fresh = {"customer_id": customer_id, "used_day": 0, "used": 0, "used_pin_only": 0}
        _inserted(tx, insert(limit_profile), {**fresh, "version": 0})


def set_limits(tx: Tx, customer_id: str, *, per_transfer: int, per_day: int) -> None:
    tx.execute(
        _own_limits,
        {"b_customer": customer_id, "b_per_transfer": per_transfer, "b_per_day": per_day},
    )


def of_customer(tx: Tx, customer_id: str) -> list[AccountView]:
    return [_view(row) for row in tx.execute(_of_customer, {"b_customer": customer_id})]


def owned(tx: Tx, customer_id: str, account_id: str) -> AccountView | None:
    row = tx.execute(_owned, {"b_id": account_id, "b_customer": customer_id}).one_or_none()
    return None if row is None else _view(row)


def by_number(tx: Tx, number: str) -> tuple[AccountView, str] | None:
    """(the account, its owner's customer id)."""
    row = tx.execute(_by_number, {"b_number": number}).one_or_none()
    return None if row is None else (_view(row), row.customer_id)


def lines(tx: Tx, customer_id: str, account_id: str, before: int, limit: int) -> list[Line]:
    """Newest first, below version `before`."""
    rows = tx.execute(
        _lines,
        {"b_id": account_id, "b_customer": customer_id, "b_before": before, "b_limit": limit},
    )
    return [
        Line(
            version=row.version,
            at=Instant(row.created_at),
            amount=row.amount,
            balance_after=row.balance_after,
            counterparty=row.other or "",
            memo=row.memo or "",
            transfer_id=row.transfer_id,
        )
        for row in rows
    ]


def close(tx: Tx, customer_id: str, account_id: str) -> bool:
    """False where there is no such empty account of theirs."""
    return tx.execute(_close, {"b_id": account_id, "b_customer": customer_id}).rowcount == 1


def _view(row: Row[Any]) -> AccountView:
    return AccountView(
        id=row.id,
        number=row.number,
        name=row.name,
        kind=row.kind,
        status=AccountStatus(row.status),
        balance=row.posted,
        held=row.held,
        version=row.version,
        opened_at=Instant(row.opened_at),
    )


def _inserted(tx: Tx, statement: Any, row: dict[str, Any]) -> bool:
    """Insert unless a key is taken: then nothing happens and the transaction goes on."""
    try:
        with tx.connection.begin_nested():
            tx.execute(statement, row)
    except IntegrityError:
        return False
    return True
