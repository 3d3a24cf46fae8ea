"""Statements about orders that are over, for who looks back. The owner is in every WHERE."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select

from dojang.db import Tx
from dojang.db.bulk import Among
from dojang.kernel.clock import Instant
from dojang.transfers.model import State
from dojang.transfers.tables import transfer_order

_O: Final = transfer_order.c
_OPEN: Final = (State.WAITING.value, State.AUTHORISED.value, State.PENDING.value)

_held_before: Final = (
    select(_O.id)
    .where(
        _O.customer_id == bindparam("b_customer"),
        _O.created_at >= bindparam("b_since"),
        _O.due_at.is_not(None),
        _O.state.not_in(_OPEN),
    )
    .order_by(_O.due_at.desc(), _O.id.desc())
    .limit(bindparam("b_limit"))
)
_signed_by: Final = Among(
    _O.id,
    lambda these: select(_O.id).where(
        these, _O.customer_id == bindparam("b_customer"), _O.signature.is_not(None)
    ),
)


def held_before(tx: Tx, customer_id: str, *, since: Instant, limit: int) -> list[str]:
    """The ids of what was ordered since then, held, and is held no more; due last first."""
    figures = {"b_customer": customer_id, "b_since": since, "b_limit": limit}
    return list(tx.execute(_held_before, figures).scalars())


def signed_by(tx: Tx, customer_id: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of these ids are orders that this customer signed."""
    mine = {"b_customer": customer_id}
    return frozenset(_signed_by(tx.connection, sorted(set(ids)), mine).scalars())
