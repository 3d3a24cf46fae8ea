"""`dojang account`: what the bank does to an account after looking at papers."""

from typing import Annotated

import typer

from dojang.cli_ca.acting import account as operator
from dojang.cli_ca.bank import ConfigOption, DataOption, Registry, opened, out, refuse
from dojang.kernel.clock import utc
from dojang.kernel.four_eyes import NotApproved
from dojang.opening import lifting

app = typer.Typer(help="Look after single accounts.", no_args_is_help=True)

NumberArgument = Annotated[str, typer.Argument(help="The account's number.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]


def _confirmed(bank: Registry, number: str, act: str) -> None:
    """Which account that is, and whether it is meant. A number of no limited account ends here."""
    try:
        with bank.db.snapshot() as tx:
            found = lifting.of(tx, number)
    except NotApproved as wrong:
        raise refuse(f"Not done: {wrong}.") from None
    typer.confirm(
        f"{act} the cap of {number} ({found.name}, opened {utc(found.opened_at):%Y-%m-%d}, "
        f"{found.day_cap:,} won a day)?",
        abort=True,
        err=True,
    )


@app.command("lift")
def lift(
    number: NumberArgument,
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Ask that a limited account's daily cap be lifted: its purpose was shown. Nothing changes yet.

    Another of the staff approves it (`dojang account approve`) within a week. The log keeps who
    asked, by the account of this machine.
    """
    with opened(settings_path, data) as bank:
        if not yes:
            _confirmed(bank, number, "Ask to lift")
        try:
            with bank.db.transaction() as tx:
                lifting.ask(tx, number, by=operator())
        except NotApproved as wrong:
            raise refuse(f"Not asked for: {wrong}.") from None
    words = f"Asked for. Another of the staff approves: dojang account approve {number}"
    out.print(words, highlight=False, soft_wrap=True)


@app.command("approve")
def approve(
    number: NumberArgument,
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Lift the daily cap of a limited account, as another of the staff asked.

    The log keeps both names, and the customer is told. A demo bank has one account, which may do
    both.
    """
    with opened(settings_path, data) as bank:
        if not yes:
            _confirmed(bank, number, "Lift")
        try:
            with bank.db.transaction() as tx:
                asked = lifting.approve(tx, number, by=operator(), alone=bank.settings.demo)
        except NotApproved as wrong:
            raise refuse(f"Not lifted: {wrong}.") from None
    out.print(f"The cap is lifted, as {asked} asked.", highlight=False)
