"""What this domain puts into the log. Ids, codes and figures; never a name, number or address."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db.log import Event, Personal


@dataclass(frozen=True, kw_only=True)
class CustomerJoined(Event):
    kind: ClassVar[str] = "customer.joined"
    subject_id: str


@dataclass(frozen=True, kw_only=True)
class PhoneChanged(Event):
    """`phone` is a commitment to the new number: which one it was can be shown, until erased."""

    kind: ClassVar[str] = "customer.phone_changed"
    phone: Personal


@dataclass(frozen=True, kw_only=True)
class InternetBankingEnrolled(Event):
    kind: ClassVar[str] = "internet_banking.enrolled"


@dataclass(frozen=True, kw_only=True)
class InternetBankingClosed(Event):
    """Too many wrong passwords in a row; open again at `until`."""

    kind: ClassVar[str] = "internet_banking.locked"
    until: int


@dataclass(frozen=True, kw_only=True)
class IdentityVerified(Event):
    kind: ClassVar[str] = "identity.verified"
    purpose: str


@dataclass(frozen=True, kw_only=True)
class TermsAgreed(Event):
    """`agreed` holds CODE.vN of everything agreed to, required or not."""

    kind: ClassVar[str] = "terms.agreed"
    agreed: list[str]


@dataclass(frozen=True, kw_only=True)
class SessionOpened(Event):
    kind: ClassVar[str] = "session.opened"
    session_id: str
    method: str


@dataclass(frozen=True, kw_only=True)
class SessionClosed(Event):
    """Signed out by the customer, here or from another session."""

    kind: ClassVar[str] = "session.ended"
    session_id: str


@dataclass(frozen=True, kw_only=True)
class LossReported(Event):
    """`subject` is empty where the report met no customer."""

    kind: ClassVar[str] = "loss.reported"
    receipt: str
