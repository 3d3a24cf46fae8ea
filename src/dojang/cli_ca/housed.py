"""The house's own certificates, as `dojang ca list --house` and `show` tell them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer
from cryptography import x509
from cryptography.x509.oid import NameOID
from rich.table import Table

from dojang.certificates import reading, store_authority
from dojang.certificates import store_register as register
from dojang.certificates.store_authority import AuthorityRow
from dojang.cli_ca.bank import Registry, moment, out, write
from dojang.crypto import pem

PREFIX_CHARS_MIN: Final = 4
"""Of a serial number: a shorter beginning is looked for among those of customers only."""


def listed(bank: Registry, *, as_json: bool) -> None:
    """All of them: roots and CAs first, then offices, the oldest of each first."""
    with bank.db.snapshot() as tx:
        rows = store_authority.every(tx)
    if as_json:
        for row in rows:
            typer.echo(json.dumps(_plain(row), ensure_ascii=False))
        return
    for row in rows:
        out.print(_line(row), highlight=False, soft_wrap=True)


def _line(row: AuthorityRow) -> str:
    (by,) = x509.load_der_x509_certificate(row.der).issuer.get_attributes_for_oid(
        NameOID.COMMON_NAME
    )
    span = f"{moment(row.not_before)} to {moment(row.not_after)}"
    return f"{row.role} {row.number}, {row.serial}, by {by.value!s}, {span}, key {row.key_label}"


def beginning(bank: Registry, which: str) -> list[AuthorityRow]:
    """Those whose serial number begins so; none where a customer's does."""
    prefix = which.lower().replace(":", "")
    if len(prefix) < PREFIX_CHARS_MIN:
        return []
    with bank.db.snapshot() as tx:
        if register.beginning(tx, prefix, size=1):
            return []
        return [row for row in store_authority.every(tx) if row.serial.startswith(prefix)]


def shown(rows: Sequence[AuthorityRow], pem_file: Path | None, *, as_json: bool) -> None:
    """In words, as `inspect` says them; the PEM into a file where one is named."""
    if pem_file is not None:
        write(pem_file, "".join(pem.certificate(row.der) for row in rows))
    for row in rows:
        lines = reading.in_words(row.der)
        if as_json:
            typer.echo(json.dumps({**_plain(row), "says": dict(lines)}, ensure_ascii=False))
            continue
        table = Table(show_header=False, box=None)
        table.add_row("role", f"{row.role} {row.number}")
        for what, words in lines:
            table.add_row(what, words)
        out.print(table)


def _plain(row: AuthorityRow) -> dict[str, str | int]:
    made = x509.load_der_x509_certificate(row.der)
    return {
        "serial": row.serial,
        "role": row.role,
        "number": row.number,
        "subject": made.subject.rfc4514_string(),
        "issuer": made.issuer.rfc4514_string(),
        "not_before": moment(row.not_before),
        "not_after": moment(row.not_after),
        "key": row.key_label,
    }
