"""`dojang account`: what the bank does to an account after looking at papers."""

from pathlib import Path
from typing import Annotated

import typer

from dojang import cli_files, config
from dojang.db import Database
from dojang.kernel.clock import SystemClock
from dojang.opening.lifting import purpose_shown

app = typer.Typer(help="Look after single accounts.", no_args_is_help=True)


@app.callback()
def account() -> None:
    """Look after single accounts."""


@app.command("lift")
def shown(
    number: Annotated[str, typer.Argument(help="The account's number.")],
    settings_path: Annotated[Path, typer.Option("--config", "-c", help="The settings file.")],
) -> None:
    """Lift the daily cap of a limited account whose purpose was shown. The log keeps that."""
    settings = config.load(settings_path)
    cli_files.there(settings.database)
    db = Database(settings.database, SystemClock())
    with db.transaction() as tx:
        lifted = purpose_shown(tx, number)
    db.close()
    if not lifted:
        typer.echo("There is no limited account with this number.", err=True)
        raise typer.Exit(1)
    typer.echo("The cap is lifted.")
