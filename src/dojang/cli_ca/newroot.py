"""`dojang ca ceremony new-root`: offline, the next root beside the old one, in one hour."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dojang import __version__, authorities, cli_files, config
from dojang.certificates import ceremony, newroot
from dojang.certificates.ceremony import Refused, Transcript, fingerprint
from dojang.certificates.certifying import RootEnded, Uncertain, root_key
from dojang.certificates.model import Plan
from dojang.certificates.newroot import Brought
from dojang.certificates.roots import Roots, cross_name, cross_role
from dojang.cli_ca import hall, rootkey
from dojang.cli_ca.bank import contents, err, out, refuse, write
from dojang.cli_ca.hall import ConfigPath, FolderOption, LabelOption, ModuleOption, ThresholdOption
from dojang.cli_ca.rootkey import Place
from dojang.crypto import pem
from dojang.kernel.clock import Instant
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault import Vault, shares


@dataclass(frozen=True)
class _Founders:
    """Who is there of the old root, who will hold the new one and where, how many open it."""

    present: list[str]
    names: list[str]
    threshold: int
    place: Place | None


@dataclass(frozen=True)
class _Old:
    """The root before: its folder, the roots up to it, what was told of it, its token's library."""

    folder: Path
    roots: Roots
    transcript: Transcript
    module: str | None

    def opened(self, passphrases: Mapping[str, bytes]) -> AbstractContextManager[Vault]:
        return rootkey.opened(self.folder, passphrases, self.module)


def new_root(
    settings_path: ConfigPath,
    folder: FolderOption,
    *,
    old_folder: Annotated[Path, typer.Option("--old-dir", help="The folder of the root before.")],
    present: Annotated[
        list[str], typer.Option("--present", help="Who opens the root before. Repeat it.")
    ],
    custodian: Annotated[
        list[str], typer.Option("--custodian", help="Who will hold the new one. Repeat it.")
    ],
    threshold: ThresholdOption,
    request: Annotated[
        Path, typer.Option("--request", help="The bank's, for its next generation (`request`).")
    ],
    out_file: Annotated[Path, typer.Option("--out", help="Where its certificate goes (PEM).")],
    module: ModuleOption = None,
    label: LabelOption = None,
    old_module: Annotated[
        str | None, typer.Option("--old-token-module", help="The library of the old root's token.")
    ] = None,
) -> None:
    """Offline: make the next root, and what leads from each root to the other (RFC 4210 4.4).

    The old root certifies the new one's key and the new one the older ones'; then it certifies the
    bank's next issuing key. Both roots' custodians are there, and DIR is empty. A run that was cut
    off leaves the old root as it was, and files in DIR without a `root.pem`, which are removed by
    hand. On the bank: `adopt` with each --cross.
    """
    settings = config.load(settings_path)
    plan, asked = authorities.plan(settings), _request(request)
    there, names = hall.distinct(present, len(present)), hall.distinct(custodian, threshold)
    founders = _Founders(there, names, threshold, hall.place(module, label))
    if founders.place is not None:
        rootkey.not_the_banks(founders.place, settings)
    if folder.exists() and any(folder.iterdir()):
        raise refuse(f"{folder} is not empty; a root is made once.")
    old = _Old(old_folder, hall.home(old_folder, plan), hall.told(old_folder), old_module)
    pin = hall.token_pin(founders.place)
    opening = {name: hall.passphrase(name, "your passphrase of the old root") for name in there}
    passphrases = {name: hall.new_passphrase(name) for name in names}
    with _beginning(folder):
        enough = _found(folder, passphrases, founders, pin)
        with old.opened(opening) as vault, rootkey.opened(folder, enough, module) as new:
            made = _made(vault, new, old, founders, plan, asked, folder)
        write(out_file, pem.certificate(made.issuing))
        hall.put(folder / hall.ROOT, pem.certificate(made.root))
    _say(folder, made, out_file)


def _made(
    vault: Vault,
    new: Vault,
    old: _Old,
    founders: _Founders,
    plan: Plan,
    asked: bytes,
    folder: Path,
) -> Brought:
    """Everything signed, and told in both transcripts; the old root's is written last."""
    err.print("[dim]· both roots are open[/dim]")
    now = hall.now()
    made = newroot.make(vault, new, plan, old.roots, asked, now=now, entropy=SystemEntropy())
    told = _old_told(vault, old, founders, made, now)
    _laid_out(folder, old.roots, made, _told(new, old.roots, told, founders, made, now))
    hall.write(old.folder, told)
    return made


def _request(path: Path) -> bytes:
    try:
        return x509.load_pem_x509_csr(contents(path)).public_bytes(Encoding.DER)
    except (ValueError, x509.InvalidVersion):
        raise refuse(f"{path} is no certificate request.") from None


@contextmanager
def _beginning(folder: Path) -> Iterator[None]:
    """Where what is refused leaves nothing behind. What makes it a root's is written last."""
    cli_files.folder(folder)
    try:
        yield
    except (Refused, RootEnded, Uncertain) as wrong:
        _emptied(folder)
        raise refuse(f"Not made: {wrong}.") from None
    except typer.Exit:
        _emptied(folder)
        raise


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _found(
    folder: Path, passphrases: Mapping[str, bytes], founders: _Founders, pin: Secret[str]
) -> dict[str, bytes]:
    """An empty vault for the new root's key; who opens it, and how."""
    entropy, threshold = SystemEntropy(), founders.threshold
    secret = entropy.bytes(shares.SECRET_BYTES)
    dealt = shares.deal(secret, passphrases, threshold=threshold, entropy=entropy)
    for name, sealed in dealt.items():
        write(rootkey.share_of(folder, name), sealed)
    rootkey.found(folder, secret, founders.place, pin)
    return dict(list(passphrases.items())[:threshold])


def _old_told(
    vault: Vault, old: _Old, founders: _Founders, made: Brought, now: Instant
) -> Transcript:
    """The old root's transcript, with its word for the new one."""
    before = old.roots.newest
    certificate = made.crosses[cross_role(before.number + 1, before.number)]
    facts = {"root": fingerprint(made.root), "certificate": fingerprint(certificate)}
    said = ceremony.step("root_followed", now=now, who=founders.present, **facts)
    return old.transcript.and_then(vault, said, label=before.key_label)


def _told(
    new: Vault, roots: Roots, before: Transcript, founders: _Founders, made: Brought, now: Instant
) -> Transcript:
    """The new root's own, which names the old one's by its hash."""
    label, who = root_key(roots.newest.number + 1), founders.names
    facts: dict[str, str | int] = {"threshold": founders.threshold, "software": __version__}
    facts |= hall.named(founders.place) | {"certificate": fingerprint(made.root)}
    facts |= {"transcript_before": before.hash.hex()}
    steps = [ceremony.step("root_made", now=now, who=who, **facts)]
    for role, der in sorted(made.crosses.items()):
        said = {"name": cross_name(role), "certificate": fingerprint(der)}
        both = {*who, *founders.present}
        steps.append(ceremony.step("cross_certified", now=now, who=sorted(both), **said))
    below = fingerprint(made.issuing)
    steps.append(ceremony.step("issuing_certified", now=now, who=who, certificate=below))
    told = Transcript(())
    for one in steps:
        told = told.and_then(new, one, label=label)
    return told


def _laid_out(folder: Path, roots: Roots, made: Brought, told: Transcript) -> None:
    """All the papers of the new root but its own certificate."""
    for role, der in made.crosses.items():
        write(folder / f"{cross_name(role)}.pem", pem.certificate(der))
    for one in roots.every:
        write(folder / f"root-{one.number}.pem", pem.certificate(one.der))
    hall.write(folder, told)


def _say(folder: Path, made: Brought, out_file: Path) -> None:
    names = [f"{cross_name(role)}.pem" for role in sorted(made.crosses)]
    out.print(f"The new root: {folder / hall.ROOT}", highlight=False, soft_wrap=True)
    out.print(f"  sha-256 {fingerprint(made.root)}", highlight=False)
    out.print(f"Cross certificates beside it: {', '.join(names)}", highlight=False, soft_wrap=True)
    out.print(f"The issuing CA beneath it: {out_file}", highlight=False, soft_wrap=True)
    out.print("Read the fingerprint aloud, note it down.")
