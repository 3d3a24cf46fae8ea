"""Every statement about orders and calls."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.policy import Factor
from dojang.transfers.model import ArsCall, CallState, Order, Payee, State
from dojang.transfers.tables import ars_call, transfer_order

_O: Final = transfer_order.c
_C: Final = ars_call.c

Fault: TypeAlias = DBAPIError
"""What a lost connection, a full disk or a refused row raises."""

_by_ids: Final = select(transfer_order).where(_O.id.in_(bindparam("b_ids", expanding=True)))
_locked: Final = _by_ids.order_by(_O.id).with_for_update()
_due: Final = (
    select(transfer_order)
    .where(_O.state == State.AUTHORISED.value)
    .order_by(_O.authorised_at, _O.id)
    .limit(bindparam("b_limit"))
)
_recent: Final = (
    select(_O.payee_bank, _O.payee_account, _O.payee_holder, func.max(_O.created_at).label("at"))
    .where(_O.customer_id == bindparam("b_customer"), _O.state == State.POSTED.value)
    .group_by(_O.payee_bank, _O.payee_account, _O.payee_holder)
    .order_by(func.max(_O.created_at).desc())
    .limit(bindparam("b_limit"))
)
_mine: Final = update(transfer_order).where(_O.id == bindparam("b_id"))
_waiting: Final = _mine.where(_O.state == State.WAITING.value)
_authorise: Final = _waiting.where(
    _O.request_id == bindparam("b_request"), _O.expires_at > bindparam("b_now")
).values(
    state=State.AUTHORISED.value,
    signature=bindparam("b_signature"),
    authorised_at=bindparam("b_now"),
)
_password_shown: Final = _waiting.values(password_at=bindparam("b_now"))
_ars_shown: Final = _waiting.values(ars_at=bindparam("b_now"))
_ars_tries: Final = _waiting.values(ars_tries_left=bindparam("b_left"))
_end: Final = _waiting.values(state=bindparam("b_state"))
_finish: Final = _mine.where(
    _O.state == State.AUTHORISED.value, _O.customer_id == bindparam("b_customer")
).values(state=bindparam("b_state"))
_expire: Final = (
    update(transfer_order)
    .where(_O.state == State.WAITING.value, _O.expires_at <= bindparam("b_now"))
    .values(state=State.EXPIRED.value)
)
_call: Final = select(ars_call).where(_C.id == bindparam("b_id"))
_latest_call: Final = (
    select(ars_call)
    .where(_C.order_id == bindparam("b_order"))
    .order_by(_C.placed_at.desc(), _C.id.desc())
    .limit(1)
)
_call_state: Final = (
    update(ars_call).where(_C.id == bindparam("b_id")).values(state=bindparam("b_state"))
)


class IdTaken(Exception):
    """Another request stored this id a moment ago. Read it."""


def add(tx: Tx, order: Order) -> None:
    """Raises IdTaken; the transaction is then over on PostgreSQL."""
    row = dataclasses.asdict(order)
    row["needed"] = ",".join(order.needed)
    row["state"] = order.state.value
    try:
        tx.execute(insert(transfer_order), row)
    except IntegrityError as error:
        raise IdTaken from error


def by_ids(tx: Tx, ids: Sequence[str]) -> dict[str, Order]:
    return {row.id: _order(row) for row in tx.execute(_by_ids, {"b_ids": sorted(ids)})}


def locked(tx: Tx, ids: Sequence[str]) -> dict[str, Order]:
    return {row.id: _order(row) for row in tx.execute(_locked, {"b_ids": sorted(ids)})}


def due(tx: Tx, limit: int) -> list[Order]:
    """Authorised and not yet posted, in the order in which they were signed."""
    return [_order(row) for row in tx.execute(_due, {"b_limit": limit})]


def recent(tx: Tx, customer_id: str, limit: int) -> list[Payee]:
    """Whom the customer paid, the latest first."""
    rows = tx.execute(_recent, {"b_customer": customer_id, "b_limit": limit})
    return [Payee(row.payee_bank, row.payee_account, row.payee_holder) for row in rows]


def authorise(tx: Tx, order_id: str, request_id: str, signature: bytes) -> bool:
    """False where the order is not waiting for this signature, or its time is over."""
    figures = {
        "b_id": order_id,
        "b_request": request_id,
        "b_signature": signature,
        "b_now": tx.now,
    }
    return tx.execute(_authorise, figures).rowcount == 1


def password_shown(tx: Tx, order_id: str) -> bool:
    return tx.execute(_password_shown, {"b_id": order_id, "b_now": tx.now}).rowcount == 1


def ars_shown(tx: Tx, order_id: str) -> bool:
    return tx.execute(_ars_shown, {"b_id": order_id, "b_now": tx.now}).rowcount == 1


def ars_tries(tx: Tx, order_id: str, left: int) -> None:
    tx.execute(_ars_tries, {"b_id": order_id, "b_left": left})


def end(tx: Tx, order_id: str, state: State) -> bool:
    """A waiting order ends without a signature. False where it was not waiting."""
    return tx.execute(_end, {"b_id": order_id, "b_state": state.value}).rowcount == 1


def finish(tx: Tx, decided: Sequence[tuple[str, str, State]]) -> None:
    """(order id, customer id, outcome) of authorised orders."""
    rows = [{"b_id": i, "b_customer": who, "b_state": state.value} for i, who, state in decided]
    if rows:
        tx.execute(_finish, rows)


def expire(tx: Tx) -> int:
    """Note the orders whose ten minutes are over. Returns how many."""
    return tx.execute(_expire, {"b_now": tx.now}).rowcount


def add_call(tx: Tx, call: ArsCall) -> None:
    row = {**dataclasses.asdict(call), "state": call.state.value, "placed_at": tx.now}
    tx.execute(insert(ars_call), row)


def call(tx: Tx, call_id: str) -> ArsCall | None:
    row = tx.execute(_call, {"b_id": call_id}).one_or_none()
    return None if row is None else _made(row)


def latest_call(tx: Tx, order_id: str) -> ArsCall | None:
    row = tx.execute(_latest_call, {"b_order": order_id}).one_or_none()
    return None if row is None else _made(row)


def call_state(tx: Tx, call_id: str, state: CallState) -> None:
    tx.execute(_call_state, {"b_id": call_id, "b_state": state.value})


def _order(row: Row[Any]) -> Order:
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    fields["needed"] = tuple(Factor(name) for name in row.needed.split(","))
    fields["state"] = State(row.state)
    return Order(**fields)


def _made(row: Row[Any]) -> ArsCall:
    return ArsCall(
        id=row.id,
        order_id=row.order_id,
        customer_id=row.customer_id,
        number=row.number,
        rings_until=Instant(row.rings_until),
        state=CallState(row.state),
    )
