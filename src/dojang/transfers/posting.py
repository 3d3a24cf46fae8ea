"""From signed to sent: DONE marks an order authorised, the admission lets it move money once.

The two are two transactions with a crash possible between them. Nothing is lost: the poster looks
for authorised orders at its start and every second, and the ledger knows an id it has met.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from dojang import policy
from dojang.certificates import store as certificates
from dojang.certificates.model import Credential
from dojang.certificates.model import State as CertificateState
from dojang.certificates.model import refusal as why_unusable
from dojang.customers import store as people
from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.ledger import (
    Admit,
    DayUse,
    Kind,
    Outcome,
    Permit,
    Refusal,
    Request,
    Status,
    accounts,
)
from dojang.ledger.committer import INTERBANK
from dojang.policy import Factor, Policy
from dojang.signing.model import Request as SigningRequest
from dojang.signing.model import Signed
from dojang.transfers import holding, store, tiers
from dojang.transfers.events import TransferAuthorised
from dojang.transfers.model import (
    FEE,
    FactorsMissing,
    Order,
    OrderAltered,
    OrderExpired,
    OrderOver,
    ProtectionsAltered,
    SignatureInvalid,
    State,
    evidence,
    request_of,
)
from dojang.transfers.ordering import still_waiting
from dojang.transfers.protections import Protections
from dojang.transfers.seals import Seals

REJECTED: Final = State.REJECTED
DECIDED: Final = {Kind.TRANSFER: State.POSTED, Kind.HOLD: State.PENDING}
"""What an authorised order becomes where the ledger takes it; else it is rejected."""


def before_begin(tx: Tx, asked: SigningRequest) -> None:
    """The PIN comes last. Raises FactorsMissing, OrderExpired, OrderOver; no try is spent."""
    order = store.by_ids(tx, [asked.reference]).get(asked.reference)
    if order is None or order.request_id != asked.request_id:
        raise OrderOver
    still_waiting(order, tx.now)
    if missing := order.missing(Factor.PIN):
        raise FactorsMissing(needed=missing)


def on_signed(tx: Tx, signed: Signed, seals: Seals) -> bool:
    """Inside DONE: the order is authorised, or its time was over and nothing happens.

    A signature under an order that was cancelled or came too late moves nothing, and raising here
    would undo the ceremony for the phone.
    """
    order = store.by_ids(tx, [signed.reference]).get(signed.reference)
    if order is None or order.missing(Factor.PIN):
        return False
    seal = seals.after(order, authorised_at=tx.now)
    if not store.authorise(tx, order.id, signed.request_id, signed.signature, seal):
        return False
    tx.emit(
        TransferAuthorised(
            subject=order.customer_id,
            transfer_id=order.id,
            request_id=signed.request_id,
            tier=order.tier,
            policy_version=order.policy_version,
            factors=order.factors,
            amount=order.amount,
            evidence=evidence(signed.message, signed.signature),
        )
    )
    return True


class Facts(NamedTuple):
    """What the admission read under locks for one request."""

    order: Order | None
    credential: Credential | None
    sides: tuple[str, str] | None
    """The accounts that the signed numbers stand for: (debit, credit)."""
    sealed: bool
    """What the bank decided about the order is as it left it."""
    protected: bool
    """The customer's own limits are as they left them."""
    phone_since: Instant
    present: Policy
    now: Instant


class Admission:
    """Answers to the ledger for signed requests, in the transaction that moves the money."""

    def __init__(self, own_code: str, seals: Seals, protections: Protections) -> None:
        self._own_code = own_code
        self._seals = seals
        self._protections = protections

    def lock(self, tx: Tx, requests: Sequence[Request]) -> Admit:
        """Credentials are locked before orders, and both before anybody's limits, as everywhere."""
        ids = [asked.ref or asked.id for asked in requests]
        credentials = certificates.believed_locked(tx, store.credentials(tx, ids))
        orders = store.locked(tx, ids)
        return partial(self._admitted, tx, requests, credentials, orders)

    def _admitted(
        self,
        tx: Tx,
        requests: Sequence[Request],
        credentials: Mapping[str, Credential],
        orders: Mapping[str, Order],
    ) -> Mapping[str, Permit]:
        present = policy.current(tx)
        known = people.known_as(tx, [asked.subject for asked in requests])
        sides = self._sides(tx, orders.values())
        new = {asked.subject for asked in requests if asked.ref is None}
        protected = self._protections.limits_hold(tx, new) if new else set()
        stopped = holding.stopped(tx, requests)
        permits = {}
        for asked in requests:
            order = orders.get(asked.ref or asked.id)
            if asked.ref is not None:
                permits[asked.id] = holding.permit(tx, asked, order, self._seals, stopped)
                continue
            facts = Facts(
                order=order,
                credential=None if order is None else credentials.get(order.credential_id),
                sides=sides.get(asked.id),
                sealed=order is not None and self._seals.holds(order),
                protected=asked.subject in protected,
                phone_since=known[asked.subject].phone_since if asked.subject in known else tx.now,
                present=present,
                now=tx.now,
            )
            permits[asked.id] = Permit(judge(asked, facts), partial(tier_holds, facts))
        return permits

    def settled(self, tx: Tx, outcomes: Sequence[Outcome]) -> None:
        """The orders' states follow the ledger's outcomes in the same transaction."""
        store.finish(
            tx,
            [
                (one.id, one.subject, DECIDED[one.kind] if one.status is Status.OK else REJECTED)
                for one in outcomes
                if one.kind in DECIDED
            ],
        )
        holding.settled(tx, [one for one in outcomes if one.kind is not Kind.TRANSFER])

    def _sides(self, tx: Tx, orders: Collection[Order]) -> dict[str, tuple[str, str]]:
        """(debit, credit) of each order by the numbers that were signed, where both exist."""
        ours = {one.from_account for one in orders}
        ours |= {one.payee_account for one in orders if one.payee_bank == self._own_code}
        ids = accounts.ids_of_numbers(tx, ours)
        found = {}
        for one in orders:
            own = one.payee_bank == self._own_code
            debit = ids.get(one.from_account)
            credit = ids.get(one.payee_account) if own else INTERBANK
            if debit is not None and credit is not None:
                found[one.id] = (debit, credit)
        return found


def judge(asked: Request, facts: Facts) -> Refusal | None:
    """Is this request exactly what the customer signed, in time, with everything shown? Pure.

    Whoever changes a field of the row or of the request finds a signature that no longer covers it.
    """
    order, credential = facts.order, facts.credential
    if order is None or order.state is not State.AUTHORISED:
        return Refusal(OrderOver.code, {"state": "" if order is None else order.state.value})
    if not covered(asked, order, facts):
        return Refusal(SignatureInvalid.code)
    if (altered := _altered(facts)) is not None:
        return Refusal(altered)
    if facts.now >= order.expires_at:
        return Refusal(OrderExpired.code)
    if (unusable := _unusable(credential)) is not None:
        return unusable
    missing = order.missing()
    return Refusal(FactorsMissing.code, {"needed": missing}) if missing else None


def _altered(facts: Facts) -> str | None:
    """What is not as the bank left it: the order beside its signed bytes, or the limits."""
    if not facts.sealed:
        return OrderAltered.code
    return None if facts.protected else ProtectionsAltered.code


def covered(asked: Request, order: Order, facts: Facts) -> bool:
    """Do the signed bytes cover what would be done?

    The row rebuilds the bytes, the request is the one the row stands for, the two accounts are
    those whose numbers were signed, and no fee was signed that nobody would take.
    """
    return (
        order.fee == FEE
        and order.rebuilt() == order.message
        and asked == request_of(order, pin_only=pin_only(order))
        and facts.sides == (asked.debit, asked.credit)
    )


def tier_holds(facts: Facts, use: DayUse) -> Refusal | None:
    """The policy in force now, with the use of the day as the batch has left it."""
    order, credential = facts.order, facts.credential
    if order is None or credential is None:
        return Refusal(OrderOver.code)
    standing = tiers.Standing(facts.now, credential.issued_at or facts.now, facts.phone_since)
    rules = facts.present.transfers
    return tiers.still_enough(rules, order.amount, use, standing, frozenset(order.shown))


def pin_only(order: Order) -> bool:
    return order.needed == tiers.PIN_ONLY


def _unusable(credential: Credential | None) -> Refusal | None:
    if credential is None:
        return Refusal("credential_revoked")
    problem = why_unusable(credential.state)
    if problem is not None:
        return Refusal(problem.code, problem.fields)
    if credential.state is not CertificateState.ACTIVE:
        return Refusal("credential_revoked")
    return None
