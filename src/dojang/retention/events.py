"""What this room puts into the log: who wanted a former customer erased, and that it was done."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class EraseAsked(Event):
    """One of the staff (`by`, an account name) wants a former customer erased; nothing has changed.

    It holds for the time for which a request waits, and not beyond.
    """

    kind: ClassVar[str] = "customer.erase_asked"
    by: str


@dataclass(frozen=True, kw_only=True)
class Erased(Event):
    """A former customer's data are gone, salts of older leaves with them: these are not missing.

    `by` of the staff asked, `approved_by` approved it, under this version of the policy.
    """

    kind: ClassVar[str] = "customer.erased"
    by: str
    approved_by: str
    policy_version: int
