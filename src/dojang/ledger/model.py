"""What the ledger knows and says: accounts, requests, decisions, outcomes. No SQL, no clock.

Codes, in the fixed order in which they are looked for (LEDGER 1.3, with ours in their place):

    code                       remembered   meaning
    malformed                  no           id, amount or currency is not what a request has
    not_found                  no           an account is unknown, or the caller does not own it
    id_mismatch                no           the id was used for something else
    account_closed             yes          one of the two accounts is closed
    currency_mismatch          yes          an account is kept in another currency
    same_account               yes          from an account to itself
    hold_not_found             yes          no such hold of theirs between these accounts
    hold_already_posted        yes          resolved before: by a post,
    hold_already_voided        yes          by a void,
    hold_already_expired       yes          by its time
    exceeds_hold               yes          figures: held
    authorization_used         yes          the signature was consumed by another id
    (of the authorisation)     yes          signature, certificate, expiry: `Permit.refusal`
    over_per_transfer_limit    yes          figures: limit
    insufficient_funds         yes          figures: available
    over_daily_limit           yes          figures: left_today
    over_account_day_limit     yes          figures: left_today; of a limited account
    over_unregistered_limit    yes          figures: left_today; to a payee who is not designated
    (of the day)               yes          more factors are needed by now: `Permit.tier`

A hold that would live too long, or is over before it is made, is `malformed`.
"""

import enum
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import cbor2
from msgspec import Struct

from dojang.kernel.clock import Instant
from dojang.kernel.problem import Conflict, Forbidden, NotFound

KRW: Final = "KRW"
NO_FIGURES: Final[Mapping[str, int | str | list[str]]] = MappingProxyType({})


class AccountStatus(enum.StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Kind(enum.StrEnum):
    """What a request asks for. The last three resolve the hold that their `ref` names."""

    TRANSFER = "transfer"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRE = "expire"


class HoldState(enum.StrEnum):
    OPEN = "open"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


class Status(enum.StrEnum):
    OK = "ok"
    REJECTED = "rejected"


class Code(enum.StrEnum):
    """Every refusal that `apply` itself can give, in their fixed order."""

    MALFORMED = "malformed"
    NOT_FOUND = "not_found"
    ID_MISMATCH = "id_mismatch"
    ACCOUNT_CLOSED = "account_closed"
    CURRENCY_MISMATCH = "currency_mismatch"
    SAME_ACCOUNT = "same_account"
    HOLD_NOT_FOUND = "hold_not_found"
    HOLD_ALREADY_POSTED = "hold_already_posted"
    HOLD_ALREADY_VOIDED = "hold_already_voided"
    HOLD_ALREADY_EXPIRED = "hold_already_expired"
    EXCEEDS_HOLD = "exceeds_hold"
    AUTHORIZATION_USED = "authorization_used"
    OVER_PER_TRANSFER_LIMIT = "over_per_transfer_limit"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    OVER_DAILY_LIMIT = "over_daily_limit"
    OVER_ACCOUNT_DAY_LIMIT = "over_account_day_limit"
    OVER_UNREGISTERED_LIMIT = "over_unregistered_limit"


class Account(NamedTuple):
    """An account as `apply` sees it. `customer_id` is None for the bank's own.

    `floor` is the row's; what may be taken goes by `lowest`.
    `day_cap` is what a limited account may give in a day, None for all others; `used` is what it
    gave on `used_day`.
    """

    id: str
    customer_id: str | None
    currency: str
    posted: int
    held: int
    floor: int
    version: int
    status: AccountStatus
    day_cap: int | None = None
    used_day: int = 0
    used: int = 0

    @property
    def available(self) -> int:
        return self.posted - self.held

    @property
    def lowest(self) -> int:
        """A customer's goes down to 0, whatever its row says of a floor."""
        return self.floor if self.customer_id is None else 0

    def used_on(self, day: int) -> int:
        return self.used if self.used_day >= day else 0

    def moved(self, amount: int) -> "Account":
        """At its next version, with so much more or less in it."""
        return self._replace(posted=self.posted + amount, version=self.version + 1)


class DayUse(NamedTuple):
    """What a customer has sent, or set aside, on one Seoul day.

    `pin_only` is the part sent with the PIN alone, `unregistered` the part for payees whom the
    customer has not designated.
    """

    day: int
    total: int = 0
    pin_only: int = 0
    unregistered: int = 0


class Limits(NamedTuple):
    """The limits in force for a customer (policy and own wish, the lower one) and the use so far.

    All accounts of a customer share them. `unregistered_per_day` is for payees who are not
    designated, None where the customer designates none.
    """

    customer_id: str
    per_transfer: int
    per_day: int
    use: DayUse
    unregistered_per_day: int | None = None

    def use_on(self, day: int) -> DayUse:
        """The use on that day. A clock that stepped back never reopens a day."""
        return self.use if self.use.day >= day else DayUse(day)

    def used(self, use: DayUse) -> "Limits":
        return self._replace(use=use)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code and the figures that its words need."""

    code: str
    figures: Mapping[str, int | str | list[str]] = field(default_factory=lambda: NO_FIGURES)


class Permit(NamedTuple):
    """What the one who authorised a request found, in this same transaction.

    `refusal` is about the authorisation itself; `tier` is asked last, with the customer's use of
    the day so far, whether that and the factors shown are still enough.
    """

    refusal: Refusal | None
    tier: Callable[[DayUse], Refusal | None]


class Request(Struct, frozen=True, kw_only=True, dict=True):
    """Move `amount` from `debit` to `credit`, once for ever under `id`; or set it aside (a hold).

    `subject` is the customer who asks, "" for the bank itself. `authorization` is the signing
    request that the customer answered, None for the bank's own. `evidence` is the digest of what
    was signed and its signature. The texts are for the statements of both sides. `ref` is the hold
    that is resolved, `expires_at` the end of the one that is made.
    """

    id: str
    debit: str
    credit: str
    amount: int
    subject: str = ""
    kind: Kind = Kind.TRANSFER
    currency: str = KRW
    pin_only: bool = False
    registered: bool = True
    authorization: str | None = None
    evidence: bytes = b""
    payer: str = ""
    payee: str = ""
    memo: str = ""
    ref: str | None = None
    expires_at: Instant | None = None

    @cached_property
    def digest(self) -> bytes:
        """Tells a repeated request from a changed one.

        What follows from the rules of the moment (`pin_only`, `registered`) is no part of it. Of
        what was signed, `evidence` speaks for the texts, and cannot be guessed: a digest over them
        would stay behind as a way to try names when a customer's words are erased.
        """
        return self._digest(() if self.evidence else self._texts)

    def is_that(self, digest: bytes) -> bool:
        """Whether this is the request of that digest, also one made when texts were always in."""
        return digest in (self.digest, self._digest(self._texts))

    @property
    def _texts(self) -> tuple[str, ...]:
        return self.payer, self.payee, self.memo

    def _digest(self, texts: tuple[str, ...]) -> bytes:
        what = [self.id, self.kind.value, self.subject, self.debit, self.credit, self.amount]
        how = [self.currency, self.authorization, self.evidence, *texts, self.ref, self.expires_at]
        return hashlib.sha256(cbor2.dumps([*what, *how])).digest()


class Posting(NamedTuple):
    """One line of one account. The postings of a transfer sum to 0."""

    account_id: str
    version: int
    transfer_id: str
    amount: int
    balance_after: int


class Decision(NamedTuple):
    """What `apply` decided: to be written, logged, then told. `accounts` are the new values."""

    request: Request
    kst_day: int
    refusal: Refusal | None = None
    postings: tuple[Posting, ...] = ()
    accounts: tuple[Account, ...] = ()
    limits: Limits | None = None
    hold: "Hold | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Money set aside: still in `debit`, no longer available, for `credit` alone.

    `kst_day` is the day whose limits it uses. `posted` is what moved in the end.
    """

    id: str
    subject: str
    debit: str
    credit: str
    amount: int
    kst_day: int
    made_at: Instant
    expires_at: Instant
    authorization: str | None
    pin_only: bool
    registered: bool
    state: HoldState = HoldState.OPEN
    resolved_by: str | None = None
    posted: int | None = None

    def due(self, now: Instant) -> bool:
        """Open, and its time is over."""
        return self.state is HoldState.OPEN and now >= self.expires_at

    def posting(self, request_id: str, amount: int | None = None) -> Request:
        """Move the held money, or a part of it, and release the rest."""
        return self._resolving(Kind.POST, request_id, self.amount if amount is None else amount)

    def voiding(self, request_id: str) -> Request:
        """Release the held money."""
        return self._resolving(Kind.VOID, request_id, self.amount)

    def expiring(self) -> Request:
        """Its end by time. Always the same request, so that it happens once whoever notes it."""
        return self._resolving(Kind.EXPIRE, f"{self.id}:expire", self.amount)

    def _resolving(self, kind: Kind, request_id: str, amount: int) -> Request:
        return Request(
            id=request_id,
            kind=kind,
            ref=self.id,
            debit=self.debit,
            credit=self.credit,
            amount=amount,
            subject=self.subject,
        )


@dataclass(frozen=True, slots=True)
class Again:
    """The id is known, and this is the same request: its first outcome is the answer."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was stored; the id stays free, or stays what it was."""

    id: str
    code: Code


class Known(NamedTuple):
    """What is enough to recognise a request."""

    subject: str
    digest: bytes


class Outcome(NamedTuple):
    """The one outcome of an id, as stored. `balance_after` is the debited account's, or None."""

    id: str
    kind: Kind
    ref: str | None
    subject: str
    digest: bytes
    debit: str
    credit: str
    amount: int
    status: Status
    refusal: Refusal | None
    kst_day: int
    at: Instant
    log_idx: int
    balance_after: int | None


class AccountNotFound(NotFound):
    code = "account_not_found"
    title = "There is no such account of yours."


class AccountClosed(Conflict):
    code = "account_closed"
    title = "One of the two accounts is closed."


class SameAccount(Conflict):
    code = "same_account"
    title = "Money cannot be sent from an account to itself."


class OverPerTransferLimit(Forbidden):
    """Fields: limit."""

    code = "over_per_transfer_limit"
    title = "This is more than one transfer may carry."


class InsufficientFunds(Forbidden):
    """Fields: available."""

    code = "insufficient_funds"
    title = "There is not enough money in the account."


class OverDailyLimit(Forbidden):
    """Fields: left_today."""

    code = "over_daily_limit"
    title = "This is more than may still be sent today."


class OverUnregisteredLimit(Forbidden):
    """Fields: left_today."""

    code = "over_unregistered_limit"
    title = "This is more than may still be sent today to a payee who is not designated."


class IdMismatch(Conflict):
    code = "id_mismatch"
    title = "This id was already used for another transfer."
