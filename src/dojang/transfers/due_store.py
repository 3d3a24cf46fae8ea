"""What is still to be done about orders, and when: a row for each that waits, is signed, is held.

The order itself is what counts; a row here only leads to it. It is apart so that no index is over
what posting changes in an order: PostgreSQL then changes the order where it stands (ADR 0041).
Whoever changes both rows changes the order first.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, insert, update

from dojang.db import Tx
from dojang.db.bulk import DeleteMany
from dojang.kernel.clock import Instant
from dojang.transfers.model import Order, State
from dojang.transfers.tables import transfer_due

_D: Final = transfer_due.c
_mine: Final = update(transfer_due).where(_D.order_id == bindparam("b_id"))

_signed: Final = _mine.where(_D.state == State.WAITING.value).values(
    state=State.AUTHORISED.value, at=bindparam("b_at")
)
_held: Final = _mine.where(_D.state == State.AUTHORISED.value).values(
    state=State.PENDING.value, at=bindparam("b_at")
)
_hurry: Final = _mine.where(_D.state == State.PENDING.value).values(at=bindparam("b_at"))
_over: Final = {
    state: DeleteMany(transfer_due, ["order_id"], among=f"transfer_due.state = '{state.value}'")
    for state in (State.WAITING, State.AUTHORISED, State.PENDING)
}


def add(tx: Tx, order: Order) -> None:
    """Nothing where nothing is to be done."""
    if order.state in _over:
        row = {"order_id": order.id, "customer_id": order.customer_id, "state": order.state.value}
        tx.execute(insert(transfer_due), {**row, "at": _next_at(order)})


def signed(tx: Tx, order_id: str) -> None:
    tx.execute(_signed, {"b_id": order_id, "b_at": tx.now})


def held(tx: Tx, order: Order) -> None:
    """`order` as it is since it is held."""
    tx.execute(_held, {"b_id": order.id, "b_at": _next_at(order)})


def hurry(tx: Tx, ids: Sequence[str]) -> None:
    """Those that are held are to be looked at now."""
    for one in sorted(ids):
        tx.execute(_hurry, {"b_id": one, "b_at": tx.now})


def over(tx: Tx, ids: Sequence[str], was: State) -> None:
    """Nothing is to be done any more about these, where they were in this state."""
    _over[was].send(tx.connection, [(one,) for one in ids])


def _next_at(order: Order) -> Instant:
    """When it is over, was signed, or is to be sent; at once where it was stopped."""
    if order.state is State.WAITING:
        return order.expires_at
    at = order.due_at if order.state is State.PENDING else order.authorised_at
    return order.created_at if at is None or order.ended_why is not None else at
