"""A bank's money on the cluster: roles, schema, accounts; and what is in it at the end."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from sqlalchemy import func, select

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang import policy
from dojang.db import Database, log, roles
from dojang.db.migrate import migrate
from dojang.db.roles import Roles
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger
from dojang.ledger.tables import account, posting, transfer
from dojang.policy.profiles import SEED
from ops.ha.cluster import Cluster

ROLES = Roles(owner="dojang_owner", app="dojang_app", reader="dojang_reader")
OPENING_BALANCE = 1_000_000_000
IN_ONE_QUESTION = 5_000


def ledger_of(url: str) -> Ledger:
    """A ledger as a serving process has it, on its own connections."""
    clock, entropy = SystemClock(), SystemEntropy()
    db = Database(url, clock)
    return Ledger(db, ids=Ids(clock, entropy), entropy=entropy, bank_code="990")


def found(cluster: Cluster, accounts: int) -> list[tuple[str, str]]:
    """Roles as an administrator makes them, the schema as their owner, accounts as the app.

    Returns (customer, account) of each.
    """
    leader = cluster.primary()
    assert leader is not None, "it was just whole"
    with cluster.admin(leader) as admin:
        for statement in roles.creation("dojang", ROLES):
            admin.execute(statement)  # type: ignore[arg-type]
    owner = Database(cluster.several_hosts(ROLES.owner), SystemClock())
    migrate(owner)
    roles.grant(owner, app=ROLES.app, reader=ROLES.reader)
    owner.close()
    db = Database(cluster.several_hosts(ROLES.app), SystemClock())
    with db.transaction() as tx:
        policy.adopt(tx, SEED)
    ledger = ledger_of(cluster.several_hosts(ROLES.app))
    ledger.found()
    opened = [(f"c{number}", _open(db, ledger, f"c{number}")) for number in range(accounts)]
    db.close()
    return opened


def _open(db: Database, ledger: Ledger, customer: str) -> str:
    ids = Ids(SystemClock(), SystemEntropy())
    with db.transaction() as tx:
        account_id = ledger.open_account(tx, customer, name="통장")
    ledger.deposit(ids.uuid7(), account_id, OPENING_BALANCE, payer="개설 입금")
    return account_id


@dataclass(frozen=True)
class Acknowledged:
    """What an app was told of one id, and when."""

    id: str
    amount: int
    status: str
    log_idx: int
    balance_after: int | None
    at: float
    attempts: int


@dataclass(frozen=True)
class Books:
    """The database against what was acknowledged. All but `checked` must be 0 or None."""

    checked: int
    lost: int
    different: int
    not_double_entry: int
    sum_of_balances: int
    log_broken_at: int | None

    def hold(self) -> bool:
        wrong = (self.lost, self.different, self.not_double_entry, self.sum_of_balances)
        return not any(wrong) and self.log_broken_at is None


def examine(url: str, told: Iterable[Acknowledged]) -> Books:
    """Every acknowledged id is there, once, as it was told; and the whole adds up."""
    said = {one.id: one for one in told}
    db = Database(url, SystemClock())
    with db.snapshot() as tx:
        there: dict[str, tuple[str, int, int]] = {}
        ids = sorted(said)
        for start in range(0, len(ids), IN_ONE_QUESTION):
            some = ids[start : start + IN_ONE_QUESTION]
            query = select(
                transfer.c.id, transfer.c.status, transfer.c.amount, transfer.c.log_idx
            ).where(transfer.c.id.in_(some))
            there |= {row[0]: (row[1], row[2], row[3]) for row in tx.execute(query)}
        uneven = (
            select(posting.c.transfer_id)
            .group_by(posting.c.transfer_id)
            .having((func.sum(posting.c.amount) != 0) | (func.count() != 2))
        )
        books = Books(
            checked=len(said),
            lost=sum(one not in there for one in said),
            different=sum(
                there[key] != (one.status, one.amount, one.log_idx)
                for key, one in said.items()
                if key in there
            ),
            not_double_entry=len(tx.execute(uneven).all()),
            sum_of_balances=int(tx.execute(select(func.sum(account.c.posted))).scalar_one()),
            log_broken_at=log.broken_at(tx.connection),
        )
    db.close()
    return books


def prober(cluster: Cluster) -> str:
    """What a plain client connects with to find whoever takes writes."""
    ports = ",".join(str(cluster.ports.postgresql(n)) for n in range(3))
    return psycopg.conninfo.make_conninfo(
        host="127.0.0.1,127.0.0.1,127.0.0.1",
        port=ports,
        dbname="dojang",
        user="postgres",
        target_session_attrs="read-write",
        connect_timeout=2,
        options="-c statement_timeout=2000",
    )
