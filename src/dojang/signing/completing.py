"""S2 to S4: the verdict, its one transaction, and the answer to a phone that lost it."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row

from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import CredentialRevoked, Hold, State
from dojang.db import Database, Tx
from dojang.kernel.problem import Unavailable
from dojang.methods import tries
from dojang.signing import store
from dojang.signing.changes import Change, Changes
from dojang.signing.core import Core, Finished, Refused, Round
from dojang.signing.events import CopyConfirmed, SignatureDone, SignatureWrong
from dojang.signing.hooks import Hooks
from dojang.signing.model import (
    BadPoint,
    Delta,
    Done,
    Ended,
    GenerationMismatch,
    Key,
    KeyState,
    NotCompleted,
    Request,
    RequestAlreadySigned,
    SessionOver,
    SessionState,
    Signed,
    UnknownKey,
    Wrong,
    usable,
)
from dojang.signing.spending import lock_if_spent

ATTEMPTS_MAX: Final = 4
_OPEN: Final = SessionState.OPEN.value


class _Overtaken(Exception):
    """Another transaction was faster; everything of this one is undone."""


@dataclass(frozen=True)
class _Read:
    """What was read before computing: the session's row, and what a DONE would move."""

    row: Row[Any]
    key: Key
    request: Request
    shares: list[store.ShareRow]
    change: Change | None


class Completing:
    def __init__(
        self, db: Database, core: Core, lifecycle: Lifecycle, hooks: Hooks, changes: Changes
    ) -> None:
        self._db = db
        self._core = core
        self._lifecycle = lifecycle
        self._hooks = hooks
        self._changes = changes

    def complete(self, jkt: str, sid: bytes, z1: bytes) -> Done | Wrong:
        """Read, compute outside any transaction, then one compare-and-swap. Repeats are harmless.

        Raises `SessionOver`, `BadPoint`, `GenerationMismatch` and what the credential's state says.
        """
        for _ in range(ATTEMPTS_MAX):
            read = self._read(jkt, sid)
            if read.row.session_state != _OPEN:
                ended = self._stored(read.row)
                if isinstance(ended, NotCompleted):
                    raise SessionOver
                return ended
            refused = usable(read.key.state, State(read.row.credential_state))
            if refused is not None:
                raise refused
            try:
                return self._judge(read, z1)
            except _Overtaken:
                continue
        raise Unavailable

    def resume(self, jkt: str, sid: bytes) -> Ended:
        """How it ended; an attempt that is still open ends here, without a signature.

        A session we do not know was never completed here (or its database was rolled back).
        """
        with self._db.transaction() as tx:
            store.lock_by_sid(tx, sid)
            row = store.to_complete(tx, sid, jkt)
            if row is None:
                return NotCompleted()
            if row.session_state == _OPEN:
                self._abandon(tx, row)
                return NotCompleted()
        return self._stored(row)

    def confirm_stale(self, jkt: str, kid: bytes, gen: int) -> State:
        """The phone's word that its share was overtaken: suspend, and tell the owner.

        Returns the credential's state. A generation that is not behind changes nothing.
        """
        with self._db.transaction() as tx:
            store.lock_by_kid(tx, kid, jkt)
            row = store.of_device(tx, kid, jkt)
            if row is None:
                raise UnknownKey
            key, state = store.key(row), State(row.credential_state)
            if gen >= key.tip or key.state is not KeyState.ACTIVE:
                return state
            after = self._lifecycle.suspend(tx, key.credential_id, Hold.COPY)
            if after is not state:
                tx.emit(
                    CopyConfirmed(
                        subject=key.customer_id,
                        credential_id=key.credential_id,
                        kid=kid,
                        gen=gen,
                        tip=key.tip,
                    )
                )
            return after

    def sweep(self, limit: int) -> int:
        """End attempts whose time is over (a job); returns how many."""
        with self._db.transaction() as tx:
            sids = store.expired(tx, limit)
            for sid in sids:
                store.lock_by_sid(tx, sid)
                found = store.by_sid(tx, sid)
                if found is not None and found.session_state == _OPEN:
                    self._abandon(tx, found)
        return len(sids)

    def _read(self, jkt: str, sid: bytes) -> _Read:
        with self._db.snapshot() as tx:
            row = store.to_complete(tx, sid, jkt)
            if row is None:
                raise SessionOver
            key, request = store.key(row), store.request(row)
            late = row.session_state == _OPEN and tx.now > row.expires_at
            shares = store.instances(tx, key.kid) if row.session_state == _OPEN else []
            change = self._changes.of_request(tx, key, request)
        if late:
            with self._db.transaction() as tx:
                store.lock_by_sid(tx, sid)
                self._abandon(tx, row)
            raise SessionOver
        return _Read(row, key, request, shares, change)

    def _judge(self, read: _Read, z1: bytes) -> Done | Wrong:
        row, change = read.row, read.change
        sealed = {one.which: one.share for one in read.shares if one.gen == row.gen}
        share = sealed.get((row.m, row.version))
        if share is None or row.gen != read.key.tip:
            raise SessionOver
        dropped = set() if change is None else change.drops(read.key.kid, sealed)
        asked_new = None
        if change is not None and row.blinded_new is not None:
            asked_new = ((change.m, change.version), row.blinded_new)
        try:
            finished = self._core.finish(
                _round(row, share),
                public_key=read.key.public_key,
                z1=z1,
                shares={which: blob for which, blob in sealed.items() if which not in dropped},
                new=asked_new,
            )
        except Refused:
            raise BadPoint from None
        if finished is None:
            return self._wrong(read)
        return self._done(read, finished)

    def _wrong(self, read: _Read) -> Wrong:
        row, key = read.row, read.key
        with self._db.transaction() as tx:
            store.lock_by_sid(tx, row.sid)
            left = tries.left(tx, key.credential_id, row.m)
            if not store.close_wrong(tx, row.sid, left):
                raise _Overtaken
            tx.emit(
                SignatureWrong(
                    subject=key.customer_id,
                    credential_id=key.credential_id,
                    kid=key.kid,
                    key=key.kind.value,
                    secret=row.m,
                    tries_left=left,
                    purpose=read.request.purpose,
                )
            )
            lock_if_spent(tx, self._lifecycle, key, row.m)
        return Wrong(left)

    def _done(self, read: _Read, finished: Finished) -> Done:
        """The one transaction of a signature (I3)."""
        row, key = read.row, read.key
        answer = _answer(row.gen + 1, finished)
        result = self._core.seal_result(key.kid, row.gen, _packed(answer))
        with self._db.transaction() as tx:
            store.lock_by_sid(tx, row.sid)
            if not store.close(tx, row.sid, SessionState.DONE):
                raise _Overtaken
            if not store.advance(tx, kid=key.kid, gen=row.gen, sid=row.sid, result=result):
                raise _Overtaken
            if not store.move_instances(tx, kid=key.kid, gen=row.gen, finished=finished):
                raise _Overtaken
            tries.restore(tx, key.credential_id, row.m)
            if key.state is KeyState.ACTIVE:
                self._lifecycle.used(tx, key.credential_id)
            self._tell(tx, read, finished)
        return answer

    def _tell(self, tx: Tx, read: _Read, finished: Finished) -> None:
        row, key, request = read.row, read.key, read.request
        if not store.sign_request(
            tx,
            request.request_id,
            signature=finished.signature,
            secret=row.m,
            version=row.version,
        ):
            raise RequestAlreadySigned
        tx.emit(
            SignatureDone(
                subject=key.customer_id,
                credential_id=key.credential_id,
                kid=key.kid,
                key=key.kind.value,
                secret=row.m,
                version=row.version,
                gen=row.gen,
                message_kind=request.kind.value,
                purpose=request.purpose,
                reference=request.reference,
                request_id=request.request_id,
                message_hash=hashlib.sha256(request.message + finished.signature).digest(),
            )
        )
        if read.change is not None:
            self._changes.settle(tx, key, request, read.change, finished)
        self._hooks.tell(tx, _signed(tx, read, finished))

    def _abandon(self, tx: Tx, row: Row[Any]) -> None:
        if store.close(tx, row.sid, SessionState.ABANDONED):
            lock_if_spent(tx, self._lifecycle, store.key(row), row.m)

    def _stored(self, row: Row[Any]) -> Ended:
        """The answer to what was closed before; raises when a later signature superseded it."""
        state = SessionState(row.session_state)
        if state is SessionState.WRONG:
            return Wrong(row.tries_left)
        if state is SessionState.ABANDONED:
            return NotCompleted()
        if row.state == KeyState.ENDED.value:
            raise CredentialRevoked
        if row.last_sid != row.sid:
            raise GenerationMismatch(gen=row.tip)
        signature, gen, deltas, evaluated_new, delta_new = self._core.open_result(
            row.kid, row.gen, row.result
        )
        moved = tuple(Delta(*one) for one in deltas)
        return Done(signature, gen, moved, evaluated_new, delta_new)


def _round(row: Row[Any], share: bytes) -> Round:
    return Round(
        kid=row.kid,
        m=row.m,
        version=row.version,
        gen=row.gen,
        sid=row.sid,
        d1=row.d1,
        e1=row.e1,
        message=row.message,
        share=share,
    )


def _answer(gen: int, finished: Finished) -> Done:
    deltas = tuple(Delta(m, version, d) for (m, version), d in finished.deltas.items())
    new = finished.granted
    if new is None:
        return Done(finished.signature, gen, deltas)
    return Done(finished.signature, gen, deltas, new.evaluated, new.delta)


def _packed(done: Done) -> list[Any]:
    deltas = [[one.m, one.version, one.delta] for one in done.deltas]
    return [done.signature, done.gen, deltas, done.evaluated_new, done.delta_new]


def _signed(tx: Tx, read: _Read, finished: Finished) -> Signed:
    row, key, request = read.row, read.key, read.request
    return Signed(
        request_id=request.request_id,
        kid=key.kid,
        credential_id=key.credential_id,
        customer_id=key.customer_id,
        jkt=key.jkt,
        key_kind=key.kind,
        kind=request.kind,
        purpose=request.purpose,
        reference=request.reference,
        message=request.message,
        signature=finished.signature,
        secret=row.m,
        version=row.version,
        at=tx.now,
    )
