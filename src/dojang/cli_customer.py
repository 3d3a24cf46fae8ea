"""`dojang customer`: former customers, of whom nothing is kept any more; ids only, no names."""

import json
from typing import Annotated

import typer

from dojang import retention
from dojang.cli_ca.acting import account as operator
from dojang.cli_ca.bank import (
    ConfigOption,
    DataOption,
    JsonOption,
    Registry,
    moment,
    opened,
    out,
    refuse,
)
from dojang.db.roles import NotOwner, as_owner
from dojang.kernel.four_eyes import NotApproved
from dojang.retention import Done

app = typer.Typer(help="Erase former customers when their time is over.", no_args_is_help=True)

IdArgument = Annotated[str, typer.Argument(help="The customer's id.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask again.")]
OwnerOption = Annotated[
    str | None, typer.Option("--as", help="The role that owns the tables (PostgreSQL).")
]


@app.command("due")
def due(
    settings_path: ConfigOption = None,
    data: DataOption = None,
    after: Annotated[str, typer.Option("--after", help="Behind this id.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000)] = 50,
    *,
    as_json: JsonOption = False,
) -> None:
    """Former customers whose time is over, by id, with what of theirs was last; a page at a time.

    The time is the policy's `life.records_years`, counted from the end of the last certificate, the
    last account and the last transfer, whichever was last. While anything is open it does not run.
    """
    with opened(settings_path, data) as bank, bank.db.snapshot() as tx:
        found = retention.due(tx, after=after, limit=limit + 1)
    page, more = found[:limit], len(found) > limit
    for one in page:
        said = {
            "customer": one.customer_id,
            "last": one.last.what,
            "last_at": moment(one.last.at),
            "due_since": moment(one.since),
        }
        if as_json:
            typer.echo(json.dumps(said))
        else:
            words = "{customer}  {last} {last_at}, due since {due_since}".format(**said)
            out.print(words, highlight=False, soft_wrap=True)
    if more and not as_json:
        out.print(f"More: --after {page[-1].customer_id}", highlight=False)
    if not page and not as_json:
        out.print("Nobody is due.")


@app.command("erase")
def erase(
    customer_id: IdArgument,
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Ask that a former customer be erased for good. Nothing changes yet.

    Another of the staff approves it (`dojang customer approve`) within a week. The log keeps who
    asked, by the account of this machine.
    """
    with opened(settings_path, data) as bank:
        if not yes:
            typer.confirm(f"Ask to erase {customer_id} for good?", abort=True, err=True)
        try:
            with bank.db.transaction() as tx:
                retention.ask(tx, customer_id, by=operator())
        except NotApproved as wrong:
            raise refuse(f"Not asked for: {wrong}.") from None
    words = f"Asked for. Another of the staff approves: dojang customer approve {customer_id}"
    out.print(words, highlight=False, soft_wrap=True)


@app.command("approve")
def approve(
    customer_id: Annotated[
        str | None, typer.Argument(help="The customer's id. None: what waits.")
    ] = None,
    settings_path: ConfigOption = None,
    data: DataOption = None,
    owner: OwnerOption = None,
    *,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Erase a former customer, as another of the staff asked: everything in one transaction.

    It cannot be undone. Killed anywhere, all of it is done or nothing; once more finds what is left
    and writes an embedded database's file anew. A demo bank has one account, which may do both.
    """
    with opened(settings_path, data, owner=owner) as bank:
        if customer_id is None:
            _say_waiting(bank, as_json=as_json)
            return
        if not yes:
            typer.confirm(f"Erase {customer_id} for good?", abort=True, err=True)
        by, alone = operator(), bank.settings.demo
        try:
            with as_owner(), bank.db.transaction() as tx:
                done = retention.approve(tx, customer_id, by=by, alone=alone)
        except (NotApproved, NotOwner) as wrong:
            raise refuse(f"Not erased: {wrong}.") from None
        compacted = bank.db.compact()
    _tell(customer_id, done, compacted=compacted, as_json=as_json)
    if compacted is False:
        raise refuse(
            "The file is in use, and old pages of it may still hold what was erased: end the bank "
            f"and run dojang customer approve {customer_id} once more."
        )


def _tell(customer_id: str, done: Done, *, compacted: bool | None, as_json: bool) -> None:
    if as_json:
        said = {"customer": customer_id, "erased_at": moment(done.at), "asked_by": done.asked_by}
        typer.echo(json.dumps({**said, "rows": done.rows, "again": done.again}))
        return
    if done.again:
        words = f"{customer_id} was erased on {moment(done.at)}; {done.rows} more rows now."
    else:
        words = f"Erased, as {done.asked_by} asked: {customer_id}, {done.rows} rows."
    out.print(words, highlight=False, soft_wrap=True)
    if compacted is None:
        out.print(
            "Old versions of the rows go with VACUUM, the write-ahead log and the backups: "
            "docs/how/retention.md.",
            highlight=False,
            soft_wrap=True,
        )


def _say_waiting(bank: Registry, *, as_json: bool) -> None:
    with bank.db.snapshot() as tx:
        found = retention.waiting(tx)
    for one in found:
        if as_json:
            said = {"customer": one.customer_id, "asked_by": one.by, "asked_at": moment(one.at)}
            typer.echo(json.dumps(said))
        else:
            words = f"{one.customer_id}, asked for by {one.by}, {moment(one.at)}"
            out.print(words, highlight=False, soft_wrap=True)
    if not found and not as_json:
        out.print("Nothing waits for an approval.")
