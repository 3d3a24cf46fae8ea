"""`dojang ca revoke`, `approve`, `sweep`, `rollover`, `publish`: what an operator does."""

import enum
import json
import os
import pwd
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography import x509

from dojang.certificates import Status, deciding, jobs
from dojang.certificates.authority import Office
from dojang.certificates.certifying import CeremonyNeeded, RootEnded, Uncertain
from dojang.certificates.issuer import Issuer
from dojang.certificates.model import State, Why
from dojang.certificates.profiles import DOCUMENT, OCSP, TSA, serial_text
from dojang.certificates.roots import Root
from dojang.cli_ca.bank import (
    ConfigOption,
    DataOption,
    JsonOption,
    Registry,
    moment,
    opened,
    out,
    refuse,
    working,
    write,
)
from dojang.cli_ca.looking import credential_of
from dojang.kernel.clock import instant
from dojang.kernel.four_eyes import NotApproved


def revoke(
    which: Annotated[
        str, typer.Argument(help="A serial number or its beginning, or a credential.")
    ],
    why: Annotated[Why, typer.Option("--reason", help="Goes into the log. Must be given.")],
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask that both certificates of a credential be ended for good. Nothing changes yet.

    Another of the staff approves it (`dojang ca approve`) within a week. The log keeps who asked,
    by the account of this machine. What cannot wait is a loss report, which suspends at once.
    """
    with opened(settings_path, data) as bank:
        entries = credential_of(bank, which)
        credential = entries[0].credential_id
        if entries[0].state is State.REVOKED:
            raise refuse(f"{credential} ended before ({entries[0].end_reason}); nothing was done.")
        if not yes:
            serials = ", ".join(one.serial for one in entries)
            typer.confirm(f"Ask to revoke {serials} for good?", abort=True, err=True)
        with bank.db.transaction() as tx:
            deciding.ask(tx, entries[0].customer_id, credential, by=account(), why=why)
    if as_json:
        asked = {"credential": credential, "serials": [one.serial for one in entries]}
        typer.echo(json.dumps({**asked, "reason": why.value}))
    else:
        next_step = f"dojang ca approve {credential}"
        out.print(
            f"Asked for: {credential} ({why.value}). Another of the staff approves: {next_step}",
            highlight=False,
            soft_wrap=True,
        )


def approve(
    which: Annotated[
        str | None,
        typer.Argument(help="A serial number or its beginning, or a credential. None: what waits."),
    ] = None,
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End a credential as another of the staff asked, in one transaction with the log.

    OCSP and the next list say so at once; sessions, passkeys and key shares go with it, and the
    customer is told by SMS. It cannot be undone: the customer issues anew. A demo bank has one
    account, which may do both.
    """
    with opened(settings_path, data) as bank:
        if which is None:
            _say_waiting(bank, as_json=as_json)
            return
        entries = credential_of(bank, which)
        credential, owner = entries[0].credential_id, entries[0].customer_id
        if not yes:
            serials = ", ".join(one.serial for one in entries)
            typer.confirm(f"Revoke {serials} for good?", abort=True, err=True)
        life, by, alone = bank.lifecycle(), account(), bank.settings.demo
        try:
            with bank.db.transaction() as tx:
                asked = deciding.approve(tx, life, owner, credential, by=by, alone=alone)
        except NotApproved as wrong:
            raise refuse(f"Not revoked: {wrong}.") from None
    if as_json:
        ended = {"credential": credential, "serials": [one.serial for one in entries]}
        typer.echo(json.dumps({**ended, "reason": asked.why.value, "asked_by": asked.by}))
    else:
        out.print(f"Revoked: {credential} ({asked.why.value}).", highlight=False)


def account() -> str:
    """Who types this, as the machine knows them: not by a variable that they may set."""
    return pwd.getpwuid(os.getuid()).pw_name


def _say_waiting(bank: Registry, *, as_json: bool) -> None:
    with bank.db.snapshot() as tx:
        found = deciding.waiting(tx)
    for one in found:
        said = {"credential": one.credential_id, "reason": one.why.value, "asked_by": one.by}
        if as_json:
            typer.echo(json.dumps({**said, "asked_at": moment(one.at)}))
        else:
            words = (
                f"{one.credential_id} ({one.why.value}), asked for by {one.by}, {moment(one.at)}"
            )
            out.print(words, highlight=False, soft_wrap=True)
    if not found and not as_json:
        out.print("Nothing waits for an approval.")


def sweep(
    settings_path: ConfigOption = None, data: DataOption = None, *, as_json: JsonOption = False
) -> None:
    """Do now what the worker does each minute: dormancy, its notices, unfinished and forgotten.

    Safe beside a running worker, and to be cut off anywhere: what is left is found the next time.
    """
    with opened(settings_path, data) as bank:
        life = bank.lifecycle()
        with working("dormancy and its notices", quiet=as_json) as say:
            swept = jobs.sweep_dormant(
                bank.db,
                life,
                progress=lambda so_far: say(f"{so_far.ended} ended, {so_far.noticed} told"),
            )
        with working("enrolments and intents that nobody finished", quiet=as_json):
            unfinished = jobs.sweep_unfinished(bank.db, life)
    done = {"ended": swept.ended, "noticed": swept.noticed, "unfinished": unfinished}
    if as_json:
        typer.echo(json.dumps(done))
    else:
        out.print(
            f"{swept.ended} ended after a year unused, {swept.noticed} owners told, "
            f"{unfinished} unfinished put away.",
            highlight=False,
        )


class Role(enum.StrEnum):
    """Whose key can be exchanged while the bank serves."""

    ROOT = "root"
    ISSUING = "issuing"
    OCSP = "ocsp"
    TSA = "tsa"
    DOCUMENT = "document"


PROFILES: Final = {Role.OCSP: OCSP, Role.TSA: TSA, Role.DOCUMENT: DOCUMENT}


def rollover(
    role: Annotated[
        Role,
        typer.Argument(help="Whose key: it signs CAs, certificates, answers, times or documents."),
    ],
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a new key for a CA or an office of the house, and certify it. Opens the vault.

    The old key and certificate stay valid to their end, and so does everything they signed.
    Processes that serve take the new key within seconds. Offices stand under each generation of the
    issuing CA, and all of them get new keys. A new root comes with cross certificates and with the
    issuing CA's next generation. Where the root is offline, both come by `dojang ca ceremony`.
    """
    with opened(settings_path, data) as bank, working("a key and its certificate", quiet=as_json):
        try:
            authority = bank.authority(bank.vault())
            made: Sequence[Root | Issuer | Office]
            if role is Role.ROOT:
                made = [authority.roll_over_root(), authority.issuer]
            elif role is Role.ISSUING:
                made = [authority.roll_over_issuing()]
            else:
                made = authority.roll_over(PROFILES[role])
        except (Uncertain, CeremonyNeeded, RootEnded) as wrong:
            raise refuse(f"Not done: {wrong}.") from None
    for one in made:
        said = _certified(role, one)
        if as_json:
            typer.echo(json.dumps(said))
            continue
        words = f"{said['role']} has a new key, {said['key']}, certified to {said['not_after']}."
        out.print(words, highlight=False, soft_wrap=True)


def _certified(role: Role, made: Root | Issuer | Office) -> dict[str, str]:
    role = Role.ISSUING if isinstance(made, Issuer) else role
    certificate = x509.load_der_x509_certificate(made.der)
    return {
        "role": role.value,
        "key": made.key_label,
        "serial": serial_text(certificate.serial_number),
        "not_after": moment(instant(certificate.not_valid_after_utc)),
    }


def publish(
    settings_path: ConfigOption = None,
    data: DataOption = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Write the list here, as DER.")
    ] = None,
    generation: Annotated[
        int | None, typer.Option("--generation", help="Of the issuing CA. Else the newest.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Sign the revocation list of this moment, if anything changed. Opens the vault.

    Each generation of the issuing CA has its own. Serving processes do so by themselves when the
    list is asked for; this is for a copy elsewhere.
    """
    with opened(settings_path, data) as bank, working("the list", quiet=as_json):
        vault = bank.vault()
        authority = bank.authority(vault)
        number = authority.issuer.generation if generation is None else generation
        if not authority.has(number):
            raise refuse(f"The issuing CA has no generation {number}.")
        made = Status(bank.db, vault, authority).crl(number)
    if out_file is not None:
        write(out_file, made)
    parsed = x509.load_der_x509_crl(made)
    number = parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    until = parsed.next_update_utc
    said = {
        "number": number,
        "entries": len(parsed),
        "this_update": moment(instant(parsed.last_update_utc)),
        "next_update": "" if until is None else moment(instant(until)),
        "bytes": len(made),
    }
    if as_json:
        typer.echo(json.dumps(said))
    else:
        out.print(
            f"List {number}: {said['entries']} entries, {said['bytes']} bytes, "
            f"from {said['this_update']} to {said['next_update']}.",
            highlight=False,
        )
