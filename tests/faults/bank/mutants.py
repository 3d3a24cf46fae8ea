"""Banks that are broken on purpose, each in one way that the checker must find.

| mutant     | what is broken                                  | what finds it                     |
|------------|-------------------------------------------------|-----------------------------------|
| earlyack   | the answer leaves before the commit             | acknowledged outcomes are missing |
| asyncwal   | `synchronous_commit = off`                      | acknowledged outcomes are missing |
| nolock     | accounts and limits are read without their lock | only the serial replay            |
| nodedup    | known ids are not looked for                    | only liveness                     |
| doublepost | a hold that was posted is posted again          | only the serial replay            |
| holdfree   | money that is held can be spent                 | balances and the serial replay    |
| standby    | balances are read from a server that follows    | only stale reads                  |
| lateleaf   | the answer leaves before the leaf is in the log | a broken chain                    |

`doublepost` and `holdfree` are stopped by the database itself, so its constraints are taken away as
well; and without locks every write would notice that its row has changed, so it does not look.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.town import StridingClock

from dojang.db import Database, Tx, log
from dojang.db.bulk import Among, UpdateMany
from dojang.ledger import model, rules, store
from dojang.ledger.model import HoldState, Kind
from dojang.ledger.tables import account, limit_profile

EARLY, ASYNC_WAL, NO_LOCK, NO_DEDUP = "earlyack", "asyncwal", "nolock", "nodedup"
DOUBLE_POST, HOLD_FREE = "doublepost", "holdfree"
STANDBY, LATE_LEAF = "standby", "lateleaf"
ACK_BEFORE_COMMIT_S = 0.1
LEAF_AFTER_COMMIT_S = 0.5
FOLLOWS_BEHIND_S = 0.3

UNGUARDED = {
    DOUBLE_POST: ("DROP INDEX uq_transfer_ref_ok",),
    HOLD_FREE: ("ALTER TABLE account DROP CONSTRAINT ck_account_not_below_floor",),
}


class EarlyDatabase(Database):
    """Hands the commit to another thread and answers meanwhile."""

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        connection = self.engine.connect()
        try:
            connection.begin()
            tx = Tx(connection, self._clock.now())
            yield tx
            tx.seal()
        except BaseException:
            connection.close()
            raise

        def later() -> None:
            time.sleep(ACK_BEFORE_COMMIT_S)
            connection.commit()
            connection.close()
            tx._committed()

        threading.Thread(target=later, daemon=True).start()


class StandbyDatabase(Database):
    """Reads as a standby shows it: one moment, whole, but not the present one."""

    _shown: Connection | None = None
    _since = 0.0
    _reading = threading.Lock()

    @contextmanager
    def snapshot(self) -> Iterator[Tx]:
        with self._reading:
            yield Tx(self._behind(), self._clock.now())

    def _behind(self) -> Connection:
        if self._shown is None or time.monotonic() - self._since > FOLLOWS_BEHIND_S:
            if self._shown is not None:
                self._shown.close()
            fresh = self.engine.connect().execution_options(isolation_level="REPEATABLE READ")
            fresh.exec_driver_sql("SELECT 1")
            self._shown, self._since = fresh, time.monotonic()
        return self._shown


def database(mutant: str | None, url: str, clock: StridingClock) -> Database:
    broken = {EARLY: EarlyDatabase, STANDBY: StandbyDatabase}
    return broken.get(mutant or "", Database)(url, clock)


def prepare(mutant: str | None, postmaster: Postmaster, database: str) -> None:
    """What is broken about the database itself. The WAL then waits ten seconds in memory."""
    with postmaster.admin(database) as admin:
        for statement in UNGUARDED.get(mutant or "", ()):
            admin.execute(statement)
        if mutant == ASYNC_WAL:
            admin.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
            admin.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            admin.execute("SELECT pg_reload_conf()")


def arm(mutant: str | None) -> None:
    """Break this process, which is one of a few that were made to be broken."""
    broken: Any = store
    if mutant == NO_LOCK:
        broken._accounts_locked = Among(account.c.id, store._accounts.where)
        broken._limits_locked = Among(limit_profile.c.customer_id, limit_profile.select().where)
        broken._move = blind(account, "id", store.MOVED)
        broken._use = blind(limit_profile, "customer_id", store.USED)
    if mutant == NO_DEDUP:
        broken.outcomes = lambda _tx, _ids: {}
    if mutant == LATE_LEAF:
        _add_leaves_later()
    if mutant == DOUBLE_POST:
        _post_again()
    if mutant == HOLD_FREE:
        spendable: Any = model.Account
        spendable.available = property(lambda one: one.posted)


@dataclass(frozen=True)
class Sends:
    """In the place of a statement that is sent: `act` is given the connection and the rows."""

    act: Callable[[Connection, Any], object]

    def send(self, connection: Connection, rows: Any, **_otherwise: Any) -> None:
        self.act(connection, rows)


def blind(table: Table, key: str, columns: Sequence[str]) -> Sends:
    """The ledger's update of these columns, which no longer asks what they were."""
    update = UpdateMany(table, [key], columns)
    return Sends(lambda at, rows: update(at, [row[: len(columns) + 1] for row in rows]))


def _add_leaves_later() -> None:
    """The log's head moves in time, its leaves follow in a transaction of their own."""
    broken: Any = log
    add = broken._add

    def later(connection: Connection, rows: Any) -> None:
        def write() -> None:
            time.sleep(LEAF_AFTER_COMMIT_S)
            with suppress(DBAPIError), engine.begin() as another:
                add(another, rows)

        engine = connection.engine
        threading.Thread(target=write, daemon=True).start()

    broken._add = Sends(later)


def _post_again() -> None:
    broken: Any = rules
    unresolvable, released = rules._unresolvable, rules._released

    def never_posted(hold: Any, request: Any) -> Any:
        posted = hold is not None and hold.state is HoldState.POSTED
        return None if posted and request.kind is Kind.POST else unresolvable(hold, request)

    def released_before(state: Any, hold: Any, unsent: int) -> Any:
        if hold.state is HoldState.OPEN:
            return released(state, hold, unsent)
        return state.accounts[hold.debit], None

    broken._unresolvable, broken._released = never_posted, released_before
