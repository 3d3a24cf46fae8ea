"""The journey to a certificate as a table, and what it refuses.

    IDENTIFY ──claim──→ SMS_CODE ──code──┬→ ACCOUNT_PASSWORD ──────────────┐
       ↺ internet banking   ↺ resend     ├→ INTERNET_BANKING_REQUIRED ──┐  ├→ KEYS ──finish──→ DONE
                                         │      └→ ACCOUNT_PASSWORD ────┘  │   ↺ key            ↺
                                         └→ INTERNET_BANKING_ENROLMENT ────┘

Nothing else is possible: what is not in `MACHINE` is refused with `wrong_step`.
"""

import enum
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dojang.certificates import Assurance
from dojang.customers import Agreed
from dojang.customers.model import Customer
from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Conflict, Forbidden, Unauthenticated


class Step(enum.StrEnum):
    """What the customer is asked for now."""

    IDENTIFY = "identify"
    SMS_CODE = "sms_code"
    INTERNET_BANKING_REQUIRED = "internet_banking_required"
    ACCOUNT_PASSWORD = "account_password"  # noqa: S105 - the name of a step
    INTERNET_BANKING_ENROLMENT = "internet_banking_enrolment"
    KEYS = "keys"
    DONE = "done"


class Act(enum.StrEnum):
    """What the customer does."""

    PROVE_INTERNET_BANKING = "prove_internet_banking"
    CLAIM_IDENTITY = "claim_identity"
    TYPE_CODE = "type_code"
    PROVE_ACCOUNT = "prove_account"
    ENROL_INTERNET_BANKING = "enrol_internet_banking"
    MAKE_KEY = "make_key"
    FINISH = "finish"


class Who(enum.StrEnum):
    """Whom the code turned out to belong to; decides the second evidence that is asked."""

    PROVED = "proved"
    """A customer who has proved internet banking already."""
    KNOWN = "known"
    """A customer by their CI, who has not."""
    NEW = "new"
    ANYONE = "anyone"
    """For the acts that do not depend on it."""


class Kind(enum.StrEnum):
    UNKNOWN = "unknown"
    ISSUE = "issue"
    REISSUE = "reissue"


class PersonKind(enum.StrEnum):
    UNKNOWN = "unknown"
    EXISTING = "existing"
    FIRST_TIME = "first_time"


MACHINE: Final = MappingProxyType(
    {
        (Step.IDENTIFY, Act.PROVE_INTERNET_BANKING, Who.ANYONE): Step.IDENTIFY,
        (Step.IDENTIFY, Act.CLAIM_IDENTITY, Who.ANYONE): Step.SMS_CODE,
        (Step.SMS_CODE, Act.CLAIM_IDENTITY, Who.ANYONE): Step.SMS_CODE,
        (Step.SMS_CODE, Act.TYPE_CODE, Who.PROVED): Step.ACCOUNT_PASSWORD,
        (Step.SMS_CODE, Act.TYPE_CODE, Who.KNOWN): Step.INTERNET_BANKING_REQUIRED,
        (Step.SMS_CODE, Act.TYPE_CODE, Who.NEW): Step.INTERNET_BANKING_ENROLMENT,
        (
            Step.INTERNET_BANKING_REQUIRED,
            Act.PROVE_INTERNET_BANKING,
            Who.ANYONE,
        ): Step.ACCOUNT_PASSWORD,
        (Step.ACCOUNT_PASSWORD, Act.PROVE_ACCOUNT, Who.ANYONE): Step.KEYS,
        (Step.INTERNET_BANKING_ENROLMENT, Act.ENROL_INTERNET_BANKING, Who.ANYONE): Step.KEYS,
        (Step.KEYS, Act.MAKE_KEY, Who.ANYONE): Step.KEYS,
        (Step.KEYS, Act.FINISH, Who.ANYONE): Step.DONE,
        (Step.DONE, Act.FINISH, Who.ANYONE): Step.DONE,
    }
)


@dataclass(frozen=True)
class Enrolment:
    """One journey, as its row says. `claim` is sealed; it is dropped at the end."""

    id: str
    jkt: str
    step: Step
    kind: Kind
    person: PersonKind
    locale: str
    agreed: tuple[Agreed, ...]
    agreed_at: Instant
    expires_at: Instant
    customer_id: str | None
    internet_banking_proved: bool
    claim: bytes | None = field(repr=False)
    credential_id: str | None

    def after(self, act: Act, who: Who = Who.ANYONE) -> Step:
        """The step that follows. Raises WrongStep where this is not its turn."""
        following = MACHINE.get((self.step, act, who))
        if following is None:
            raise WrongStep(step=str(self.step))
        return following

    def demand(self, act: Act) -> None:
        """Refuse early, before anything slow. Raises WrongStep."""
        if not any(step is self.step and turn is act for step, turn, _ in MACHINE):
            raise WrongStep(step=str(self.step))


def assurance(customer: Customer) -> Assurance:
    """What a certificate issued now may say of how its owner was identified (ADR 0034)."""
    if customer.met_by_phone_at is None:
        return Assurance.KNOWN_CUSTOMER
    if customer.checked_at is None:
        return Assurance.PHONE_ALONE
    return Assurance.REMOTE_CHECKS


@dataclass(frozen=True)
class Begun:
    """A fresh journey with its token, shown this once."""

    token: str = field(repr=False)
    state: "JourneyState"


@dataclass(frozen=True)
class Prefilled:
    """What an existing customer sees instead of typing it: masked."""

    name: str
    carrier: str
    phone: str


@dataclass(frozen=True)
class CodeOnTheWay:
    """`phone` is masked."""

    expires_at: Instant
    resend_at: Instant
    phone: str
    tries_left: int


@dataclass(frozen=True)
class OwnAccount:
    """An account whose password may be given. `number` is masked."""

    id: str
    number: str
    name: str


@dataclass(frozen=True)
class PinRules:
    """What a PIN may not repeat. Unmasked, after identification only, for the phone's memory."""

    birth_date: str = field(repr=False)
    phone: PhoneNumber = field(repr=False)


@dataclass(frozen=True)
class KeyState:
    kind: str
    kid: bytes
    state: str


@dataclass(frozen=True)
class JourneyState:
    """What a reloaded page needs to go on where it was."""

    id: str
    step: Step
    kind: Kind
    person: PersonKind
    expires_at: Instant
    prefilled: Prefilled | None
    sms: CodeOnTheWay | None
    accounts: tuple[OwnAccount, ...]
    pin_rules: PinRules | None
    keys: tuple[KeyState, ...]
    credential_id: str | None


class WrongStep(Conflict):
    code = "wrong_step"
    title = "It is not the turn of this step."


class EnrolmentOver(Unauthenticated):
    code = "enrolment_over"
    title = "This issue is over or was never begun. Start again."


class SimRecentlyChanged(Forbidden):
    code = "sim_recently_changed"
    title = "The SIM of this number was changed very recently."


class NameMismatch(Forbidden):
    code = "name_mismatch"
    title = "The name is not the one that was verified."


class KeysNotProved(Conflict):
    code = "keys_not_proved"
    title = "The keys have not all been proved yet."
