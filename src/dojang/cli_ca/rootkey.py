"""Where a root's key is: in a file of the root's own folder, or in a token of its own.

What the custodians' shares make together opens either: it is the file's passphrase, or what the
token's PIN is made of. So nobody has a PIN to use alone, not even who set the token up.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dojang import custody
from dojang.cli_ca.bank import contents, refuse, write
from dojang.config import ConfigError, Settings
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault import Vault, VaultLocked, shares
from dojang.vault.shares import CannotOpen
from dojang.vault.software import SoftwareVault

FILE: Final = "root.vault"
LABEL: Final = "root-token.txt"
"""Where the label of the root's token is kept. Its library is named by who sits at the machine:
a medium that was changed must not choose what is loaded there."""
PIN_CHARS: Final = 32
"""Of four bits each. Tokens take no more everywhere, and lock after a few wrong ones."""


@dataclass(frozen=True)
class Place:
    """A token: the library that speaks to it, and its label."""

    module: str
    label: str


def not_the_banks(place: Place, settings: Settings) -> None:
    """Exits 1 for the token that the bank serves with: its PIN is the serving process's."""
    bank = settings.vault.pkcs11
    if bank is not None and bank.token == place.label:
        raise refuse(f"{place.label} is the token that the bank serves with; the root has its own.")


def found(folder: Path, secret: bytes, place: Place | None, pin: Secret[str]) -> None:
    """An empty vault that only `secret` opens: a file in the folder, or the token with a new PIN.

    `pin` is the one that the token was set up with; it opens nothing afterwards. Exits 1.
    """
    if place is None:
        SoftwareVault.open(folder / FILE, secret, SystemEntropy())
        return
    try:
        vault = custody.token(place.module, place.label, pin, SystemEntropy())
        if vault.labels():
            raise refuse(f"{place.label} holds keys already; the root has a token of its own.")
        vault.change_pin(_pin(secret))
        vault.close()
    except (ConfigError, VaultLocked) as wrong:
        raise refuse(f"The token is not taken: {wrong}.") from None
    write(folder / LABEL, f"{place.label}\n")


@contextmanager
def opened(folder: Path, passphrases: Mapping[str, bytes], module: str | None) -> Iterator[Vault]:
    """The root's vault, by the custodians who are there. Exits 1 where they cannot.

    `module` is the library that speaks to the root's token, where it has one.
    """
    given = []
    for name, passphrase in passphrases.items():
        try:
            given.append(shares.open_share(contents(share_of(folder, name)), passphrase))
        except VaultLocked:
            raise refuse(f"That is not the passphrase of {name}'s share.") from None
    try:
        secret = shares.gathered(given)
        if not (folder / LABEL).exists():
            yield SoftwareVault.open(folder / FILE, secret, SystemEntropy())
            return
        if module is None:
            raise refuse("The root is in a token: name its library with --token-module.")
        label = (folder / LABEL).read_text("utf-8").strip()
        vault = custody.token(module, label, _pin(secret), SystemEntropy())
    except (CannotOpen, ConfigError, VaultLocked) as wrong:
        raise refuse(f"The root stays closed: {wrong}.") from None
    try:
        yield vault
    finally:
        vault.close()


def share_of(folder: Path, name: str) -> Path:
    """Where a custodian's share lies until they take it along."""
    return folder / f"share-{name}.bin"


def _pin(secret: bytes) -> Secret[str]:
    return Secret(hashlib.sha256(b"DOJANG-ROOT-PIN-1" + secret).hexdigest()[:PIN_CHARS])
