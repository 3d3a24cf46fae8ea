"""What the ledger writes into the log. Fields are ids, figures and codes, no personal data."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    """subject: the owner."""

    kind: ClassVar[str] = "account.opened"
    account_id: str


@dataclass(frozen=True, kw_only=True)
class TransferPosted(Event):
    """subject: the payer, "" for the bank. `credited` is the customer who was paid here, or "".

    `authorization` is the signing request's id ("" for the bank's own), `evidence` the digest of
    the signed bytes and their signature.
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


@dataclass(frozen=True, kw_only=True)
class TransferRejected(Event):
    """subject: the payer. `reason` is the problem's code; the money did not move."""

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
