"""Everything the phone keeps (PROTOCOL 2): one record, replaced whole, so that one write is a step.

    {v, credential, device_key, keys: {auth|sign: {kid, pk, certificate, gen,
     instances: {m: [{version, salt, o}]}, inflight: null | {sid, gen, request_id, message, m,
     version}}}}

Beside `keys`, only while they last: `enrolling` (keys of an issue under way, same shape) and
`change` (a change of a secret). `log` is what the phone witnesses (witness.py), from the first
enrolment on. `inflight` also remembers what is being signed, so that the
signature can be verified under PK after a crash. Bytes are base64url, as on the wire.
"""

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.crypto.encoding import Scalar, b64u, unb64u
from dojang.crypto.messages import KeyKind
from dojang.kernel.entropy import Entropy
from dojang.phone import witness
from dojang.phone.witness import Witness

VERSION = 1
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Instance:
    """One secret in one version. `o` fits every PIN; nothing else of the share is stored."""

    version: int
    salt: bytes = field(repr=False)
    o: Scalar = field(repr=False)


@dataclass(frozen=True)
class Inflight:
    """A signature whose z1 may have left the phone; durable before S2 goes out."""

    sid: str
    gen: int
    request_id: str
    message: bytes
    m: str
    version: int


@dataclass(frozen=True)
class KeyRecord:
    kid: bytes
    pk: bytes
    certificate: bytes | None
    gen: int
    instances: dict[str, tuple[Instance, ...]]
    inflight: Inflight | None

    def instance(self, m: str, version: int | None = None) -> Instance | None:
        """Of that version; without one the oldest, which holds until a change is complete."""
        held = self.instances.get(m, ())
        if version is None:
            return min(held, key=lambda one: one.version, default=None)
        return next((one for one in held if one.version == version), None)


@dataclass(frozen=True)
class Change:
    """A change of a secret; `proved` are the keys that have signed with the new version."""

    change_id: str
    m: str
    versions: dict[KeyKind, int]
    proved: frozenset[KeyKind]


Keys = dict[KeyKind, KeyRecord]


@dataclass(frozen=True)
class PhoneRecord:
    device_key: bytes = field(repr=False)
    """PKCS#8. (In the browser: a key that WebCrypto does not export.)"""
    credential: str | None = None
    keys: Keys = field(default_factory=dict)
    enrolling: Keys = field(default_factory=dict)
    change: Change | None = None
    log: Witness | None = None

    def private_key(self) -> ec.EllipticCurvePrivateKey:
        key = serialization.load_der_private_key(self.device_key, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def key(self, kind: KeyKind, *, enrolling: bool = False) -> KeyRecord | None:
        return (self.enrolling if enrolling else self.keys).get(kind)

    def with_key(self, kind: KeyKind, key: KeyRecord, *, enrolling: bool = False) -> "PhoneRecord":
        if enrolling:
            return replace(self, enrolling={**self.enrolling, kind: key})
        return replace(self, keys={**self.keys, kind: key})


class Store(Protocol):
    """Durable when `write` returns, and whole: a crash leaves the old record or the new one."""

    def read(self) -> PhoneRecord: ...

    def write(self, record: PhoneRecord) -> None: ...


class MemoryStore:
    """For tests and load: as durable as the process."""

    def __init__(self, record: PhoneRecord) -> None:
        self.record = record

    def read(self) -> PhoneRecord:
        return self.record

    def write(self, record: PhoneRecord) -> None:
        self.record = record


class FileStore:
    """One JSON file, replaced atomically after its bytes are on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> PhoneRecord:
        return from_json(json.loads(self.path.read_bytes()))

    def write(self, record: PhoneRecord) -> None:
        fresh = self.path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(json.dumps(to_json(record), indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def new_phone(entropy: Entropy) -> PhoneRecord:
    """A phone with a device key of its own and nothing else."""
    number = 1 + int.from_bytes(entropy.bytes(48), "big") % (_P256_ORDER - 1)
    key = ec.derive_private_key(number, ec.SECP256R1())
    return PhoneRecord(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def to_json(record: PhoneRecord) -> dict[str, Any]:
    made: dict[str, Any] = {
        "v": VERSION,
        "credential": record.credential,
        "device_key": b64u(record.device_key),
        "keys": _keys_to(record.keys),
    }
    if record.enrolling:
        made["enrolling"] = _keys_to(record.enrolling)
    if record.change is not None:
        made["change"] = {
            "change_id": record.change.change_id,
            "m": record.change.m,
            "versions": {kind.value: v for kind, v in record.change.versions.items()},
            "proved": sorted(kind.value for kind in record.change.proved),
        }
    if record.log is not None:
        made["log"] = witness.to_json(record.log)
    return made


def from_json(value: dict[str, Any]) -> PhoneRecord:
    """Raises ValueError or KeyError for what `to_json` did not make."""
    if value["v"] != VERSION:
        raise ValueError("a phone record of another version")
    change, log = value.get("change"), value.get("log")
    return PhoneRecord(
        device_key=unb64u(value["device_key"]),
        credential=value["credential"],
        keys=_keys_from(value["keys"]),
        enrolling=_keys_from(value.get("enrolling", {})),
        change=None
        if change is None
        else Change(
            change["change_id"],
            change["m"],
            {KeyKind(kind): v for kind, v in change["versions"].items()},
            frozenset(KeyKind(kind) for kind in change["proved"]),
        ),
        log=None if log is None else witness.from_json(log),
    )


def _keys_to(keys: Keys) -> dict[str, Any]:
    return {kind.value: _key_to(key) for kind, key in keys.items()}


def _keys_from(value: dict[str, Any]) -> Keys:
    return {KeyKind(kind): _key_from(key) for kind, key in value.items()}


def _key_to(key: KeyRecord) -> dict[str, Any]:
    flying = key.inflight
    return {
        "kid": b64u(key.kid),
        "pk": b64u(key.pk),
        "certificate": None if key.certificate is None else b64u(key.certificate),
        "gen": key.gen,
        "instances": {
            m: [{"version": i.version, "salt": b64u(i.salt), "o": b64u(i.o)} for i in held]
            for m, held in key.instances.items()
        },
        "inflight": None
        if flying is None
        else {
            "sid": flying.sid,
            "gen": flying.gen,
            "request_id": flying.request_id,
            "message": b64u(flying.message),
            "m": flying.m,
            "version": flying.version,
        },
    }


def _key_from(value: dict[str, Any]) -> KeyRecord:
    flying, certificate = value["inflight"], value["certificate"]
    return KeyRecord(
        kid=unb64u(value["kid"], 16),
        pk=unb64u(value["pk"], 32),
        certificate=None if certificate is None else unb64u(certificate),
        gen=value["gen"],
        instances={
            m: tuple(
                Instance(i["version"], unb64u(i["salt"], 32), Scalar(unb64u(i["o"], 32)))
                for i in held
            )
            for m, held in value["instances"].items()
        },
        inflight=None
        if flying is None
        else Inflight(
            sid=flying["sid"],
            gen=flying["gen"],
            request_id=flying["request_id"],
            message=unb64u(flying["message"]),
            m=flying["m"],
            version=flying["version"],
        ),
    )
