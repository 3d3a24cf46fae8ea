"""Bring a database to the newest schema: Alembic, one linear history, forward only."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dojang.db import log
from dojang.db.database import Database


def config(database: Database) -> Config:
    """Alembic's configuration for this database, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["engine"] = database.engine
    return made


def migrate(database: Database) -> None:
    """Upgrade to the newest revision and start the log. Safe to run twice."""
    settings = config(database)
    newest = ScriptDirectory.from_config(settings).get_current_head()
    with database.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    if at != newest:
        command.upgrade(settings, "head")
    with database.engine.connect() as connection, connection.begin():
        log.start(connection)
