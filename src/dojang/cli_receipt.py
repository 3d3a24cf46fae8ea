"""The command `dojang receipt`: does it hold, and its parts. Needs no bank and no network."""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from dojang import cli_files
from dojang.certificates.checking import Unsound
from dojang.crypto.encoding import BadEncoding
from dojang.receipts import verifying
from dojang.receipts.unpacking import unpack as taken_apart
from dojang.receipts.verifying import Broken, Pins, Report

app = typer.Typer(help="Receipts of transfers, checked without the bank.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

FILE_BYTES_MAX = 4 * 1024 * 1024
File = Annotated[Path, typer.Argument(help="The evidence file or the PDF.")]
WORDS = {
    "form": "the file",
    "signature": "the customer's signature",
    "chain": "the certificate",
    "time_stamp": "the time-stamp",
    "status": "the certificate's status",
    "log": "the place in the log",
    "outcome": "what was signed and what was done",
    "seal": "the bank's seal",
    "document": "the PDF",
}


@app.command()
def verify(
    file: File,
    root: Annotated[
        Path | None, typer.Option("--root", help="The bank's root certificate (PEM or DER).")
    ] = None,
    root_sha256: Annotated[
        str | None, typer.Option("--root-sha256", help="Or its SHA-256, in hex.")
    ] = None,
    log_key: Annotated[
        Path | None, typer.Option("--log-key", help="The log's public key (PEM or DER).")
    ] = None,
    cross: Annotated[
        list[Path] | None,
        typer.Option("--cross", help="A cross certificate, if --root is newer than the receipt."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
) -> None:
    """Check a receipt, each check in words; exit 1 naming the first that fails."""
    pins = Pins(
        root=None if root is None else _read(root),
        root_sha256=None if root_sha256 is None else _fingerprint(root_sha256),
        log_key=None if log_key is None else _read(log_key),
        crosses=tuple(_read(one) for one in cross or ()),
    )
    report = verifying.verify(_read(file), pins)
    if as_json:
        sys.stdout.write(json.dumps(_plain(report, pins), ensure_ascii=False) + "\n")
    else:
        _tell(report, pinned=pins.has_root)
    raise typer.Exit(0 if report.holds else 1)


@app.command()
def unpack(
    file: File,
    folder: Annotated[Path, typer.Option("--out", help="A new or empty folder.")],
) -> None:
    """Write its parts as files, for OpenSSL (docs/how/receipts.md). Verifies nothing."""
    try:
        parts = taken_apart(_read(file))
    except (BadEncoding, Broken, Unsound, ValueError) as wrong:
        err.print(f"[red]Not a receipt:[/red] {escape(str(wrong))}", highlight=False)
        raise typer.Exit(1) from None
    cli_files.folder(folder)
    if any(folder.iterdir()):
        err.print(f"{folder} is not empty.", style="red", markup=False)
        raise typer.Exit(2)
    for name, content in parts.items():
        cli_files.write(folder / name, content)
    out.print(f"{len(parts)} files in {folder}", markup=False)


def _read(path: Path) -> bytes:
    return cli_files.read(path, bytes_max=FILE_BYTES_MAX)


def _fingerprint(typed: str) -> str:
    """64 hex digits, as OpenSSL prints them with colons, too."""
    plain = typed.replace(":", "").lower()
    if re.fullmatch("[0-9a-f]{64}", plain) is None:
        raise typer.BadParameter("a SHA-256 has 64 hex digits", param_hint="--root-sha256")
    return plain


def _tell(report: Report, *, pinned: bool) -> None:
    for one in report.checks:
        mark = "[green]✓[/green]" if one.holds else "[red]✗[/red]"
        out.print(f"{mark} [bold]{WORDS[one.name]}[/bold]", highlight=False)
        out.print(f"  {one.words}", highlight=False, markup=False, soft_wrap=True)
    if report.broken is not None:
        err.print(f"[red]It does not hold: {WORDS[report.broken.name]}.[/red]", highlight=False)
        return
    told = report.transfer
    out.print(
        f"\nIt holds: {told['amount']:,} won to {told['payee_holder']}, "
        f"{told['payee_bank']} {told['payee_account']}, transfer {told['transfer_id']}.",
        highlight=False,
        markup=False,
    )
    if not pinned:
        out.print(
            "The root above came with the receipt. Compare it with the bank's, or name --root.",
            highlight=False,
        )


def _plain(report: Report, pins: Pins) -> dict[str, object]:
    """`holds` without `root_pinned` is of any bank that somebody made up."""
    broken = report.broken
    return {
        "holds": report.holds,
        "broken": None if broken is None else broken.name,
        "checks": [asdict(one) for one in report.checks],
        "transfer": report.transfer,
        "collected_after_seconds": report.collected_after_seconds,
        "root_pinned": pins.has_root,
        "root_sha256": report.root_sha256,
        "log_key_pinned": pins.log_key is not None,
        "log_key_sha256": report.log_key_sha256,
    }
