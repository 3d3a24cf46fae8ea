"""What the ledger writes into the log. Fields are ids, figures and codes, no personal data."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event
from dojang.db.log import Personal


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    """subject: the owner. `number` is a commitment to the account's number.

    `day_cap` is what a limited account may send in a day until its purpose is shown.
    """

    kind: ClassVar[str] = "account.opened"
    account_id: str
    number: Personal
    day_cap: int | None


@dataclass(frozen=True, kw_only=True)
class AccountNumbered(Event):
    """subject: the owner. The number of an account whose own leaf, an old one, has none."""

    kind: ClassVar[str] = "account.numbered"
    account_id: str
    number: Personal


@dataclass(frozen=True, kw_only=True)
class TransferPosted(Event):
    """subject: the payer, "" for the bank. `credited` is the customer who was paid here, or "".

    `authorization` is the signing request's id ("" for the bank's own), `evidence` the digest of
    the signed bytes and their signature. `hold` is the hold that was posted, or "": its limits
    are those of an earlier leaf, and what is left of it is released.
    """

    kind: ClassVar[str] = "transfer.posted"
    transfer_id: str
    debit: str
    credit: str
    credited: str
    amount: int
    kst_day: int
    authorization: str
    evidence: bytes
    hold: str


@dataclass(frozen=True, kw_only=True)
class HoldMade(Event):
    """subject: the payer. So much of `debit` is set aside until `expires_at`."""

    kind: ClassVar[str] = "hold.made"
    transfer_id: str
    debit: str
    credit: str
    amount: int
    kst_day: int
    expires_at: int
    authorization: str
    evidence: bytes


@dataclass(frozen=True, kw_only=True)
class HoldReleased(Event):
    """subject: the payer. `how`: void or expire. The money is available again."""

    kind: ClassVar[str] = "hold.released"
    transfer_id: str
    hold: str
    how: str
    debit: str
    amount: int
    kst_day: int


@dataclass(frozen=True, kw_only=True)
class HoldRefused(Event):
    """subject: the payer. A post or void (`how`) that did not happen; the hold is as it was."""

    kind: ClassVar[str] = "hold.refused"
    transfer_id: str
    hold: str
    how: str
    amount: int
    kst_day: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class TransferRejected(Event):
    """subject: the payer. `reason` is the problem's code; the money did not move, nor was held."""

    kind: ClassVar[str] = "transfer.rejected"
    transfer_id: str
    debit: str
    credit: str
    amount: int
    kst_day: int
    reason: str
    authorization: str


@dataclass(frozen=True, kw_only=True)
class LimitsChanged(Event):
    """subject: the customer. The customer's own limits from now on."""

    kind: ClassVar[str] = "limits.changed"
    per_transfer: int
    per_day: int
    authorization: str
