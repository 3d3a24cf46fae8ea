"""Bring a database to the newest schema: Alembic, one linear history, forward only."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import column, inspect, select, table

from dojang.db import log
from dojang.db.database import Database
from dojang.db.sole import setting_up

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST: Final = "20261130_log_name"
"""The last revision in `migrations/versions`; a test holds it there.

Known here, a database that is up to date is served without Alembic in memory (10 MB).
"""


def config(database: Database) -> "Config":
    """Alembic's configuration for this database, without an ini file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["engine"] = database.engine
    return made


class NotMigrated(Exception):
    """The schema is not the one this version needs, and it cannot or may not be made of it."""


def migrate(database: Database) -> None:
    """Upgrade to the newest revision and start the log. Safe to run twice, and by two at once.

    Raises NotMigrated where the database is behind and the connected role makes no tables, or
    where another version made it and no way leads from there.
    """
    if revision(database) != NEWEST:
        with setting_up(database):
            _upgrade(database)
    with database.engine.connect() as connection, connection.begin():
        log.start(connection)


def _upgrade(database: Database) -> None:
    now = revision(database)
    if now == NEWEST:
        return
    if not _makes_tables(database):
        raise NotMigrated(
            f"database: its schema is {now or 'empty'}, this version needs {NEWEST}: "
            "run `dojang migrate --as OWNER`"
        )
    from alembic import command
    from alembic.script import ScriptDirectory

    ours = config(database)
    if now is not None and now not in {
        one.revision for one in ScriptDirectory.from_config(ours).walk_revisions()
    }:
        raise NotMigrated(
            f"database: its schema {now} is another version's, and nothing leads from there to "
            f"{NEWEST}; serve it with that version, or begin with an empty database "
            "(the demo: --reset)"
        )
    command.upgrade(ours, NEWEST)


def _makes_tables(database: Database) -> bool:
    if database.embedded:
        return True
    with database.engine.connect() as connection:
        may = "SELECT has_schema_privilege('public', 'CREATE')"
        return bool(connection.exec_driver_sql(may).scalar())


def revision(database: Database) -> str | None:
    """The revision this database is at; None before the first."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        versions = table("alembic_version", column("version_num"))
        number: str | None = connection.execute(select(versions.c.version_num)).scalar()
        return number
