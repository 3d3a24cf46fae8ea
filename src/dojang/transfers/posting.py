"""From signed to sent: DONE marks an order authorised, the poster moves the money exactly once.

The two are two transactions with a crash possible between them. Nothing is lost: the poster looks
for authorised orders at its start and every second, and the ledger knows an id it has met.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dojang import policy
from dojang.certificates import store as certificates
from dojang.certificates.model import Credential
from dojang.certificates.model import State as CertificateState
from dojang.certificates.model import refusal as why_unusable
from dojang.crypto import ed25519
from dojang.customers import store as people
from dojang.db import Database, Tx
from dojang.kernel.clock import Instant
from dojang.ledger import (
    DayUse,
    Kind,
    Ledger,
    Outcome,
    Permit,
    Refusal,
    Refused,
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
    FactorsMissing,
    Order,
    OrderExpired,
    OrderOver,
    SignatureInvalid,
    State,
    evidence,
    request_of,
)
from dojang.transfers.ordering import sign_certificate, still_waiting

SWEEP_SECONDS: Final = 1.0
DUE_MAX: Final = 100
STOP_SECONDS: Final = 10.0
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


def on_signed(tx: Tx, signed: Signed) -> bool:
    """Inside DONE: the order is authorised, or its time was over and nothing happens.

    A signature under an order that was cancelled or came too late moves nothing, and raising here
    would undo the ceremony for the phone.
    """
    order = store.by_ids(tx, [signed.reference]).get(signed.reference)
    if order is None or order.missing(Factor.PIN):
        return False
    if not store.authorise(tx, order.id, signed.request_id, signed.signature):
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


@dataclass(frozen=True)
class Facts:
    """What the admission read under locks for one request."""

    order: Order | None
    credential: Credential | None
    sides: tuple[str, str] | None
    """The accounts that the signed numbers stand for: (debit, credit)."""
    phone_since: Instant
    present: Policy
    now: Instant


class Admission:
    """Answers to the ledger for signed requests, in the transaction that moves the money."""

    def __init__(self, own_code: str) -> None:
        self._own_code = own_code

    def admit(self, tx: Tx, requests: Sequence[Request]) -> Mapping[str, Permit]:
        """Credentials are locked before orders, as everywhere."""
        ids = [asked.ref or asked.id for asked in requests]
        seen = store.by_ids(tx, ids)
        credentials = {
            one: certificates.by_id_locked(tx, one)
            for one in sorted({order.credential_id for order in seen.values()})
        }
        orders = store.locked(tx, ids)
        present = policy.current(tx)
        permits = {}
        for asked in requests:
            order = orders.get(asked.ref or asked.id)
            if asked.ref is not None:
                permits[asked.id] = holding.permit(tx, asked, order)
                continue
            facts = Facts(
                order=order,
                credential=None if order is None else credentials.get(order.credential_id),
                sides=None if order is None else self._sides(tx, order),
                phone_since=_phone_since(tx, asked.subject),
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

    def _sides(self, tx: Tx, order: Order) -> tuple[str, str] | None:
        debit = accounts.by_number(tx, order.from_account)
        if debit is None:
            return None
        if order.payee_bank != self._own_code:
            return debit[0].id, INTERBANK
        credit = accounts.by_number(tx, order.payee_account)
        return None if credit is None else (debit[0].id, credit[0].id)


def judge(asked: Request, facts: Facts) -> Refusal | None:
    """Is this request exactly what the customer signed, in time, with everything shown? Pure.

    Whoever changes a field of the row or of the request finds a signature that no longer covers it.
    """
    order, credential = facts.order, facts.credential
    if order is None or order.state is not State.AUTHORISED:
        return Refusal(OrderOver.code, {"state": "" if order is None else order.state.value})
    if not covered(asked, order, facts):
        return Refusal(SignatureInvalid.code)
    if facts.now >= order.expires_at:
        return Refusal(OrderExpired.code)
    if (unusable := _unusable(credential)) is not None:
        return unusable
    if missing := order.missing():
        return Refusal(FactorsMissing.code, {"needed": missing})
    return None


def covered(asked: Request, order: Order, facts: Facts) -> bool:
    """Do the signed bytes cover what would be done?

    The row rebuilds the bytes, the request is the one the row stands for, and the two accounts are
    those whose numbers were signed.
    """
    return (
        order.rebuilt() == order.message
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


class Poster:
    """Posts authorised orders, one by one so that none can hold up another."""

    def __init__(
        self,
        db: Database,
        ledger: Ledger,
        *,
        on_fault: Callable[[Exception], None],
        also: Callable[[], object] = lambda: None,
    ) -> None:
        """`also` is done every second beside it: held transfers that have come due."""
        self._also = also
        self._db = db
        self._ledger = ledger
        self._on_fault = on_fault
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Finish what an earlier process left authorised, then wait to be woken."""
        self._stopping.clear()
        self._awake.set()
        self._thread = threading.Thread(target=self._run, name="transfers-poster", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the order in hand be finished."""
        self._stopping.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def wake(self) -> None:
        self._awake.set()

    def post_due(self) -> int:
        """Post what is authorised; how many were decided. Two processes may do this at once."""
        decided = 0
        for order, certificate in self._due():
            try:
                self._post(order, certificate)
                decided += 1
            except store.Fault as error:
                self._on_fault(error)
        return decided

    def _due(self) -> list[tuple[Order, bytes | None]]:
        with self._db.snapshot() as tx:
            due = store.due(tx, DUE_MAX)
            return [(order, sign_certificate(tx, order.credential_id)) for order in due]

    def _post(self, order: Order, certificate: bytes | None) -> None:
        """The signature is checked here, outside the transaction; the row's digest ties it in."""
        asked = request_of(order, pin_only=pin_only(order))
        if not _signed_by(certificate, order):
            asked = unsigned(asked)
        answer = self._ledger.post([asked])[0]
        if isinstance(answer, Refused):
            with self._db.transaction() as tx:
                store.finish(tx, [(order.id, order.customer_id, State.REJECTED)])

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.wait(SWEEP_SECONDS)
            self._awake.clear()
            try:
                while self.post_due() == DUE_MAX:
                    pass
                self._also()
            except Exception as error:  # noqa: BLE001 - the top of a thread: tell, and go on
                self._on_fault(error)


def unsigned(asked: Request) -> Request:
    """The request without evidence, which the admission refuses as `signature_invalid`."""
    return replace(asked, evidence=b"")


def _signed_by(certificate: bytes | None, order: Order) -> bool:
    """Whether the order's signature verifies under its credential's sign certificate."""
    if certificate is None or order.signature is None:
        return False
    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, Ed25519PublicKey):
        return False
    try:
        ed25519.verify(key.public_bytes_raw(), order.message, order.signature)
    except ed25519.BadSignature:
        return False
    return True


def _unusable(credential: Credential | None) -> Refusal | None:
    if credential is None:
        return Refusal("credential_revoked")
    problem = why_unusable(credential.state)
    if problem is not None:
        return Refusal(problem.code, problem.fields)
    if credential.state is not CertificateState.ACTIVE:
        return Refusal("credential_revoked")
    return None


def _phone_since(tx: Tx, customer_id: str) -> Instant:
    row = people.by_id(tx, customer_id)
    return Instant(tx.now if row is None else row.phone_since)
