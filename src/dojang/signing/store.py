"""Every statement on ceremonies: prepared once, few for each request, the device in the WHERE.

A transaction that decides anything about a credential first locks its row (`lock_by_kid`,
`lock_by_sid`): keys, sessions, tries and instances all hang on it, so that one lock orders all
ceremonies and changes of life of a credential. SQLite has one writer and needs no such statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, insert, null, or_, select, update

from dojang.certificates.model import State
from dojang.certificates.tables import credential
from dojang.crypto.messages import KeyKind, Kind
from dojang.db import Tx
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.methods.tables_tries import secret_tries
from dojang.signing.core import Finished, InstanceId
from dojang.signing.model import Key, KeyState, Request, SessionState
from dojang.signing.tables import (
    signing_instance,
    signing_key,
    signing_request,
    signing_session,
)

K: Final = signing_key.c
_I: Final = signing_instance.c
_S: Final = signing_session.c
_R: Final = signing_request.c
_C: Final = credential.c
_OPEN: Final = SessionState.OPEN.value

_KEY: Final = (
    K.kid,
    K.credential_id,
    K.customer_id,
    K.kind,
    K.state,
    K.jkt,
    K.public_key,
    K.tip,
    K.created_at,
)
_REQUEST: Final = (
    _R.request_id,
    _R.kind.label("message_kind"),
    _R.message,
    _R.purpose,
    _R.reference,
    _R.m.label("request_m"),
    _R.version.label("request_version"),
    _R.expires_at.label("request_expires_at"),
    _R.signed_at,
)
_again = signing_session.alias("again")
_open = signing_session.alias("open_one")

_lock_by_kid: Final = Prepared(
    select(_C.id)
    .where(
        _C.id
        == select(K.credential_id)
        .where(K.kid == bindparam("kid"), K.jkt == bindparam("jkt"))
        .scalar_subquery()
    )
    .with_for_update()
)
_lock_by_sid: Final = Prepared(
    select(_C.id)
    .where(
        _C.id
        == select(K.credential_id)
        .join(signing_session, _S.kid == K.kid)
        .where(_S.sid == bindparam("sid"))
        .scalar_subquery()
    )
    .with_for_update()
)
_to_begin: Final = Prepared(
    select(
        *_KEY,
        K.stale_told,
        K.ahead_told,
        _C.state.label("credential_state"),
        *_REQUEST,
        _I.gen.label("instance_gen"),
        _I.share,
        _I.change_id,
        secret_tries.c.remaining,
        _again.c.sid.label("again_sid"),
        _again.c.body_hash.label("again_body_hash"),
        _again.c.state.label("again_state"),
        _again.c.gen.label("again_gen"),
        _again.c.tries_left.label("again_tries_left"),
        _again.c.expires_at.label("again_expires_at"),
        _open.c.sid.label("open_sid"),
        _open.c.m.label("open_m"),
    )
    .select_from(signing_key)
    .join(credential, _C.id == K.credential_id)
    .outerjoin(
        signing_request,
        and_(_R.request_id == bindparam("request_id"), _R.kid == K.kid),
    )
    .outerjoin(
        signing_instance,
        and_(_I.kid == K.kid, _I.m == bindparam("m"), _I.version == bindparam("version")),
    )
    .outerjoin(
        secret_tries,
        and_(
            secret_tries.c.credential_id == K.credential_id,
            secret_tries.c.secret == bindparam("m"),
        ),
    )
    .outerjoin(_again, and_(_again.c.kid == K.kid, _again.c.rid == bindparam("rid")))
    .outerjoin(_open, and_(_open.c.kid == K.kid, _open.c.state == _OPEN))
    .where(K.kid == bindparam("kid"), K.jkt == bindparam("jkt"))
)
_session: Final = (
    select(
        *_KEY,
        K.last_sid,
        K.result,
        _C.state.label("credential_state"),
        *_REQUEST,
        _S.sid,
        _S.m,
        _S.version,
        _S.gen,
        _S.d1,
        _S.e1,
        _S.blinded_new,
        _S.state.label("session_state"),
        _S.tries_left,
        _S.expires_at,
    )
    .select_from(signing_session)
    .join(signing_key, K.kid == _S.kid)
    .join(credential, _C.id == K.credential_id)
    .join(signing_request, _R.request_id == _S.request_id)
    .where(_S.sid == bindparam("sid"))
)
_by_sid: Final = Prepared(_session)
_to_complete: Final = Prepared(_session.where(K.jkt == bindparam("jkt")))
_instances: Final = Prepared(
    select(_I.m, _I.version, _I.gen, _I.share, _I.change_id)
    .where(_I.kid == bindparam("kid"))
    .order_by(_I.m, _I.version)
)
_add_session: Final = Prepared(insert(signing_session))
_close: Final = Prepared(
    update(signing_session)
    .where(_S.sid == bindparam("of"), _S.state == _OPEN)
    .values(state=bindparam("to"))
)
_close_wrong: Final = Prepared(
    update(signing_session)
    .where(_S.sid == bindparam("of"), _S.state == _OPEN)
    .values(state=SessionState.WRONG.value, tries_left=bindparam("left"))
)
_advance: Final = Prepared(
    update(signing_key)
    .where(
        K.kid == bindparam("of"),
        K.tip == bindparam("gen"),
        K.state != KeyState.ENDED.value,
        select(_C.id)
        .where(
            _C.id == K.credential_id,
            or_(_C.state == State.ACTIVE.value, _C.state == State.ENROLLING.value),
        )
        .exists(),
    )
    .values(tip=K.tip + 1, last_sid=bindparam("sid"), result=bindparam("result"))
)
_move_instance: Final = Prepared(
    update(signing_instance)
    .where(
        _I.kid == bindparam("of"),
        _I.m == bindparam("which"),
        _I.version == bindparam("in_version"),
        _I.gen == bindparam("at_gen"),
    )
    .values(gen=_I.gen + 1, share_before=_I.share, share=bindparam("share"))
)
_sign_request: Final = Prepared(
    update(signing_request)
    .where(_R.request_id == bindparam("of"), _R.signature.is_(null()))
    .values(
        signature=bindparam("signature"),
        signed_at=bindparam("at"),
        m=bindparam("secret"),
        version=bindparam("in_version"),
    )
)
_told: Final = Prepared(
    update(signing_key)
    .where(K.kid == bindparam("of"))
    .values(stale_told=bindparam("stale"), ahead_told=bindparam("ahead"))
)
_expired: Final = Prepared(
    select(_S.sid)
    .where(_S.state == _OPEN, _S.expires_at < bindparam("now"))
    .order_by(_S.expires_at)
    .limit(bindparam("limit"))
)
_of_device: Final = Prepared(
    select(*_KEY, _C.state.label("credential_state"))
    .join(credential, _C.id == K.credential_id)
    .where(K.kid == bindparam("kid"), K.jkt == bindparam("jkt"))
)


@dataclass(frozen=True)
class ShareRow:
    """An instance with its sealed share."""

    which: InstanceId
    gen: int
    share: bytes
    change_id: str | None


def lock_by_kid(tx: Tx, kid: bytes, jkt: str) -> None:
    if tx.connection.dialect.name != "sqlite":
        _lock_by_kid(tx.connection, {"kid": kid, "jkt": jkt})


def lock_by_sid(tx: Tx, sid: bytes) -> None:
    if tx.connection.dialect.name != "sqlite":
        _lock_by_sid(tx.connection, {"sid": sid})


def to_begin(tx: Tx, params: Mapping[str, Any]) -> Row[Any] | None:
    """Everything a begin is judged by, in one row: kid, jkt, rid, request_id, m, version."""
    return _to_begin(tx.connection, params).one_or_none()


def to_complete(tx: Tx, sid: bytes, jkt: str) -> Row[Any] | None:
    return _to_complete(tx.connection, {"sid": sid, "jkt": jkt}).one_or_none()


def by_sid(tx: Tx, sid: bytes) -> Row[Any] | None:
    """As `to_complete`, for our own jobs: whichever device it belongs to."""
    return _by_sid(tx.connection, {"sid": sid}).one_or_none()


def of_device(tx: Tx, kid: bytes, jkt: str) -> Row[Any] | None:
    return _of_device(tx.connection, {"kid": kid, "jkt": jkt}).one_or_none()


def key(row: Row[Any]) -> Key:
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


def request(row: Row[Any]) -> Request:
    return Request(
        request_id=row.request_id,
        kid=row.kid,
        kind=Kind(row.message_kind),
        message=row.message,
        purpose=row.purpose,
        reference=row.reference,
        m=row.request_m,
        version=row.request_version,
        expires_at=Instant(row.request_expires_at),
    )


def instances(tx: Tx, kid: bytes) -> list[ShareRow]:
    found = _instances(tx.connection, {"kid": kid})
    return [ShareRow((r.m, r.version), r.gen, r.share, r.change_id) for r in found]


def add_session(tx: Tx, values: Mapping[str, Any]) -> None:
    _add_session(tx.connection, values)


def close(tx: Tx, sid: bytes, to: SessionState) -> bool:
    """The compare-and-swap from OPEN: True for the one transaction that closed it."""
    return _close(tx.connection, {"of": sid, "to": to.value}).rowcount == 1


def close_wrong(tx: Tx, sid: bytes, left: int) -> bool:
    """As `close`, with what is told of the tries."""
    return _close_wrong(tx.connection, {"of": sid, "left": left}).rowcount == 1


def advance(tx: Tx, *, kid: bytes, gen: int, sid: bytes, result: bytes) -> bool:
    """tip := gen + 1 and the result of gen - 1 is forgotten, if all still stands (I3)."""
    done = _advance(tx.connection, {"of": kid, "gen": gen, "sid": sid, "result": result})
    return done.rowcount == 1


def move_instances(tx: Tx, *, kid: bytes, gen: int, finished: Finished) -> bool:
    """The shares of gen - 1 are forgotten, those of gen kept one generation more.

    False when an instance that was read is not there any more.
    """
    moves: Sequence[Mapping[str, Any]] = [
        {"of": kid, "at_gen": gen, "which": m, "in_version": version, "share": share}
        for (m, version), share in finished.shares.items()
    ]
    moved = _move_instance(tx.connection, moves[0] if len(moves) == 1 else moves)
    return moved.rowcount == len(moves)


def sign_request(tx: Tx, request_id: str, *, signature: bytes, secret: str, version: int) -> bool:
    """One signature a request."""
    values = {
        "of": request_id,
        "signature": signature,
        "at": tx.now,
        "secret": secret,
        "in_version": version,
    }
    return _sign_request(tx.connection, values).rowcount == 1


def told(tx: Tx, kid: bytes, *, stale: int, ahead: int) -> None:
    """Remember what the log already says of this key, so that it says it once."""
    _told(tx.connection, {"of": kid, "stale": stale, "ahead": ahead})


def expired(tx: Tx, limit: int) -> list[bytes]:
    """Sessions that nobody closed in time, oldest first."""
    return list(_expired(tx.connection, {"now": tx.now, "limit": limit}).scalars())
