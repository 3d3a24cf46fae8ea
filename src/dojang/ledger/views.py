"""What the owner of an account sees of it."""

from dataclasses import dataclass
from typing import NamedTuple

from dojang.kernel.clock import Instant
from dojang.ledger.model import AccountStatus


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
    day_cap: int | None = None
    used_day: int = 0
    used: int = 0

    @property
    def available(self) -> int:
        return self.balance - self.held

    def left_of_cap(self, day: int) -> int | None:
        """What a limited account may still give on that Seoul day; None for all others."""
        if self.day_cap is None:
            return None
        return max(0, self.day_cap - (self.used if self.used_day >= day else 0))


class OwnLimits(NamedTuple):
    """What a customer set for themselves; None where the policy's hold.

    `designated` is 1 where payees are designated: others get little in a day.
    """

    per_transfer: int | None
    per_day: int | None
    designated: int
