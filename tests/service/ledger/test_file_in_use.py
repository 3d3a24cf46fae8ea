"""Another program holds SQLite's file (a backup, a shell): an outage, and no fault of ours."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy.exc import OperationalError
from tests.service.ledger.asking import request

from dojang.kernel.problem import Unavailable
from dojang.ledger import Fault, gathering


@pytest.fixture
def file(db):
    with closing(sqlite3.connect(db.engine.url.database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


@pytest.fixture
def patience(db):
    """This thread's connection waits a moment only."""
    if not db.embedded:
        pytest.skip("of a file")
    with db.transaction() as tx:
        tx.connection.exec_driver_sql("PRAGMA busy_timeout=20")


def test_it_is_told_as_the_database_being_away(db, mine, patience, file) -> None:
    with pytest.raises(OperationalError, match="locked"), db.transaction():
        pass


def test_a_batch_is_not_halved_for_it_and_goes_on_once_the_file_is_free(
    db, ledger, ids, mine, theirs, patience, file, monkeypatch
) -> None:
    """Halves would wait for the file as long as the whole, each of them."""
    monkeypatch.setattr(gathering, "RERUN_SECONDS", (0.0, 0.0))
    asked = [request(ids, mine, theirs, 1) for _ in range(8)]
    begun = []
    ledger.fail_at(lambda name: begun.append(name) if name == "before_transaction" else None)

    answers = ledger.decide(asked)

    assert [isinstance(one, Fault) and type(one.error) for one in answers] == [Unavailable] * 8
    assert len(begun) == 2
    file.rollback()
    assert [one.refusal for one in ledger.decide(asked)] == [None] * 8
