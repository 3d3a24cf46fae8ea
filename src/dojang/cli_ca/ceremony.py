"""`dojang ca ceremony`: an offline root that no one can use alone.

`root` and `sign` run on a machine that is not the bank's and has no network; `request` and `adopt`
on the bank's. What travels between them is public: a request, certificates, a transcript.
"""

import json
import re
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dojang import __version__, authorities, cli_files, config, custody
from dojang.certificates import Authority, ceremony, retiring, rootlist
from dojang.certificates.ceremony import GENERATIONS_MAX, Refused, Transcript, fingerprint
from dojang.certificates.certifying import Uncertain, issuing_key, spki_of
from dojang.certificates.rootlist import CaEnd, NotTheRoots, RootList
from dojang.cli_ca import rootkey
from dojang.cli_ca.bank import contents, err, out, refuse, write
from dojang.cli_ca.rootkey import Place
from dojang.crypto import pem
from dojang.db import Database
from dojang.kernel.clock import Instant, SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault import UnknownKey, shares

app = typer.Typer(help="An offline root that no one can use alone.", no_args_is_help=True)

ROOT: Final = "root.pem"
LIST: Final = "root-list.pem"
TRANSCRIPT: Final = "transcript.json"
PASSPHRASE_CHARS_MIN: Final = 12
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The bank's settings file.")]
ModuleOption = Annotated[
    str | None, typer.Option("--token-module", help="The PKCS#11 library of the root's token.")
]
FolderOption = Annotated[Path, typer.Option("--dir", help="The root's own folder or medium.")]


@app.command()
def root(
    settings_path: ConfigPath,
    folder: FolderOption,
    custodian: Annotated[
        list[str], typer.Option("--custodian", help="An account name. Repeat it: two or more.")
    ],
    threshold: Annotated[
        int, typer.Option("--threshold", min=shares.THRESHOLD_MIN, help="How many must be there.")
    ],
    module: ModuleOption = None,
    label: Annotated[
        str | None, typer.Option("--token", help="That token's label. Else the key is in a file.")
    ] = None,
) -> None:
    """Offline: make the root, and a share of what opens it for each custodian.

    Each types a passphrase of their own and takes their share file along. Of the settings only the
    names are read, no secret. The folder must be empty. So must a token: it is not the bank's, and
    its PIN is changed to one that the shares make together.
    """
    settings, entropy, now = config.load(settings_path), SystemEntropy(), _now()
    names = _distinct(custodian, threshold)
    place = _place(module, label)
    if place is not None:
        rootkey.not_the_banks(place, settings)
    if folder.exists() and any(folder.iterdir()):
        raise refuse(f"{folder} is not empty; a root is made once.")
    pin = _token_pin(place)
    passphrases = {name: _new_passphrase(name) for name in names}
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
        told |= _named(place) | {"certificate": fingerprint(made)}
        begun = ceremony.step("root_made", now=now, who=names, **told)
        _write(folder, Transcript(()).and_then(vault, begun))
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
    plan, entropy, now = authorities.plan(config.load(settings_path)), SystemEntropy(), _now()
    names = _distinct(custodian, len(custodian))
    transcript = _transcript(folder / TRANSCRIPT)
    passphrases = {name: _passphrase(name) for name in names}
    try:
        asked = x509.load_pem_x509_csr(contents(request)).public_bytes(Encoding.DER)
        with rootkey.opened(folder, passphrases, module) as vault:
            made = ceremony.certify(vault, asked, plan, now=now, entropy=entropy)
            said = ceremony.step(
                "issuing_certified",
                now=now,
                who=names,
                request=fingerprint(asked),
                certificate=fingerprint(made),
            )
            told = transcript.and_then(vault, said)
    except ValueError:
        raise refuse(f"{request} is no certificate request.") from None
    except (Refused, Uncertain) as wrong:
        raise refuse(f"Not signed: {wrong}.") from None
    _write(folder, told)
    write(out_file, pem.certificate(made))
    out.print(f"Certified: {out_file}\n  sha-256 {fingerprint(made)}", highlight=False)


@app.command()
def adopt(
    settings_path: ConfigPath,
    root_file: Annotated[Path, typer.Option("--root", help="The root's certificate (PEM).")],
    issuing_file: Annotated[Path, typer.Option("--issuing", help="What `sign` wrote (PEM).")],
    transcript_file: Annotated[Path, typer.Option("--transcript", help="The ceremony's.")],
) -> None:
    """On the bank: verify what came back, store it, and put the transcript's hash into the log."""
    settings = config.load(settings_path)
    vault = custody.opened(settings.vault, SystemEntropy())
    made, issuing = _certificate(root_file), _certificate(issuing_file)
    transcript = _transcript(transcript_file)
    db = Database(settings.database, SystemClock())
    try:
        subject = x509.load_der_x509_certificate(issuing).subject.public_bytes()
        generation = ceremony.generation_named(subject, authorities.plan(settings))
        own = spki_of(vault, issuing_key(generation))
        ceremony.verified(made, issuing, transcript, own_spki=own, now=_now())
        with db.transaction() as tx:
            new = ceremony.adopt(tx, made, issuing, transcript, generation=generation)
    except UnknownKey:
        raise refuse("This bank's vault never made a request.") from None
    except Refused as wrong:
        raise refuse(f"Not adopted: {wrong}.") from None
    finally:
        db.close()
    out.print("Adopted, and in the log." if new else "This was adopted before; nothing changed.")


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
    """Offline: the custodians who are there put an issuing certificate on the root's list.

    The root's folder keeps the list; the next one has all of it. On the bank it is published by
    `dojang ca retire GENERATION --approve --list`, and one that names nothing new by `relist`.
    """
    plan, now = authorities.plan(config.load(settings_path)), _now()
    names = _distinct(custodian, len(custodian))
    transcript = _transcript(folder / TRANSCRIPT)
    own = _certificate(folder / ROOT)
    issuing = None if issuing_file is None else _certificate(issuing_file)
    passphrases = {name: _passphrase(name) for name in names}
    try:
        with rootkey.opened(folder, passphrases, module) as vault:
            last = _root_list(folder)
            made = ceremony.revoke(vault, own, issuing, plan, last, why, now)
            facts: dict[str, str | int] = {"number": made.number, "list": fingerprint(made.der)}
            if issuing is not None:
                facts |= {"certificate": fingerprint(issuing), "reason": why.value}
            what = "list_renewed" if issuing is None else "issuing_revoked"
            said = ceremony.step(what, now=now, who=names, **facts)
            told = transcript.and_then(vault, said)
    except (NotTheRoots, Refused) as wrong:
        raise refuse(f"Not signed: {wrong}.") from None
    _write(folder, told)
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
    except NotTheRoots as wrong:
        raise refuse(f"Not published: {wrong}.") from None
    finally:
        db.close()
    out.print("Published.")


def _root_list(folder: Path) -> RootList | None:
    """The list before, as the root's folder keeps it."""
    path = folder / LIST
    if not path.exists():
        return None
    try:
        content = x509.load_pem_x509_crl(contents(path)).public_bytes(Encoding.DER)
    except ValueError:
        raise refuse(f"{path} is no list.") from None
    return rootlist.read(content, _certificate(folder / ROOT))


def _now() -> Instant:
    return SystemClock().now()


def _distinct(custodians: list[str], threshold: int) -> list[str]:
    """The names, each once and fit for a file's name."""
    names = sorted(set(custodians))
    if len(names) != len(custodians) or not all(NAME.fullmatch(name) for name in names):
        raise typer.BadParameter("custodians are different account names: a-z, 0-9, hyphens")
    if not shares.THRESHOLD_MIN <= threshold <= len(names) <= shares.CUSTODIANS_MAX:
        raise typer.BadParameter("at least two of at most sixteen custodians must come together")
    return names


def _new_passphrase(name: str) -> bytes:
    words: str = typer.prompt(
        f"{name}, a passphrase of your own", hide_input=True, confirmation_prompt=True, err=True
    )
    if len(words) < PASSPHRASE_CHARS_MIN:
        raise refuse(f"A passphrase has at least {PASSPHRASE_CHARS_MIN} characters.")
    return words.encode()


def _passphrase(name: str) -> bytes:
    words: str = typer.prompt(f"{name}, your passphrase", hide_input=True, err=True)
    return words.encode()


def _place(module: str | None, label: str | None) -> Place | None:
    if (module is None) != (label is None):
        raise typer.BadParameter("a token is named by --token-module and --token, both of them")
    return None if module is None or label is None else Place(module, label)


def _token_pin(place: Place | None) -> Secret[str]:
    if place is None:
        return Secret("")
    words = f"The PIN that {place.label} was set up with"
    return Secret(typer.prompt(words, hide_input=True, err=True))


def _named(place: Place | None) -> dict[str, str]:
    """What the transcript says of the token."""
    return {} if place is None else {"token": place.label}


def _certificate(path: Path) -> bytes:
    try:
        return pem.read_certificate(contents(path)).public_bytes(Encoding.DER)
    except ValueError:
        raise refuse(f"{path} is no certificate.") from None


def _transcript(path: Path) -> Transcript:
    try:
        return Transcript.from_json(json.loads(contents(path)))
    except (ValueError, RecursionError, Refused):
        raise refuse(f"{path} is no transcript.") from None


def _write(folder: Path, transcript: Transcript) -> None:
    content = json.dumps(transcript.to_json(), indent=1, ensure_ascii=False) + "\n"
    write(folder / TRANSCRIPT, content)
