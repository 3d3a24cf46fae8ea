r"""What opens a vault that nobody may open alone: its passphrase, shared among custodians.

A share is a file of the form of `keyfile` under its custodian's own passphrase, with one entry

    "DOJANG-SHARE-1" (14 bytes) | ceremony 8 | threshold u8 | of u8 | place u8 | 32 bytes

So a share that lies about, or all of them in one folder, is worth nothing without the people. That
the shares fit is told by the vault they open.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dojang.crypto import shamir
from dojang.kernel.entropy import Entropy
from dojang.vault import keyfile
from dojang.vault.keyfile import Entry
from dojang.vault.model import KeyKind, VaultLocked

THRESHOLD_MIN: Final = 2
CUSTODIANS_MAX: Final = 16
SECRET_BYTES: Final = 32
MAGIC: Final = b"DOJANG-SHARE-1"
_LABEL: Final = "share"
_SHARE: Final = struct.Struct(f">{len(MAGIC)}s8sBBB{SECRET_BYTES}s")


@dataclass(frozen=True)
class Share:
    """One custodian's part."""

    ceremony: bytes
    threshold: int
    of: int
    place: int
    value: bytes

    def __repr__(self) -> str:
        return f"Share({self.place} of {self.of}, ***)"


class CannotOpen(Exception):
    """These shares do not open it: too few, one twice, or of different ceremonies."""


def deal(
    secret: bytes, passphrases: Mapping[str, bytes], *, threshold: int, entropy: Entropy
) -> dict[str, bytes]:
    """A sealed share for each custodian. Raises ValueError where one alone would be enough."""
    if not THRESHOLD_MIN <= threshold <= len(passphrases) <= CUSTODIANS_MAX:
        raise ValueError("at least two of at most sixteen custodians must come together")
    ceremony, of = entropy.bytes(8), len(passphrases)
    parts = shamir.split(secret, threshold=threshold, shares=of, draw=entropy.bytes)
    sealed = {}
    for (place, value), (name, passphrase) in zip(parts.items(), passphrases.items(), strict=True):
        packed = _SHARE.pack(MAGIC, ceremony, threshold, of, place, value)
        lock = keyfile.new_lock(passphrase, entropy.bytes(keyfile.SALT_BYTES))
        entry = {_LABEL: Entry(KeyKind.SECRET, packed)}
        sealed[name] = keyfile.seal(lock, entry, entropy.bytes(keyfile.NONCE_BYTES))
    return sealed


def open_share(content: bytes, passphrase: bytes) -> Share:
    """Raises `VaultLocked` for another passphrase, or what is no share."""
    entries = keyfile.unseal(keyfile.lock_of(content, passphrase), content)
    packed = entries[_LABEL].secret if _LABEL in entries else b""
    if len(packed) != _SHARE.size or not packed.startswith(MAGIC):
        raise VaultLocked("not a custodian's share")
    return Share(*_SHARE.unpack(packed)[1:])


def gathered(shares: Sequence[Share]) -> bytes:
    """What they open. Raises `CannotOpen`."""
    if not shares:
        raise CannotOpen("no share was given")
    first = shares[0]
    if {(one.ceremony, one.threshold, one.of) for one in shares} != {
        (first.ceremony, first.threshold, first.of)
    }:
        raise CannotOpen("the shares are of different ceremonies")
    parts = {one.place: one.value for one in shares}
    if len(parts) < first.threshold:
        raise CannotOpen(f"{len(parts)} of the {first.threshold} custodians it takes are here")
    return shamir.combine(parts)
