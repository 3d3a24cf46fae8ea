"""The keys of a credential, on a transaction: looked up, activated with it, erased with it."""

from dataclasses import dataclass, field

from sqlalchemy import Row

from dojang.crypto.messages import KeyKind
from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.methods import tries
from dojang.signing import keys_store as store
from dojang.signing import store as hot
from dojang.signing.model import Key, KeyState, Purpose, UnknownKey


@dataclass(frozen=True)
class Proved:
    """An enrolled key that has signed its request and all its proofs: ready to be certified."""

    kid: bytes
    kind: KeyKind
    public_key: bytes
    cri: bytes
    signature: bytes = field(repr=False)


@dataclass(frozen=True)
class Method:
    """A secret that a key can be used with, as the owner sees it."""

    kid: bytes
    kind: KeyKind
    m: str
    version: int
    tries_left: int


def of_credential(tx: Tx, credential_id: str) -> list[Key]:
    """All its keys, `auth` before `sign`."""
    return [_key(row) for row in store.of_credential(tx, credential_id)]


def of_device(tx: Tx, kid: bytes, jkt: str) -> Key:
    """The key, if it is this device's. Raises `UnknownKey`."""
    row = hot.of_device(tx, kid, jkt)
    if row is None:
        raise UnknownKey
    return hot.key(row)


def methods(tx: Tx, credential_id: str) -> list[Method]:
    """The secrets of its active keys with the tries that are left."""
    return [
        Method(row.kid, KeyKind(row.kind), row.m, row.version, row.remaining or 0)
        for row in store.methods(tx, credential_id)
    ]


def proved(tx: Tx, credential_id: str) -> dict[KeyKind, Proved]:
    """The keys being enrolled that have signed everything they were asked to (E3)."""
    found: dict[KeyKind, Proved] = {}
    for row in store.enrolling(tx, credential_id):
        asked = store.enrolment_requests(tx, row.kid)
        csr = next((r for r in asked if r.purpose == Purpose.ENROL_CSR), None)
        if csr is None or any(r.signature is None for r in asked):
            continue
        kind = KeyKind(row.kind)
        found[kind] = Proved(row.kid, kind, row.public_key, csr.message, csr.signature)
    return found


def activate(tx: Tx, credential_id: str) -> None:
    """Both keys become ACTIVE with their certificates.

    Raises ValueError unless both have proved themselves: the caller looks with `proved` first.
    """
    if set(proved(tx, credential_id)) != set(KeyKind):
        raise ValueError("a key that has not proved itself is not activated")
    if store.activate(tx, credential_id) != len(KeyKind):
        raise ValueError("a credential has exactly one key of each kind")


def erase(tx: Tx, credential_id: str) -> None:
    """The credential is over: shares, results, unsigned requests and tries are deleted."""
    store.end(tx, credential_id)
    tries.forget(tx, credential_id)


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        kid=row.kid,
        credential_id=row.credential_id,
        customer_id=row.customer_id,
        kind=KeyKind(row.kind),
        state=KeyState(row.state),
        jkt=row.jkt,
        public_key=row.public_key,
        tip=row.tip,
        created_at=Instant(row.created_at),
    )
