"""Transfers that wait between the signature and the money: planned, posted when due, stopped.

The signature places a hold in the ledger; whoever posts looks every second for holds whose time
has come. The ledger resolves a hold once, so that two processes, a retry and the customer's own
cancellation may meet: exactly one of them happens.

A stop is noted on the order in the transaction that has the reason (a loss report, a copy): from
then on it cannot be posted. The hold itself is voided right after.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from msgspec import structs

from dojang import policy
from dojang.certificates import store as certificates
from dojang.certificates.model import EndReason
from dojang.certificates.model import State as CertificateState
from dojang.db import Database, Tx, log
from dojang.kernel.clock import Instant
from dojang.ledger import Fault, Ledger, Outcome, Permit, Refusal, Request, Status, accounts, holds
from dojang.ledger.committer import INTERBANK
from dojang.ledger.model import Hold, Kind
from dojang.ledger.refusals import HoldNotFound
from dojang.transfers import due_store, store
from dojang.transfers.events import (
    TransferCancelled,
    TransferHeld,
    TransferLapsed,
    TransferStopped,
)
from dojang.transfers.model import (
    Order,
    OrderAltered,
    OrderOver,
    State,
    TooLateToCancel,
    evidence,
)
from dojang.transfers.protections import Chosen
from dojang.transfers.safeguards import Pause, Plan, longer, pause, planned
from dojang.transfers.seals import BROKEN, Seals

RIPE_MAX: Final = 100
BY_CUSTOMER: Final = "customer"
CERTIFICATE_STOPPED: Final = "certificate_stopped"
NOT_DUE: Final = "not_due"

_STOPPED: Final = frozenset({CertificateState.SUSPENDED_COPY, CertificateState.SUSPENDED_LOSS})
_STOPPING_ENDS: Final = frozenset({EndReason.PHONE_LOST, EndReason.SUSPICIOUS, EndReason.OPERATOR})
_PASSING: Final = frozenset(
    {
        OrderOver.code,
        "hold_not_found",
        "hold_already_posted",
        "hold_already_voided",
        "hold_already_expired",
    }
)
"""Refusals of a post that say nothing about the transfer itself."""


class Holding:
    """Posts what is due, voids what was stopped, cancels for the customer."""

    def __init__(
        self, db: Database, ledger: Ledger, *, on_fault: Callable[[Exception], None]
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._on_fault = on_fault

    def settle_due(self) -> int:
        """Post and void what has come; how many were decided. Two processes may do this at once."""
        with self._db.snapshot() as tx:
            asked = self._resolving(tx, store.ripe(tx, RIPE_MAX))
        decided = 0
        for answer in self._ledger.decide(asked):
            if isinstance(answer, Fault):
                self._on_fault(answer.error)
            else:
                decided += 1
        return decided

    def cancel(self, order: Order) -> None:
        """The customer takes a held transfer back. Raises TooLateToCancel, OrderOver.

        Whether it is too late is decided in the transaction that voids it; what is too late already
        leaves nothing in the ledger.
        """
        with self._db.snapshot() as tx:
            if _too_late(order, tx.now) is not None:
                raise TooLateToCancel(cancellable_until=order.cancellable_until or tx.now)
            held = holds.owned(tx, order.customer_id, order.id)
        answer = self._ledger.post([held.voiding(cancel_id(order))])[0]
        if isinstance(answer, Outcome) and answer.status is Status.OK:
            return
        if isinstance(answer, Outcome) and answer.refusal == _too_late(order, answer.at):
            raise TooLateToCancel(cancellable_until=order.cancellable_until or answer.at)
        with self._db.snapshot() as tx:
            now = store.by_ids(tx, [order.id])[order.id].state
        if now is not State.CANCELLED:
            raise OrderOver(state=now.value)

    def _resolving(self, tx: Tx, ripe: Sequence[Order]) -> list[Request]:
        """What the ledger is asked for each. One that is unlike its hold holds up no other."""
        asked = []
        for order in ripe:
            try:
                asked.append(resolving(order, holds.owned(tx, order.customer_id, order.id)))
            except HoldNotFound as missing:
                self._on_fault(missing)
        return asked


def resolving(order: Order, held: Hold) -> Request:
    """Post what is due, void what was stopped. The same request in every process, so that two of
    them ask for one thing; only a post that came too early is asked again under another id.
    """
    if order.ended_why is not None:
        return held.voiding(void_id(order))
    return structs.replace(
        held.posting(f"{order.id}:post:{order.post_attempts}"),
        authorization=order.request_id,
        evidence=evidence(order.message, order.signature or b""),
    )


def void_id(order: Order) -> str:
    """Of the void of what was stopped."""
    return f"{order.id}:void"


def cancel_id(order: Order) -> str:
    """Of the customer's own void: refused as too late, it does not stand in the other's way."""
    return f"{order.id}:cancel"


def foreseen(tx: Tx, order: Order, chosen: Chosen, *, registered: bool) -> Order:
    """A new order with the hold it will have if it is signed now."""
    wanted = _asked_for(tx, chosen, registered=registered)
    if wanted is None:
        return replace(order, registered=registered)
    return replace(
        order,
        registered=registered,
        hold_why=wanted.why,
        hold_seconds=wanted.seconds,
        cancel_before_seconds=wanted.cancel_before_seconds,
    )


def plan(tx: Tx, order: Order, seals: Seals, chosen: Chosen | None) -> None:
    """Inside DONE: held for as long as the order said, or longer where that was chosen meanwhile.

    Whether the payee is designated is decided here too, for the day's limit of the others. Without
    `chosen`, where somebody changed it behind our back, it moves nothing.
    """
    if chosen is None:
        store.plan(tx, order.id, Plan(registered=False), BROKEN)
        return
    owner = None
    if order.credit != INTERBANK:
        found = accounts.by_number(tx, order.payee_account)
        owner = None if found is None else found[1]
    registered = chosen.designates(order.payee_bank, order.payee_account, owner, tx.now)
    wanted = longer(order.pause, _asked_for(tx, chosen, registered=registered))
    rules = policy.current(tx).safeguards
    plan = planned(wanted, rules, tx.now, registered=registered)
    store.plan(tx, order.id, plan, seals.after(order, **plan.columns()))


def _asked_for(tx: Tx, chosen: Chosen, *, registered: bool) -> Pause | None:
    """What the customer's safeguards ask for now."""
    return pause(chosen.settings, policy.current(tx).safeguards, tx.now, designated=registered)


def stop(tx: Tx, credential_id: str) -> None:
    """The credential's hook: what it signed and still waits is not sent, where it was stopped for
    a reason that makes its signatures doubtful. A lock, a reissue, an ordinary end are none.
    """
    found = certificates.by_id(tx, credential_id)
    if found is None:
        return
    if found.state in _STOPPED or found.end_reason in _STOPPING_ENDS:
        why = CERTIFICATE_STOPPED
        stopped = store.stop_credential(tx, found.customer_id, credential_id, why)
        _tell_stopped(tx, found.customer_id, stopped)


def stop_all(tx: Tx, customer_id: str) -> None:
    """A loss was reported: nothing of this customer is sent, whichever certificate signed it."""
    stopped = store.stop_customer(tx, customer_id, CERTIFICATE_STOPPED)
    _tell_stopped(tx, customer_id, stopped)


def _tell_stopped(tx: Tx, customer_id: str, ids: Sequence[str]) -> None:
    """The leaf outlasts the note on the order, which whoever writes rows could take away."""
    for one in sorted(ids):
        tx.emit(TransferStopped(subject=customer_id, transfer_id=one, why=CERTIFICATE_STOPPED))


def stopped(tx: Tx, requests: Sequence[Request]) -> set[str]:
    """Of those who want a held transfer posted: everything that a leaf says was stopped."""
    posting = {asked.subject for asked in requests if asked.kind is Kind.POST}
    return log.stopped(tx.connection, sorted(posting)) if posting else set()


def permit(
    tx: Tx, asked: Request, order: Order | None, seals: Seals, stopped: Collection[str]
) -> Permit:
    """For what resolves a hold, in the transaction that does it, its order locked: a post is due
    by times that nobody changed, and was not stopped; a void is of what was, or in time.
    """
    refusal = None
    if asked.kind is Kind.POST:
        refusal = _post_refusal(order, tx, seals, stopped)
    elif asked.kind is Kind.VOID and order is not None:
        refusal = _void_refusal(order, tx.now)
    return Permit(refusal, lambda _use: None)


def settled(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """The orders follow the ledger's holds, in the same transaction."""
    if not outcomes:
        return
    orders = store.by_ids(tx, [one.ref or one.id for one in outcomes])
    for one in outcomes:
        order = orders.get(one.ref or one.id)
        if order is not None:
            _follow(tx, order, one)


def _follow(tx: Tx, order: Order, one: Outcome) -> None:
    if one.status is Status.OK:
        _SETTLED[one.kind](tx, order)
    elif one.kind is Kind.POST and one.refusal is not None:
        _not_posted(tx, order, one.refusal.code)


def _not_posted(tx: Tx, order: Order, code: str) -> None:
    if code == NOT_DUE:
        store.post_again(tx, order.id)
    elif code not in _PASSING:
        store.stop(tx, order.id, code)


def _post_refusal(
    order: Order | None, tx: Tx, seals: Seals, stopped: Collection[str]
) -> Refusal | None:
    if order is None or order.state is not State.PENDING or order.ended_why is not None:
        return Refusal(OrderOver.code, {"state": "" if order is None else order.state.value})
    if order.id in stopped or not seals.holds(order):
        return Refusal(OrderAltered.code)
    if order.due_at is None or tx.now < order.due_at:
        return Refusal(NOT_DUE)
    return None


def _void_refusal(order: Order, now: Instant) -> Refusal | None:
    """What was stopped is voided at any time, what its customer takes back until some time before
    it is sent. The time counts when the void is decided, not when it was asked for.
    """
    return None if order.ended_why is not None else _too_late(order, now)


def _too_late(order: Order, now: Instant) -> Refusal | None:
    until = order.cancellable_until
    if until is not None and now < until:
        return None
    return Refusal(TooLateToCancel.code, {"cancellable_until": until or now})


def _held(tx: Tx, order: Order) -> None:
    due_store.held(tx, order)
    tx.emit(
        TransferHeld(
            subject=order.customer_id,
            transfer_id=order.id,
            amount=order.amount,
            why="" if order.hold_why is None else order.hold_why.value,
            due_at=order.due_at or tx.now,
            cancellable_until=order.cancellable_until or tx.now,
        )
    )


def _posted(tx: Tx, order: Order) -> None:
    store.resolve(tx, order.id, order.customer_id, State.POSTED)


def _voided(tx: Tx, order: Order) -> None:
    store.resolve(tx, order.id, order.customer_id, State.CANCELLED)
    if order.ended_why is None:
        store.ended(tx, order.id, BY_CUSTOMER)
    tx.emit(
        TransferCancelled(
            subject=order.customer_id,
            transfer_id=order.id,
            amount=order.amount,
            held="" if order.hold_why is None else order.hold_why.value,
            why=order.ended_why or BY_CUSTOMER,
        )
    )


def _expired(tx: Tx, order: Order) -> None:
    store.resolve(tx, order.id, order.customer_id, State.EXPIRED)
    tx.emit(TransferLapsed(subject=order.customer_id, transfer_id=order.id, amount=order.amount))


_SETTLED: Final[Mapping[Kind, Callable[[Tx, Order], None]]] = {
    Kind.HOLD: _held,
    Kind.POST: _posted,
    Kind.VOID: _voided,
    Kind.EXPIRE: _expired,
}
