"""Facts about the log: contiguous, chained, and broken exactly where it was touched."""

import threading
from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from dojang.db import Database, Event, log


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
