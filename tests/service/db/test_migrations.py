"""Facts about a migrated database: it is the one the code describes, and history is guarded."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang.certificates import store_lists
from dojang.certificates.profiles import everything_of
from dojang.db import Database, log, schema
from dojang.db.migrate import NEWEST, NotMigrated, config, migrate, revision
from dojang.kernel.clock import Clock
from dojang.ledger import guards


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
