"""A newer version is brought in while the old one is at work: nobody is told two things.

On PostgreSQL, where processes of a bank are exchanged one by one. An embedded database has one
process, which migrates before it serves.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.postgresql import APP, READER, databases

from dojang import policy
from dojang.db import Database, log, roles
from dojang.db.migrate import NEWEST, config, migrate, revision
from dojang.kernel.clock import DAY, Clock, Instant
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, Outcome, Request
from dojang.policy.profiles import SEED

BEFORE = "20261130_generations"
"""The ledger of today works on it; what came since adds tables, columns and a CHECK on accounts."""
TELLERS = 4
POSTED_EACH_SIDE = 40
PATIENCE_SECONDS = 60.0


class Counter:
    """Where transfers are asked for, one after the other by each teller, until it closes."""

    def __init__(self, db: Database, ids: Ids) -> None:
        self._ledger = Ledger(db, ids=ids, entropy=SystemEntropy(), bank_code="990")
        self._ids = ids
        self._ledger.found()
        with db.transaction() as tx:
            self.accounts = [
                self._ledger.open_account(tx, f"c{n}", name="생활비") for n in range(TELLERS)
            ]
        for account in self.accounts:
            self._ledger.deposit(ids.uuid7(), account, 1_000_000, payer="현금")
        self.posted = threading.Semaphore(0)
        self.closed = threading.Event()

    def work(self, n: int) -> list[Outcome]:
        """What this teller was told, of each id once."""
        told = []
        while not self.closed.is_set():
            asked = Request(
                id=self._ids.uuid7(),
                debit=self.accounts[n],
                credit=self.accounts[n - 1],
                amount=1,
                subject=f"c{n}",
            )
            told.append(self._outcome(asked))
            self.posted.release()
        return told

    def _outcome(self, asked: Request) -> Outcome:
        """Whatever goes wrong with the database, the same id is sent again."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                answer = self._ledger.post([asked])[0]
            except DBAPIError:
                continue
            assert isinstance(answer, Outcome)
            return answer
        raise AssertionError("nobody was told anything any more")

    def wait_for(self, many: int) -> None:
        for _ in range(many):
            assert self.posted.acquire(timeout=PATIENCE_SECONDS)


@pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
@pytest.mark.parametrize("owner_url", ["postgresql"], indirect=True)
def test_transfers_go_on_while_the_schema_is_brought_up(
    owner_url: str, db_url: str, clock: Clock, ids: Ids
) -> None:
    with closing(Database(owner_url, clock)) as owner, closing(Database(db_url, clock)) as db:
        brought_up(owner, db, clock, ids)


def brought_up(owner: Database, db: Database, clock: Clock, ids: Ids) -> None:
    command.upgrade(config(owner), BEFORE)
    with owner.engine.connect() as connection, connection.begin():
        log.start(connection)
    roles.grant(owner, app=APP, reader=READER)
    with db.transaction() as tx:
        policy.adopt(tx, SEED, effective_at=Instant(clock.now() - DAY))
    counter = Counter(db, ids)

    with ThreadPoolExecutor(TELLERS) as tellers:
        at_work = [tellers.submit(counter.work, n) for n in range(TELLERS)]
        try:
            counter.wait_for(POSTED_EACH_SIDE)
            migrate(owner)
            roles.grant(owner, app=APP, reader=READER)
            counter.wait_for(POSTED_EACH_SIDE)
        finally:
            counter.closed.set()
        told = [one for teller in at_work for one in teller.result(PATIENCE_SECONDS)]

    assert revision(owner) == NEWEST
    assert {one.refusal for one in told} == {None}
    with db.snapshot() as tx:
        kept = tx.execute(text("SELECT id, log_idx FROM transfer WHERE subject <> ''")).all()
        total = tx.execute(text("SELECT sum(posted) FROM account")).scalar_one()
        sides = tx.execute(text("SELECT count(*) FROM posting")).scalar_one()
        assert log.broken_at(tx.connection) is None
    assert {(one.id, one.log_idx) for one in told} == {tuple(row) for row in kept}
    assert len(kept) == len(told) >= 2 * POSTED_EACH_SIDE
    assert (total, sides) == (0, 2 * (len(told) + TELLERS))
