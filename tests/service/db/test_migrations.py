"""Facts about a migrated database: it is the one the code describes, and history is guarded."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Integer, LargeBinary, inspect, text
from sqlalchemy.exc import DBAPIError

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang.certificates import store_lists
from dojang.certificates.profiles import everything_of
from dojang.db import Database, guards, log, schema
from dojang.db.database import Tx
from dojang.db.migrate import NEWEST, NotMigrated, config, migrate, revision
from dojang.kernel.clock import Clock


@pytest.fixture
def migrated(owner_url: str, clock: Clock) -> Iterator[Database]:
    database = Database(owner_url, clock)
    migrate(database)
    yield database
    database.close()


def test_a_migrated_database_is_what_the_tables_in_code_say(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        opts = {"compare_type": True, "include_object": meant_for(migrated)}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, schema.metadata)

    assert differences == []


def meant_for(database: Database):
    """Foreign keys that the tables want on another database only are not missed here."""

    def included(found, _name, kind, _reflected, _compared) -> bool:
        condition = found._ddl_if if kind == "foreign_key_constraint" else None
        return condition is None or condition.dialect == database.engine.dialect.name

    return included


def test_the_guards_are_those_that_the_code_says(migrated: Database) -> None:
    """By the words of their DDL on SQLite, by the words of their functions on PostgreSQL."""
    wanted = " ".join(guards.statements(migrated.engine.dialect.name))
    asked = (
        "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
        if migrated.embedded
        else "SELECT prosrc FROM pg_proc WHERE proname LIKE 'guard_%'"
    )
    with migrated.snapshot() as tx:
        there = tx.execute(text(asked)).scalars().all()

    assert there
    assert [words for words in there if words.strip() not in wanted] == []


def test_every_check_of_the_code_is_in_the_database(migrated: Database) -> None:
    """Autogenerate does not compare CHECKs; this does, by name and table."""
    ours = {
        (table.name, str(check.name))
        for table in schema.metadata.tables.values()
        for check in table.constraints
        if check.__visit_name__ in {"check_constraint", "table_or_column_check_constraint"}
    }
    looking = inspect(migrated.engine)
    there = {
        (table, check["name"])
        for table in schema.metadata.tables
        for check in looking.get_check_constraints(table)
    }

    assert ours - there == set()


def test_the_newest_revision_is_the_one_named_in_code(migrated: Database) -> None:
    assert ScriptDirectory.from_config(config(migrated)).get_current_head() == NEWEST
    assert revision(migrated) == NEWEST


def test_the_schema_of_another_version_is_refused_and_left_as_it_is(migrated: Database) -> None:
    """A bank of a checkout from before the migrations were kept, or of a later version."""
    with migrated.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    with pytest.raises(NotMigrated, match="0001 is another version's"):
        migrate(migrated)

    assert revision(migrated) == "0001"


def test_migrating_twice_changes_nothing(migrated: Database) -> None:
    migrate(migrated)

    with migrated.snapshot() as tx:
        assert log.size(tx.connection) == 0


@pytest.mark.parametrize("name", guards.HISTORY)
def test_history_is_only_added_to(migrated: Database, name: str) -> None:
    with migrated.engine.connect() as connection, connection.begin():
        if migrated.embedded:
            triggers = connection.execute(
                text("SELECT count(*) FROM sqlite_master WHERE type='trigger' AND tbl_name=:t"),
                {"t": name},
            ).scalar()
        else:
            triggers = connection.execute(
                text(
                    "SELECT count(*) FROM information_schema.triggers WHERE event_object_table=:t"
                ),
                {"t": name},
            ).scalar()

    assert (triggers or 0) >= 2


def test_a_leaf_cannot_be_rewritten(migrated: Database) -> None:
    insert = (
        "INSERT INTO log (idx, at, kind, subject, body, leaf, chain) "
        "VALUES (0, 0, 'k', '', :b, :b, :b)"
    )
    with migrated.transaction() as tx:
        tx.execute(text(insert), {"b": b"x"})

    for statement in ("UPDATE log SET kind = 'other'", "DELETE FROM log"):
        refused(migrated, statement, "only added to")


def test_a_signed_head_cannot_be_rewritten(migrated: Database) -> None:
    insert = "INSERT INTO log_sth (size, root, at, signature) VALUES (1, :b, 0, :b)"
    with migrated.transaction() as tx:
        tx.execute(text(insert), {"b": b"x"})

    for statement in ("UPDATE log_sth SET size = 2", "DELETE FROM log_sth"):
        refused(migrated, statement, "only added to")


def refused(database: Database, statement: str, words: str) -> None:
    with pytest.raises(DBAPIError, match=words), database.transaction() as tx:
        tx.execute(text(statement))


def test_what_ended_before_there_were_generations_is_of_the_first(
    owner_url: str, clock: Clock
) -> None:
    database = Database(owner_url, clock)
    command.upgrade(config(database), "20261129_identified")
    insert = "INSERT INTO status_entry (change, serial, shard, since) VALUES (1, 'f', 3, 0)"
    with database.transaction() as tx:
        tx.execute(text(insert))

    migrate(database)

    with database.snapshot() as tx:
        (found,) = store_lists.between(tx, everything_of(1), after=0, through=1, page=2)
        assert store_lists.between(tx, everything_of(2), after=0, through=1, page=2) == []
    assert found.serial == "f"
    database.close()


def test_how_customers_were_met_is_taken_from_their_journeys(owner_url: str, clock: Clock) -> None:
    """Known before; met by phone; met by phone and checked twice since; begun and not ended."""
    database = Database(owner_url, clock)
    command.upgrade(config(database), "20261130_protections")
    with database.transaction() as tx:
        for n, name in enumerate(("known", "met", "checked", "begun")):
            mine = {"id": name, "subject_id": name, "ci_index": name.encode()}
            insert_into(tx, "customer", created_at=n, **mine)
            person = "existing" if name == "known" else "first_time"
            mine = {"id": name, "token_hash": name.encode(), "customer_id": name}
            insert_into(tx, "enrolment", person=person, **mine)
        done = {"goal": "account", "step": "done", "ended": "done"}
        insert_into(tx, "opening", id="o1", customer_id="checked", ended_at=70, **done)
        insert_into(tx, "opening", id="o2", customer_id="checked", ended_at=90, **done)
        begun = {"goal": "account", "step": "password", "ended": "given_up", "ended_at": 80}
        insert_into(tx, "opening", id="o3", customer_id="begun", **begun)
        unlocked = {**done, "goal": "unlock_password"}
        insert_into(tx, "opening", id="o4", customer_id="begun", ended_at=85, **unlocked)

    migrate(database)

    asked = "SELECT id, met_by_phone_at, checked_at FROM customer ORDER BY created_at"
    with database.snapshot() as tx:
        found = [tuple(row) for row in tx.execute(text(asked))]
    assert found == [
        ("known", None, None),
        ("met", 1, None),
        ("checked", 2, 70),
        ("begun", 3, None),
    ]
    database.close()


def insert_into(tx: Tx, name: str, **given: Any) -> None:
    """A row of a table as it was: what is not given is empty."""
    columns = inspect(tx.connection).get_columns(name)
    empty = {
        column["name"]: b""
        if isinstance(column["type"], LargeBinary)
        else 0
        if isinstance(column["type"], Integer)
        else ""
        for column in columns
        if not column["nullable"]
    }
    row = empty | given
    places = ", ".join(f":{column}" for column in row)
    tx.execute(text(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({places})"), row)  # noqa: S608


def test_orders_that_are_open_are_led_to_from_the_first_day(owner_url: str, clock: Clock) -> None:
    database = Database(owner_url, clock)
    command.upgrade(config(database), "20261130_sweeps")
    signed: dict[str, Any] = {"signature": b"s", "authorised_at": 6}
    with database.transaction() as tx:
        for name, given in {
            "waits": {"state": "waiting", "expires_at": 5},
            "signed": {"state": "authorised", **signed},
            "held": {"state": "pending", "due_at": 7, **signed},
            "stopped": {"state": "pending", "due_at": 7, "ended_why": "x", **signed},
            "sent": {"state": "posted", **signed},
        }.items():
            insert_into(tx, "transfer_order", id=name, request_id=name, amount=1, **given)

    migrate(database)

    asked = "SELECT order_id, state, at FROM transfer_due ORDER BY order_id"
    with database.snapshot() as tx:
        found = [tuple(row) for row in tx.execute(text(asked))]
    assert found == [
        ("held", "pending", 7),
        ("signed", "authorised", 6),
        ("stopped", "pending", 0),
        ("waits", "waiting", 5),
    ]
    database.close()


OPENED = (
    "INSERT INTO account (id, customer_id, number, name, kind, currency, posted, held, floor,"
    " version, status, used_day, used, opened_at)"
    " VALUES ('a', 'c1', '1', 'x', 'deposit', 'KRW', 5, 0, :floor, 0, 'open', 0, 0, 0)"
)


def before_floors(owner_url: str, clock: Clock, floor: int) -> Database:
    """A bank of before a customer's floor was held by the database, with one account."""
    database = Database(owner_url, clock)
    command.upgrade(config(database), "20261130_standings")
    with database.transaction() as tx:
        tx.execute(text(OPENED), {"floor": floor})
    return database


def test_the_accounts_of_before_keep_their_money_and_get_the_check(
    owner_url: str, clock: Clock
) -> None:
    database = before_floors(owner_url, clock, 0)

    migrate(database)

    lower = "UPDATE account SET floor = -1 WHERE id = 'a'"
    refused(database, lower, "ck_account_customers_floor")
    database.close()
    again = Database(owner_url, clock)
    with again.snapshot() as tx:
        assert tx.execute(text("SELECT posted FROM account")).scalar_one() == 5
    refused(again, lower, "ck_account_customers_floor")
    again.close()


def test_a_bank_in_which_somebody_lowered_a_floor_is_not_migrated(
    owner_url: str, clock: Clock
) -> None:
    database = before_floors(owner_url, clock, -1_000)

    with pytest.raises(RuntimeError, match="account a: somebody gave a customer another floor"):
        migrate(database)
    database.close()
