"""Every statement about sessions. The owner or the device key is in each WHERE."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ARRAY, LargeBinary, Row, Text, any_, bindparam, insert, select, update

from dojang.customers.tables import session
from dojang.db.arrays import Blobs, Texts
from dojang.db.database import Tx
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant

_add: Final = Prepared(insert(session))
_by_token: Final = Prepared(
    select(session).where(
        session.c.token_hash == bindparam("b_token"), session.c.jkt == bindparam("b_jkt")
    )
)
_by_tokens: Final = Prepared(
    select(session).where(
        session.c.token_hash == any_(bindparam("b_tokens", type_=ARRAY(LargeBinary))),
        session.c.jkt == any_(bindparam("b_jkts", type_=ARRAY(Text))),
    )
)
"""One round trip, PostgreSQL only. Which token came with which key is seen to by who asks."""
_by_request: Final = (
    select(session)
    .where(session.c.request_id == bindparam("b_request"), session.c.jkt == bindparam("b_jkt"))
    .with_for_update()
)
_alive: Final = session.c.ended_at.is_(None)
_claim: Final = (
    update(session)
    .where(session.c.id == bindparam("b_id"), _alive)
    .values(token_hash=bindparam("b_token"), last_used_at=bindparam("b_at"))
)
_touch: Final = (
    update(session)
    .where(session.c.id == bindparam("b_id"), _alive, session.c.last_used_at < bindparam("b_at"))
    .values(last_used_at=bindparam("b_at"))
)
_of_customer: Final = (
    select(session)
    .where(
        session.c.customer_id == bindparam("b_customer"),
        session.c.token_hash.is_not(None),
        _alive,
    )
    .order_by(session.c.last_used_at.desc())
)
_identified: Final = (
    update(session)
    .where(
        session.c.customer_id == bindparam("b_customer"),
        session.c.jkt == bindparam("b_jkt"),
        session.c.token_hash.is_not(None),
        _alive,
    )
    .values(identified_at=bindparam("b_at"))
)
_end: Final = (
    update(session)
    .where(session.c.id == bindparam("b_id"), _alive)
    .values(ended_at=bindparam("b_at"))
)
_end_own: Final = (
    update(session)
    .where(
        session.c.id == bindparam("b_id"),
        session.c.customer_id == bindparam("b_customer"),
        _alive,
    )
    .values(ended_at=bindparam("b_at"))
)
_end_all: Final = (
    update(session)
    .where(session.c.credential_id == bindparam("b_credential"), _alive)
    .values(ended_at=bindparam("b_at"))
)
_end_others: Final = (
    update(session)
    .where(
        session.c.credential_id == bindparam("b_credential"),
        session.c.id != bindparam("b_keep"),
        _alive,
    )
    .values(ended_at=bindparam("b_at"))
)


def add(tx: Tx, row: dict[str, Any]) -> None:
    _add(tx.connection, row)


def by_tokens(tx: Tx, claims: Sequence[tuple[bytes, str]]) -> list[Row[Any] | None]:
    """For each (hash of the token, thumbprint of the device key) its session, if there is one."""
    if tx.connection.dialect.name == "sqlite":  # a statement costs no round trip there
        asked = [{"b_token": token_hash, "b_jkt": jkt} for token_hash, jkt in claims]
        return [_by_token(tx.connection, one).one_or_none() for one in asked]
    tokens, jkts = zip(*claims, strict=True)
    rows = _by_tokens(tx.connection, {"b_tokens": Blobs.of(tokens), "b_jkts": Texts.of(jkts)})
    found = {(row.token_hash, row.jkt): row for row in rows}
    return [found.get(claim) for claim in claims]


def by_request(tx: Tx, request_id: str, jkt: str) -> Row[Any] | None:
    return tx.execute(_by_request, {"b_request": request_id, "b_jkt": jkt}).one_or_none()


def claim(tx: Tx, session_id: str, token_hash: bytes) -> None:
    tx.execute(_claim, {"b_id": session_id, "b_token": token_hash, "b_at": tx.now})


def touch(tx: Tx, session_id: str, at: Instant) -> None:
    tx.execute(_touch, {"b_id": session_id, "b_at": at})


def of_customer(tx: Tx, customer_id: str) -> list[Row[Any]]:
    return list(tx.execute(_of_customer, {"b_customer": customer_id}))


def identified(tx: Tx, customer_id: str, jkt: str) -> None:
    """The customer's open sessions on that device."""
    tx.execute(_identified, {"b_customer": customer_id, "b_jkt": jkt, "b_at": tx.now})


def end(tx: Tx, session_id: str) -> bool:
    return tx.execute(_end, {"b_id": session_id, "b_at": tx.now}).rowcount == 1


def end_own(tx: Tx, session_id: str, customer_id: str) -> bool:
    figures = {"b_id": session_id, "b_customer": customer_id, "b_at": tx.now}
    return tx.execute(_end_own, figures).rowcount == 1


def end_all(tx: Tx, credential_id: str) -> int:
    return tx.execute(_end_all, {"b_credential": credential_id, "b_at": tx.now}).rowcount


def end_others(tx: Tx, credential_id: str, keep: str) -> int:
    figures = {"b_credential": credential_id, "b_keep": keep, "b_at": tx.now}
    return tx.execute(_end_others, figures).rowcount
