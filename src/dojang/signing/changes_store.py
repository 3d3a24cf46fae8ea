"""Every statement on changes of a secret."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, null, select, update

from dojang.db import Tx
from dojang.signing.model import KeyState
from dojang.signing.tables import (
    method_change,
    method_change_key,
    signing_instance,
    signing_key,
)

_M: Final = method_change.c
_MK: Final = method_change_key.c
_I: Final = signing_instance.c
_K: Final = signing_key.c

_by_id: Final = select(method_change).where(_M.change_id == bindparam("change_id"))
_keys: Final = (
    select(method_change_key, _K.kind)
    .join(signing_key, _K.kid == _MK.kid)
    .where(_MK.change_id == bindparam("change_id"))
    .order_by(_K.kind)
)
_active_keys: Final = (
    select(_K.kid, _K.kind)
    .where(_K.credential_id == bindparam("of"), _K.state == KeyState.ACTIVE.value)
    .order_by(_K.kind)
)
_open: Final = (
    select(_M.change_id)
    .where(_M.credential_id == bindparam("of"), _M.state == "open")
    .order_by(_M.change_id)
)
_late: Final = (
    select(_M.change_id)
    .where(_M.state == "open", _M.expires_at < bindparam("now"))
    .order_by(_M.change_id)
)
_newest_made: Final = select(func.max(_I.version)).where(
    _I.kid == bindparam("kid"), _I.m == bindparam("m")
)
_newest_asked: Final = (
    select(func.max(_MK.version))
    .join(method_change, _M.change_id == _MK.change_id)
    .where(_MK.kid == bindparam("kid"), _M.m == bindparam("m"))
)
_grant: Final = (
    update(method_change_key)
    .where(_MK.change_id == bindparam("of"), _MK.kid == bindparam("key"), _MK.granted == 0)
    .values(granted=1)
)
_prove: Final = (
    update(method_change_key)
    .where(_MK.change_id == bindparam("of"), _MK.kid == bindparam("key"), _MK.granted == 1)
    .values(proved=1)
)
_end: Final = (
    update(method_change)
    .where(_M.change_id == bindparam("of"), _M.state == "open")
    .values(state=bindparam("to"))
)
_drop_pending: Final = delete(signing_instance).where(_I.change_id == bindparam("of"))
_drop_versions: Final = delete(signing_instance).where(
    _I.kid == bindparam("key"), _I.m == bindparam("which"), _I.version != bindparam("keep")
)
_drop_established: Final = delete(signing_instance).where(
    _I.kid == bindparam("key"), _I.m == bindparam("which"), _I.change_id.is_(null())
)
_establish: Final = (
    update(signing_instance).where(_I.change_id == bindparam("of")).values(change_id=None)
)


def by_id(tx: Tx, change_id: str) -> Row[Any] | None:
    return tx.execute(_by_id, {"change_id": change_id}).one_or_none()


def keys(tx: Tx, change_id: str) -> Sequence[Row[Any]]:
    return tx.execute(_keys, {"change_id": change_id}).all()


def active_keys(tx: Tx, credential_id: str) -> Sequence[Row[Any]]:
    return tx.execute(_active_keys, {"of": credential_id}).all()


def open_of(tx: Tx, credential_id: str) -> list[str]:
    return list(tx.execute(_open, {"of": credential_id}).scalars())


def late(tx: Tx) -> list[str]:
    return list(tx.execute(_late, {"now": tx.now}).scalars())


def next_version(tx: Tx, kid: bytes, m: str) -> int:
    """Above every version that was ever made or asked for: an OPRF key has one life."""
    of = {"kid": kid, "m": m}
    made = tx.execute(_newest_made, of).scalar()
    asked = tx.execute(_newest_asked, of).scalar()
    return 1 + max(-1 if made is None else made, -1 if asked is None else asked)


def add(
    tx: Tx,
    *,
    change_id: str,
    credential_id: str,
    session_id: str,
    m: str,
    expires_at: int,
    versions: Sequence[tuple[bytes, int]],
) -> None:
    tx.execute(
        insert(method_change),
        {
            "change_id": change_id,
            "credential_id": credential_id,
            "session_id": session_id,
            "m": m,
            "state": "open",
            "expires_at": expires_at,
        },
    )
    rows = [
        {"change_id": change_id, "kid": kid, "version": version, "granted": 0, "proved": 0}
        for kid, version in versions
    ]
    tx.execute(insert(method_change_key), rows)


def grant(tx: Tx, change_id: str, kid: bytes) -> bool:
    """True once."""
    return tx.execute(_grant, {"of": change_id, "key": kid}).rowcount == 1


def prove(tx: Tx, change_id: str, kid: bytes) -> bool:
    return tx.execute(_prove, {"of": change_id, "key": kid}).rowcount == 1


def drop(tx: Tx, change_id: str) -> None:
    """The new instances go, the old ones were never touched."""
    tx.execute(_end, {"of": change_id, "to": "dropped"})
    tx.execute(_drop_pending, {"of": change_id})


def drop_established(tx: Tx, kid: bytes, m: str) -> None:
    tx.execute(_drop_established, {"key": kid, "which": m})


def switch_over(tx: Tx, change_id: str, m: str, versions: Sequence[tuple[bytes, int]]) -> None:
    """The new versions hold; every other one of this secret goes."""
    for kid, version in versions:
        tx.execute(_drop_versions, {"key": kid, "which": m, "keep": version})
    tx.execute(_establish, {"of": change_id})
    tx.execute(_end, {"of": change_id, "to": "done"})
