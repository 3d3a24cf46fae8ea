r"""The bytes of a software vault's file, and how they reach the disk.

    "DOJANG-VAULT-1\\n" (15 bytes) | u32 memory KiB | u32 passes | salt 16 | nonce 12
    | AES-256-GCM( CBOR {label: [kind, secret]} ), everything before it being associated data

The key is Argon2id (RFC 9106) of the passphrase. The secret of a key pair (EC, RSA) is PKCS#8 DER.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cbor2
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dojang.vault.model import KeyKind, VaultLocked

MAGIC: Final = b"DOJANG-VAULT-1\n"
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
MEMORY_KIB: Final = 65_536
PASSES: Final = 3
LANES: Final = 1
MEMORY_KIB_MAX: Final = 1_048_576
PASSES_MAX: Final = 16
FILE_BYTES_MAX: Final = 16 * 1024 * 1024

_HEAD: Final = struct.Struct(f">{len(MAGIC)}sII{SALT_BYTES}s")


@dataclass(frozen=True)
class Entry:
    """One key as it lies in the file."""

    kind: KeyKind
    secret: bytes

    def __repr__(self) -> str:
        return f"Entry({self.kind}, ***)"


@dataclass(frozen=True)
class Lock:
    """What opens one file: the head that names the cost, and the key it gave."""

    head: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Lock(***)"


def new_lock(passphrase: bytes, salt: bytes) -> Lock:
    """The lock of a file that is yet to be made."""
    return _lock(_HEAD.pack(MAGIC, MEMORY_KIB, PASSES, salt), passphrase)


def lock_of(content: bytes, passphrase: bytes) -> Lock:
    """The lock of an existing file. Raises `VaultLocked` for bytes that are no vault."""
    if len(content) < _HEAD.size + NONCE_BYTES or not content.startswith(MAGIC):
        raise VaultLocked("not a vault file")
    return _lock(content[: _HEAD.size], passphrase)


def seal(lock: Lock, entries: dict[str, Entry], nonce: bytes) -> bytes:
    """The whole file."""
    plain = cbor2.dumps(
        {label: [entry.kind.value, entry.secret] for label, entry in entries.items()},
        canonical=True,
    )
    head = lock.head + nonce
    return head + AESGCM(lock.key).encrypt(nonce, plain, head)


def unseal(lock: Lock, content: bytes) -> dict[str, Entry]:
    """The entries. Raises `VaultLocked` for another passphrase or changed bytes."""
    head_size = _HEAD.size + NONCE_BYTES
    head, sealed = content[:head_size], content[head_size:]
    if head[: _HEAD.size] != lock.head:
        raise VaultLocked("the file was replaced by another vault")
    try:
        plain = AESGCM(lock.key).decrypt(head[_HEAD.size :], sealed, head)
    except InvalidTag:
        raise VaultLocked("wrong passphrase, or the file was changed") from None
    rows = cbor2.loads(plain)
    return {label: Entry(KeyKind(kind), secret) for label, (kind, secret) in rows.items()}


def read(path: Path) -> bytes:
    """The file's bytes. Raises FileNotFoundError; `VaultLocked` when absurdly large."""
    with path.open("rb") as file:
        content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise VaultLocked("the vault file is larger than any vault")
    return content


def replace(path: Path, content: bytes) -> None:
    """Write beside it, sync, rename over it, sync the folder: old or new, never half."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _lock(head: bytes, passphrase: bytes) -> Lock:
    _magic, memory_kib, passes, salt = _HEAD.unpack(head)
    if not (8 <= memory_kib <= MEMORY_KIB_MAX and 1 <= passes <= PASSES_MAX):
        raise VaultLocked("the vault names a cost that we never set")
    key = hash_secret_raw(passphrase, salt, passes, memory_kib, LANES, 32, Type.ID)
    return Lock(head, key)
