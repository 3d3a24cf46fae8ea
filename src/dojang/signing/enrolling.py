"""E1 and E2: a key that nobody holds, made by the phone and the server (PROTOCOL 1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row

from dojang import policy
from dojang.certificates import store as certificates
from dojang.certificates.model import State
from dojang.crypto import csr, messages
from dojang.crypto.encoding import Point
from dojang.crypto.messages import PIN, KeyKind, Kind
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.methods import tries
from dojang.signing import keys_store as store
from dojang.signing import requests
from dojang.signing.core import Core, NewKey, Refused
from dojang.signing.events import KeyMade
from dojang.signing.model import (
    ID_BYTES,
    SECRETS_OF,
    AlreadyAnswered,
    BadPoint,
    KeyOutOfTurn,
    KeyState,
    Purpose,
    UnknownKey,
    WrongMethod,
)

NONCE_BYTES: Final = 32


@dataclass(frozen=True)
class KeyBegun:
    """E1's answer: the server's commitments and proof, and f_s(1) for the phone alone."""

    kid: bytes
    c0: bytes
    c1: bytes
    proof: bytes
    share: bytes = field(repr=False)


@dataclass(frozen=True)
class ToSign:
    """A request of E3. `members` are the DOJANG-PROOF JSON; None for the certification request."""

    request_id: str
    members: dict[str, Any] | None


@dataclass(frozen=True)
class SharesAnswered:
    """E2's answer: (delta, evaluated) a secret, the CertificationRequestInfo, what to sign."""

    instances: dict[str, tuple[bytes, bytes]] = field(repr=False)
    cri: bytes
    requests: list[ToSign]


class Enrolling:
    def __init__(self, db: Database, core: Core, ids: Ids, entropy: Entropy) -> None:
        self._db = db
        self._core = core
        self._ids = ids
        self._entropy = entropy

    def begin_key(
        self,
        *,
        credential_id: str,
        customer_id: str,
        jkt: str,
        kind: KeyKind,
        secrets: Collection[str],
        subject: tuple[str, str],
        c0: bytes,
        c1: bytes,
        proof: bytes,
    ) -> KeyBegun:
        """E1. `subject` is (name, subject id) for the certification request.

        `auth` comes first and starts over wholly: keys of this enrolment made before it are
        forgotten and the tries are whole again. (A new `sign` key alone does not restore tries:
        else a stolen phone in mid-enrolment could guess for ever against its `auth` key.)
        Raises `BadPoint`, `WrongMethod`, `KeyOutOfTurn`.
        """
        if frozenset(secrets) not in SECRETS_OF[kind] or len(secrets) != len(set(secrets)):
            raise WrongMethod
        kid = self._entropy.bytes(ID_BYTES)
        name, subject_id = subject
        try:
            offer = self._core.offer(
                kid, c0=c0, c1=c1, proof=proof, name=name, subject_id=subject_id
            )
        except Refused:
            raise BadPoint from None
        values = {
            "kid": kid,
            "credential_id": credential_id,
            "customer_id": customer_id,
            "kind": kind.value,
            "state": KeyState.ENROLLING.value,
            "jkt": jkt,
            "secrets": ",".join(sorted(secrets)),
            "public_key": b"",
            "tip": 0,
            "pending": offer.pending,
            "last_sid": None,
            "result": None,
            "stale_told": -1,
            "ahead_told": -1,
        }
        with self._db.transaction() as tx:
            self._clear(tx, credential_id, jkt, kind, secrets)
            store.add_key(tx, {**values, "created_at": tx.now})
        return KeyBegun(kid, offer.c0, offer.c1, offer.proof, offer.share)

    def answer_shares(
        self, kid: bytes, jkt: str, *, share: bytes, blinded: Mapping[str, bytes]
    ) -> SharesAnswered:
        """E2, answered once for each kid: a lost answer means starting over with a new one.

        Raises `UnknownKey` (also when its time is over), `AlreadyAnswered`, `WrongMethod` when
        `blinded` does not hold exactly the key's secrets, `BadPoint`.
        """
        with self._db.snapshot() as tx:
            row = store.waiting(tx, kid, jkt)
            if row is None or tx.now > _deadline(tx, row):
                raise UnknownKey
        if row.pending is None:
            raise AlreadyAnswered
        if sorted(blinded) != row.secrets.split(","):
            raise WrongMethod
        try:
            made = self._core.exchange(kid, row.pending, share=share, blinded=blinded)
        except Refused:
            raise BadPoint from None
        cri = csr.request_info(Point(made.public_key), name=made.name, subject_id=made.subject_id)
        with self._db.transaction() as tx:
            if not store.share_out(tx, kid, made.public_key):
                raise AlreadyAnswered
            store.add_instances(tx, _rows(kid, made))
            todo = self._ask(tx, row, made, cri)
            tx.emit(
                KeyMade(
                    subject=row.customer_id,
                    credential_id=row.credential_id,
                    kid=kid,
                    key=row.kind,
                    public_key=made.public_key,
                )
            )
        instances = {m: (one.delta, one.evaluated) for m, one in made.instances.items()}
        return SharesAnswered(instances, cri, todo)

    def sweep(self) -> int:
        """Forget half-done keys whose time is over (a job); returns how many."""
        with self._db.transaction() as tx:
            seconds = policy.current(tx).life.key_enrolment_seconds
            late = store.half_done(tx, tx.now - seconds * SECOND)
            for kid in late:
                store.forget(tx, kid)
        return len(late)

    def _clear(
        self,
        tx: Tx,
        credential_id: str,
        jkt: str,
        kind: KeyKind,
        secrets: Collection[str],
    ) -> None:
        credential = certificates.by_id_locked(tx, credential_id)
        if credential is None or credential.state is not State.ENROLLING:
            raise KeyOutOfTurn  # issued meanwhile: its tries are not given back by a late request
        earlier = store.enrolling(tx, credential_id)
        if kind is KeyKind.AUTH:
            for row in earlier:
                store.forget(tx, row.kid)
            for secret in secrets:
                tries.start(tx, credential_id, secret)
            return
        first = [r for r in earlier if r.kind == KeyKind.AUTH.value and r.jkt == jkt]
        if not first or not first[0].public_key:
            raise KeyOutOfTurn
        for row in earlier:
            if row.kind == KeyKind.SIGN.value:
                store.forget(tx, row.kid)

    def _ask(self, tx: Tx, row: Row[Any], made: NewKey, cri: bytes) -> list[ToSign]:
        """The certification request with the PIN, then one proof for each further secret."""
        expires_at = _deadline(tx, row)
        csr_id = self._ids.uuid7()
        requests.add(
            tx,
            csr_id,
            kid=row.kid,
            kind=Kind.CSR,
            message=cri,
            purpose=Purpose.ENROL_CSR,
            reference=row.credential_id,
            expires_at=expires_at,
            only=(PIN, 0),
        )
        todo = [ToSign(csr_id, None)]
        for m in sorted(set(made.instances) - {PIN}):
            life = messages.Life(
                kid=row.kid,
                nonce=self._entropy.bytes(NONCE_BYTES),
                issued_at=tx.now,
                expires_at=expires_at,
            )
            message = messages.proof(life, method=m, version=0, purpose="enrolment")
            proof_id = self._ids.uuid7()
            requests.add(
                tx,
                proof_id,
                kid=row.kid,
                kind=Kind.PROOF,
                message=message,
                purpose=Purpose.ENROL_PROOF,
                reference=row.credential_id,
                expires_at=expires_at,
                only=(m, 0),
            )
            todo.append(ToSign(proof_id, messages.read(message)[1]))
        return todo


def _deadline(tx: Tx, row: Row[Any]) -> Instant:
    seconds = policy.current(tx).life.key_enrolment_seconds
    return Instant(row.created_at + seconds * SECOND)


def _rows(kid: bytes, made: NewKey) -> list[dict[str, Any]]:
    return [
        {
            "kid": kid,
            "m": m,
            "version": 0,
            "gen": 0,
            "share": one.share,
            "share_before": None,
            "change_id": None,
        }
        for m, one in made.instances.items()
    ]
