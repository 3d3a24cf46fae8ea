"""S1: consume a try, commit, and only then evaluate (I4)."""

from typing import Any, Final

from sqlalchemy import Row

from dojang import policy
from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import CredentialLocked, State
from dojang.crypto.messages import PIN
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.problem import Problem
from dojang.methods import tries
from dojang.signing import store
from dojang.signing.core import Core, Refused, Round
from dojang.signing.events import SignatureServerBehind, SignatureStale
from dojang.signing.hooks import Hooks
from dojang.signing.model import (
    ID_BYTES,
    BadPoint,
    Begin,
    Begun,
    DifferentRequest,
    GenerationMismatch,
    Key,
    PatternDisabled,
    Purpose,
    Request,
    RequestAlreadySigned,
    RequestExpired,
    ServerBehind,
    SessionOver,
    SessionState,
    UnknownKey,
    UnknownRequest,
    WrongMethod,
    allows,
    usable,
)
from dojang.signing.spending import lock_if_spent

_OPEN: Final = SessionState.OPEN.value


class Beginning:
    def __init__(
        self, db: Database, core: Core, entropy: Entropy, lifecycle: Lifecycle, hooks: Hooks
    ) -> None:
        self._db = db
        self._core = core
        self._entropy = entropy
        self._lifecycle = lifecycle
        self._hooks = hooks

    def begin(self, jkt: str, asked: Begin) -> Begun:
        """One attempt: counted first, evaluated after the commit. Repeats are the same attempt.

        Raises the problems of contract 1.4. What must be remembered of a refusal (a lock, a
        stale generation in the log) is committed before the problem is raised.
        """
        new = asked.blinded_new
        try:
            self._core.check_begin(blinded=asked.blinded, d1=asked.d1, e1=asked.e1, new=new)
        except Refused:
            raise BadPoint from None
        with self._db.transaction() as tx:
            begun = self._admit(tx, jkt, asked)
        if isinstance(begun, Problem):
            raise begun
        of, expires_at, tries_left = begun
        evaluated, d2, e2 = self._core.answer(of, asked.blinded)
        return Begun(asked.rid, of.sid, evaluated, d2, e2, of.message, expires_at, tries_left)

    def _admit(self, tx: Tx, jkt: str, asked: Begin) -> tuple[Round, Instant, int] | Problem:
        store.lock_by_kid(tx, asked.kid, jkt)
        row = store.to_begin(
            tx,
            {
                "kid": asked.kid,
                "jkt": jkt,
                "rid": asked.rid,
                "request_id": asked.request_id,
                "m": asked.m,
                "version": asked.version,
            },
        )
        if row is None or not row.public_key:
            raise UnknownKey
        key = store.key(row)
        refused = usable(key.state, State(row.credential_state))
        if refused is not None:
            raise refused
        if row.again_sid is not None:
            return self._repeat(tx, row, asked)
        if asked.gen != key.tip:
            return _mismatch(tx, row, asked)
        request = self._permitted(tx, row, key, asked)
        if self._abandon(tx, row, key):
            return CredentialLocked()
        return self._open(tx, row, key, request, asked)

    def _repeat(self, tx: Tx, row: Row[Any], asked: Begin) -> tuple[Round, Instant, int]:
        """The same answer again, computed again; nothing is consumed twice."""
        if row.again_body_hash != asked.body_hash:
            raise DifferentRequest
        if row.again_state != _OPEN or tx.now > row.again_expires_at or row.share is None:
            raise SessionOver
        of = _round(asked, row.again_sid, row)
        return of, Instant(row.again_expires_at), row.again_tries_left

    def _permitted(self, tx: Tx, row: Row[Any], key: Key, asked: Begin) -> Request:
        """The request, if this key may sign it with this secret now."""
        if row.request_id is None:
            raise UnknownRequest
        if row.signed_at is not None:
            raise RequestAlreadySigned
        request = store.request(row)
        if tx.now > request.expires_at:
            raise RequestExpired
        proving = request.purpose == Purpose.CHANGE_PROOF
        changing = request.purpose == Purpose.METHOD_CHANGE
        if row.share is None or (row.change_id is not None) is not proving:
            raise WrongMethod
        if (asked.blinded_new is not None) is not changing:
            raise WrongMethod
        if not allows(key, request, m=asked.m, version=asked.version):
            raise WrongMethod
        if not row.remaining:
            raise CredentialLocked if asked.m == PIN else PatternDisabled
        self._hooks.check(tx, request)
        return request

    def _abandon(self, tx: Tx, row: Row[Any], key: Key) -> bool:
        """The older attempt of this key is over. True when that was the last PIN try."""
        if row.open_sid is None:
            return False
        store.close(tx, row.open_sid, SessionState.ABANDONED)
        return lock_if_spent(tx, self._lifecycle, key, row.open_m)

    def _open(
        self, tx: Tx, row: Row[Any], key: Key, request: Request, asked: Begin
    ) -> tuple[Round, Instant, int]:
        left = tries.consume(tx, key.credential_id, asked.m)
        assert left is not None  # read above, and the credential's row is ours
        sid = self._entropy.bytes(ID_BYTES)
        seconds = policy.current(tx).life.signing_seconds
        expires_at = Instant(tx.now + seconds * SECOND)
        store.add_session(
            tx,
            {
                "sid": sid,
                "kid": asked.kid,
                "rid": asked.rid,
                "body_hash": asked.body_hash,
                "request_id": request.request_id,
                "m": asked.m,
                "version": asked.version,
                "gen": asked.gen,
                "blinded": asked.blinded,
                "d1": asked.d1,
                "e1": asked.e1,
                "blinded_new": asked.blinded_new,
                "state": _OPEN,
                "tries_left": left,
                "expires_at": expires_at,
            },
        )
        return _round(asked, sid, row), expires_at, left


def _round(asked: Begin, sid: bytes, row: Row[Any]) -> Round:
    return Round(
        kid=asked.kid,
        m=asked.m,
        version=asked.version,
        gen=asked.gen,
        sid=sid,
        d1=asked.d1,
        e1=asked.e1,
        message=row.message,
        share=row.share,
    )


def _mismatch(tx: Tx, row: Row[Any], asked: Begin) -> Problem:
    """Never a change of state: this may be a delayed duplicate of an honest phone.

    The log says it once for each generation, whatever is sent how often.
    """
    tip, gen = row.tip, asked.gen
    facts = {
        "subject": row.customer_id,
        "credential_id": row.credential_id,
        "kid": row.kid,
        "gen": gen,
        "tip": tip,
    }
    if gen < tip:
        if gen > row.stale_told:
            tx.emit(SignatureStale(**facts))
            store.told(tx, row.kid, stale=gen, ahead=row.ahead_told)
        return GenerationMismatch(gen=tip)
    if tip > row.ahead_told:
        tx.emit(SignatureServerBehind(**facts))
        store.told(tx, row.kid, stale=row.stale_told, ahead=tip)
    return ServerBehind()
