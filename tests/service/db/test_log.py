"""Facts about the log: contiguous, chained, and broken exactly where it was touched."""

import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from tests.faults.bank.mutants import Sends

from dojang.db import Database, Event, Tx, log


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    kind: ClassVar[str] = "test.happened"
    number: int


def write(db: Database, count: int) -> None:
    with db.transaction() as tx:
        for number in range(count):
            tx.emit(Happened(subject="someone", number=number))


def test_leaves_are_contiguous_and_the_chain_holds(db: Database) -> None:
    write(db, 3)
    write(db, 4)

    with db.snapshot() as tx:
        leaves = log.read(tx.connection, 0, 100)
        broken = log.broken_at(tx.connection, page=2)

    assert [leaf.idx for leaf in leaves] == list(range(len(leaves)))
    assert broken is None


def test_a_transaction_that_fails_leaves_no_leaf(db: Database) -> None:
    with db.snapshot() as tx:
        before = log.size(tx.connection)

    with pytest.raises(DBAPIError), db.transaction() as tx:  # noqa: PT012 - the order is the test
        tx.emit(Happened(subject="", number=1))
        tx.execute(text("SELECT nothing FROM nowhere"))

    with db.snapshot() as tx:
        assert log.size(tx.connection) == before


@pytest.mark.parametrize("column", ["body", "leaf", "chain", "kind", "subject"])
def test_a_touched_leaf_is_named_by_its_index(db: Database, owner: Database, column: str) -> None:
    write(db, 9)
    value = "elsewhere" if column in {"kind", "subject"} else b"\x00" * 32
    if column == "body":
        with db.snapshot() as tx:
            value = bytearray(log.read(tx.connection, 5, 1)[0].body)
        value[-1] ^= 1
        value = bytes(value)

    with owner.transaction() as tx:
        tx.execute(update(log.log_table).where(log.log_table.c.idx == 5).values({column: value}))

    with db.snapshot() as tx:
        assert log.broken_at(tx.connection) == 5


def test_a_missing_leaf_is_named_by_its_index(db: Database, owner: Database) -> None:
    write(db, 9)

    with owner.transaction() as tx:
        tx.execute(delete(log.log_table).where(log.log_table.c.idx == 4))

    with db.snapshot() as tx:
        assert log.broken_at(tx.connection) == 4


def test_a_cut_tail_is_noticed(db: Database, owner: Database) -> None:
    write(db, 9)
    with db.snapshot() as tx:
        size = log.size(tx.connection)

    with owner.transaction() as tx:
        tx.execute(delete(log.log_table).where(log.log_table.c.idx == size - 1))

    with db.snapshot() as tx:
        assert log.broken_at(tx.connection) == size - 1


def test_many_writers_give_each_leaf_its_own_place(db: Database) -> None:
    with db.snapshot() as tx:
        before = log.size(tx.connection)
    writers = [threading.Thread(target=write, args=(db, 5)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with db.snapshot() as tx:
        assert log.size(tx.connection) == before + 40
        assert log.broken_at(tx.connection) is None


def seen_by_a_reader(db: Database) -> list[int]:
    """What a cursor on the log reads while of two writers the first commits last, and after."""
    seen: list[int] = []

    def read_on() -> None:
        with db.snapshot() as tx:
            after = seen[-1] + 1 if seen else 0
            seen.extend(leaf.idx for leaf in log.read(tx.connection, after, 100))

    second = threading.Thread(target=write, args=(db, 1))
    with db.transaction() as tx:
        tx.emit(Happened(subject="someone", number=0))
        tx.seal()
        second.start()
        until_it_is_done_or_waits(tx, second)
        read_on()
    second.join()
    read_on()
    return seen


def until_it_is_done_or_waits(tx: Tx, writer: threading.Thread) -> None:
    """SQLite tells nobody who waits; there nothing depends on how far it has come."""
    if tx.connection.dialect.name == "sqlite":
        writer.join(0.5)
        return
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while writer.is_alive() and not tx.connection.exec_driver_sql(waiting).scalar():
        writer.join(0.01)


def test_a_reader_behind_the_log_passes_over_no_leaf(db: Database) -> None:
    with db.snapshot() as tx:
        size = log.size(tx.connection)

    assert seen_by_a_reader(db) == list(range(size + 2))


def test_numbers_of_a_sequence_would_be_passed_over(
    db: Database, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap that the head's lock is there for: a number taken early, committed late."""
    if db.embedded:
        pytest.skip("SQLite has one writer: who is first commits first")
    with owner.engine.connect() as connection, connection.begin():
        connection.execute(text("CREATE SEQUENCE number MINVALUE 1000"))
        connection.execute(text("GRANT USAGE ON SEQUENCE number TO PUBLIC"))

    def numbered(connection) -> log.Head:
        return log.Head(connection.execute(text("SELECT nextval('number')")).scalar(), bytes(32))

    monkeypatch.setattr(log, "locked_head", numbered)
    monkeypatch.setattr(log, "_move_head", Sends(lambda *_: None))

    assert [idx for idx in seen_by_a_reader(db) if idx >= 1_000] == [1_001]


def test_a_snapshot_cannot_write(db: Database) -> None:
    with pytest.raises(DBAPIError), db.snapshot() as tx:
        tx.execute(text("DELETE FROM log"))


def test_what_waits_for_the_commit_is_done_after_it(db: Database) -> None:
    sizes = []

    def look() -> None:
        with db.snapshot() as tx:
            sizes.append(log.size(tx.connection))

    with db.transaction() as tx:
        tx.emit(Happened(subject="", number=1))
        tx.after_commit(look)

    with db.snapshot() as tx:
        assert sizes == [log.size(tx.connection)]


def test_the_settings_that_make_a_commit_durable_are_on(db: Database) -> None:
    with db.snapshot() as tx:
        if db.embedded:
            assert tx.execute(text("PRAGMA synchronous")).scalar() == 2
            assert tx.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        else:
            assert tx.execute(text("SHOW fsync")).scalar() == "on"
            assert tx.execute(text("SHOW synchronous_commit")).scalar() == "on"
            assert tx.execute(text("SHOW full_page_writes")).scalar() == "on"
