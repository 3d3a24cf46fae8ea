"""What this room puts into the log: which check, with what result; never a picture or a number."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db.log import Event


@dataclass(frozen=True, kw_only=True)
class OpeningBegun(Event):
    """`goal` is account, unlock_password, release_loss or identify."""

    kind: ClassVar[str] = "opening.begun"
    opening_id: str
    goal: str
    policy_version: int


@dataclass(frozen=True, kw_only=True)
class CheckPassed(Event):
    """`check` is phone, id_card, face or one_won."""

    kind: ClassVar[str] = "opening.check_passed"
    opening_id: str
    check: str


@dataclass(frozen=True, kw_only=True)
class CheckRefused(Event):
    kind: ClassVar[str] = "opening.check_refused"
    opening_id: str
    check: str
    reason: str
    tries_left: int


@dataclass(frozen=True, kw_only=True)
class PurposeSaid(Event):
    kind: ClassVar[str] = "opening.purpose_said"
    opening_id: str
    purpose: str
    funds: str


@dataclass(frozen=True, kw_only=True)
class OpeningDone(Event):
    """`checks` names what was passed, in order; `account_id` is empty where none changed."""

    kind: ClassVar[str] = "opening.done"
    opening_id: str
    goal: str
    checks: list[str]
    account_id: str


@dataclass(frozen=True, kw_only=True)
class OpeningEnded(Event):
    """Without its goal. `why` is failed, stopped, given_up or expired; `reason` says more."""

    kind: ClassVar[str] = "opening.ended"
    opening_id: str
    goal: str
    why: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class LiftAsked(Event):
    """One of the staff (`by`, an account name) wants a cap lifted; nothing has changed."""

    kind: ClassVar[str] = "opening.lift_asked"
    account_id: str
    by: str


@dataclass(frozen=True, kw_only=True)
class PurposeShown(Event):
    """The bank has seen what a limited account is for: its cap is lifted.

    `by` of the staff asked, `approved_by` approved it.
    """

    kind: ClassVar[str] = "opening.purpose_shown"
    account_id: str
    by: str
    approved_by: str
