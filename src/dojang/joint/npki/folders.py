"""The NPKI folder: NPKI/<CA>/USER/<DN>/{signCert.der, signPri.key}, on disk and as a ZIP."""

import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dojang.joint.npki import names
from dojang.joint.npki.names import Name

CERTIFICATE: Final = "signCert.der"
KEY: Final = "signPri.key"
CA_CERTIFICATES: Final = "CaPubs"
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Files:
    """What lies in one certificate's folder."""

    certificate: bytes
    key: bytes
    ca_certificates: bytes = b""

    def named(self) -> dict[str, bytes]:
        found = {CERTIFICATE: self.certificate, KEY: self.key}
        return found | ({CA_CERTIFICATES: self.ca_certificates} if self.ca_certificates else {})


def path(ca: str, subject: Name) -> str:
    """Where the folder lies below a base."""
    return f"NPKI/{ca}/USER/{names.folder(subject)}"


def write(base: Path, ca: str, subject: Name, files: Files) -> Path:
    """Write the folder under `base`, everything in it for its owner alone."""
    folder = base / path(ca, subject)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.named().items():
        write_private(folder / name, content)
    return folder


def write_private(path: Path, content: bytes) -> None:
    """A file for its owner alone, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def zipped(ca: str, subject: Name, files: Files) -> bytes:
    """The same as a ZIP. `zipfile` says UTF-8 (bit 11) wherever a name is more than ASCII."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.named().items():
            entry = zipfile.ZipInfo(f"{path(ca, subject)}/{name}", _ZIP_EPOCH)
            entry.external_attr = 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()


def found(base: Path) -> list[Path]:
    """The folders with a certificate or a key in them, `base` itself among them."""
    inside = {one.parent for name in (CERTIFICATE, KEY) for one in base.rglob(name)}
    return sorted(inside)
