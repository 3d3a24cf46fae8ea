"""`dojang joint`: samples for those who test readers, and the import check of a folder."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dojang import cli_files
from dojang.crypto import pem
from dojang.joint import Kind
from dojang.joint.npki import checking, folders
from dojang.joint.npki.checking import Finding, Folder, Owner, Trust
from dojang.joint.npki.key_files import Form
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy

app = typer.Typer(help="Joint (NPKI) certificates of the test CA.", no_args_is_help=True)

Out = Annotated[Path, typer.Option("--out", help="The folder that is written.")]
Written = Annotated[Form, typer.Option("--form", help="How signPri.key is encrypted.")]
Whose = Annotated[Kind, typer.Option("--kind", help="A person (13 digits) or a business (10).")]
Revoked = Annotated[bool, typer.Option("--revoked", help="Revoke it before the list is written.")]
Given = Annotated[Path, typer.Argument(help="A folder with NPKI/, root.pem and ca.pem in it.")]
Password = Annotated[str, typer.Option("--password", help="Of signPri.key.")]
Number = Annotated[str | None, typer.Option("--idn", help="The holder's number, digits only.")]
Policies = Annotated[
    list[str] | None, typer.Option("--policy", help="An accepted policy; else about.json's.")
]


@app.callback()
def joint() -> None:
    """Joint (NPKI) certificates of the test CA."""


@app.command("sample")
def sample(
    out: Out, form: Written = Form.PBES1, kind: Whose = Kind.PERSON, *, revoked: Revoked = False
) -> None:
    """Issue one through the real service, in a throw-away bank, with a throw-away password."""
    if form is Form.OLD:
        typer.echo("This form is read, never written.", err=True)
        raise typer.Exit(2)
    cli_files.folder(out)
    from dojang.journey import joint_sample  # a whole phone, that no other command needs

    entropy = SystemEntropy()
    with tempfile.TemporaryDirectory() as home:
        made = joint_sample.make(
            Path(home), clock=SystemClock(), entropy=entropy, kind=kind, revoked=revoked
        )
    password = joint_sample.password(entropy)
    folder = joint_sample.write(made, out, form=form, password=password, entropy=entropy)
    typer.echo(f"{folder}\n{out / 'about.json'}")


@app.command("check")
def check(
    folder: Given,
    password: Password,
    idn: Number = None,
    policy: Policies = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what is wrong with a folder: the first line names it. Exit code 1 where anything is.

    What could not be looked at is said too: the status without crl.der, the number without --idn.
    """
    found, unseen = _findings(folder, password, idn, frozenset(policy or _told_policies(folder)))
    if as_json:
        findings = [asdict(one) for one in found]
        left = [asdict(one) for one in unseen]
        said = {"ok": not found, "findings": findings, "not_looked_at": left}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in (*map(str, found), *(() if found else ("ok",)), *map(_unseen, unseen)):
            typer.echo(line, err=bool(found))
    raise typer.Exit(1 if found else 0)


def _unseen(one: Finding) -> str:
    return f"{one.code} {one.words}"


def _findings(
    given: Path, password: str, number: str | None, policies: frozenset[str]
) -> tuple[list[Finding], list[Finding]]:
    """What is wrong, and what was not looked at."""
    inside = folders.found(given)
    if len(inside) != 1:
        return [Finding("folder", f"{len(inside)} certificate folders, one was expected")], []
    root, ca, crl = (_read(given / name) for name in ("root.pem", "ca.pem", "crl.der"))
    if root is None or ca is None:
        return [Finding("trust", "there is no root.pem or no ca.pem to judge it by")], []
    (only,) = inside
    owner, now = Owner(password=password, number=number), SystemClock().now()
    trust = Trust(root=_der(root), ca=_der(ca), policies=policies, now=now, crl=crl)
    judged = Folder(
        certificate=_read(only / folders.CERTIFICATE),
        key=_read(only / folders.KEY),
        name=only.name,
    )
    return checking.check(judged, owner, trust), checking.unseen(owner, trust)


def _told_policies(folder: Path) -> list[str]:
    """As the sample says. Raises `Unusable` where it says something else."""
    path = folder / "about.json"
    content = _read(path)
    if content is None:
        return []
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    policy = said.get("policy") if isinstance(said, dict) else None
    if not isinstance(policy, str):
        raise cli_files.Unusable(f"{path}: names no policy; name the accepted one: --policy")
    return [policy]


def _der(content: bytes) -> bytes:
    """A certificate in either form; what is neither is judged as it is."""
    try:
        return pem.der(content)
    except ValueError:
        return content


def _read(path: Path) -> bytes | None:
    return cli_files.read(path) if path.is_file() else None
