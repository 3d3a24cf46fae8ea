"""An order to send money: what it is, where it stands, what it still needs, why it is refused.

waiting ──the PIN's signature──→ authorised ──the ledger──→ posted | rejected
   ├── 10 minutes ──→ expired           └── a hold ──→ pending ── its time ──→ posted
   └── the customer, ARS tries spent,                     ├── the customer, a loss ──→ cancelled
       fraud reported ──→ cancelled                       └── nobody could post it ──→ expired
"""

import enum
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from dojang.crypto import messages
from dojang.customers.codes import Sent
from dojang.kernel.clock import Instant
from dojang.kernel.ids import is_uuid7
from dojang.kernel.money import AMOUNT_MAX
from dojang.kernel.problem import Conflict, Forbidden, Malformed, NotFound, Problem, TooMany
from dojang.ledger.model import KRW, Kind, Outcome, Request
from dojang.policy import Factor
from dojang.transfers.safeguards import Pause, Why

PURPOSE: Final = "transfer"
MEMO_LENGTH_MAX: Final = 20
IDENTIFIED: Final = "identified"
"""The reference of an act that was asked for by somebody who had just been identified again."""
FEE: Final = 0
"""No tariff exists yet: 0 is shown and signed, and an order of another fee is not sent."""

_ACCOUNT: Final = re.compile(r"[0-9]{6,20}")
_BANK: Final = re.compile(r"[0-9]{3}")


class State(enum.StrEnum):
    WAITING = "waiting"
    AUTHORISED = "authorised"
    PENDING = "pending"
    POSTED = "posted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class CallState(enum.StrEnum):
    RINGING = "ringing"
    PASSED = "passed"
    WRONG = "wrong"
    EXPIRED = "expired"
    FRAUD_REPORTED = "fraud_reported"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the customer asks for. `from_account` is the own account's number."""

    from_account: str
    payee_bank: str
    payee_account: str = field(repr=False)
    amount: int
    memo: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order. `message` are the bytes to be signed, built from the other fields alone."""

    id: str
    customer_id: str
    credential_id: str
    kid: bytes
    debit: str
    credit: str
    from_account: str
    payee_bank: str
    payee_account: str = field(repr=False)
    payee_holder: str = field(repr=False)
    payer: str = field(repr=False)
    amount: int
    fee: int
    memo: str = field(repr=False)
    tier: str
    needed: tuple[Factor, ...]
    policy_version: int
    nonce: bytes
    origin: str
    created_at: Instant
    expires_at: Instant
    message: bytes = field(repr=False)
    request_id: str
    state: State
    password_at: Instant | None = None
    ars_at: Instant | None = None
    ars_tries_left: int = 0
    signature: bytes | None = field(default=None, repr=False)
    authorised_at: Instant | None = None
    sms_at: Instant | None = None
    registered: bool = True
    hold_why: Why | None = None
    hold_seconds: int | None = None
    cancel_before_seconds: int | None = None
    due_at: Instant | None = None
    cancellable_until: Instant | None = None
    hold_until: Instant | None = None
    ended_why: str | None = None
    post_attempts: int = 0
    """How often its post came too early, by a clock that had stepped back."""
    device_at: Instant | None = None
    seal: bytes | None = field(default=None, repr=False)
    """Ties what the bank decided, and the customer did not sign, to a key (`seals`)."""

    @property
    def pause(self) -> Pause | None:
        """How long it is held, as far as is known: what is signed under may only be longer."""
        if self.hold_why is None:
            return None
        return Pause(self.hold_why, self.hold_seconds or 0, self.cancel_before_seconds or 0)

    @property
    def factors(self) -> list[str]:
        """What was asked and how it was shown, for the log: `sms` or `second_device` where a
        message or another device stood for the call.
        """
        call = Factor.ARS.value
        if self.sms_at is not None:
            call = "sms"
        elif self.device_at is not None:
            call = "second_device"
        return [call if factor is Factor.ARS else factor.value for factor in self.needed]

    @property
    def shown(self) -> tuple[Factor, ...]:
        """The factors shown so far, in the order in which they are asked."""
        had = {
            Factor.ACCOUNT_PASSWORD: self.password_at is not None,
            Factor.ARS: (self.ars_at, self.sms_at, self.device_at) != (None, None, None),
            Factor.PIN: self.signature is not None,
        }
        return tuple(factor for factor in self.needed if had[factor])

    def missing(self, *before: Factor) -> list[str]:
        """Needed and not shown, without those named."""
        return [f.value for f in self.needed if f not in self.shown and f not in before]

    def state_at(self, now: Instant) -> State:
        """A waiting order is over at its tenth minute, also before anyone has noted it."""
        late = self.state is State.WAITING and now >= self.expires_at
        return State.EXPIRED if late else self.state

    def rebuilt(self) -> bytes:
        """The bytes that this row stands for (PROTOCOL 3), to be compared with the signed ones."""
        life = messages.Life(
            kid=self.kid,
            nonce=self.nonce,
            issued_at=self.created_at,
            expires_at=self.expires_at,
        )
        shown = messages.Transfer(
            transfer_id=self.id,
            from_account=self.from_account,
            payee_bank=self.payee_bank,
            payee_account=self.payee_account,
            payee_holder=self.payee_holder,
            amount=self.amount,
            fee=self.fee,
            memo=self.memo,
            tier=self.tier,
            policy_version=self.policy_version,
            currency=KRW,
        )
        return messages.transfer(life, shown, origin=self.origin)

    def same_as(self, draft: Draft) -> bool:
        return draft == Draft(
            from_account=self.from_account,
            payee_bank=self.payee_bank,
            payee_account=self.payee_account,
            amount=self.amount,
            memo=self.memo,
        )


@dataclass(frozen=True, kw_only=True)
class ArsCall:
    """One call for one order. `number` is what the customer keys; it is only on the screen."""

    id: str
    order_id: str
    customer_id: str
    number: str
    rings_until: Instant
    state: CallState

    def state_at(self, now: Instant) -> CallState:
        late = self.state in LIVE and now >= self.rings_until
        return CallState.EXPIRED if late else self.state


LIVE: Final = frozenset({CallState.RINGING, CallState.WRONG})


@dataclass(frozen=True)
class Told:
    """An order as its owner sees it: with its latest call and its outcome."""

    order: Order
    state: State
    call: ArsCall | None
    call_state: CallState | None
    outcome: Outcome | None
    certificate: bytes | None
    sms: Sent | None = None
    """The code that waits to be typed in the call's place."""


@dataclass(frozen=True)
class Payee:
    bank: str
    account: str = field(repr=False)
    holder: str = field(repr=False)


def checked(transfer_id: str, draft: Draft) -> Draft:
    """The draft in one form. Raises Malformed for what no transfer can be."""
    if not is_uuid7(transfer_id) or not 0 < draft.amount <= AMOUNT_MAX:
        raise Malformed
    if not _ACCOUNT.fullmatch(draft.from_account):
        raise Malformed
    checked_payee(draft.payee_bank, draft.payee_account)
    memo = draft.memo
    if len(memo) > MEMO_LENGTH_MAX or (memo and not memo.isprintable()):
        raise Malformed
    if not unicodedata.is_normalized("NFC", memo):
        raise Malformed
    return draft


def checked_payee(bank: str, account: str) -> None:
    """Raises Malformed for what is no bank code or no account number."""
    if not _BANK.fullmatch(bank) or not _ACCOUNT.fullmatch(account):
        raise Malformed


def evidence(message: bytes, signature: bytes) -> bytes:
    """The digest of what was signed and how: stands in the ledger and in the log."""
    return hashlib.sha256(len(message).to_bytes(4, "big") + message + signature).digest()


def request_of(order: Order, *, pin_only: bool) -> Request:
    """What the ledger is asked for an authorised order. The only way an order becomes money."""
    if order.signature is None:
        raise ValueError("an order without a signature moves nothing")
    return Request(
        id=order.id,
        kind=Kind.TRANSFER if order.hold_until is None else Kind.HOLD,
        expires_at=order.hold_until,
        registered=order.registered,
        debit=order.debit,
        credit=order.credit,
        amount=order.amount,
        subject=order.customer_id,
        pin_only=pin_only,
        authorization=order.request_id,
        evidence=evidence(order.message, order.signature),
        payer=order.payer,
        payee=order.payee_holder,
        memo=order.memo,
    )


@dataclass(frozen=True, kw_only=True)
class DesignatedPayee:
    """An account the customer named in advance. It counts from `effective_at` on."""

    id: str
    bank: str
    account: str = field(repr=False)
    holder: str = field(repr=False)
    added_at: Instant
    effective_at: Instant


class PayeeNotFound(NotFound):
    code = "payee_not_found"
    title = "There is no such account at that bank."


class TooManyLookups(TooMany):
    code = "too_many_lookups"
    title = "Too many accounts were looked up. Try again in an hour."


class NewDeviceLimit(Forbidden):
    """Fields: until."""

    code = "new_device_limit"
    title = "A newly issued certificate sends only small amounts for a while."


class ArsNumberTooNew(Forbidden):
    """Fields: until."""

    code = "ars_number_too_new"
    title = "The phone number on file is too new to be called."


class FactorsMissing(Forbidden):
    """Fields: needed."""

    code = "factors_missing"
    title = "Something else must be shown first."


class MoreFactorsNeeded(Forbidden):
    """Fields: needed. Only as an outcome: the rules or the day's total changed meanwhile."""

    code = "more_factors_needed"
    title = "By now this transfer needs more than was shown. Order it again."


class SignatureInvalid(Forbidden):
    """Only as an outcome: what was signed is not what would be done."""

    code = "signature_invalid"
    title = "The signature does not cover this transfer."


class OrderAltered(Forbidden):
    """Only as an outcome: its hold, or what was shown for it, is not as the bank left it."""

    code = "order_altered"
    title = "The bank's record of this transfer was changed after you ordered it. It was not sent."


class ProtectionsAltered(Forbidden):
    """What the customer chose (safeguards, payees, devices, limits) is not as the bank left it."""

    code = "protections_altered"
    title = (
        "The bank's record of your protections was changed. Nothing is sent until that is clear."
    )


class OrderExpired(Problem):
    code = "order_expired"
    status = 410
    title = "The time for this transfer is over. Order it again."


class OrderOver(Conflict):
    """Fields: state."""

    code = "order_over"
    title = "This transfer is no longer waiting for anything."


class ArsSpent(TooMany):
    code = "ars_spent"
    title = "The call was tried too often. Order the transfer again."


class RaiseNeedsIdentity(Forbidden):
    code = "raise_needs_identity"
    title = "A limit is lowered freely, but raised only after identifying again."


class IdentityNeeded(Forbidden):
    code = "identity_needed"
    title = "A protection is turned off or lowered only after identifying again."


class AlreadyDesignated(Conflict):
    code = "already_designated"
    title = "This account is on the list of designated payees already."


class TooManyDesignated(Conflict):
    """Fields: limit."""

    code = "too_many_designated"
    title = "The list of designated payees is full. Remove one first."


class TooLateToCancel(Conflict):
    """Fields: cancellable_until."""

    code = "too_late_to_cancel"
    title = "This transfer can no longer be cancelled."


class SmsHoldNotRegistered(Forbidden):
    code = "sms_hold_not_registered"
    title = "A text message stands for the call only where it was registered before."
