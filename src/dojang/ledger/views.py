"""What the owner of an account sees of it."""

from dataclasses import dataclass

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

    @property
    def available(self) -> int:
        return self.balance - self.held
