"""The command `dojang`: serve a bank, look after it, try it."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from dojang import (
    __version__,
    cli_account,
    cli_ca,
    cli_database,
    cli_joint,
    cli_log,
    cli_receipt,
    config,
    demo,
    serving,
)
from dojang.app import build
from dojang.db import Database, log
from dojang.db.ready import UnusableDatabase
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy

app = typer.Typer(
    name="dojang",
    help="A mobile-certificate platform for banks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_account.app, name="account")
app.add_typer(cli_ca.app, name="ca")
app.add_typer(cli_database.app, name="database")
app.add_typer(cli_joint.app, name="joint")
app.add_typer(cli_log.app, name="log")
app.add_typer(cli_receipt.app, name="receipt")
out = Console()
err = Console(stderr=True)

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The settings file (TOML).")]
STORIES = {
    "existing": "uses internet banking already",
    "first_time": "new to the bank",
    "sleeping": "has a certificate, unused for 340 days",
    "sim_changed_yesterday": "internet banking, but a SIM changed yesterday",
}
DataFolder = Annotated[Path, typer.Option("--data", help="Where the demo bank lives.")]


@app.command()
def serve(
    settings_path: ConfigPath,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8700,
) -> None:
    """Serve a bank with its settings file. Refuses settings that a bank must not run with."""
    settings = config.load(settings_path)
    bank = build(settings, clock=SystemClock(), entropy=SystemEntropy())
    serving.run(bank, host, port)


@app.command("migrate")
def migrate_database(
    settings_path: ConfigPath,
    owner: Annotated[
        str | None, typer.Option("--as", help="The role that owns the tables (PostgreSQL).")
    ] = None,
) -> None:
    """Bring the database to the newest schema and give the roles their rights. Safe to repeat."""
    settings = config.load(settings_path)
    cli_database.migrated(settings, owner)
    out.print("The database is at the newest schema.")


@app.command()
def doctor(settings_path: ConfigPath) -> None:
    """Print the effective settings, secrets hidden, and whether the parts answer."""
    settings = config.load(settings_path)
    table = Table("key", "value", title=f"dojang {__version__}")
    for key, value in sorted(config.describe(settings).items()):
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        table.add_row(key, shown)
    out.print(table)
    database = Database(settings.database, SystemClock())
    try:
        fit = cli_database.told(cli_database.found(settings))
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


@app.command("demo")
def demo_bank(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1, max=65535)] = demo.PORT,
    data: DataFolder = Path("data/demo"),
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the demo bank first.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Start a demo bank on this machine, with a handset that receives its messages and calls."""
    if reset:
        _forget(data)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if serving.busy(port):
        err.print(f"[red]Port {port} on 127.0.0.1 is in use.[/red] Choose another: --port")
        raise typer.Exit(2)
    if not (data / "vault.bin").exists():
        if not quiet:
            err.print("[dim]· making the bank, and a customer who fell asleep 340 days ago[/dim]")
        # In a process of its own: what a whole enrolment takes in memory goes with it.
        laying = [sys.executable, "-m", "dojang.journey.asleep", str(data.resolve()), str(port)]
        if subprocess.run(laying, check=False).returncode:  # noqa: S603 - our own module
            raise typer.Exit(1)
    bank = demo.make(data.resolve(), port)
    serving.run(bank, "127.0.0.1", port, on_ready=None if quiet else lambda: _greet(port))


@app.command()
def journey(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Leave what an outsider needs to check it.")
    ] = None,
) -> None:
    """Walk the whole main job over HTTP without a browser; exit 1 at the first lie."""
    from dojang.journey import walk

    raise typer.Exit(walk(as_json=as_json, keep=keep))


def _forget(data: Path) -> None:
    """Delete a demo folder, but only one that looks like ours."""
    if not data.exists():
        return
    if not (data / "vault.passphrase").exists():
        err.print(f"[red]{data} does not look like a demo bank; not deleted.[/red]")
        raise typer.Exit(2)
    shutil.rmtree(data)


def _greet(port: int) -> None:
    """Where it is, and what one types to be somebody."""
    origin = f"http://localhost:{port}"
    say = err.print
    say(f"\n[bold]도장 Dojang[/bold] {__version__}: a demo bank, invented people, no real money\n")
    say(f"  customer app  [bold]{origin}/[/bold]")
    say(f"  the handset   [bold]{origin}/handset[/bold]  receives SMS and calls\n")
    for person in demo.PEOPLE:
        say(f"  [bold]{person.name}[/bold]  [dim]{STORIES[person.story]}[/dim]")
        say(f"    phone {person.phone} ({person.carrier}), resident no. {person.resident_number}")
        if person.login_id is not None:
            password = person.accounts[0].password
            say(f"    id {person.login_id}  password {person.password}", markup=False)
            say(f"    account password {password}")
    say("\nCtrl-C ends it; --reset starts over.")


def main() -> None:
    """Run the command; a settings error is one line and exit 2, never a traceback."""
    try:
        app()
    except (config.ConfigError, UnusableDatabase) as error:
        err.print(f"[red]settings:[/red] {error}")
        sys.exit(2)


if __name__ == "__main__":
    main()
