"""Fields of rows at rest: encrypted for reading back, and hashed under a key for finding.

A sealed field is

    0x01 | u8 size of the wrapped data key | wrapped data key | nonce 12 | AES-256-GCM-SIV

The data key lies wrapped by the vault's KEK in front of what it encrypts, so a field needs nothing
but the vault to be read. Each process draws one data key at its first seal; unwrapped keys of
others are kept in memory, so an HSM is asked once a key, not once a field.
SIV (RFC 8452), because a database restored from a backup may meet a nonce twice.
"""

import functools
import hmac
import threading
from typing import Final

from dojang.crypto import sealing
from dojang.kernel.entropy import Entropy
from dojang.vault.model import BadWrap, KeyKind, Vault, ensure

FORMAT: Final = b"\x01"
KEK: Final = "fields-kek"
INDEX: Final = "fields-index"
_WRAP_PLACE: Final = b"dojang/1/fields/data-key"
_DATA_KEYS_MAX: Final = 256


class BadField(Exception):
    """The bytes were not sealed by this vault for this purpose and row, or were changed."""


class FieldKeys:
    """Seals and opens text fields, bound to their purpose and row. Thread safe."""

    def __init__(self, vault: Vault, entropy: Entropy) -> None:
        ensure(vault, KEK, KeyKind.KEK)
        ensure(vault, INDEX, KeyKind.SECRET)
        self._vault = vault
        self._entropy = entropy
        self._mutex = threading.Lock()
        self._own: tuple[bytes, bytes] | None = None
        self._unwrapped = functools.lru_cache(maxsize=_DATA_KEYS_MAX)(self._unwrap)
        self._index_keys = functools.lru_cache(maxsize=_DATA_KEYS_MAX)(self._index_key)

    def seal(self, purpose: str, row_id: str, text: str) -> bytes:
        """The field's bytes for the database."""
        return self.seal_bytes(purpose, row_id, text.encode())

    def seal_bytes(self, purpose: str, row_id: str, plain: bytes) -> bytes:
        """As `seal`, for what is no text: an image."""
        key, wrapped = self._data_key()
        nonce = self._entropy.bytes(sealing.NONCE_BYTES)
        sealed = sealing.seal(key, plain, _place(purpose, row_id), nonce12=nonce)
        return FORMAT + bytes((len(wrapped),)) + wrapped + sealed

    def open(self, purpose: str, row_id: str, blob: bytes) -> str:
        """The text. Raises `BadField` for another place, another vault or changed bytes."""
        return self.open_bytes(purpose, row_id, blob).decode()

    def open_bytes(self, purpose: str, row_id: str, blob: bytes) -> bytes:
        """What `seal_bytes` sealed. Raises `BadField`."""
        if len(blob) < 2 or blob[:1] != FORMAT or len(blob) < 2 + blob[1]:
            raise BadField
        wrapped, sealed = blob[2 : 2 + blob[1]], blob[2 + blob[1] :]
        try:
            key = self._unwrapped(wrapped)
            return sealing.unseal(key, sealed, _place(purpose, row_id))
        except (BadWrap, sealing.BadSeal):
            raise BadField from None

    def index(self, purpose: str, text: str) -> bytes:
        """32 bytes, the same for the same purpose and text: how a sealed value is looked up."""
        return hmac.digest(self._index_keys(purpose), text.encode(), "sha256")

    def _data_key(self) -> tuple[bytes, bytes]:
        with self._mutex:
            if self._own is None:
                key = self._entropy.bytes(sealing.KEY_BYTES)
                self._own = key, self._vault.wrap(KEK, key, _WRAP_PLACE)
            return self._own

    def _unwrap(self, wrapped: bytes) -> bytes:
        return self._vault.unwrap(KEK, wrapped, _WRAP_PLACE)

    def _index_key(self, purpose: str) -> bytes:
        return self._vault.derive(INDEX, b"dojang/1/fields/index|" + purpose.encode())


def _place(purpose: str, row_id: str) -> bytes:
    """u8 length | purpose | row id: no two places share these bytes."""
    name = purpose.encode("ascii")
    return bytes((len(name),)) + name + row_id.encode()
