"""`dojang ca retire`: a generation of the issuing CA ends before its time, by two of the staff."""

import json
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dojang.certificates import jobs, retiring
from dojang.certificates.certifying import CeremonyNeeded, RootEnded
from dojang.certificates.retiring import Asked
from dojang.certificates.rootlist import CaEnd, NotTheRoots
from dojang.cli_ca import acting
from dojang.cli_ca.bank import (
    ConfigOption,
    DataOption,
    JsonOption,
    Registry,
    contents,
    opened,
    out,
    refuse,
    working,
)
from dojang.kernel.four_eyes import NotApproved


def retire(
    generation: Annotated[
        int, typer.Argument(min=1, help="Of the issuing CA; not the newest: roll over first.")
    ],
    settings_path: ConfigOption = None,
    data: DataOption = None,
    why: Annotated[
        CaEnd | None, typer.Option("--reason", help="Asks. Goes into the log and the root's list.")
    ] = None,
    root_list: Annotated[
        Path | None, typer.Option("--list", help="What `ceremony revoke` wrote (PEM or DER).")
    ] = None,
    *,
    approve: Annotated[
        bool, typer.Option("--approve", help="Does what another of the staff asked for.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End a generation of the issuing CA, and every certificate that it gave out.

    One asks (--reason), another approves (--approve) within a week. Then the root's list names it,
    at /pki/root.crl, and its customers' certificates end, page by page; each is told by SMS to
    issue anew. A run that was cut off is gone on with by the serving bank. It cannot be undone.
    """
    if approve == (why is not None):
        raise typer.BadParameter("either --reason, to ask for it, or --approve")
    with opened(settings_path, data) as bank:
        if why is not None:
            _ask(bank, generation, why)
            said = {"generation": generation, "reason": why.value, "asked_by": acting.account()}
            words = f"Asked for. Another of the staff: dojang ca retire {generation} --approve"
        else:
            if not yes:
                words = f"End generation {generation} and all its certificates for good?"
                typer.confirm(words, abort=True, err=True)
            asked, ended = _approve(bank, generation, root_list, quiet=as_json)
            said = {"generation": generation, "reason": asked.why.value, "asked_by": asked.by}
            said |= {"ended": ended}
            words = f"Generation {generation} is on the root's list; {ended} certificates ended."
    if as_json:
        typer.echo(json.dumps(said))
    else:
        out.print(words, highlight=False, soft_wrap=True)


def _ask(bank: Registry, generation: int, why: CaEnd) -> None:
    try:
        with bank.db.transaction() as tx:
            retiring.ask(tx, generation, by=acting.account(), why=why)
    except NotApproved as wrong:
        raise refuse(f"Not asked for: {wrong}.") from None


def _approve(
    bank: Registry, generation: int, root_list: Path | None, *, quiet: bool
) -> tuple[Asked, int]:
    vault = bank.vault()
    authority = bank.authority(vault)
    try:
        asked = retiring.approve(
            bank.db,
            vault,
            authority,
            generation,
            by=acting.account(),
            alone=bank.settings.demo,
            brought=None if root_list is None else _read(root_list),
        )
    except (NotApproved, NotTheRoots, CeremonyNeeded, RootEnded) as wrong:
        raise refuse(f"Not ended: {wrong}.") from None
    with working("its certificates", quiet=quiet) as say:
        ended = jobs.end_issued_by(
            bank.db,
            bank.lifecycle(),
            generation,
            progress=lambda so_far: say(f"{so_far.ended} ended"),
        )
    return asked, ended


def _read(path: Path) -> bytes:
    try:
        content = contents(path)
        if content.startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(content).public_bytes(Encoding.DER)
    except ValueError:
        raise refuse(f"{path} is no list.") from None
    return content
