"""Every statement about safeguards and designated payees."""

import contextlib
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.transfers.model import DesignatedPayee
from dojang.transfers.safeguards import Safeguard, Setting
from dojang.transfers.tables import designated_payee, safeguard

_S: Final = safeguard.c
_P: Final = designated_payee.c

_of: Final = Prepared(
    select(safeguard).where(_S.customer_id == bindparam("b_customer")).order_by(_S.name)
)
_put: Final = (
    update(safeguard)
    .where(_S.customer_id == bindparam("b_customer"), _S.name == bindparam("b_name"))
    .values(
        value=bindparam("b_value"), later=bindparam("b_later"), later_at=bindparam("b_later_at")
    )
)
_come: Final = (
    select(_S.customer_id)
    .where(_S.later_at <= bindparam("b_now"))
    .order_by(_S.later_at)
    .limit(bindparam("b_limit"))
)
_payees: Final = Prepared(
    select(designated_payee)
    .where(_P.customer_id == bindparam("b_customer"))
    .order_by(_P.added_at, _P.id)
)
_remove: Final = delete(designated_payee).where(
    _P.id == bindparam("b_id"), _P.customer_id == bindparam("b_customer")
)


def of_customer(tx: Tx, customer_id: str) -> dict[Safeguard, Setting]:
    """What the customer ever chose; what is missing is off."""
    rows = _of(tx.connection, {"b_customer": customer_id})
    return {Safeguard(row.name): _setting(row) for row in rows}


def lay_out(tx: Tx, customer_id: str) -> None:
    """A row for each one, for `put`; those that were not there are off."""
    for name in Safeguard:
        blank = {"customer_id": customer_id, "name": name.value, "value": 0}
        with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
            tx.execute(insert(safeguard), {**blank, "later": None, "later_at": None})


def put(tx: Tx, customer_id: str, name: Safeguard, setting: Setting) -> None:
    tx.execute(
        _put,
        {
            "b_customer": customer_id,
            "b_name": name.value,
            "b_value": setting.value,
            "b_later": setting.later,
            "b_later_at": setting.later_at,
        },
    )


def come_due(tx: Tx, limit: int) -> list[str]:
    """Customers with a change whose wait is over."""
    return list(tx.execute(_come, {"b_now": tx.now, "b_limit": limit}).scalars())


def payees(tx: Tx, customer_id: str) -> list[DesignatedPayee]:
    """The designated payees, the oldest first; also those still waiting."""
    return [_made(row) for row in _payees(tx.connection, {"b_customer": customer_id})]


def add_payee(tx: Tx, customer_id: str, payee: DesignatedPayee) -> bool:
    """False where that account is on the customer's list already."""
    row = {
        "id": payee.id,
        "customer_id": customer_id,
        "bank": payee.bank,
        "account": payee.account,
        "holder": payee.holder,
        "added_at": payee.added_at,
        "effective_at": payee.effective_at,
    }
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(designated_payee), row)
    except IntegrityError:
        return False
    return True


def remove_payee(tx: Tx, customer_id: str, payee_id: str) -> bool:
    return tx.execute(_remove, {"b_id": payee_id, "b_customer": customer_id}).rowcount == 1


def _setting(row: Row[Any]) -> Setting:
    later_at = None if row.later_at is None else Instant(row.later_at)
    return Setting(row.value, row.later, later_at)


def _made(row: Row[Any]) -> DesignatedPayee:
    return DesignatedPayee(
        id=row.id,
        bank=row.bank,
        account=row.account,
        holder=row.holder,
        added_at=Instant(row.added_at),
        effective_at=Instant(row.effective_at),
    )
