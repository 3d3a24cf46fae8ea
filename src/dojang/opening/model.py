"""Being identified again at a distance, as a table, and what it refuses.

    PHONE ──ask──→ SMS_CODE ──code──→ CHECK ──each check──→ PURPOSE ──→ PASSWORD ──→ DONE
                     ↺ resend           ↺ one more            account only

Nothing else is possible: what is not in `MACHINE` is refused with `wrong_step`. Which checks are
asked, in which order, is the policy's word at the beginning of the journey, kept in its row.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from dojang.customers import Agreed
from dojang.enrolment.model import CodeOnTheWay, OwnAccount, WrongStep
from dojang.kernel.clock import Instant
from dojang.kernel.problem import Conflict, Forbidden, Malformed, NotFound, Problem, TooMany
from dojang.ledger.model import AccountStatus
from dojang.ledger.views import AccountView
from dojang.policy.opening import Check, Checks


class Goal(enum.StrEnum):
    """What the journey ends with."""

    ACCOUNT = "account"
    UNLOCK_PASSWORD = "unlock_password"  # noqa: S105 - the name of a goal
    RELEASE_LOSS = "release_loss"
    IDENTIFY = "identify"
    """Nothing but that: for ten minutes the session may weaken a protection."""

    @property
    def own_password(self) -> bool:
        """Whether it ends with the password of an account one has, not with a new one."""
        return self in {Goal.RELEASE_LOSS, Goal.IDENTIFY}


class Step(enum.StrEnum):
    """What the customer is asked for now."""

    PHONE = "phone"
    SMS_CODE = "sms_code"
    CHECK = "check"
    PURPOSE = "purpose"
    PASSWORD = "password"  # noqa: S105 - the name of a step
    DONE = "done"


class Act(enum.StrEnum):
    """What the customer does."""

    ASK_CODE = "ask_code"
    TYPE_CODE = "type_code"
    SHOW_ID_CARD = "show_id_card"
    SHOW_FACE = "show_face"
    RECEIVE_ONE_WON = "receive_one_won"
    TYPE_ONE_WON = "type_one_won"
    SAY_PURPOSE = "say_purpose"
    GIVE_PASSWORD = "give_password"  # noqa: S105 - the name of an act


class Ended(enum.StrEnum):
    DONE = "done"
    FAILED = "failed"
    """Too many refused images."""
    STOPPED = "stopped"
    """By an answer that makes opening impossible."""
    GIVEN_UP = "given_up"
    EXPIRED = "expired"


class Purpose(enum.StrEnum):
    """What a new account is for."""

    LIVING = "living"
    SALARY = "salary"
    SAVINGS = "savings"
    BUSINESS = "business"
    CLUB = "club"


class Funds(enum.StrEnum):
    """Where the money in it will come from."""

    SALARY = "salary"
    BUSINESS = "business"
    SAVINGS = "savings"
    FAMILY = "family"
    PENSION = "pension"


PROVES: Final = MappingProxyType(
    {
        Act.SHOW_ID_CARD: Check.ID_CARD,
        Act.SHOW_FACE: Check.FACE,
        Act.RECEIVE_ONE_WON: Check.ONE_WON,
        Act.TYPE_ONE_WON: Check.ONE_WON,
    }
)

MACHINE: Final = MappingProxyType(
    {
        (Step.PHONE, Act.ASK_CODE): Step.SMS_CODE,
        (Step.SMS_CODE, Act.ASK_CODE): Step.SMS_CODE,
        (Step.SMS_CODE, Act.TYPE_CODE): Step.CHECK,
        (Step.CHECK, Act.SHOW_ID_CARD): Step.CHECK,
        (Step.CHECK, Act.SHOW_FACE): Step.CHECK,
        (Step.CHECK, Act.RECEIVE_ONE_WON): Step.CHECK,
        (Step.CHECK, Act.TYPE_ONE_WON): Step.CHECK,
        (Step.PURPOSE, Act.SAY_PURPOSE): Step.PASSWORD,
        (Step.PASSWORD, Act.GIVE_PASSWORD): Step.DONE,
    }
)
"""From CHECK on, the last check leads out of it: see `Journey.passed`. Without a check asked, it is
left out."""


@dataclass(frozen=True)
class Answers:
    """The questions before an account. The two at the end make opening it here impossible."""

    purpose: Purpose
    funds: Funds
    asked_by_other: bool
    tax_abroad: bool

    @property
    def obstacle(self) -> str | None:
        if self.asked_by_other:
            return "asked_by_other"
        return "tax_abroad" if self.tax_abroad else None


@dataclass(frozen=True)
class Journey:
    """One journey, as its row says. `jkt` is the device of a release, None for the others."""

    id: str
    goal: Goal
    customer_id: str
    jkt: str | None
    step: Step
    checks: Checks
    passed: tuple[Check, ...]
    card_tries: int
    face_tries: int
    agreed: tuple[Agreed, ...]
    agreed_at: Instant
    policy_version: int
    expires_at: Instant
    account_id: str | None
    credential_id: str | None
    ended: Ended | None

    @property
    def asked(self) -> tuple[Check, ...]:
        """The checks of which one is to be passed now."""
        return self.checks[len(self.passed)] if self.step is Step.CHECK else ()

    def demand(self, act: Act) -> None:
        """Raises WrongStep where this is not its turn."""
        proves = PROVES.get(act)
        if (self.step, act) not in MACHINE or (proves is not None and proves not in self.asked):
            raise WrongStep(step=str(self.step))

    def after(self, act: Act) -> Step:
        """The step that follows a success. Raises WrongStep."""
        self.demand(act)
        following = MACHINE[self.step, act]
        return Step.PASSWORD if following is Step.CHECK and not self.checks else following

    def after_check(self, act: Act) -> tuple[tuple[Check, ...], Step]:
        """(checks passed, the step that follows) once this check is passed. Raises WrongStep."""
        self.demand(act)
        passed = (*self.passed, PROVES[act])
        if len(passed) < len(self.checks):
            return passed, Step.CHECK
        return passed, Step.PURPOSE if self.goal is Goal.ACCOUNT else Step.PASSWORD

    def tries(self, check: Check) -> int:
        return self.card_tries if check is Check.ID_CARD else self.face_tries


def demand_room(own: Iterable[AccountView], limited_max: int) -> None:
    """Whether one more limited account may be opened. Raises LimitedAccountHeld.

    Each may send so much a day: with a second one it would be twice as much, before anybody has
    seen what either is for. What may send nothing adds nothing.
    """
    held = [one for one in own if one.day_cap and one.status is AccountStatus.OPEN]
    if len(held) >= limited_max:
        raise LimitedAccountHeld(limited_max=limited_max)


@dataclass(frozen=True)
class WonOnTheWay:
    """`account` is masked."""

    bank: str
    account: str
    expires_at: Instant
    tries_left: int


@dataclass(frozen=True)
class PasswordRules:
    """What an account password may not repeat."""

    birth_date: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """The new account, its number whole. `day_cap` is what it may send a day for now."""

    id: str
    number: str
    name: str
    day_cap: int | None


@dataclass(frozen=True)
class JourneyState:
    """What a reloaded page needs to go on where it was."""

    id: str
    goal: Goal
    step: Step
    expires_at: Instant
    sms: CodeOnTheWay | None
    checks: tuple[tuple[tuple[Check, ...], Check | None], ...]
    asked: tuple[Check, ...]
    tries: dict[str, int]
    one_won: WonOnTheWay | None
    accounts: tuple[OwnAccount, ...]
    password_rules: PasswordRules | None
    upload: dict[str, int]
    account: Opened | None


class NothingUnderWay(NotFound):
    code = "nothing_under_way"
    title = "Nothing was begun here, or it is over. Start again."


class AnotherUnderWay(Conflict):
    """Fields: goal."""

    code = "another_under_way"
    title = "Something else was begun before. Finish it or give it up first."


class NothingToRelease(Conflict):
    code = "nothing_to_release"
    title = "This certificate is not suspended by a loss report."


class AccountPasswordNotLocked(Conflict):
    code = "account_password_not_locked"
    title = "The password of this account is not locked."


class LimitedAccountHeld(Conflict):
    """Fields: limited_max."""

    code = "limited_account_held"
    title = "There is a limited account already. Have its limit lifted before opening another."


class TooManyOpenings(TooMany):
    code = "too_many_openings"
    title = "This was begun too often today. Try again tomorrow."


class TooManyUploads(TooMany):
    code = "too_many_uploads"
    title = "Too many pictures were sent today. Try again tomorrow."


class ImageRefused(Malformed):
    """Fields: reason (type, bytes, pixels, scans, parts, broken), and the figure that was passed
    (bytes_max, pixels_max, scans_max, parts_max).
    """

    code = "image_refused"
    title = "This picture cannot be used."


class IdCardRefused(Forbidden):
    """Fields: reason, tries_left."""

    code = "id_card_refused"
    title = "The ID card was not accepted."


class FaceRefused(Forbidden):
    """Fields: reason, tries_left."""

    code = "face_refused"
    title = "The face was not accepted."


class OpeningFailed(Forbidden):
    code = "opening_failed"
    title = "Too many pictures were refused. Start again, or come to a branch."


class OpeningStopped(Forbidden):
    """Fields: reason (asked_by_other, tax_abroad)."""

    code = "opening_stopped"
    title = "By this answer the account cannot be opened here."


class OtherAccountUnknown(NotFound):
    code = "other_account_unknown"
    title = "The other bank does not know this account."


class OtherAccountNotYours(Forbidden):
    code = "other_account_not_yours"
    title = "That account is not in your name."


class TooManyOneWon(TooMany):
    code = "too_many_one_won"
    title = "1 won was sent too often today. Try again tomorrow."


class WrongOneWon(Forbidden):
    """Fields: tries_left."""

    code = "wrong_one_won"
    title = "Those are not the digits in the sender's name."


class OneWonExpired(Problem):
    code = "one_won_expired"
    status = 410
    title = "The digits are no longer valid. Have 1 won sent again."


class OneWonSpent(TooMany):
    code = "one_won_spent"
    title = "The digits were tried too often. Have 1 won sent again."
