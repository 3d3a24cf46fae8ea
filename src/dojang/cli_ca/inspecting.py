"""`dojang ca inspect`: a file in words, without a bank."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from dojang.certificates import reading
from dojang.cli_ca.bank import JsonOption, contents, out, refuse

FILE_BYTES_MAX: Final = 128 * 1024 * 1024


def inspect(
    file: Annotated[Path, typer.Argument(help="A certificate, list (DER or PEM) or OCSP answer.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say in words what a file holds. A person's name is masked. It judges nothing."""
    try:
        lines = reading.in_words(contents(file, bytes_max=FILE_BYTES_MAX))
    except reading.Unreadable:
        raise refuse(f"{file} is no certificate, list or OCSP answer.") from None
    if as_json:
        typer.echo(json.dumps(dict(lines), ensure_ascii=False))
        return
    table = Table(show_header=False, box=None)
    for what, words in lines:
        table.add_row(what, words)
    out.print(table)
