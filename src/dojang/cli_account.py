"""`dojang account`: what the bank does to an account after looking at papers."""

from typing import Annotated

import typer

from dojang.cli_ca.acting import account as operator
from dojang.cli_ca.bank import ConfigOption, DataOption, opened, out, refuse
from dojang.kernel.four_eyes import NotApproved
from dojang.opening import lifting

app = typer.Typer(help="Look after single accounts.", no_args_is_help=True)

NumberArgument = Annotated[str, typer.Argument(help="The account's number.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]


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
            typer.confirm(f"Ask to lift the cap of {number}?", abort=True, err=True)
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
            typer.confirm(f"Lift the cap of {number}?", abort=True, err=True)
        try:
            with bank.db.transaction() as tx:
                asked = lifting.approve(tx, number, by=operator(), alone=bank.settings.demo)
        except NotApproved as wrong:
            raise refuse(f"Not lifted: {wrong}.") from None
    out.print(f"The cap is lifted, as {asked} asked.", highlight=False)
