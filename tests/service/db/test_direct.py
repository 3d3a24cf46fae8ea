"""Statements of hot paths, on both databases: what is sent comes back, and a cut is an outage."""

import threading
from contextlib import suppress

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from dojang.db import Database, Tx, log
from dojang.db.bulk import Among, InsertMany, UpdateMany
from dojang.db.log import log_opening
from dojang.db.prepared import Prepared
from dojang.ledger.tables import account

NAMES = ["", "x", "도장", "x" * 1_023, "x" * 1_024, "김" * 700, "'; DROP TABLE account; --"]
SALTS = [b"", b"\x00", b"\xff" * 1_023, b"\x00" * 1_024, bytes(range(256)) * 300]
FIGURES = [0, -1, 2**63 - 1, -(2**63)]
TAKEN = "direct-97"
PATIENCE_S = 60.0
FIRST = 10**9
"""Above every leaf of these tests."""

add_accounts = InsertMany(account)
add_openings = InsertMany(log_opening)
accounts = Among(account.c.id, lambda these: select(account).where(these).order_by(account.c.id))
salts = Prepared(
    select(log_opening.c.salt)
    .where(log_opening.c.idx >= bindparam("b_first"))
    .order_by(log_opening.c.idx)
)


def row(n: int, name: str, posted: int, owner: str | None) -> tuple[object, ...]:
    number = None if owner is None else f"number-{n}"
    floor = -(2**63) if owner is None else 0
    facts = (name, "deposit", "KRW", posted, 0, floor, 0, "open", None, 0, 0, n)
    return (f"direct-{n:02}", owner, number, *facts)


def busy(tx: Tx) -> list[tuple[object, ...]]:
    """So often that the driver, too, has prepared what goes through its cursors."""
    for _ in range(10):
        tx.execute(select(account.c.id).where(account.c.id == "nothing"))
    return [tuple(one) for one in accounts(tx.connection, [TAKEN])]


def refused(db: Database) -> None:
    with db.transaction() as tx:
        busy(tx)
        raise LookupError


def cut(db: Database) -> DBAPIError:
    """What a statement meets whose connection has just been ended."""
    with suppress(OperationalError), db.transaction() as tx:
        log.locked_head(tx.connection)
        mine = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.snapshot() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": mine})
        with pytest.raises(DBAPIError) as met:
            log.locked_head(tx.connection)
    return met.value


def test_values_come_back_as_they_were_sent(db: Database) -> None:
    owners = [None, "", "somebody"]
    figures = [FIGURES[n % len(FIGURES)] for n in range(len(NAMES))]
    rows = [
        row(n, name, posted, owners[n % len(owners)] if posted >= 0 else None)
        for n, (name, posted) in enumerate(zip(NAMES, figures, strict=True))
    ]
    assert {one[1] for one in rows} == set(owners)

    with db.transaction() as tx:
        written = add_accounts(tx.connection, rows)
        add_openings(tx.connection, [(FIRST + n, "f", one) for n, one in enumerate(SALTS)])
    with db.snapshot() as tx:
        read = [tuple(one) for one in accounts(tx.connection, [str(one[0]) for one in rows])]
        opened = salts(tx.connection, {"b_first": FIRST}).scalars()

    assert written == len(rows)
    assert read == rows
    assert opened == SALTS


def test_a_snapshot_does_not_write(db: Database) -> None:
    with pytest.raises(DBAPIError), db.snapshot() as tx:
        add_accounts(tx.connection, [row(99, "nobody's", 0, None)])


def test_what_was_rolled_back_leaves_everything_prepared(db: Database) -> None:
    """A savepoint, then a whole transaction, on a connection where the driver prepares as well."""
    wanted = row(97, "somebody's", 1, None)
    with db.transaction() as tx:
        add_accounts(tx.connection, [wanted])
        busy(tx)
        with pytest.raises(DBAPIError), tx.connection.begin_nested():
            add_accounts(tx.connection, [wanted])
        after_savepoint = busy(tx)
    with pytest.raises(LookupError):
        refused(db)
    with db.transaction() as tx:
        after_all = busy(tx)

    assert after_savepoint == after_all == [wanted]


def test_savepoints_are_rolled_back_in_one_transaction_after_another(db: Database) -> None:
    """The driver prepares SAVEPOINT itself by then, and throws things away only now and then."""
    wanted = row(96, "somebody's", 1, None)
    with db.transaction() as tx:
        add_accounts(tx.connection, [wanted])
    for _ in range(20):
        with db.transaction() as tx:
            with pytest.raises(DBAPIError), tx.connection.begin_nested():
                add_accounts(tx.connection, [wanted])
            assert busy(tx) == []


def test_of_none_nothing_is_found(db: Database) -> None:
    with db.snapshot() as tx:
        assert accounts(tx.connection, []).all() == []


def test_a_short_list_is_not_planned_each_time(db: Database) -> None:
    """PostgreSQL plans five times, then keeps a plan unless one for these values looks better."""
    if db.embedded:
        pytest.skip("an embedded database plans once")
    with db.transaction() as tx:
        add_accounts(tx.connection, [row(n, "x", 0, f"c-{n}") for n in range(90)])
        for _ in range(20):
            accounts(tx.connection, ["direct-01", "direct-02"])
        asked = "SELECT custom_plans, generic_plans FROM pg_prepared_statements"
        made = tx.execute(text(f"{asked} WHERE statement LIKE '%FROM account %= ANY%'")).one()

    assert tuple(made) == (5, 15)


def test_a_connection_cut_inside_a_transaction_is_an_outage(db: Database) -> None:
    if db.embedded:
        pytest.skip("an embedded database has no connection to lose")

    met = cut(db)

    assert isinstance(met, OperationalError)
    with db.transaction() as tx:
        assert log.locked_head(tx.connection).size >= 0


class Elsewhere(Exception):
    """What the caller of a test wants raised."""


def sent(db: Database, *named: tuple[int, str], fault: Exception | None = None) -> None:
    """Accounts of one transaction, each sent by itself; then what is raised inside it."""
    with db.transaction() as tx:
        for n, name in named:
            add_accounts.send(tx.connection, [row(n, name, 0, None)])
        if fault is not None:
            raise fault


def prepared(db: Database, n: int) -> None:
    """The statement has run once on the connection that the next transaction gets."""
    sent(db, (n, "first"))


def test_what_is_sent_is_there_for_whoever_asks_next(db: Database) -> None:
    prepared(db, 80)
    wanted = [row(n, "sent", n, None) for n in range(81, 90)]

    with db.transaction() as tx:
        for one in wanted:
            add_accounts.send(tx.connection, [one])
        by_us = accounts(tx.connection, [str(one[0]) for one in wanted]).all()
        add_accounts.send(tx.connection, [row(90, "last", 1, None)])
        by_the_driver = tx.execute(select(account.c.id).where(account.c.name == "last")).all()

    assert [tuple(one) for one in by_us] == wanted
    assert len(by_the_driver) == 1


def test_what_went_wrong_with_something_sent_undoes_the_transaction(db: Database) -> None:
    prepared(db, 70)

    with pytest.raises(IntegrityError):
        sent(db, (71, "before"), (70, "taken"), (72, "after"))

    with db.transaction() as tx:
        left = accounts(tx.connection, ["direct-70", "direct-71", "direct-72"]).all()
    sent(db, (73, "next"))
    assert [one.name for one in left] == ["first"]


def test_a_key_that_is_taken_is_told_as_the_caller_wants(db: Database) -> None:
    prepared(db, 60)

    with pytest.raises(Elsewhere), db.transaction() as tx:
        add_accounts.send(tx.connection, [row(60, "taken", 0, None)], unless_new=Elsewhere)


def test_a_row_that_is_not_as_it_was_is_told_before_the_commit(db: Database) -> None:
    renamed = UpdateMany(account, ["id"], ["name"], was=["name"])
    prepared(db, 50)

    def rename(to: str, beside: int) -> None:
        with db.transaction() as tx:
            renamed.send(tx.connection, [(to, "direct-50", "first")], unless_all=Elsewhere)
            add_accounts.send(tx.connection, [row(beside, "beside", 0, None)])

    rename("second", 52)
    with pytest.raises(Elsewhere):
        rename("third", 51)

    with db.snapshot() as tx:
        left = accounts(tx.connection, ["direct-50", "direct-51"]).all()
    assert [one.name for one in left] == ["second"]


def test_more_than_the_line_holds_is_sent_as_the_server_takes_it(db: Database) -> None:
    prepared(db, 20)
    long = [(n, "x" * 3_000_000) for n in range(2_001, 2_021)]
    sending = threading.Thread(target=sent, args=(db, *long), daemon=True)

    sending.start()
    sending.join(PATIENCE_S)

    assert not sending.is_alive(), "each side waits for the other"
    with db.transaction() as tx:
        left = accounts(tx.connection, [f"direct-{n}" for n, _ in long]).all()
    assert [one.name for one in left] == [name for _, name in long]


def test_an_exception_between_two_that_were_sent_leaves_nothing(db: Database) -> None:
    prepared(db, 40)

    with pytest.raises(LookupError):
        sent(db, (41, "half"), fault=LookupError())

    with db.transaction() as tx:
        assert accounts(tx.connection, ["direct-41"]).all() == []
    sent(db, (42, "next"))


def test_a_connection_cut_with_something_sent_is_an_outage(db: Database) -> None:
    if db.embedded:
        pytest.skip("an embedded database has no connection to lose")
    prepared(db, 30)

    def send_and_lose() -> None:
        with db.transaction() as tx:
            mine = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
            add_accounts.send(tx.connection, [row(31, "sent", 0, None)])
            with db.snapshot() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": mine})

    with pytest.raises(OperationalError):
        send_and_lose()

    with db.transaction() as tx:
        assert accounts(tx.connection, ["direct-31"]).all() == []
