"""The command `dojang`: serve a bank, look after it, try it.

A command imports what it works with when it is run, and a part of the command (`dojang ca …`) when
it is asked for: so each starts as soon as it can, and a server holds nothing but the bank.
"""

import functools
import gc
import importlib
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from dojang import __version__, cli_files, config, custody, demo_folder
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy

PARTS: Final = ("account", "ca", "customer", "database", "joint", "log", "receipt")
"""Each is the Typer application `app` of the module `dojang.cli_PART`."""


class Parts(TyperGroup):
    """The commands of this file, and the parts."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *PARTS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in PARTS:
            return super().get_command(ctx, cmd_name)
        part = typer.main.get_group(importlib.import_module(f"dojang.cli_{cmd_name}").app)
        part.name = cmd_name
        return part

    def invoke(self, ctx: Any) -> Any:
        """A file, a folder, settings or a database that cannot be used: one line, and exit 2."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            said = cli_files.told(error)
            if said is None:
                raise
            _say_red(*said)
        raise typer.Exit(2)


app = typer.Typer(
    name="dojang",
    cls=Parts,
    help="A mobile-certificate platform for banks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The settings file (TOML).")]
STORIES = {
    "existing": "uses internet banking already",
    "first_time": "new to the bank",
    "sleeping": "has a certificate, unused for 340 days",
    "sim_changed_yesterday": "internet banking, but a SIM changed yesterday",
}
PORT_MAX: Final = 65_535
UNFINISHED: Final = "unfinished"
"""Lies in a demo's folder while it is made."""
SHOWN_PAYEES: Final = 2
DataFolder = Annotated[Path, typer.Option("--data", help="Where the demo bank lives.")]


@app.command()
def serve(
    settings_path: ConfigPath,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=PORT_MAX)] = 8700,
) -> None:
    """Serve a bank with its settings file. Refuses settings that a bank must not run with."""
    gc.disable()
    settings = config.load(settings_path)
    vault = custody.begun(settings.vault, SystemEntropy())
    from dojang import app, serving

    bank = app.build(settings, clock=SystemClock(), entropy=SystemEntropy(), vault=vault)
    serving.run(bank, host, port, on_ready=serving.settle)


@app.command("migrate")
def migrate_database(
    settings_path: ConfigPath,
    owner: Annotated[
        str | None, typer.Option("--as", help="The role that owns the tables (PostgreSQL).")
    ] = None,
) -> None:
    """Bring the database to the newest schema and give the roles their rights. Safe to repeat."""
    from dojang import cli_database

    cli_database.migrated(config.load(settings_path), owner)
    typer.echo("The database is at the newest schema.")


@app.command()
def doctor(settings_path: ConfigPath) -> None:
    """Print the effective settings, secrets hidden, and whether the parts answer."""
    from dojang import cli_database

    cli_database.examined(config.load(settings_path))


@app.command("demo")
def demo_bank(
    port: Annotated[
        int, typer.Option(help="Port on 127.0.0.1.", min=1, max=PORT_MAX)
    ] = demo_folder.PORT,
    data: DataFolder = Path("data/demo"),
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the demo bank first.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Start a demo bank on this machine, with a handset that receives its messages and calls."""
    if reset:
        _forget(data)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if _busy(port):
        _say_red(
            f"Port {port} on 127.0.0.1 is in use.", f"Choose another: --port {port % PORT_MAX + 1}"
        )
        raise typer.Exit(2)
    _laid(data, port, quiet=quiet)
    gc.disable()
    folder = data.resolve()
    vault = custody.begun(demo_folder.settings(folder, port).vault, SystemEntropy())
    from dojang import demo, serving

    def ready() -> None:
        serving.settle()
        if not quiet:
            _greet(port)

    bank = demo.make(folder, port, vault=vault)
    try:
        serving.run(bank, "127.0.0.1", port, on_ready=ready)
    finally:
        if not quiet:
            typer.echo(f"\nThe bank is closed. It is kept in {data}.", err=True)


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

    if keep is not None:
        cli_files.folder(keep)
    raise typer.Exit(walk(as_json=as_json, keep=keep))


def _laid(data: Path, port: int, *, quiet: bool) -> None:
    """Make the demo bank where there is none; one that was ended while it was made is made anew."""
    mark = data / UNFINISHED
    if mark.exists():
        shutil.rmtree(data)
    cli_files.folder(data)
    if (data / "vault.bin").exists():
        return
    if not any(data.iterdir()):
        mark.touch()
    if not quiet:
        words = "· making the bank, and a customer who fell asleep 340 days ago (some seconds)"
        typer.secho(words, dim=True, err=True)
    # In a process of its own: what a whole enrolment takes in memory goes with it. Ctrl-C ends it
    # by us and not by itself, in the middle of an import and with its traceback.
    laying = [sys.executable, "-m", "dojang.journey.asleep", str(data.resolve()), str(port)]
    done = subprocess.run(laying, check=False, start_new_session=True)  # noqa: S603 - our own
    if done.returncode:
        raise typer.Exit(1)
    mark.unlink(missing_ok=True)


def _forget(data: Path) -> None:
    """Delete a demo folder, but only one that looks like ours."""
    if not data.exists():
        return
    if not (data / "vault.passphrase").exists() and not (data / UNFINISHED).exists():
        _say_red(f"{data} does not look like a demo bank; not deleted.")
        raise typer.Exit(2)
    shutil.rmtree(data)


def _busy(port: int) -> bool:
    """True when something already listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _greet(port: int) -> None:
    """Where it is, and what one types to be somebody."""
    from dojang import demo
    from dojang.gateways.twins.banks import BANKS, HOLDERS
    from dojang.gateways.twins.telecom import CARRIERS

    origin = f"http://localhost:{port}"
    say, bold = typer.echo, functools.partial(typer.style, bold=True)
    carriers = {one.code: one.name_ko for one in CARRIERS}
    banks = {one.code: one.name_ko for one in BANKS}
    say(f"\n{bold('도장 Dojang')} {__version__}: a demo bank, invented people, no real money\n")
    say(f"  customer app  {bold(origin + '/')}")
    say(f"  the handset   {bold(origin + '/handset')}  receives SMS and calls\n")
    for person in demo.PEOPLE:
        say(f"  {bold(person.name)}  {typer.style(STORIES[person.story], dim=True)}")
        carrier = carriers[person.carrier]
        say(f"    phone {person.phone} ({carrier}), resident no. {person.resident_number}")
        if person.login_id is not None:
            password = person.accounts[0].password
            say(f"    id {person.login_id}  password {person.password}")
            say(f"    account password {password}")
    payees = (f"{banks[code]} {account} {name}" for code, account, name in HOLDERS[:SHOWN_PAYEES])
    say(f"\n  money can go to {', '.join(payees)}")
    say("\nWhat to type and what to try: docs/run/demo.md")
    say("Ctrl-C closes the bank; started again it goes on, with --reset from the beginning.")


def _say_red(words: str, then: str = "") -> None:
    typer.echo(f"{typer.style(words, fg='red')} {then}".rstrip(), err=True)


def main() -> None:
    """Run the command."""
    app()


if __name__ == "__main__":
    main()
