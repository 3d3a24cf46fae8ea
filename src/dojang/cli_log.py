"""`dojang log`: verify the whole log, take a proof out of it, check one without the bank."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import cbor2
import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from dojang import cli_files, config
from dojang.auditing import audited, own_roots
from dojang.crypto import pem, tree_heads
from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.crypto.merkle import BadProof
from dojang.crypto.tree_heads import BadTreeHead, LogProof
from dojang.db import Database
from dojang.kernel.clock import SECOND, Instant, SystemClock, utc
from dojang.timestamps.model import BadToken
from dojang.transparency import BadKeep, Keep, Kept, stamping
from dojang.transparency.audit import Audit
from dojang.transparency.service import stamped_proof_of

app = typer.Typer(help="The append-only log.", no_args_is_help=True)
out = Console(markup=False, emoji=False)
err = Console(stderr=True)

HEAD_FILE = "log-head.json"
_NO_PROOF = "it is not what `dojang log proof` writes"

ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="The settings file.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="A demo bank's folder.")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", help="The log's public key (PEM or DER), kept elsewhere.")
]
RootOption = Annotated[
    list[Path] | None,
    typer.Option("--root", help="The bank's root, for the heads' time-stamps. Repeatable."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command()
def verify(
    settings_path: ConfigOption = None,
    data: DataOption = None,
    key: KeyOption = None,
    root: RootOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Recompute everything from the first leaf on; name what does not fit. Exit 1 if anything.

    Leaves, chain, tiles, every signed head and its time-stamp, and the bank's transfers, postings,
    holds, balances and certificates against the leaves; of each won that left a customer's account
    the customer's signature. Without --root, stamps and customers' certificates are held to the
    root that the database names.
    """
    database, keep = _bank(settings_path, data)
    code = (
        config.BankSettings() if settings_path is None else config.load(settings_path).bank
    ).code
    kept = _kept(keep, key)
    roots = own_roots(database, _roots(root or ()))
    progress = nullcontext() if as_json or not err.is_terminal else Progress(console=err)
    with progress as bar:
        result = audited(database, kept, told=_telling(bar), roots=roots, own_code=code)
    if as_json:
        typer.echo(json.dumps(_plain(result, roots, pinned=bool(root))))
    else:
        _tell(result, roots, pinned=bool(root))
    raise typer.Exit(0 if result.whole else 1)


@app.command("proof")
def take(
    index: Annotated[int, typer.Argument(help="The place of the leaf, from 0.", min=0)],
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the proof.")],
    settings_path: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Write one leaf with its inclusion proof, the newest signed head and its time-stamp.

    Where that head is not stamped yet: under the newest one that is and covers the leaf.
    """
    database, keep = _bank(settings_path, data)
    try:
        proof, stamp = stamped_proof_of(database, _kept(keep, None).log, index)
    except LookupError:
        err.print(f"[red]No signed head covers a leaf {index}.[/red]")
        raise typer.Exit(1) from None
    made = proof.to_json() | {"stamp": None if stamp is None else b64u(stamp)}
    cli_files.write(out_file, json.dumps(made, indent=1) + "\n")
    without = "" if stamp is not None else " No head that covers it is time-stamped."
    out.print(f"Leaf {index} under the head over {proof.head.size} leaves: {out_file}.{without}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="What `dojang log proof` wrote.")],
    key: Annotated[Path, typer.Option("--key", help="The log's public key (PEM or DER).")],
    root: RootOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check a proof with the log's public key and nothing else. Exit 1 unless it holds.

    With --root, the head's time-stamp must be there and hold as well.
    """
    try:
        proof, token = _read(file)
        public = _public_key(key)
        tree_heads.check(proof, public)
        stamped = _stamped(token, proof, public, _roots(root)) if root else None
    except (cli_files.Unusable, ValueError, BadEncoding, BadProof, BadTreeHead, BadToken) as error:
        err.print(f"[red]The proof does not hold:[/red] {escape(str(error))}")
        raise typer.Exit(1) from None
    said = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in cbor2.loads(proof.body).items()
    }
    words = _words_of_stamp(token, stamped)
    if as_json:
        plain = {"index": proof.index, "size": proof.head.size, "event": said, "stamp": words}
        typer.echo(json.dumps(plain))
        return
    signed = utc(Instant(proof.head.at)).isoformat()
    out.print(f"Leaf {proof.index} of {proof.head.size} in {proof.head.log}, signed {signed}:")
    out.print(f"  time-stamp: {words}")
    for name, value in said.items():
        out.print(f"  {name}: {value}", markup=False, highlight=False)


@app.command("key")
def show_key(
    out_file: Annotated[Path | None, typer.Option("--out", help="Write it here.")] = None,
    settings_path: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """The log's public key as PEM, for `check`, for OpenSSL, for witnesses."""
    _database, keep = _bank(settings_path, data)
    public = load_der_public_key(_kept(keep, None).key)
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    if out_file is None:
        typer.echo(text, nl=False)
    else:
        cli_files.write(out_file, text)


def _read(file: Path) -> tuple[LogProof, bytes | None]:
    """What `log proof` wrote: the proof, and the token on its head where one is there."""
    try:
        value = json.loads(cli_files.read(file))
    except RecursionError:
        raise BadEncoding("no proof is so deep") from None
    except ValueError:
        raise BadEncoding(_NO_PROOF) from None
    if not isinstance(value, dict):
        raise BadEncoding(_NO_PROOF)
    stamp = value.get("stamp")
    return LogProof.from_json(value), None if stamp is None else unb64u(str(stamp))


def _stamped(token: bytes | None, proof: LogProof, key: bytes, roots: Sequence[bytes]) -> Instant:
    """When the head was stamped. Raises `BadToken`."""
    if token is None:
        raise BadToken("its head has no time-stamp")
    return stamping.check(token, proof.head, key, roots).at


def _words_of_stamp(token: bytes | None, stamped: Instant | None) -> str:
    if stamped is not None:
        return utc(stamped).isoformat()
    return "none" if token is None else "not looked at: no --root"


def _roots(paths: Sequence[Path]) -> list[bytes]:
    found = []
    for path in paths:
        try:
            found.append(pem.der(cli_files.read(path)))
        except ValueError:
            raise cli_files.Unusable(f"{path}: no certificate") from None
    return found


def _bank(settings_path: Path | None, data: Path | None) -> tuple[Database, Keep]:
    if (settings_path is None) == (data is None):
        raise typer.BadParameter("name one of --config and --data")
    if data is not None:
        if not (data / "bank.db").is_file():
            raise typer.BadParameter(f"{data} holds no demo bank")
        return Database(f"sqlite:///{data / 'bank.db'}", SystemClock()), Keep(data / HEAD_FILE)
    assert settings_path is not None, "one of the two was named"
    settings = config.load(settings_path)
    cli_files.there(settings.database)
    return Database(settings.database, SystemClock()), Keep(config.log_head_of(settings))


def _kept(keep: Keep, key: Path | None) -> Kept:
    """What lies outside of the database. The key of the command line comes before the file's."""
    try:
        found = keep.read()
        if found is not None:
            load_der_public_key(found.key)
    except (BadKeep, ValueError, UnsupportedAlgorithm):
        err.print(f"{keep.path} is not what was written there.", style="red", markup=False)
        raise typer.Exit(1) from None
    if found is None:
        words = f"{keep.path} is not there: it holds the log's name and key."
        err.print(words, style="red", markup=False)
        raise typer.Exit(1)
    return found if key is None else Kept(found.log, _public_key(key), found.head)


def _public_key(path: Path) -> bytes:
    content = cli_files.read(path)
    pem = content.startswith(b"-----")
    try:
        key: Any = load_pem_public_key(content) if pem else load_der_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise cli_files.Unusable(f"{path}: no public key; `dojang log key` writes it") from None
    made: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return made


def _telling(bar: Progress | None) -> Any:
    if bar is None:
        return lambda _what, _done, _of: None
    tasks: dict[str, Any] = {}

    def told(what: str, done: int, of: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=of)
        bar.update(tasks[what], completed=done, total=of)

    return told


def _plain(result: Audit, roots: Sequence[bytes], *, pinned: bool) -> dict[str, Any]:
    return {
        "whole": result.whole,
        "leaves": result.leaves,
        "heads": result.heads,
        "stamps": result.stamps,
        "stamped_late_us": result.stamped_late_us,
        "roots_sha256": [hashlib.sha256(one).hexdigest() for one in roots],
        "roots_pinned": pinned,
        "tiles": result.tiles,
        "rows": dict(result.rows),
        "root": result.root.hex(),
        "notes": result.notes,
        "findings": [asdict(one) for one in result.findings],
    }


def _tell(result: Audit, roots: Sequence[bytes], *, pinned: bool) -> None:
    for one in result.findings:
        where = f"leaf {one.index}" if one.index >= 0 else "no leaf"
        err.print(f"[red]{where}[/red] {one.about}: {one.says}", highlight=False)
    rows = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}" for name, count in sorted(result.rows.items())
    )
    out.print(
        f"{result.leaves} leaves, {result.heads} signed heads, {result.tiles} tiles; {rows}.",
        highlight=False,
    )
    out.print(_words_of_stamps(result, roots, pinned=pinned), highlight=False, soft_wrap=True)
    for note in result.notes:
        out.print(f"Note: {note}.", highlight=False)
    if result.whole:
        out.print("Each in its place.")


def _words_of_stamps(result: Audit, roots: Sequence[bytes], *, pinned: bool) -> str:
    if not result.stamps:
        return "No head is time-stamped."
    if not roots:
        return f"{result.stamps} heads are time-stamped; not looked at, no root is known: --root."
    late = result.stamped_late_us / SECOND
    under = " or ".join(hashlib.sha256(one).hexdigest() for one in roots)
    whose = "" if pinned else " (as the database names it; --root takes it from elsewhere)"
    return (
        f"{result.stamps} heads are time-stamped, {late:.1f} s after they were signed at the most, "
        f"under the root {under}{whose}."
    )
