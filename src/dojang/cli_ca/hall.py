"""The room in which a ceremony is held: who is there, what they type, which papers there are.

A root's folder holds `root.pem`, `transcript.json`, a share for each custodian, the key's file or
the label of its token; once there is one, the list; of a later root also the cross certificates
(`2-with-1.pem`) and the roots before it (`root-1.pem`).
"""

import json
import os
import re
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dojang.certificates import ceremony
from dojang.certificates.ceremony import Refused, Transcript
from dojang.certificates.model import Plan
from dojang.certificates.roots import Cross, Roots
from dojang.cli_ca.bank import contents, refuse
from dojang.cli_ca.rootkey import Place
from dojang.crypto import pem
from dojang.kernel.clock import Instant, SystemClock, instant
from dojang.kernel.secret import Secret
from dojang.vault import shares

ROOT: Final = "root.pem"
OLDER: Final = "root-[1-9].pem"
CROSSES: Final = "[1-9]-with-[1-9].pem"
LIST: Final = "root-list.pem"
TRANSCRIPT: Final = "transcript.json"
PASSPHRASE_CHARS_MIN: Final = 12
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The bank's settings file.")]
ModuleOption = Annotated[
    str | None, typer.Option("--token-module", help="The PKCS#11 library of the root's token.")
]
LabelOption = Annotated[
    str | None, typer.Option("--token", help="That token's label. Else the key is in a file.")
]
ThresholdOption = Annotated[
    int, typer.Option("--threshold", min=shares.THRESHOLD_MIN, help="How many must be there.")
]
FolderOption = Annotated[Path, typer.Option("--dir", help="The root's own folder or medium.")]


def now() -> Instant:
    return SystemClock().now()


def distinct(custodians: list[str], threshold: int) -> list[str]:
    """The names, each once and fit for a file's name."""
    names = sorted(set(custodians))
    if len(names) != len(custodians) or not all(NAME.fullmatch(name) for name in names):
        raise typer.BadParameter("custodians are different account names: a-z, 0-9, hyphens")
    if not shares.THRESHOLD_MIN <= threshold <= len(names) <= shares.CUSTODIANS_MAX:
        raise typer.BadParameter("at least two of at most sixteen custodians must come together")
    return names


def new_passphrase(name: str) -> bytes:
    words: str = typer.prompt(
        f"{name}, a passphrase of your own", hide_input=True, confirmation_prompt=True, err=True
    )
    if len(words) < PASSPHRASE_CHARS_MIN:
        raise refuse(f"A passphrase has at least {PASSPHRASE_CHARS_MIN} characters.")
    return words.encode()


def passphrase(name: str, what: str = "your passphrase") -> bytes:
    words: str = typer.prompt(f"{name}, {what}", hide_input=True, err=True)
    return words.encode()


def place(module: str | None, label: str | None) -> Place | None:
    if (module is None) != (label is None):
        raise typer.BadParameter("a token is named by --token-module and --token, both of them")
    return None if module is None or label is None else Place(module, label)


def token_pin(place: Place | None) -> Secret[str]:
    if place is None:
        return Secret("")
    words = f"The PIN that {place.label} was set up with"
    return Secret(typer.prompt(words, hide_input=True, err=True))


def named(place: Place | None) -> dict[str, str]:
    """What the transcript says of the token."""
    return {} if place is None else {"token": place.label}


def certificate(path: Path) -> bytes:
    try:
        return pem.read_certificate(contents(path)).public_bytes(Encoding.DER)
    except ValueError:
        raise refuse(f"{path} is no certificate.") from None


def transcript(path: Path) -> Transcript:
    try:
        return Transcript.from_json(json.loads(contents(path)))
    except (ValueError, RecursionError, Refused):
        raise refuse(f"{path} is no transcript.") from None


def told(folder: Path) -> Transcript:
    """What was told so far of the root of this folder."""
    return transcript(folder / TRANSCRIPT)


def write(folder: Path, transcript: Transcript) -> None:
    """In the place of the one before."""
    content = json.dumps(transcript.to_json(), indent=1, ensure_ascii=False) + "\n"
    put(folder / TRANSCRIPT, content)


def put(path: Path, content: str) -> None:
    """Durable, and at once: a run that is cut off leaves what was there or this."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def home(folder: Path, plan: Plan) -> Roots:
    """The root of this folder, behind those before it. Exits 1 where it has another name."""
    paths = [*folder.glob(OLDER), folder / ROOT]
    try:
        every = [ceremony.root_of(certificate(path), plan) for path in paths]
    except Refused as wrong:
        raise refuse(f"{folder} is no root's of this bank: {wrong}.") from None
    every.sort(key=lambda one: one.number)
    return Roots(tuple(every), tuple(_cross(path) for path in sorted(folder.glob(CROSSES))))


def _cross(path: Path) -> Cross:
    of, by = path.stem.split("-with-")
    der = certificate(path)
    until = instant(x509.load_der_x509_certificate(der).not_valid_after_utc)
    return Cross(int(of), int(by), der, until)
