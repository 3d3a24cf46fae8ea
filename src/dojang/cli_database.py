"""`dojang database`: roles of a PostgreSQL, and its fitness for a bank; `migrate`, `doctor`."""

import importlib
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from dojang import __version__, cli_files, config
from dojang.config import ConfigError, Settings
from dojang.crypto import multibuffer
from dojang.db import Database, conditions, guards, log, roles
from dojang.db.conditions import Found
from dojang.db.migrate import NotMigrated, migrate
from dojang.kernel.clock import SystemClock

app = typer.Typer(help="The database's roles and settings.", no_args_is_help=True)
out = Console(markup=False, emoji=False)
err = Console(stderr=True)
ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The settings file (TOML).")]


@app.command("roles")
def print_roles(settings_path: ConfigPath) -> None:
    """Print what an administrator of the server runs once, before the first `dojang migrate`."""
    found = _roles(config.load(settings_path))
    if found is None:
        raise ConfigError("database: roles need a PostgreSQL URL with a user and a database")
    for statement in roles.creation(*found):
        typer.echo(f"{statement};")


@app.command("guards")
def print_guards() -> None:
    """Print what makes the guards of history anew on PostgreSQL, to be run as the tables' owner."""
    for statement in guards.anew():
        typer.echo(f"{statement};")


@app.command("check")
def check(settings_path: ConfigPath) -> None:
    """Say whether a bank may run on the database as it is now. Exit 1 where it may not."""
    settings = config.load(settings_path)
    cli_files.there(settings.database)
    if not told(found(settings)):
        raise typer.Exit(1)


def found(settings: Settings) -> Found:
    """What an examination as the serving role sees. Raises SQLAlchemy's DBAPIError."""
    importlib.import_module("dojang.app")  # the house: which tables are ours
    database = Database(settings.database, SystemClock())
    try:
        return conditions.examine(
            database,
            SystemClock(),
            production=settings.production,
            skew_ms_max=settings.postgresql.clock_skew_ms_max,
        )
    finally:
        database.close()


def told(seen: Found) -> bool:
    """Print it; True where nothing is refused."""
    for name, value in sorted(seen.facts.items()):
        out.print(f"  {name} = {value}", markup=False, highlight=False)
    for note in seen.notes:
        err.print(f"[yellow]note:[/yellow] {escape(note)}")
    for reason in seen.refused:
        err.print(f"[red]refused:[/red] {escape(reason)}")
    return not seen.refused


def migrated(settings: Settings, owner: str | None) -> None:
    """Bring the schema up, as `owner` where one is named, and give app and reader their rights.

    Raises ConfigError where the role may not.
    """
    named = _roles(settings)
    as_owner = named is not None and owner not in {None, named[1].app}
    url = roles.as_role(settings.database, owner) if as_owner and owner else settings.database
    database = Database(url, SystemClock())
    try:
        migrate(database)
        if as_owner and named is not None:
            roles.grant(database, app=named[1].app, reader=named[1].reader)
    except NotMigrated as refused:
        raise ConfigError(str(refused)) from None
    finally:
        database.close()


def examined(settings: Settings) -> None:
    """What `dojang doctor` prints. Raises typer.Exit where a bank would not start."""
    table = Table("key", "value", title=f"dojang {__version__}")
    for key, value in sorted(config.describe(settings).items()):
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        table.add_row(key, shown)
    out.print(table)
    cli_files.there(settings.database)
    database = Database(settings.database, SystemClock())
    try:
        fit = told(found(settings))
        with database.snapshot() as tx:
            broken = log.broken_at(tx.connection)
    except DBAPIError as error:
        err.print(f"[red]The database does not answer[/red] ({type(error).__name__}).")
        raise typer.Exit(1) from None
    finally:
        database.close()
    if broken is not None:
        err.print(f"[red]The log does not fit from leaf {broken} on.[/red]")
        raise typer.Exit(1)
    if not fit:
        err.print("[red]`dojang serve` would not start on this database.[/red]")
        raise typer.Exit(1)
    out.print("The database answers and its log is whole.")
    many = "eight at a time" if multibuffer.library() else "one by one (dojang[multibuffer])"
    out.print(f"Signatures are looked at {many}.")


def _roles(settings: Settings) -> tuple[str, roles.Roles] | None:
    own = settings.postgresql
    return roles.named_in(settings.database, owner=own.owner, reader=own.reader)
