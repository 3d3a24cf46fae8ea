"""`dojang ca ceremony`: an offline root that no one can use alone.

`root`, `sign`, `new-root` (on a page of its own) and `revoke` run on a machine that is not the
bank's and has no network; `request`, `adopt` and `relist` on the bank's. What travels between them
is public: a request, certificates, a transcript.
"""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dojang import __version__, authorities, cli_files, config, custody
from dojang.certificates import Authority, ceremony, newroot, retiring, rootlist, store_authority
from dojang.certificates.ceremony import GENERATIONS_MAX, Refused, Transcript, fingerprint
from dojang.certificates.certifying import RootEnded, Uncertain, issuing_key, spki_of
from dojang.certificates.newroot import Brought
from dojang.certificates.rootlist import CaEnd, NotTheRoots, RootList
from dojang.certificates.roots import Root, Roots, cross_role
from dojang.cli_ca import hall, rootkey
from dojang.cli_ca.bank import contents, err, out, refuse, write
from dojang.cli_ca.hall import (
    LIST,
    ROOT,
    ConfigPath,
    FolderOption,
    LabelOption,
    ModuleOption,
    ThresholdOption,
)
from dojang.crypto import pem
from dojang.db import Database
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.vault import UnknownKey, shares

app = typer.Typer(help="An offline root that no one can use alone.", no_args_is_help=True)


@app.command()
def root(
    settings_path: ConfigPath,
    folder: FolderOption,
    custodian: Annotated[
        list[str], typer.Option("--custodian", help="An account name. Repeat it: two or more.")
    ],
    threshold: ThresholdOption,
    module: ModuleOption = None,
    label: LabelOption = None,
) -> None:
    """Offline: make the root, and a share of what opens it for each custodian.

    Each types a passphrase of their own and takes their share file along. Of the settings only the
    names are read, no secret. The folder must be empty. So must a token: it is not the bank's, and
    its PIN is changed to one that the shares make together.
    """
    settings, entropy, now = config.load(settings_path), SystemEntropy(), hall.now()
    names = hall.distinct(custodian, threshold)
    place = hall.place(module, label)
    if place is not None:
        rootkey.not_the_banks(place, settings)
    if folder.exists() and any(folder.iterdir()):
        raise refuse(f"{folder} is not empty; a root is made once.")
    pin = hall.token_pin(place)
    passphrases = {name: hall.new_passphrase(name) for name in names}
    cli_files.folder(folder)
    secret = entropy.bytes(shares.SECRET_BYTES)
    for name, sealed in shares.deal(
        secret, passphrases, threshold=threshold, entropy=entropy
    ).items():
        write(rootkey.share_of(folder, name), sealed)
    rootkey.found(folder, secret, place, pin)
    plan, enough = authorities.plan(settings), dict(list(passphrases.items())[:threshold])
    with rootkey.opened(folder, enough, module) as vault:
        err.print("[dim]· the shares open the root's vault[/dim]")
        made = ceremony.found_root(vault, plan, now=now, entropy=entropy)
        told: dict[str, str | int] = {"threshold": threshold, "software": __version__}
        told |= hall.named(place) | {"certificate": fingerprint(made)}
        begun = ceremony.step("root_made", now=now, who=names, **told)
        hall.write(folder, Transcript(()).and_then(vault, begun))
    write(folder / ROOT, pem.certificate(made))
    out.print(f"The root is made: {folder / ROOT}\n  sha-256 {fingerprint(made)}", highlight=False)
    out.print(f"Any {threshold} of {len(names)} open it. Read the fingerprint aloud, note it down.")


@app.command("request")
def ask(
    settings_path: ConfigPath,
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the request (PEM).")],
    generation: Annotated[
        int,
        typer.Option(
            "--generation", min=1, max=GENERATIONS_MAX, help="2 at the issuing CA's first rollover."
        ),
    ] = 1,
) -> None:
    """On the bank: make an issuing key in its vault, and a request for a certificate for it."""
    settings = config.load(settings_path)
    vault = custody.opened(settings.vault, SystemEntropy())
    made = ceremony.request(vault, authorities.plan(settings), generation)
    write(out_file, x509.load_der_x509_csr(made).public_bytes(Encoding.PEM))
    out.print(f"A request for {issuing_key(generation)}: {out_file}", highlight=False)


@app.command()
def sign(
    settings_path: ConfigPath,
    folder: FolderOption,
    request: Annotated[Path, typer.Option("--request", help="What `request` wrote.")],
    custodian: Annotated[
        list[str], typer.Option("--custodian", help="Who is there. Repeat it: the threshold.")
    ],
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the certificate (PEM).")],
    module: ModuleOption = None,
) -> None:
    """Offline: the custodians who are there open the root, and it certifies the issuing key."""
    plan, entropy, now = authorities.plan(config.load(settings_path)), SystemEntropy(), hall.now()
    names = hall.distinct(custodian, len(custodian))
    own = hall.home(folder, plan).newest
    transcript = hall.told(folder)
    passphrases = {name: hall.passphrase(name) for name in names}
    try:
        asked = x509.load_pem_x509_csr(contents(request)).public_bytes(Encoding.DER)
        with rootkey.opened(folder, passphrases, module) as vault:
            made = ceremony.certify(vault, own, asked, plan, now=now, entropy=entropy)
            said = ceremony.step(
                "issuing_certified",
                now=now,
                who=names,
                request=fingerprint(asked),
                certificate=fingerprint(made),
            )
            told = transcript.and_then(vault, said, label=own.key_label)
    except (ValueError, x509.InvalidVersion):
        raise refuse(f"{request} is no certificate request.") from None
    except (Refused, RootEnded, Uncertain) as wrong:
        raise refuse(f"Not signed: {wrong}.") from None
    hall.write(folder, told)
    write(out_file, pem.certificate(made))
    out.print(f"Certified: {out_file}\n  sha-256 {fingerprint(made)}", highlight=False)


@app.command()
def adopt(
    settings_path: ConfigPath,
    root_file: Annotated[Path, typer.Option("--root", help="The root's certificate (PEM).")],
    issuing_file: Annotated[Path, typer.Option("--issuing", help="What `sign` wrote (PEM).")],
    transcript_file: Annotated[Path, typer.Option("--transcript", help="The ceremony's.")],
    cross: Annotated[
        list[Path] | None,
        typer.Option("--cross", help="With a new root: each of its cross certificates (PEM)."),
    ] = None,
) -> None:
    """On the bank: verify what came back, store it, and put the transcript's hash into the log.

    All of it is there afterwards or none. A serving bank takes it up within five seconds.
    """
    settings = config.load(settings_path)
    plan, now = authorities.plan(settings), hall.now()
    vault = custody.opened(settings.vault, SystemEntropy())
    made, issuing = hall.certificate(root_file), hall.certificate(issuing_file)
    transcript = hall.transcript(transcript_file)
    db = Database(settings.database, SystemClock())
    try:
        root = ceremony.root_of(made, plan)
        subject = x509.load_der_x509_certificate(issuing).subject.public_bytes()
        generation = ceremony.generation_named(subject, plan)
        own = spki_of(vault, issuing_key(generation))
        ceremony.verified(made, issuing, transcript, own_spki=own, now=now)
        brought = Brought(made, _crosses(cross or []), issuing)
        if brought.crosses:
            newroot.verified(brought, _before(db, root), transcript, plan, now)
        with db.transaction() as tx:
            new = ceremony.adopt(
                tx, root, issuing, transcript, generation=generation, crosses=brought.crosses
            )
    except UnknownKey:
        raise refuse("This bank's vault never made a request.") from None
    except Refused as wrong:
        raise refuse(f"Not adopted: {wrong}.") from None
    finally:
        db.close()
    out.print("Adopted, and in the log." if new else "This was adopted before; nothing changed.")


def _crosses(paths: list[Path]) -> dict[str, bytes]:
    """By their roles, which stand in the names of the files."""
    found = {}
    for path in paths:
        of, _, by = path.stem.partition("-with-")
        if not of.isdecimal() or not by.isdecimal():
            raise refuse(f"{path}: a cross certificate's file is called N-with-M.pem.")
        found[cross_role(int(of), int(by))] = hall.certificate(path)
    return found


def _before(db: Database, root: Root) -> Roots:
    """The roots of this bank before that one. Raises `Refused` where there is none."""
    with db.snapshot() as tx:
        roots = Roots.of(store_authority.cas(tx))
    every = tuple(one for one in roots.every if one.number < root.number)
    if not every:
        raise Refused("this bank has no root before it")
    return Roots(every, ())


@app.command()
def revoke(
    settings_path: ConfigPath,
    folder: FolderOption,
    custodian: Annotated[
        list[str], typer.Option("--custodian", help="Who is there. Repeat it: the threshold.")
    ],
    out_file: Annotated[Path, typer.Option("--out", help="Where to write the list (PEM).")],
    issuing_file: Annotated[
        Path | None, typer.Option("--issuing", help="Whose end it is (PEM). Else: the list again.")
    ] = None,
    why: Annotated[CaEnd, typer.Option("--reason", help="Goes into it.")] = CaEnd.KEY_COMPROMISE,
    module: ModuleOption = None,
) -> None:
    """Offline: the custodians who are there put an issuing certificate on the list of its root.

    The root's folder keeps the list; the next one has all of it. On the bank it is published by
    `dojang ca retire GENERATION --approve --list`, and one that names nothing new by `relist`.
    """
    plan, now = authorities.plan(config.load(settings_path)), hall.now()
    names = hall.distinct(custodian, len(custodian))
    transcript = hall.told(folder)
    own = hall.home(folder, plan).newest
    issuing = None if issuing_file is None else hall.certificate(issuing_file)
    passphrases = {name: hall.passphrase(name) for name in names}
    try:
        with rootkey.opened(folder, passphrases, module) as vault:
            last = _root_list(folder, own)
            made = ceremony.revoke(vault, own, issuing, plan, last, why, now)
            facts: dict[str, str | int] = {"number": made.number, "list": fingerprint(made.der)}
            if issuing is not None:
                facts |= {"certificate": fingerprint(issuing), "reason": why.value}
            what = "list_renewed" if issuing is None else "issuing_revoked"
            said = ceremony.step(what, now=now, who=names, **facts)
            told = transcript.and_then(vault, said, label=own.key_label)
    except (NotTheRoots, Refused, RootEnded) as wrong:
        raise refuse(f"Not signed: {wrong}.") from None
    hall.write(folder, told)
    for path in (folder / LIST, out_file):
        write(path, x509.load_der_x509_crl(made.der).public_bytes(Encoding.PEM))
    out.print(f"List {made.number} of the root: {out_file}", highlight=False)


@app.command()
def relist(
    settings_path: ConfigPath,
    list_file: Annotated[Path, typer.Option("--list", help="What `revoke` wrote (PEM).")],
) -> None:
    """On the bank: publish the root's list anew, before the one that is published ends.

    One that names more is refused: that takes two of the staff (`dojang ca retire`).
    """
    settings = config.load(settings_path)
    vault, clock = custody.opened(settings.vault, SystemEntropy()), SystemClock()
    db = Database(settings.database, clock)
    try:
        listed = x509.load_pem_x509_crl(contents(list_file)).public_bytes(Encoding.DER)
        authority = Authority(db, vault, clock, SystemEntropy(), authorities.plan(settings))
        retiring.renewed(db, vault, authority, brought=listed)
    except ValueError:
        raise refuse(f"{list_file} is no list.") from None
    except (NotTheRoots, RootEnded) as wrong:
        raise refuse(f"Not published: {wrong}.") from None
    finally:
        db.close()
    out.print("Published.")


def _root_list(folder: Path, own: Root) -> RootList | None:
    """The list before, as the root's folder keeps it."""
    path = folder / LIST
    if not path.exists():
        return None
    try:
        content = x509.load_pem_x509_crl(contents(path)).public_bytes(Encoding.DER)
    except ValueError:
        raise refuse(f"{path} is no list.") from None
    return rootlist.read(content, own.der)
