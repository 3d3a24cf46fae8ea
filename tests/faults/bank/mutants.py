"""Banks that are broken on purpose, each in one way that the checker must find.

| mutant     | what is broken                                  | what finds it                     |
|------------|-------------------------------------------------|-----------------------------------|
| earlyack   | the answer leaves before the commit             | acknowledged outcomes are missing |
| asyncwal   | `synchronous_commit = off`                      | acknowledged outcomes are missing |
| nolock     | accounts and limits are read without their lock | only the serial replay            |
| nodedup    | known ids are not looked for                    | only liveness                     |
| doublepost | a hold that was posted is posted again          | only the serial replay            |
| holdfree   | money that is held can be spent                 | balances and the serial replay    |

The last two are stopped by the database itself, so its constraints are taken away as well.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.town import StridingClock

from dojang.db import Database, Tx
from dojang.db.bulk import Among
from dojang.ledger import model, rules, store
from dojang.ledger.model import HoldState, Kind
from dojang.ledger.tables import account, limit_profile

EARLY, ASYNC_WAL, NO_LOCK, NO_DEDUP = "earlyack", "asyncwal", "nolock", "nodedup"
DOUBLE_POST, HOLD_FREE = "doublepost", "holdfree"
ACK_BEFORE_COMMIT_S = 0.1

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


def database(mutant: str | None, url: str, clock: StridingClock) -> Database:
    return (EarlyDatabase if mutant == EARLY else Database)(url, clock)


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
    if mutant == NO_DEDUP:
        broken.outcomes = lambda _tx, _ids: {}
    if mutant == DOUBLE_POST:
        _post_again()
    if mutant == HOLD_FREE:
        spendable: Any = model.Account
        spendable.available = property(lambda one: one.posted)


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
