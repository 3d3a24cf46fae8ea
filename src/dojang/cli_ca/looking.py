"""`dojang ca list`, `show`, `check`: what is there, of whom (masked), and whether the log knows."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from dojang.certificates import store_register as register
from dojang.certificates.model import CRL_WORDS, Standing
from dojang.certificates.store_register import Entry
from dojang.cli_ca import housed
from dojang.cli_ca.bank import (
    ConfigOption,
    DataOption,
    JsonOption,
    Registry,
    contents,
    counting,
    err,
    moment,
    opened,
    out,
    refuse,
    write,
)
from dojang.crypto import pem
from dojang.customers import Customers
from dojang.db import Tx
from dojang.joint import auditing
from dojang.kernel import masking
from dojang.transparency import issued
from dojang.transparency.issued import Mismatch

SHOWN_MAX: Final = 10


def list_certificates(
    settings_path: ConfigOption = None,
    data: DataOption = None,
    standing: Annotated[
        Standing | None, typer.Option("--standing", help="Only those that stand so.")
    ] = None,
    customer: Annotated[str | None, typer.Option("--customer", help="Only this id's.")] = None,
    after: Annotated[str, typer.Option("--after", help="Behind this serial number.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000)] = 50,
    *,
    house: Annotated[
        bool, typer.Option("--house", help="Roots, cross certificates, CAs and offices instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Certificates by serial number, a page at a time. Ids only, no names."""
    if house:
        with opened(settings_path, data) as bank:
            housed.listed(bank, as_json=as_json)
        return
    with opened(settings_path, data) as bank, bank.db.snapshot() as tx:
        found = register.page(
            tx, after=after, size=limit + 1, standing=standing, customer_id=customer
        )
    page, more = found[:limit], len(found) > limit
    if as_json:
        for one in page:
            typer.echo(json.dumps(_plain(one)))
        return
    table = Table("serial", "for", "stands", "reason", "since", "last used", "customer")
    for one in page:
        table.add_row(
            one.serial,
            one.kind.value,
            one.standing.value,
            _reason(one),
            moment(one.changed_at),
            moment(one.last_used_at),
            one.customer_id,
        )
    out.print(table)
    if more:
        out.print(f"More: --after {page[-1].serial}", highlight=False)


def show(
    which: Annotated[
        str, typer.Argument(help="A serial number or its beginning, or a credential.")
    ],
    settings_path: ConfigOption = None,
    data: DataOption = None,
    pem_file: Annotated[
        Path | None, typer.Option("--out", help="Write the certificates here, as PEM.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """One credential: both certificates, how they stand, whose it is (masked). Opens the vault.

    Or one of the house's own, by its serial number: a root, a cross certificate, a CA, an office.
    """
    with opened(settings_path, data) as bank:
        own = housed.beginning(bank, which)
        if own:
            housed.shown(own, pem_file, as_json=as_json)
            return
        entries = credential_of(bank, which)
        customers = bank.customers()
        with bank.db.snapshot() as tx:
            said = _masked(tx, customers, entries[0].customer_id)
    if pem_file is not None:
        texts = [pem.certificate(one.der) for one in entries if one.der]
        if not texts:
            raise refuse("Nothing to write: the certificates are not there any more.")
        write(pem_file, "".join(texts))
    if as_json:
        typer.echo(json.dumps({**said, "certificates": [_plain(one) for one in entries]}))
        return
    for name, value in {**said, **_of_both(entries[0])}.items():
        out.print(f"{name:<12} {value}", highlight=False)
    table = Table("for", "serial", "stands", "reason", "since", "valid from")
    for one in entries:
        row = (one.serial, one.standing.value, _reason(one), moment(one.changed_at))
        table.add_row(one.kind.value, *row, moment(one.not_before))
    out.print(table)


def check(
    settings_path: ConfigOption = None,
    data: DataOption = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", help="A certificate that was met outside (PEM or DER). Repeatable."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare issued serial numbers with the log's leaves, both ways. Exit 1 names what differs.

    Each certificate is held to the generation of the issuing CA under which it is kept, too, and
    each CA and cross certificate to its root.
    Only with --file: whether those certificates are ours, stored and logged.
    """
    with opened(settings_path, data) as bank:
        if file:
            wrong = [found for path in file if (found := _met(bank, path)) is not None]
            looked = {"files": len(file)}
        else:
            with counting(quiet=as_json) as told:
                result = issued.cross_check(bank.db, told=told)
            joint = auditing.cross_check(bank.db)
            wrong = [*result.mismatches, *joint.mismatches]
            looked = {
                "leaves": result.leaves + joint.leaves,
                "certificates": result.certificates + joint.certificates,
                **{
                    f"of generation {of}": many for of, many in sorted(result.by_generation.items())
                },
                "roots": result.roots,
                "cross certificates": result.crosses,
            }
    for one in wrong:
        if as_json:
            typer.echo(json.dumps({"leaf": one.index, "serial": one.serial, "says": one.says}))
        else:
            where = f"leaf {one.index}" if one.index >= 0 else "no leaf"
            err.print(
                f"[red]{where}[/red] {one.serial}: {one.says}", highlight=False, soft_wrap=True
            )
    if as_json:
        typer.echo(json.dumps({**looked, "whole": not wrong}))
    else:
        seen = ", ".join(f"{count} {name}" for name, count in looked.items())
        out.print(f"{seen}; {len(wrong) or 'none'} of them without the other.", highlight=False)
    raise typer.Exit(1 if wrong else 0)


def credential_of(bank: Registry, which: str) -> list[Entry]:
    """Both entries of the credential that is meant. Exits 1 where that is none, or several."""
    with bank.db.snapshot() as tx:
        by_id = register.of_credential(tx, which)
        if by_id:
            return by_id
        found = register.beginning(tx, which.lower().replace(":", ""), size=SHOWN_MAX)
        if not found:
            raise refuse(f"No certificate and no credential is called {which}.")
        if len({one.credential_id for one in found}) > 1:
            several = " ".join(one.serial for one in found)
            raise refuse(f"Several serial numbers begin so: {several}")
        return register.of_credential(tx, found[0].credential_id)


def _met(bank: Registry, path: Path) -> Mismatch | None:
    try:
        certificate = pem.read_certificate(contents(path))
    except ValueError:
        raise refuse(f"{path} is no certificate.") from None
    return issued.met(bank.db, certificate)


def _plain(one: Entry) -> dict[str, Any]:
    return {
        "serial": one.serial,
        "for": one.kind.value,
        "standing": one.standing.value,
        "reason": _reason(one) or None,
        "since": moment(one.changed_at),
        "not_before": moment(one.not_before),
        "generation": one.generation,
        "credential": one.credential_id,
        "customer": one.customer_id,
        "state": one.state.value,
        "last_used": moment(one.last_used_at) or None,
        "end_reason": None if one.end_reason is None else one.end_reason.value,
    }


def _reason(one: Entry) -> str:
    return "" if one.reason is None else CRL_WORDS[one.reason]


def _masked(tx: Tx, customers: Customers, customer_id: str) -> dict[str, str]:
    try:
        owner = customers.by_id(tx, customer_id)
    except LookupError:
        return {"customer": f"{customer_id} (erased)"}
    return {
        "customer": owner.id,
        "name": masking.name(owner.name),
        "phone": masking.phone(owner.phone),
    }


def _of_both(one: Entry) -> dict[str, str]:
    ended = "" if one.end_reason is None else f" ({one.end_reason.value})"
    return {
        "credential": one.credential_id,
        "state": one.state.value + ended,
        "last used": moment(one.last_used_at),
    }
