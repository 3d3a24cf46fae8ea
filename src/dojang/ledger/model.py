"""What the ledger knows and says: accounts, requests, decisions, outcomes. No SQL, no clock.

Codes, in the fixed order in which they are looked for (LEDGER 1.3, with ours in their place):

    code                       remembered   meaning
    malformed                  no           id, amount or currency is not what a request has
    not_found                  no           an account is unknown, or the caller does not own it
    id_mismatch                no           the id was used for something else
    account_closed             yes          one of the two accounts is closed
    currency_mismatch          yes          an account is kept in another currency
    same_account               yes          from an account to itself
    authorization_used         yes          the signature was consumed by another id
    (of the authorisation)     yes          signature, certificate, expiry: `Permit.refusal`
    over_per_transfer_limit    yes          figures: limit
    insufficient_funds         yes          figures: available
    over_daily_limit           yes          figures: left_today
    (of the tier)              yes          more factors are needed by now: `Permit.tier`

Codes of holds stand between `same_account` and the authorisation when holds exist.
"""

import enum
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import cbor2

from dojang.kernel.clock import Instant
from dojang.kernel.problem import Conflict, Forbidden, NotFound

KRW: Final = "KRW"
NO_FIGURES: Final[Mapping[str, int | str | list[str]]] = MappingProxyType({})


class AccountStatus(enum.StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Kind(enum.StrEnum):
    """What a request asks for. Holds (hold, post, void, expire) become further members."""

    TRANSFER = "transfer"


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
    AUTHORIZATION_USED = "authorization_used"
    OVER_PER_TRANSFER_LIMIT = "over_per_transfer_limit"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    OVER_DAILY_LIMIT = "over_daily_limit"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as `apply` sees it. `customer_id` is None for the bank's own."""

    id: str
    customer_id: str | None
    currency: str
    posted: int
    held: int
    floor: int
    version: int
    status: AccountStatus

    @property
    def available(self) -> int:
        return self.posted - self.held


@dataclass(frozen=True, slots=True)
class DayUse:
    """What a customer has sent on one Seoul day; `pin_only` is the part sent with the PIN alone."""

    day: int
    total: int = 0
    pin_only: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force for a customer (policy and own wish, the lower one) and the use so far.

    All accounts of a customer share them.
    """

    customer_id: str
    per_transfer: int
    per_day: int
    use: DayUse

    def use_on(self, day: int) -> DayUse:
        """The use on that day. A clock that stepped back never reopens a day."""
        return self.use if self.use.day >= day else DayUse(day)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code and the figures that its words need."""

    code: str
    figures: Mapping[str, int | str | list[str]] = field(default_factory=lambda: NO_FIGURES)


@dataclass(frozen=True, slots=True)
class Permit:
    """What the one who authorised a request found, in this same transaction.

    `refusal` is about the authorisation itself; `tier` is asked last, with the customer's use of
    the day so far, whether the factors shown are still enough.
    """

    refusal: Refusal | None
    tier: Callable[[DayUse], Refusal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Move `amount` from `debit` to `credit`, once for ever under `id`.

    `subject` is the customer who asks, "" for the bank itself. `authorization` is the signing
    request that the customer answered, None for the bank's own. `evidence` is the digest of what
    was signed and its signature. The texts are for the statements of both sides.
    """

    id: str
    debit: str
    credit: str
    amount: int
    subject: str = ""
    kind: Kind = Kind.TRANSFER
    currency: str = KRW
    pin_only: bool = False
    authorization: str | None = None
    evidence: bytes = b""
    payer: str = ""
    payee: str = ""
    memo: str = ""

    @property
    def digest(self) -> bytes:
        """Tells a repeated request from a changed one."""
        body = cbor2.dumps(
            [
                self.id,
                self.kind.value,
                self.subject,
                self.debit,
                self.credit,
                self.amount,
                self.currency,
                self.authorization,
                self.evidence,
                self.payer,
                self.payee,
                self.memo,
            ],
            canonical=True,
        )
        return hashlib.sha256(body).digest()


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of one account. The postings of a transfer sum to 0."""

    account_id: str
    version: int
    transfer_id: str
    amount: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What `apply` decided: to be written, logged, then told. `accounts` are the new values."""

    request: Request
    kst_day: int
    refusal: Refusal | None = None
    postings: tuple[Posting, ...] = ()
    accounts: tuple[Account, ...] = ()
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The id is known, and this is the same request: its first outcome is the answer."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was stored; the id stays free, or stays what it was."""

    id: str
    code: Code


@dataclass(frozen=True, slots=True)
class Known:
    """What is enough to recognise a request."""

    subject: str
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The one outcome of an id, as stored. `balance_after` is the debited account's."""

    id: str
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a statement."""

    version: int
    at: Instant
    amount: int
    balance_after: int
    counterparty: str
    memo: str
    transfer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account as its owner sees it."""

    id: str
    number: str
    name: str
    kind: str
    status: AccountStatus
    balance: int
    held: int
    version: int
    opened_at: Instant

    @property
    def available(self) -> int:
        return self.balance - self.held


class AccountNotFound(NotFound):
    code = "account_not_found"
    title = "There is no such account of yours."


class AccountClosed(Conflict):
    code = "account_closed"
    title = "One of the two accounts is closed."


class CurrencyMismatch(Conflict):
    code = "currency_mismatch"
    title = "One of the two accounts is kept in another currency."


class SameAccount(Conflict):
    code = "same_account"
    title = "Money cannot be sent from an account to itself."


class AuthorizationUsed(Conflict):
    code = "authorization_used"
    title = "This signature already moved money once."


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


class IdMismatch(Conflict):
    code = "id_mismatch"
    title = "This id was already used for another transfer."
