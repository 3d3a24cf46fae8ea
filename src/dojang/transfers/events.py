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


@dataclass(frozen=True, kw_only=True)
class SafeguardsChanged(Event):
    """subject: the customer, who signed it.

    `settings` are like `delay_hours=24`; one that weakens a protection is in force from
    `effective_at` on, the others at once.
    """

    kind: ClassVar[str] = "safeguards.changed"
    settings: list[str]
    effective_at: int
    authorization: str


@dataclass(frozen=True, kw_only=True)
class PayeeDesignated(Event):
    """subject: the customer, who signed it. The account counts from `effective_at` on."""

    kind: ClassVar[str] = "payee.designated"
    payee_id: str
    effective_at: int
    authorization: str


@dataclass(frozen=True, kw_only=True)
class PayeeRemoved(Event):
    """subject: the customer. The account is no longer designated, at once."""

    kind: ClassVar[str] = "payee.removed"
    payee_id: str


@dataclass(frozen=True, kw_only=True)
class TransferHeld(Event):
    """subject: the payer. Signed and set aside: sent at `due_at` unless it is stopped.

    `why`: delay, undo or sms.
    """

    kind: ClassVar[str] = "transfer.held"
    transfer_id: str
    amount: int
    why: str
    due_at: int
    cancellable_until: int


@dataclass(frozen=True, kw_only=True)
class TransferStopped(Event):
    """subject: the payer. A held transfer will not be sent, whatever its row says later.

    `why`: certificate_stopped.
    """

    kind: ClassVar[str] = "transfer.stopped"
    transfer_id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ProtectionsSealed(Event):
    """No subject. From here on what customers choose is sealed; so many stood before.

    `transfers` held ones had no seal and were as their leaves say.
    """

    kind: ClassVar[str] = "protections.sealed"
    customers: int
    transfers: int


@dataclass(frozen=True, kw_only=True)
class TransferCancelled(Event):
    """subject: the payer. A held transfer was not sent and the money is free again.

    `held` is why it was held; `why` it is over: customer, certificate_stopped, or the code of the
    refusal that met it when it was due.
    """

    kind: ClassVar[str] = "transfer.cancelled"
    transfer_id: str
    amount: int
    held: str
    why: str


@dataclass(frozen=True, kw_only=True)
class TransferLapsed(Event):
    """subject: the payer. Nobody could post it for longer than the policy allows: not sent."""

    kind: ClassVar[str] = "transfer.lapsed"
    transfer_id: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class SecondDevicePassed(Event):
    """subject: the payer. A passkey on a second device signed for this order, instead of a call."""

    kind: ClassVar[str] = "second_device.passed"
    transfer_id: str
    device_id: str


@dataclass(frozen=True, kw_only=True)
class SmsHoldPassed(Event):
    """subject: the payer, who typed the code of a message in the call's place. It will be held."""

    kind: ClassVar[str] = "sms_hold.passed"
    transfer_id: str
