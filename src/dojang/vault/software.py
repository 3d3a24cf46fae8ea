"""A vault in one encrypted file: the embedded default.

Whoever can read this process's memory has the keys; a bank uses an HSM, and the production profile
refuses this one unless told otherwise.
"""

import fcntl
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dojang.crypto import multibuffer
from dojang.crypto.crypto_mb import SCALAR_BYTES
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.vault import keyfile
from dojang.vault.keyfile import Entry, Lock
from dojang.vault.model import (
    BadCiphertext,
    BadWrap,
    KeyExists,
    KeyKind,
    Padding,
    PublicKey,
    UnknownKey,
)

SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12
_CURVES: Final[dict[KeyKind, ec.EllipticCurve]] = {
    KeyKind.EC_P256: ec.SECP256R1(),
    KeyKind.EC_P384: ec.SECP384R1(),
}
_HASHES: Final = {KeyKind.EC_P256: hashlib.sha256, KeyKind.EC_P384: hashlib.sha384}
_DIGESTS: Final = {
    KeyKind.EC_P256: ec.ECDSA(Prehashed(hashes.SHA256())),
    KeyKind.EC_P384: ec.ECDSA(Prehashed(hashes.SHA384())),
}
_RSA_BITS: Final = {KeyKind.RSA_2048: 2048, KeyKind.RSA_2048_DECRYPT: 2048}
_RSA_EXPONENT: Final = 65_537
_PADDINGS: Final = {
    Padding.OAEP_SHA256: OAEP(mgf=MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None),
    Padding.PKCS1: PKCS1v15(),
}
_PAIRS: Final = frozenset(_CURVES) | frozenset(_RSA_BITS)
"""Kinds with a private and a public half: PKCS#8 in the file."""
_Held: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | AESGCM | bytes


class SoftwareVault:
    """One file, opened once; keys live in memory as objects that sign.

    Several processes may share the file: making a key takes a file lock and reads the file anew,
    and an unknown label is looked for in the file before it is called unknown.
    """

    def __init__(self, path: Path, lock: Lock, entropy: Entropy) -> None:
        self._path = path
        self._lock = lock
        self._entropy = entropy
        self._mutex = threading.RLock()
        self._entries: dict[str, Entry] = {}
        self._held: dict[str, tuple[KeyKind, _Held]] = {}
        self._signers: dict[str, Callable[[bytes], bytes]] = {}
        """Of the keys that sign: found once, because a responder signs thousands a second."""

    @classmethod
    def open(cls, path: Path, passphrase: Secret[bytes] | bytes, entropy: Entropy) -> Self:
        """Open the vault, or make an empty one where no file is. Raises `VaultLocked`."""
        phrase = passphrase.reveal() if isinstance(passphrase, Secret) else passphrase
        path.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(path):
            if path.exists():
                lock = keyfile.lock_of(keyfile.read(path), phrase)
                vault = cls(path, lock, entropy)
                vault._read()
            else:
                lock = keyfile.new_lock(phrase, entropy.bytes(keyfile.SALT_BYTES))
                vault = cls(path, lock, entropy)
                vault._write({})
        return vault

    def create(self, label: str, kind: KeyKind) -> None:
        with self._mutex, _only_one(self._path):
            self._read()
            if label in self._entries:
                raise KeyExists(label)
            self._write({**self._entries, label: Entry(kind, self._fresh(kind))})

    def labels(self) -> list[str]:
        with self._mutex:
            self._read()
            return sorted(self._entries)

    def public_key(self, label: str) -> PublicKey:
        _kind, key = self._key(label)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise UnknownKey(label)
        return key.public_key()

    def rsa_public_key(self, label: str) -> rsa.RSAPublicKey:
        _kind, key = self._key(label)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise UnknownKey(label)
        return key.public_key()

    def sign(self, label: str, data: bytes) -> bytes:
        signer = self._signers.get(label)
        if signer is None:
            self._key(label)
            signer = self._signers.get(label)
        if signer is None:
            raise UnknownKey(label)
        return signer(data)

    def sign_each(self, label: str, data: Sequence[bytes]) -> list[bytes]:
        """Eight at a time where the processor can (ADR 0033), with chance from `Entropy`."""
        kind, key = self._key(label)
        if kind is not KeyKind.EC_P256 or not isinstance(key, ec.EllipticCurvePrivateKey):
            return [self.sign(label, one) for one in data]
        digests = [hashlib.sha256(one).digest() for one in data]
        made = multibuffer.p256_signed(_scalar(key), digests, self._entropy.bytes)
        if made is None:
            return [key.sign(one, _DIGESTS[kind]) for one in digests]
        pairs = ((int.from_bytes(r, "big"), int.from_bytes(s, "big")) for r, s in made)
        return [encode_dss_signature(r, s) for r, s in pairs]

    def sign_digest(self, label: str, digest: bytes) -> bytes:
        kind, key = self._key(label)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(digest, _DIGESTS[kind])
        raise UnknownKey(label)

    def decrypt(self, label: str, ciphertext: bytes, padding: Padding) -> bytes:
        kind, key = self._key(label)
        if not isinstance(key, rsa.RSAPrivateKey) or kind is not KeyKind.RSA_2048_DECRYPT:
            raise UnknownKey(label)
        try:
            return key.decrypt(ciphertext, _PADDINGS[padding])
        except ValueError:
            raise BadCiphertext(label) from None

    def derive(self, label: str, info: bytes) -> bytes:
        kind, secret = self._key(label)
        if kind is not KeyKind.SECRET or not isinstance(secret, bytes):
            raise UnknownKey(label)
        return hmac.digest(secret, info, "sha256")

    def wrap(self, label: str, key: bytes, aad: bytes) -> bytes:
        nonce = self._entropy.bytes(NONCE_BYTES)
        return nonce + self._wrapper(label).encrypt(nonce, key, aad)

    def unwrap(self, label: str, blob: bytes, aad: bytes) -> bytes:
        wrapper = self._wrapper(label)
        try:
            return wrapper.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):
            raise BadWrap(label) from None

    def _wrapper(self, label: str) -> AESGCM:
        _kind, key = self._key(label)
        if not isinstance(key, AESGCM):
            raise UnknownKey(label)
        return key

    def _key(self, label: str) -> tuple[KeyKind, _Held]:
        held = self._held.get(label)
        if held is None:
            with self._mutex:
                self._read()
                held = self._held.get(label)
        if held is None:
            raise UnknownKey(label)
        return held

    def _fresh(self, kind: KeyKind) -> bytes:
        if kind not in _PAIRS:
            return self._entropy.bytes(SECRET_BYTES)
        # OpenSSL draws key pairs from its own generator; `Entropy` cannot stand in for it.
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
        if kind in _CURVES:
            key = ec.generate_private_key(_CURVES[kind])
        else:
            key = rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS[kind])
        return key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def _read(self) -> None:
        self._take(keyfile.unseal(self._lock, keyfile.read(self._path)))

    def _write(self, entries: dict[str, Entry]) -> None:
        nonce = self._entropy.bytes(keyfile.NONCE_BYTES)
        keyfile.replace(self._path, keyfile.seal(self._lock, entries, nonce))
        self._take(entries)

    def _take(self, entries: dict[str, Entry]) -> None:
        for label, entry in entries.items():
            if label not in self._held:
                held = _hold(entry)
                self._held[label] = (entry.kind, held)
                signer = _signer(entry.kind, held)
                if signer is not None:
                    self._signers[label] = signer
        self._entries = entries


def _hold(entry: Entry) -> _Held:
    if entry.kind in _PAIRS:
        key = serialization.load_der_private_key(entry.secret, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise UnknownKey("neither an EC nor an RSA key")
        return key
    return AESGCM(entry.secret) if entry.kind is KeyKind.KEK else entry.secret


def _scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Little-endian."""
    return key.private_numbers().private_value.to_bytes(SCALAR_BYTES, "little")


def _signer(kind: KeyKind, key: _Held) -> Callable[[bytes], bytes] | None:
    """`hashlib` has its hash at hand, which the library looks up for each signature."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        sign, digest, prehashed = key.sign, _HASHES[kind], _DIGESTS[kind]
        return lambda data: sign(digest(data).digest(), prehashed)
    if isinstance(key, rsa.RSAPrivateKey) and kind is KeyKind.RSA_2048:
        return partial(key.sign, padding=PKCS1v15(), algorithm=hashes.SHA256())
    return None


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """One process at a time makes keys. The lock dies with its holder."""
    with path.with_name(path.name + ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
