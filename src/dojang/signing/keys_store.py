"""Every statement on keys outside a ceremony: made, activated, erased, looked up."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, insert, null, select, update

from dojang.db import Tx
from dojang.methods.tables_tries import secret_tries
from dojang.signing.model import KeyState, Purpose, SessionState
from dojang.signing.tables import (
    signing_data_key,
    signing_instance,
    signing_key,
    signing_request,
    signing_session,
)

_K: Final = signing_key.c
_I: Final = signing_instance.c
_R: Final = signing_request.c
_S: Final = signing_session.c

_of_credential: Final = (
    select(signing_key)
    .where(_K.credential_id == bindparam("credential_id"))
    .order_by(_K.kind, _K.created_at)
)
_enrolling: Final = _of_credential.where(_K.state == KeyState.ENROLLING.value)
_waiting: Final = (
    select(signing_key)
    .where(_K.kid == bindparam("kid"), _K.jkt == bindparam("jkt"))
    .where(_K.state == KeyState.ENROLLING.value)
)
_share_out: Final = (
    update(signing_key)
    .where(
        _K.kid == bindparam("of"),
        _K.state == KeyState.ENROLLING.value,
        _K.pending.is_not(null()),
    )
    .values(pending=None, public_key=bindparam("pk"))
)
_activate: Final = (
    update(signing_key)
    .where(_K.credential_id == bindparam("of"), _K.state == KeyState.ENROLLING.value)
    .values(state=KeyState.ACTIVE.value)
)
_end: Final = (
    update(signing_key)
    .where(_K.credential_id == bindparam("of"))
    .values(state=KeyState.ENDED.value, pending=None, result=None)
)
_stale: Final = select(_K.kid).where(
    _K.state == KeyState.ENROLLING.value, _K.created_at < bindparam("before")
)
_kids: Final = select(_K.kid).where(_K.credential_id == bindparam("of"))
_drop_shares: Final = delete(signing_instance).where(_I.kid.in_(_kids))
_close_sessions: Final = (
    update(signing_session)
    .where(_S.kid.in_(_kids), _S.state == SessionState.OPEN.value)
    .values(state=SessionState.ABANDONED.value)
)
_drop_requests: Final = delete(signing_request).where(_R.kid.in_(_kids), _R.signature.is_(null()))
_enrolment_requests: Final = (
    select(_R.kid, _R.purpose, _R.message, _R.signature)
    .where(
        _R.kid == bindparam("kid"),
        _R.purpose.in_((Purpose.ENROL_CSR.value, Purpose.ENROL_PROOF.value)),
    )
    .order_by(_R.request_id)
)
_forget = {
    table.name: delete(table).where(table.c.kid == bindparam("of"))
    for table in (signing_instance, signing_session, signing_request, signing_key)
}
_methods: Final = (
    select(_K.kid, _K.kind, _I.m, _I.version, secret_tries.c.remaining)
    .join(signing_instance, _I.kid == _K.kid)
    .outerjoin(
        secret_tries,
        (secret_tries.c.credential_id == _K.credential_id) & (secret_tries.c.secret == _I.m),
    )
    .where(
        _K.credential_id == bindparam("of"),
        _K.state == KeyState.ACTIVE.value,
        _I.change_id.is_(null()),
    )
    .order_by(_K.kind, _I.m, _I.version)
)
_add_request: Final = insert(signing_request)
_request: Final = (
    select(
        signing_request,
        _K.credential_id,
        _K.customer_id,
        _K.jkt,
        _K.kind.label("key_kind"),
    )
    .join(signing_key, _K.kid == _R.kid)
    .where(_R.request_id == bindparam("request_id"))
)
_drop_unsigned: Final = delete(signing_request).where(
    _R.signature.is_(null()),
    _R.expires_at < bindparam("before"),
    _R.request_id.not_in(select(_S.request_id).where(_S.state == SessionState.OPEN.value)),
)
_forget_sessions: Final = delete(signing_session).where(
    _S.state != SessionState.OPEN.value,
    _S.expires_at < bindparam("before"),
    ~exists().where(_K.kid == _S.kid, _K.last_sid == _S.sid),
)
_data_keys: Final = select(signing_data_key.c.id, signing_data_key.c.wrapped)


def data_keys(tx: Tx) -> dict[str, bytes]:
    return {row.id: row.wrapped for row in tx.execute(_data_keys)}


def add_data_key(tx: Tx, key_id: str, wrapped: bytes) -> None:
    values = {"id": key_id, "wrapped": wrapped, "created_at": tx.now}
    tx.execute(insert(signing_data_key), values)


def add_key(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.execute(insert(signing_key), values)


def add_instances(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.execute(insert(signing_instance), list(rows))


def of_credential(tx: Tx, credential_id: str) -> list[Row[Any]]:
    return list(tx.execute(_of_credential, {"credential_id": credential_id}))


def enrolling(tx: Tx, credential_id: str) -> list[Row[Any]]:
    return list(tx.execute(_enrolling, {"credential_id": credential_id}))


def waiting(tx: Tx, kid: bytes, jkt: str) -> Row[Any] | None:
    """A key of this device that is being enrolled."""
    return tx.execute(_waiting, {"kid": kid, "jkt": jkt}).one_or_none()


def share_out(tx: Tx, kid: bytes, public_key: bytes) -> bool:
    """Erase the line; True for the one transaction that answered E2."""
    return tx.execute(_share_out, {"of": kid, "pk": public_key}).rowcount == 1


def activate(tx: Tx, credential_id: str) -> int:
    return tx.execute(_activate, {"of": credential_id}).rowcount


def end(tx: Tx, credential_id: str) -> None:
    """Shares and results are gone for good; rows of what was signed stay."""
    for statement in (_drop_shares, _close_sessions, _drop_requests, _end):
        tx.execute(statement, {"of": credential_id})


def forget(tx: Tx, kid: bytes) -> None:
    """A key that never came to life leaves nothing behind."""
    for statement in _forget.values():
        tx.execute(statement, {"of": kid})


def half_done(tx: Tx, before: int) -> list[bytes]:
    return list(tx.execute(_stale, {"before": before}).scalars())


def enrolment_requests(tx: Tx, kid: bytes) -> list[Row[Any]]:
    return list(tx.execute(_enrolment_requests, {"kid": kid}))


def methods(tx: Tx, credential_id: str) -> list[Row[Any]]:
    return list(tx.execute(_methods, {"of": credential_id}))


def add_request(tx: Tx, values: Mapping[str, Any]) -> None:
    tx.execute(_add_request, values)


def request(tx: Tx, request_id: str) -> Row[Any] | None:
    return tx.execute(_request, {"request_id": request_id}).one_or_none()


def drop_unsigned(tx: Tx, before: int) -> int:
    """Requests that nobody signed, long after their time."""
    return tx.execute(_drop_unsigned, {"before": before}).rowcount


def forget_sessions(tx: Tx, before: int) -> int:
    """Attempts that ended long ago, but never the one whose result a phone may still fetch."""
    return tx.execute(_forget_sessions, {"before": before}).rowcount
