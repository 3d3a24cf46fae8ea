"""The little town that banks here: four customers, twelve accounts of a thousand won each.

Few accounts and small sums: nearly every transfer meets another one, and many are refused.
"""

import time
from dataclasses import dataclass

from tests.postgresql import APP, OWNER, READER, as_role

from dojang import policy
from dojang.db import Database, roles
from dojang.db.migrate import migrate
from dojang.kernel.clock import DAY, HOUR, SECOND, Instant
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, accounts
from dojang.policy.profiles import SEED

BANK_CODE = "990"
OPENING_WON = 1_000
ACCOUNTS_EACH = 3
DAY_REAL_S = 12
"""So often midnight in Seoul passes."""

_FIRST_MIDNIGHT = 1_800_025_200 * SECOND  # 2027-01-16T00:00 in Seoul


@dataclass(frozen=True)
class Person:
    """A customer, and their own limits where they have set any."""

    name: str
    per_transfer: int | None = None
    per_day: int | None = None


PEOPLE = (
    Person("c0"),
    Person("c1", 300, 400_000_000),
    Person("c2", 400, 40_000),
    Person("c3", 350, 15_000),
)


class StridingClock:
    """Real seconds, but the nights are left out: every DAY_REAL_S seconds another midnight passes.

    All processes that are given the same `since` (of time.time_ns) agree, but for their skew.
    """

    def __init__(self, since: int, skew_s: float = 0.0) -> None:
        self._since = since
        self._skew = int(skew_s * SECOND)

    def now(self) -> Instant:
        gone = (time.time_ns() - self._since) // 1_000 + self._skew
        days, within = divmod(gone, DAY_REAL_S * SECOND)
        before_midnight = DAY_REAL_S * SECOND // 2
        return Instant(_FIRST_MIDNIGHT + days * DAY + within - before_midnight)


@dataclass(frozen=True)
class Account:
    id: str
    owner: str


@dataclass(frozen=True)
class Town:
    """What the checker knows before the first request."""

    since: int
    accounts: tuple[Account, ...]
    deposits: dict[str, str]
    """The id of the opening deposit of each account."""

    @property
    def total(self) -> int:
        return OPENING_WON * len(self.accounts)


def ledger_on(db: Database, clock: StridingClock) -> Ledger:
    entropy = SystemEntropy()
    return Ledger(db, ids=Ids(clock, entropy), entropy=entropy, bank_code=BANK_CODE)


def found(url: str) -> Town:
    """Migrate an empty database as its owner; then, with the rights of the bank that is served,
    open the accounts and pay the opening sums in.
    """
    since = time.time_ns()
    clock = StridingClock(since)
    owner = Database(as_role(url, OWNER), clock)
    migrate(owner)
    if not owner.embedded:
        roles.grant(owner, app=APP, reader=READER)
    owner.close()
    db = Database(as_role(url, APP), clock)
    with db.transaction() as tx:
        policy.adopt(tx, SEED, effective_at=Instant(clock.now() - 24 * HOUR))
    ledger = ledger_on(db, clock)
    ledger.found()
    ids = Ids(clock, SystemEntropy())
    opened = []
    for person in PEOPLE:
        with db.transaction() as tx:
            for n in range(ACCOUNTS_EACH):
                made = ledger.open_account(tx, person.name, name=f"통장 {n}")
                opened.append(Account(made, person.name))
            if person.per_transfer is not None and person.per_day is not None:
                accounts.set_limits(
                    tx,
                    person.name,
                    per_transfer=person.per_transfer,
                    per_day=person.per_day,
                    authorization="town",
                )
    deposits = {one.id: ids.uuid7() for one in opened}
    for account_id, transfer_id in deposits.items():
        ledger.deposit(transfer_id, account_id, OPENING_WON, payer="현금")
    db.close()
    return Town(since, tuple(opened), deposits)
