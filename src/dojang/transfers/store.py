"""Every statement about orders and calls."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Executable, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.db.bulk import Among, UpdateMany
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.policy import Factor
from dojang.transfers import due_store
from dojang.transfers.model import ArsCall, CallState, Order, Payee, State
from dojang.transfers.safeguards import Pause, Plan, Why
from dojang.transfers.tables import ars_call, transfer_due, transfer_order

_O: Final = transfer_order.c
_D: Final = transfer_due.c
_C: Final = ars_call.c

_by_ids: Final = Among(_O.id, lambda these: select(transfer_order).where(these))
_credentials: Final = Among(_O.id, lambda these: select(_O.credential_id).where(these).distinct())
_locked: Final = Among(
    _O.id, lambda these: select(transfer_order).where(these).order_by(_O.id).with_for_update()
)


def _open(state: State) -> Select[Any]:
    """Orders in a state of those that `transfer_due` leads to."""
    both = transfer_order.join(transfer_due, _D.order_id == _O.id)
    return (
        select(transfer_order)
        .select_from(both)
        .where(_D.state == state.value, _O.state == state.value)
    )


_due: Final = Prepared(
    _open(State.AUTHORISED).order_by(_D.at, _D.order_id).limit(bindparam("b_limit"))
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
    seal=bindparam("b_seal"),
)
_plan: Final = _mine.where(_O.state == State.AUTHORISED.value).values(
    registered=bindparam("b_registered"),
    hold_why=bindparam("b_why"),
    hold_seconds=bindparam("b_seconds"),
    cancel_before_seconds=bindparam("b_before"),
    due_at=bindparam("b_due"),
    cancellable_until=bindparam("b_cancellable"),
    hold_until=bindparam("b_until"),
    seal=bindparam("b_seal"),
)
_sms_shown: Final = _waiting.values(
    sms_at=bindparam("b_now"),
    hold_why=bindparam("b_why"),
    hold_seconds=bindparam("b_seconds"),
    cancel_before_seconds=bindparam("b_before"),
    seal=bindparam("b_seal"),
)
_pending: Final = (
    _open(State.PENDING)
    .where(_D.customer_id == bindparam("b_customer"), _O.customer_id == bindparam("b_customer"))
    .order_by(_O.due_at, _O.id)
    .limit(bindparam("b_limit"))
)
_ripe: Final = (
    _open(State.PENDING)
    .where(
        _D.at <= bindparam("b_now"),
        (_O.due_at <= bindparam("b_now")) | _O.ended_why.is_not(None),
    )
    .order_by(_D.at, _D.order_id)
    .limit(bindparam("b_limit"))
)
_held_unsealed: Final = _open(State.PENDING).where(_O.seal.is_(None)).with_only_columns(_O.id)
_seal: Final = _mine.where(_O.state == State.PENDING.value).values(seal=bindparam("b_seal"))
_resolve: Final = _mine.where(
    _O.state == State.PENDING.value, _O.customer_id == bindparam("b_customer")
).values(state=bindparam("b_state"))
_post_again: Final = _mine.values(post_attempts=_O.post_attempts + 1)
_ended: Final = _mine.values(ended_why=bindparam("b_why"))
_holding: Final = _O.state.in_((State.AUTHORISED.value, State.PENDING.value)) & (
    _O.due_at.is_not(None) & _O.ended_why.is_(None)
)
_stop: Final = update(transfer_order).where(_holding).values(ended_why=bindparam("b_why"))
_stop_one: Final = _stop.where(_O.id == bindparam("b_id"))
_in_their_order: Final = (
    select(_O.id)
    .where(_O.customer_id == bindparam("b_customer"), _holding)
    .order_by(_O.id)
    .with_for_update()
)
_stop_customer: Final = _stop.where(_O.customer_id == bindparam("b_customer")).returning(_O.id)
_stop_credential: Final = _stop_customer.where(_O.credential_id == bindparam("b_credential"))
_password_shown: Final = _waiting.values(password_at=bindparam("b_now"), seal=bindparam("b_seal"))
_ars_shown: Final = _waiting.values(ars_at=bindparam("b_now"), seal=bindparam("b_seal"))
_device_shown: Final = _waiting.values(device_at=bindparam("b_now"), seal=bindparam("b_seal"))
_ars_tries: Final = _waiting.values(ars_tries_left=bindparam("b_left"))
_end: Final = _waiting.values(state=bindparam("b_state"))
_finish: Final = UpdateMany(
    transfer_order,
    ["id", "customer_id"],
    ["state"],
    among=f"transfer_order.state = '{State.AUTHORISED.value}'",
)
_late: Final = select(_D.order_id).where(
    _D.state == State.WAITING.value, _D.at <= bindparam("b_now")
)
_expire: Final = (
    update(transfer_order)
    .where(_O.id.in_(_late), _O.state == State.WAITING.value, _O.expires_at <= bindparam("b_now"))
    .values(state=State.EXPIRED.value)
    .returning(_O.id)
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
    row["registered"] = int(order.registered)
    row["hold_why"] = None if order.hold_why is None else order.hold_why.value
    try:
        tx.execute(insert(transfer_order), row)
        due_store.add(tx, order)
    except IntegrityError as error:
        raise IdTaken from error


def by_ids(tx: Tx, ids: Sequence[str]) -> dict[str, Order]:
    return {row.id: _order(row) for row in _by_ids(tx.connection, sorted(set(ids)))}


def credentials(tx: Tx, ids: Sequence[str]) -> list[str]:
    """Under which credentials these orders stand; nothing is locked."""
    return list(_credentials(tx.connection, sorted(set(ids))).scalars())


def locked(tx: Tx, ids: Sequence[str]) -> dict[str, Order]:
    """Held until the transaction ends."""
    return {row.id: _order(row) for row in _locked(tx.connection, sorted(set(ids)))}


def due(tx: Tx, limit: int) -> list[Order]:
    """Authorised and not yet posted, in the order in which they were signed."""
    return [_order(row) for row in _due(tx.connection, {"b_limit": limit})]


def recent(tx: Tx, customer_id: str, limit: int) -> list[Payee]:
    """Whom the customer paid, the latest first."""
    rows = tx.execute(_recent, {"b_customer": customer_id, "b_limit": limit})
    return [Payee(row.payee_bank, row.payee_account, row.payee_holder) for row in rows]


def authorise(tx: Tx, order_id: str, request_id: str, signature: bytes, seal: bytes) -> bool:
    """False where the order is not waiting for this signature, or its time is over."""
    figures = {
        "b_id": order_id,
        "b_request": request_id,
        "b_signature": signature,
        "b_seal": seal,
        "b_now": tx.now,
    }
    if tx.execute(_authorise, figures).rowcount != 1:
        return False
    due_store.signed(tx, order_id)
    return True


def plan(tx: Tx, order_id: str, plan: Plan, seal: bytes) -> None:
    """Whether and how long an authorised order is held, and whether its payee is designated."""
    figures = {"b_id": order_id, "b_registered": int(plan.registered), **_figures(plan.pause)}
    times = {"b_due": plan.due_at, "b_cancellable": plan.cancellable_until}
    tx.execute(_plan, {**figures, **times, "b_until": plan.hold_until, "b_seal": seal})


def pending(tx: Tx, customer_id: str, limit: int) -> list[Order]:
    """The customer's held transfers, the next due first."""
    return [
        _order(row) for row in tx.execute(_pending, {"b_customer": customer_id, "b_limit": limit})
    ]


def ripe(tx: Tx, limit: int) -> list[Order]:
    """Held transfers whose time has come, or that were stopped."""
    return [_order(row) for row in tx.execute(_ripe, {"b_now": tx.now, "b_limit": limit})]


def held_unsealed(tx: Tx) -> list[str]:
    """Held transfers of before there were seals."""
    return list(tx.execute(_held_unsealed).scalars())


def seal(tx: Tx, order_id: str, seal: bytes) -> None:
    tx.execute(_seal, {"b_id": order_id, "b_seal": seal})


def resolve(tx: Tx, order_id: str, customer_id: str, state: State) -> None:
    """A held transfer ends."""
    figures = {"b_id": order_id, "b_customer": customer_id, "b_state": state.value}
    if tx.execute(_resolve, figures).rowcount == 1:
        due_store.over(tx, [order_id], State.PENDING)


def stop(tx: Tx, order_id: str, why: str) -> None:
    """Note why a held transfer will not be sent; whoever posts voids it."""
    tx.execute(_stop_one, {"b_id": order_id, "b_why": why})
    due_store.hurry(tx, [order_id])


def post_again(tx: Tx, order_id: str) -> None:
    """The next post of this held transfer is another request."""
    tx.execute(_post_again, {"b_id": order_id})


def ended(tx: Tx, order_id: str, why: str) -> None:
    """Note why a transfer that was held is over."""
    tx.execute(_ended, {"b_id": order_id, "b_why": why})


def stop_credential(tx: Tx, customer_id: str, credential_id: str, why: str) -> list[str]:
    """As `stop`, for all that this credential of the customer signed; gives their ids."""
    figures = {"b_customer": customer_id, "b_credential": credential_id, "b_why": why}
    return _stopped(tx, _stop_credential, figures)


def stop_customer(tx: Tx, customer_id: str, why: str) -> list[str]:
    """As `stop`, for all of a customer; gives their ids."""
    return _stopped(tx, _stop_customer, {"b_customer": customer_id, "b_why": why})


def _stopped(tx: Tx, statement: Executable, figures: Mapping[str, str]) -> list[str]:
    """Locked first, by their ids, as a batch of the ledger does; an UPDATE takes what it meets."""
    tx.execute(_in_their_order, {"b_customer": figures["b_customer"]}).all()
    ids = list(tx.execute(statement, figures).scalars())
    due_store.hurry(tx, ids)
    return ids


def sms_shown(tx: Tx, order_id: str, pause: Pause, seal: bytes) -> None:
    figures = {"b_id": order_id, "b_now": tx.now, "b_seal": seal, **_figures(pause)}
    tx.execute(_sms_shown, figures)


def password_shown(tx: Tx, order_id: str, seal: bytes) -> None:
    tx.execute(_password_shown, {"b_id": order_id, "b_now": tx.now, "b_seal": seal})


def ars_shown(tx: Tx, order_id: str, seal: bytes) -> None:
    tx.execute(_ars_shown, {"b_id": order_id, "b_now": tx.now, "b_seal": seal})


def device_shown(tx: Tx, order_id: str, seal: bytes) -> None:
    tx.execute(_device_shown, {"b_id": order_id, "b_now": tx.now, "b_seal": seal})


def ars_tries(tx: Tx, order_id: str, left: int) -> None:
    tx.execute(_ars_tries, {"b_id": order_id, "b_left": left})


def end(tx: Tx, order_id: str, state: State) -> bool:
    """A waiting order ends without a signature. False where it was not waiting."""
    if tx.execute(_end, {"b_id": order_id, "b_state": state.value}).rowcount != 1:
        return False
    due_store.over(tx, [order_id], State.WAITING)
    return True


def finish(tx: Tx, decided: Sequence[tuple[str, str, State]]) -> None:
    """(order id, customer id, outcome) of authorised orders; `due_store.held` for those held."""
    _finish.send(tx.connection, [(state.value, i, who) for i, who, state in decided])
    over = [order_id for order_id, _, state in decided if state is not State.PENDING]
    due_store.over(tx, over, State.AUTHORISED)


def expire(tx: Tx) -> int:
    """Note the orders whose ten minutes are over. Returns how many."""
    ids = list(tx.execute(_expire, {"b_now": tx.now}).scalars())
    due_store.over(tx, ids, State.WAITING)
    return len(ids)


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


def whole(fields: dict[str, Any]) -> Order:
    """All fields at once: one by one, as a frozen one is set, is the most of reading an order."""
    made = object.__new__(Order)
    vars(made).update(fields)
    return made


def _order(row: Row[Any]) -> Order:
    fields = row._asdict()
    fields["needed"] = _factors(row.needed)
    fields["state"] = _STATES[row.state]
    fields["registered"] = bool(row.registered)
    fields["hold_why"] = None if row.hold_why is None else Why(row.hold_why)
    return whole(fields)


@functools.lru_cache(maxsize=64)
def _factors(names: str) -> tuple[Factor, ...]:
    """As they stand in the column."""
    return tuple(Factor(name) for name in names.split(","))


_STATES: Final = {one.value: one for one in State}


def _figures(pause: Pause | None) -> dict[str, Any]:
    return {
        "b_why": None if pause is None else pause.why.value,
        "b_seconds": None if pause is None else pause.seconds,
        "b_before": None if pause is None else pause.cancel_before_seconds,
    }


def _made(row: Row[Any]) -> ArsCall:
    return ArsCall(
        id=row.id,
        order_id=row.order_id,
        customer_id=row.customer_id,
        number=row.number,
        rings_until=Instant(row.rings_until),
        state=CallState(row.state),
    )
