"""What the role that serves the bank can do to its history on PostgreSQL: read it and add to it."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Delete, Update
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases

import dojang
import dojang.app
from dojang.db import Database, log, rights, roles
from dojang.db.migrate import NotMigrated, migrate
from dojang.db.prepared import Prepared
from dojang.kernel.clock import MovableClock

on_postgresql = pytest.mark.skipif("postgresql" not in databases(), reason="SQLite has no roles")
START = MovableClock(1_800_000_000_000_000)


@pytest.fixture(scope="module")
def migrated(cluster: Cluster) -> Iterator[str]:
    """The URL of a database as `dojang migrate --as OWNER` leaves it, and one leaf in its log."""
    with cluster.fresh_database() as url:
        owner = Database(as_role(url, OWNER), START)
        migrate(owner)
        roles.grant(owner, app=APP, reader=READER)
        with owner.transaction() as tx:
            tx.connection.exec_driver_sql(
                "INSERT INTO log (idx, at, kind, subject, body, leaf, chain) "
                "VALUES (0, 0, 'k', '', 'b', 'l', 'c')"
            )
        owner.close()
        yield url


def refused(url: str, role: str, statement: str) -> bool:
    """Whether PostgreSQL does not let the role do it."""
    database = Database(as_role(url, role), START)
    try:
        with database.transaction() as tx:
            tx.connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return getattr(error.orig, "sqlstate", None) == "42501"
    finally:
        database.close()
    return False


@on_postgresql
@pytest.mark.parametrize("table", sorted(rights.ONLY_ADDED))
@pytest.mark.parametrize(
    "act",
    [
        "UPDATE {table} SET ctid = ctid",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "SELECT FROM {table} FOR UPDATE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} ADD COLUMN more text",
        "DROP TABLE {table} CASCADE",
        "CREATE RULE gone AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION guard_history()",
    ],
)
def test_the_app_cannot_change_history(migrated: str, table: str, act: str) -> None:
    statement = act.format(table=table).replace("SET ctid = ctid", _one_column(migrated, table))

    assert refused(migrated, APP, statement)


def _one_column(url: str, table: str) -> str:
    database = Database(as_role(url, OWNER), START)
    name = inspect(database.engine).get_columns(table)[0]["name"]
    database.close()
    return f"SET {name} = {name}"


@on_postgresql
@pytest.mark.parametrize(
    "act",
    [
        "SET session_replication_role = replica",
        "ALTER FUNCTION guard_history() OWNER TO dojang_app",
        "CREATE OR REPLACE FUNCTION guard_history() RETURNS trigger LANGUAGE sql AS 'SELECT'",
        "CREATE TABLE mine (x int)",
        "SET ROLE dojang_owner",
        "UPDATE alembic_version SET version_num = '9999'",
        "COPY log TO PROGRAM 'cat'",
    ],
)
def test_the_app_cannot_take_the_guards_away(migrated: str, act: str) -> None:
    assert refused(migrated, APP, act)


@on_postgresql
@pytest.mark.parametrize("table", ["account_password", "signing_instance", "customer", "session"])
def test_an_auditor_sees_no_secrets_and_no_people(migrated: str, table: str) -> None:
    assert refused(migrated, READER, f"TABLE {table}")
    assert not refused(migrated, READER, "TABLE log")
    assert refused(migrated, READER, "DELETE FROM log")


@on_postgresql
def test_the_app_adds_to_the_log(migrated: str) -> None:
    app = Database(as_role(migrated, APP), START)

    with app.snapshot() as tx:
        assert len(log.read(tx.connection, 0, 10)) == 1

    app.close()


@on_postgresql
def test_the_app_is_told_who_migrates(cluster: Cluster) -> None:
    with cluster.fresh_database() as url:
        app = Database(as_role(url, APP), START)

        with pytest.raises(NotMigrated, match="--as OWNER"):
            migrate(app)

        app.close()


def test_what_the_code_deletes_from_and_changes_it_may() -> None:
    """Every statement kept in a module; those made on the way are met by the service tests."""
    found = [
        (made.table.name, "DELETE" if isinstance(made, Delete) else "UPDATE", where)
        for made, where in _statements()
        if isinstance(made, Delete | Update)
    ]

    missing = [one for one in found if one[1] not in rights.of_app(one[0])]

    assert len(found) > 50
    assert missing == [], "name the table in dojang/db/rights.py"


def _statements() -> Iterator[tuple[object, str]]:
    for module in pkgutil.walk_packages(dojang.__path__, "dojang."):
        if "store" in module.name or module.name.startswith("dojang.db."):
            for name, value in vars(importlib.import_module(module.name)).items():
                some = value.values() if isinstance(value, dict) else [value]
                for one in some:
                    made = one._statement if isinstance(one, Prepared) else one
                    yield made, f"{module.name}.{name}"


@on_postgresql
def test_names_of_roles_are_quoted() -> None:
    assert rights.quoted('a"b; DROP TABLE log') == '"a""b; DROP TABLE log"'
    with pytest.raises(ValueError, match="name"):
        rights.quoted("")
