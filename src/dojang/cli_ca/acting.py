"""`dojang ca revoke`, `sweep`, `publish`: what an operator does to certificates."""

import enum
import getpass
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography import x509

from dojang.certificates import Status, jobs
from dojang.certificates.authority import Office
from dojang.certificates.certifying import CeremonyNeeded, Uncertain
from dojang.certificates.events import OperatorRevoked
from dojang.certificates.issuer import Issuer
from dojang.certificates.model import EndReason, State, Why
from dojang.certificates.profiles import DOCUMENT, OCSP, TSA, serial_text
from dojang.cli_ca.bank import (
    ConfigOption,
    DataOption,
    JsonOption,
    moment,
    opened,
    out,
    refuse,
    working,
)
from dojang.cli_ca.looking import credential_of
from dojang.kernel.clock import instant


def revoke(
    which: Annotated[
        str, typer.Argument(help="A serial number or its beginning, or a credential.")
    ],
    why: Annotated[Why, typer.Option("--reason", help="Goes into the log. Must be given.")],
    settings_path: ConfigOption = None,
    data: DataOption = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who decided it (an account name of the staff).")
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End both certificates of a credential for good, in one transaction with the log.

    OCSP and the next list say so at once; sessions, passkeys and key shares go with them, and the
    customer is told by SMS. It cannot be undone: the customer issues anew.
    """
    with opened(settings_path, data) as bank:
        entries = credential_of(bank, which)
        credential = entries[0].credential_id
        if entries[0].state is State.REVOKED:
            raise refuse(f"{credential} ended before ({entries[0].end_reason}); nothing was done.")
        if not yes:
            serials = ", ".join(one.serial for one in entries)
            typer.confirm(f"Revoke {serials} for good?", abort=True, err=True)
        life = bank.lifecycle()
        with bank.db.transaction() as tx:
            life.revoke(tx, credential, EndReason.OPERATOR)
            tx.emit(
                OperatorRevoked(
                    subject=entries[0].customer_id,
                    credential_id=credential,
                    by=by or getpass.getuser(),
                    why=why.value,
                )
            )
    if as_json:
        ended = {"credential": credential, "serials": [one.serial for one in entries]}
        typer.echo(json.dumps({**ended, "reason": why.value}))
    else:
        out.print(f"Revoked: {credential} ({why.value}).", highlight=False)


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

    ISSUING = "issuing"
    OCSP = "ocsp"
    TSA = "tsa"
    DOCUMENT = "document"


PROFILES: Final = {Role.OCSP: OCSP, Role.TSA: TSA, Role.DOCUMENT: DOCUMENT}


def rollover(
    role: Annotated[
        Role, typer.Argument(help="Whose key: it signs certificates, answers, times or documents.")
    ],
    settings_path: ConfigOption = None,
    data: DataOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a new key for the issuing CA or an office of the house, and certify it. Opens the vault.

    The old key and certificate stay valid to their end, and so does everything they signed.
    Processes that serve take the new key within seconds. Offices stand under each generation of the
    issuing CA, and all of them get new keys. Where the root is offline, the issuing CA's next
    generation comes by `dojang ca ceremony`.
    """
    with opened(settings_path, data) as bank, working("a key and its certificate", quiet=as_json):
        try:
            authority = bank.authority(bank.vault())
            made: Sequence[Issuer | Office] = (
                [authority.roll_over_issuing()]
                if role is Role.ISSUING
                else authority.roll_over(PROFILES[role])
            )
        except (Uncertain, CeremonyNeeded) as wrong:
            raise refuse(f"Not done: {wrong}.") from None
    for one in made:
        said = _certified(role, one)
        if as_json:
            typer.echo(json.dumps(said))
            continue
        words = f"{said['role']} has a new key, {said['key']}, certified to {said['not_after']}."
        out.print(words, highlight=False, soft_wrap=True)


def _certified(role: Role, made: Issuer | Office) -> dict[str, str]:
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
        out_file.write_bytes(made)
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
