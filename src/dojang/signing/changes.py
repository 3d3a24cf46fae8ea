"""A new PIN or pattern: granted by one PIN signature a key, proved by one with the new secret.

Until every key of the change has proved its new version the old ones work; then one transaction
deletes them. An unfinished change is dropped after its time, and nothing was lost.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.crypto import messages
from dojang.crypto.encoding import b64u
from dojang.crypto.jcs import Json
from dojang.crypto.messages import PATTERN, PIN, KeyKind, Kind
from dojang.customers.model import Session
from dojang.customers.sessions import Sessions
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.methods import tries
from dojang.signing import changes_store as store
from dojang.signing import keys_store, requests
from dojang.signing.acts import Asked
from dojang.signing.core import Finished, InstanceId
from dojang.signing.events import MethodChanged
from dojang.signing.model import (
    Key,
    Purpose,
    Request,
    RequestAlreadySigned,
    UnknownChange,
    WrongMethod,
)

NONCE_BYTES: Final = 32
_KEYS_OF: Final = {PIN: (KeyKind.AUTH, KeyKind.SIGN), PATTERN: (KeyKind.AUTH,)}


@dataclass(frozen=True)
class Started:
    change_id: str
    versions: list[tuple[bytes, int]]
    """(kid, its new version)"""
    expires_at: Instant


@dataclass(frozen=True)
class Change:
    """A change as one key's ceremony sees it. `last` when every other key has proved."""

    change_id: str
    session_id: str
    """Where it was started: the one session that outlives it."""
    m: str
    version: int
    versions: tuple[tuple[bytes, int], ...]
    proving: bool
    last: bool
    disabled: bool
    """The secret's tries are spent: its old instances end with the grant of the new one."""

    def drops(self, kid: bytes, held: Collection[InstanceId]) -> set[InstanceId]:
        """Which instances of this key end with this DONE, and get no delta any more."""
        version = dict(self.versions)[kid]
        ends = self.last if self.proving else self.disabled
        return {one for one in held if ends and one[0] == self.m and one[1] != version}


class Changes:
    def __init__(self, db: Database, ids: Ids, entropy: Entropy, sessions: Sessions) -> None:
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self._sessions = sessions

    def start(self, session: Session, m: str) -> Started:
        """Open a change; an unfinished one before it is dropped. Raises `WrongMethod`."""
        if m not in _KEYS_OF:
            raise WrongMethod
        change_id = self._ids.uuid7()
        with self._db.transaction() as tx:
            for earlier in store.open_of(tx, session.credential_id):
                store.drop(tx, earlier)
            versions = [
                (row.kid, store.next_version(tx, row.kid, m))
                for row in store.active_keys(tx, session.credential_id)
                if row.kind in _KEYS_OF[m]
            ]
            if not versions:
                raise UnknownChange
            seconds = policy.current(tx).life.method_change_seconds
            expires_at = Instant(tx.now + seconds * SECOND)
            store.add(
                tx,
                change_id=change_id,
                credential_id=session.credential_id,
                session_id=session.id,
                m=m,
                expires_at=expires_at,
                versions=versions,
            )
        return Started(change_id, versions, expires_at)

    def prepare_act(self, tx: Tx, session: Session, asked: dict[str, Json]) -> Asked:
        """The act `method_change` {kid, m, version, change_id}: exactly what was started."""
        change_id = str(asked["change_id"])
        kid, expires_at = self._of(tx, session.credential_id, change_id, str(asked["kid"]))
        change = self._load(tx, change_id, kid, proving=False)
        if change is None or (change.m, change.version) != (asked["m"], asked["version"]):
            raise UnknownChange
        members: dict[str, Json] = {
            "m": change.m,
            "version": change.version,
            "change_id": change_id,
        }
        return Asked(members, reference=change_id, kid=kid, expires_at=expires_at)

    def prove(self, session: Session, change_id: str, kid: str) -> tuple[str, dict[str, Json]]:
        """A request for the proof of one key's new instance: its id and the JSON members."""
        with self._db.transaction() as tx:
            key, expires_at = self._of(tx, session.credential_id, change_id, kid)
            change = self._load(tx, change_id, key, proving=True)
            if change is None:
                raise UnknownChange
            life = messages.Life(
                kid=key,
                nonce=self._entropy.bytes(NONCE_BYTES),
                issued_at=tx.now,
                expires_at=expires_at,
            )
            message = messages.proof(
                life, method=change.m, version=change.version, purpose="change"
            )
            request_id = self._ids.uuid7()
            requests.add(
                tx,
                request_id,
                kid=key,
                kind=Kind.PROOF,
                message=message,
                purpose=Purpose.CHANGE_PROOF,
                reference=change_id,
                expires_at=expires_at,
                only=(change.m, change.version),
            )
        return request_id, messages.read(message)[1]

    def check(self, tx: Tx, request: Request) -> None:
        """Before a begin for the act or a proof: the change is still open, and grants once."""
        proving = request.purpose == Purpose.CHANGE_PROOF
        if self._load(tx, request.reference, request.kid, proving=proving) is None:
            raise UnknownChange

    def of_request(self, tx: Tx, key: Key, request: Request) -> Change | None:
        """The open change this request belongs to; None for every other purpose, at no cost."""
        if request.purpose not in {Purpose.METHOD_CHANGE, Purpose.CHANGE_PROOF}:
            return None
        proving = request.purpose == Purpose.CHANGE_PROOF
        return self._load(tx, request.reference, key.kid, proving=proving)

    def settle(
        self, tx: Tx, key: Key, request: Request, change: Change, finished: Finished
    ) -> None:
        """Inside DONE: keep the new instance, or mark it proved and switch over at the last."""
        if request.purpose == Purpose.METHOD_CHANGE:
            self._grant(tx, key, change, finished)
            return
        if not store.prove(tx, change.change_id, key.kid):
            raise UnknownChange
        if all(row.proved for row in store.keys(tx, change.change_id)):
            store.switch_over(tx, change.change_id, change.m, change.versions)
            self._sessions.end_others(tx, key.credential_id, keep=change.session_id)
            tx.emit(
                MethodChanged(
                    subject=key.customer_id,
                    credential_id=key.credential_id,
                    secret=change.m,
                    change_id=change.change_id,
                )
            )

    def sweep(self) -> int:
        """Drop changes whose time is over (a job); returns how many."""
        with self._db.transaction() as tx:
            late = store.late(tx)
            for change_id in late:
                store.drop(tx, change_id)
        return len(late)

    def _grant(self, tx: Tx, key: Key, change: Change, finished: Finished) -> None:
        new = finished.granted
        if new is None or not store.grant(tx, change.change_id, key.kid):
            raise RequestAlreadySigned
        if change.disabled:
            store.drop_established(tx, key.kid, change.m)
            tries.start(tx, key.credential_id, change.m)
        row = {
            "kid": key.kid,
            "m": change.m,
            "version": change.version,
            "gen": key.tip + 1,
            "share": new.share,
            "share_before": None,
            "change_id": change.change_id,
        }
        keys_store.add_instances(tx, [row])

    def _of(self, tx: Tx, credential_id: str, change_id: str, kid: str) -> tuple[bytes, Instant]:
        """The kid, if this change of this credential holds it. Raises `UnknownChange`."""
        found = store.by_id(tx, change_id)
        if found is None or found.credential_id != credential_id:
            raise UnknownChange
        for row in store.keys(tx, change_id):
            if b64u(row.kid) == kid:
                return row.kid, Instant(found.expires_at)
        raise UnknownChange

    def _load(self, tx: Tx, change_id: str, kid: bytes, *, proving: bool) -> Change | None:
        """None when it is over, or when this step of this key is not its next one."""
        found = store.by_id(tx, change_id)
        if found is None or found.state != "open" or tx.now > found.expires_at:
            return None
        rows = store.keys(tx, change_id)
        own = next((row for row in rows if row.kid == kid), None)
        if own is None or own.granted != int(proving):
            return None
        others = [row for row in rows if row.kid != kid]
        spent = found.m == PATTERN and not tries.left(tx, found.credential_id, PATTERN)
        return Change(
            change_id=change_id,
            session_id=found.session_id,
            m=found.m,
            version=own.version,
            versions=tuple((row.kid, row.version) for row in rows),
            proving=proving,
            last=all(row.proved for row in others),
            disabled=spent and not proving,
        )
