"""What sending money writes into the log besides the ledger's own leaves."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class TransferAuthorised(Event):
    """subject: the payer. Signed, in the transaction of DONE; the outcome follows."""

    kind: ClassVar[str] = "transfer.authorised"
    transfer_id: str
    request_id: str
    tier: str
    policy_version: int
    factors: list[str]
    amount: int
    evidence: bytes


@dataclass(frozen=True, kw_only=True)
class ArsPassed(Event):
    """subject: the payer. The two digits were keyed on the call for this order."""

    kind: ClassVar[str] = "ars.passed"
    transfer_id: str
    call_id: str


@dataclass(frozen=True, kw_only=True)
class ArsFailed(Event):
    """subject: the payer. Wrong digits; at 0 tries left the order was cancelled."""

    kind: ClassVar[str] = "ars.failed"
    transfer_id: str
    call_id: str
    tries_left: int


@dataclass(frozen=True, kw_only=True)
class ArsFraudReported(Event):
    """subject: the payer, who keyed 9: the order is cancelled, the certificate suspended."""

    kind: ClassVar[str] = "ars.fraud_reported"
    transfer_id: str
    call_id: str
    credential_id: str
