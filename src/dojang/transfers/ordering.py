"""Orders: made once for an id, shown, given their account password, cancelled."""

from dataclasses import replace
from typing import Final

from dojang import policy
from dojang.certificates import store as certificates
from dojang.certificates.model import Credential, CredentialRevoked, Kind
from dojang.certificates.model import State as CertificateState
from dojang.certificates.model import refusal as why_unusable
from dojang.crypto.messages import KeyKind
from dojang.crypto.messages import Kind as MessageKind
from dojang.customers import Customer, Customers, Session
from dojang.db import Database, Tx
from dojang.gateways.ars import ArsGateway
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.problem import NotFound
from dojang.kernel.secret import Secret
from dojang.ledger import AccountView, Outcome, Refusal, accounts, holds
from dojang.ledger.model import (
    AccountClosed,
    AccountStatus,
    IdMismatch,
    InsufficientFunds,
    OverDailyLimit,
    OverPerTransferLimit,
    OverUnregisteredLimit,
    SameAccount,
)
from dojang.ledger.refusals import OverAccountDayLimit
from dojang.methods.model import demand
from dojang.methods.passwords import AccountPasswords
from dojang.policy import Factor, Policy, Tier
from dojang.signing.keys import of_credential
from dojang.signing.model import KeyState, UnknownKey
from dojang.signing.requests import Requests
from dojang.transfers import holding, store, tiers
from dojang.transfers.holding import Holding
from dojang.transfers.model import (
    FEE,
    LIVE,
    PURPOSE,
    ArsNumberTooNew,
    Draft,
    NewDeviceLimit,
    Order,
    OrderExpired,
    OrderOver,
    State,
    Told,
    checked,
)
from dojang.transfers.payees import Found, Payees
from dojang.transfers.protecting import unregistered
from dojang.transfers.protections import Protections
from dojang.transfers.seals import Seals

NONCE_BYTES: Final = 16

_CLOSED: Final = {
    problem.code: problem for problem in (OverPerTransferLimit, NewDeviceLimit, ArsNumberTooNew)
}


class Orders:
    """What the customer does with an order before signing it, and what they see of it."""

    def __init__(
        self,
        db: Database,
        *,
        entropy: Entropy,
        customers: Customers,
        requests: Requests,
        passwords: AccountPasswords,
        payees: Payees,
        holding: Holding,
        seals: Seals,
        protections: Protections,
        ars: ArsGateway,
        origin: str,
    ) -> None:
        self._db = db
        self._entropy = entropy
        self._customers = customers
        self._requests = requests
        self._passwords = passwords
        self._payees = payees
        self._holding = holding
        self._seals = seals
        self._protections = protections
        self._ars = ars
        self._origin = origin

    def order(self, who: Session, transfer_id: str, draft: Draft) -> tuple[Told, bool]:
        """Make the order and its signing request, or find it again: (the order, made now).

        Raises IdMismatch for another draft under a known id, NotFound for somebody else's, and
        at once, storing nothing, what the ledger would refuse anyway.
        """
        draft = self._by_number(who, draft)
        checked(transfer_id, draft)
        known = self._known(who, transfer_id, draft)
        if known is not None:
            return known, False
        found = self._payees.look_up(who.customer_id, draft.payee_bank, draft.payee_account)
        try:
            with self._db.transaction() as tx:
                made = self._make(tx, who, transfer_id, draft, found)
                if made is not None:
                    store.add(tx, made)
                    return Told(made, made.state, None, None, None, None), True
        except store.IdTaken:
            pass
        known = self._known(who, transfer_id, draft)
        if known is None:
            raise NotFound
        return known, False

    def show(self, customer_id: str, order_id: str) -> Told:
        """Raises NotFound, also for somebody else's."""
        with self._db.snapshot() as tx:
            order = owned(store.by_ids(tx, [order_id]).get(order_id), customer_id)
            return told(tx, order)

    def account_password(self, who: Session, order_id: str, password: Secret[str]) -> Told:
        """Show the account's password. Counted by methods; a try is spent only where one is due."""
        with self._db.snapshot() as tx:
            order = owned(store.by_ids(tx, [order_id]).get(order_id), who.customer_id)
            still_waiting(order, tx.now)
        if Factor.ACCOUNT_PASSWORD in order.needed and order.password_at is None:
            demand(self._passwords.check(order.debit, password))
            with self._db.transaction() as tx:
                order = locked(tx, who.customer_id, order_id)
                still_waiting(order, tx.now)
                seal = self._seals.after(order, password_at=tx.now)
                store.password_shown(tx, order_id, seal)
        return self.show(who.customer_id, order_id)

    def cancel(self, customer_id: str, order_id: str) -> None:
        """While it waits or is held. A second time changes nothing.

        Raises OrderOver once it is signed or sent, TooLateToCancel shortly before a held one is.
        """
        with self._db.transaction() as tx:
            order = locked(tx, customer_id, order_id)
            if order.state is State.CANCELLED:
                return
            if order.state is not State.PENDING:
                self._end(tx, order)
                return
        self._holding.cancel(order)

    def _end(self, tx: Tx, order: Order) -> None:
        still_waiting(order, tx.now)
        store.end(tx, order.id, State.CANCELLED)
        call = store.latest_call(tx, order.id)
        if call is not None and call.state in LIVE:
            call_id = call.id
            tx.after_commit(lambda: self._ars.hang_up(call_id))

    def _by_number(self, who: Session, draft: Draft) -> Draft:
        """Own accounts may be named by their id too; the number is what is shown and signed."""
        if "-" not in draft.from_account:
            return draft
        with self._db.snapshot() as tx:
            return replace(
                draft, from_account=accounts.owned(tx, who.customer_id, draft.from_account).number
            )

    def _known(self, who: Session, transfer_id: str, draft: Draft) -> Told | None:
        with self._db.snapshot() as tx:
            order = store.by_ids(tx, [transfer_id]).get(transfer_id)
            if order is None:
                _not_in_the_ledger(tx, transfer_id)
                return None
            owned(order, who.customer_id)
            if not order.same_as(draft):
                raise IdMismatch
            return told(tx, order)

    def _make(
        self, tx: Tx, who: Session, transfer_id: str, draft: Draft, found: Found
    ) -> Order | None:
        """The order by the rules in force now. None where another request was first."""
        if store.by_ids(tx, [transfer_id]):
            return None
        present = policy.current(tx)
        credential = usable(tx, who)
        customer = self._customers.by_id(tx, who.customer_id)
        debit = own_account(tx, who.customer_id, draft.from_account)
        payee = found.payee
        chosen = self._protections.of(tx, who.customer_id)
        registered = chosen.designates(payee.bank, payee.account, found.owner, tx.now)
        refuse_at_once(tx, who.customer_id, debit, draft, found, registered=registered)
        tier = tier_now(tx, present, draft.amount, credential, customer)
        written = self._written(
            tx, transfer_id, draft, found, present, tier, debit, credential, customer
        )
        return self._asked(tx, holding.foreseen(tx, written, chosen, registered=registered))

    def _written(  # noqa: PLR0917 - one row, put together from what was checked one by one
        self,
        tx: Tx,
        transfer_id: str,
        draft: Draft,
        found: Found,
        present: Policy,
        tier: Tier,
        debit: AccountView,
        credential: Credential,
        customer: Customer,
    ) -> Order:
        expires_at = Instant(tx.now + present.transfers.order_seconds * SECOND)
        kid = sign_key(tx, credential.id)
        return Order(
            id=transfer_id,
            customer_id=customer.id,
            credential_id=credential.id,
            kid=kid,
            debit=debit.id,
            credit=found.credit,
            from_account=debit.number,
            payee_bank=found.payee.bank,
            payee_account=found.payee.account,
            payee_holder=found.payee.holder,
            payer=customer.name,
            amount=draft.amount,
            fee=FEE,
            memo=draft.memo,
            tier=tier.name,
            needed=tier.needs,
            policy_version=present.version,
            nonce=self._entropy.bytes(NONCE_BYTES),
            origin=self._origin,
            created_at=tx.now,
            expires_at=expires_at,
            message=b"",
            request_id="",
            state=State.WAITING,
            ars_tries_left=present.ars.tries,
        )

    def _asked(self, tx: Tx, blank: Order) -> Order:
        """The order with its bytes and its seal, and the request to sign them."""
        message = blank.rebuilt()
        request_id = self._requests.ask(
            tx,
            kid=blank.kid,
            kind=MessageKind.TX,
            message=message,
            purpose=PURPOSE,
            reference=blank.id,
            expires_at=blank.expires_at,
        )
        return self._seals.sealed(replace(blank, message=message, request_id=request_id))


def _not_in_the_ledger(tx: Tx, transfer_id: str) -> None:
    """An id that moved money without an order (the bank's own) is nobody's to order under."""
    if accounts.outcome_of(tx, transfer_id) is not None:
        raise NotFound


def owned(order: Order | None, customer_id: str) -> Order:
    """Raises NotFound for none, and for somebody else's."""
    if order is None or order.customer_id != customer_id:
        raise NotFound
    return order


def locked(tx: Tx, customer_id: str, order_id: str) -> Order:
    return owned(store.locked(tx, [order_id]).get(order_id), customer_id)


def still_waiting(order: Order, now: Instant) -> None:
    """Raises OrderExpired or OrderOver."""
    state = order.state_at(now)
    if state is State.EXPIRED:
        raise OrderExpired
    if state is not State.WAITING:
        raise OrderOver(state=state.value)


def told(tx: Tx, order: Order) -> Told:
    """The order with its latest call, its outcome, and the certificate that signed it."""
    call = store.latest_call(tx, order.id) if Factor.ARS in order.needed else None
    decided = order.state in {State.POSTED, State.REJECTED}
    outcome = _outcome(tx, order) if decided else None
    certificate = sign_certificate(tx, order.credential_id) if decided else None
    return Told(
        order,
        order.state_at(tx.now),
        call,
        None if call is None else call.state_at(tx.now),
        outcome,
        certificate,
    )


def _outcome(tx: Tx, order: Order) -> Outcome | None:
    """The ledger's: of a transfer that was held, what its posting came to."""
    if order.state is State.POSTED and order.hold_until is not None:
        resolved_by = holds.owned(tx, order.customer_id, order.id).resolved_by
        return accounts.outcome_of(tx, resolved_by or order.id)
    return accounts.outcome_of(tx, order.id)


def sign_certificate(tx: Tx, credential_id: str) -> bytes | None:
    """The DER of the credential's sign certificate."""
    for one in certificates.certificates_of(tx, credential_id):
        if one.kind is Kind.SIGN:
            return one.der
    return None


def usable(tx: Tx, who: Session) -> Credential:
    """The session's credential, if it may be used now. Raises why not."""
    credential = certificates.owned(tx, who.credential_id, who.customer_id)
    if credential is None:
        raise CredentialRevoked
    if (refused := why_unusable(credential.state)) is not None:
        raise refused
    if credential.state is not CertificateState.ACTIVE:
        raise CredentialRevoked
    return credential


def own_account(tx: Tx, customer_id: str, number: str) -> AccountView:
    """The customer's account of this number. Raises AccountNotFound."""
    found = accounts.by_number(tx, number)
    account_id = "" if found is None else found[0].id
    return accounts.owned(tx, customer_id, account_id)


def refuse_at_once(
    tx: Tx, customer_id: str, debit: AccountView, draft: Draft, found: Found, *, registered: bool
) -> None:
    """What the ledger would refuse by now, in its order of codes; it decides again at the end."""
    limits = accounts.limits(tx, customer_id)
    if debit.status is AccountStatus.CLOSED:
        raise AccountClosed
    if debit.id == found.credit:
        raise SameAccount
    if draft.amount > limits.per_transfer:
        raise OverPerTransferLimit(limit=limits.per_transfer)
    if draft.amount > debit.available:
        raise InsufficientFunds(available=debit.available)
    left = max(0, limits.per_day - limits.use.total)
    if draft.amount > left:
        raise OverDailyLimit(left_today=left)
    capped = debit.left_of_cap(limits.use.day)
    if capped is not None and draft.amount > capped:
        raise OverAccountDayLimit(left_today=capped)
    room = unregistered(limits)
    if room is not None and not registered and draft.amount > room[0] - room[1]:
        raise OverUnregisteredLimit(left_today=max(0, room[0] - room[1]))


def tier_now(
    tx: Tx, present: Policy, amount: int, credential: Credential, customer: Customer
) -> Tier:
    """Raises OverPerTransferLimit, NewDeviceLimit, ArsNumberTooNew."""
    use = accounts.limits(tx, customer.id).use
    standing = tiers.Standing(tx.now, credential.issued_at or tx.now, customer.phone_since)
    tier = tiers.decide(present.transfers, amount, use, standing)
    if isinstance(tier, Refusal):
        raise _CLOSED[str(tier.code)](**tier.figures)
    return tier


def sign_key(tx: Tx, credential_id: str) -> bytes:
    for key in of_credential(tx, credential_id):
        if key.kind is KeyKind.SIGN and key.state is KeyState.ACTIVE:
            return key.kid
    raise UnknownKey
