"""Every statement about journeys. The device key is in the WHERE: a token alone finds nothing."""

import json
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, update

from dojang.customers import Agreed
from dojang.db.database import Tx
from dojang.enrolment.model import Enrolment, Kind, PersonKind, Step
from dojang.enrolment.tables import enrolment

_by_token: Final = select(enrolment).where(
    enrolment.c.token_hash == bindparam("b_token"), enrolment.c.jkt == bindparam("b_jkt")
)
_locked: Final = _by_token.with_for_update()
_stale: Final = (
    update(enrolment)
    .where(
        enrolment.c.expires_at <= bindparam("b_now"),
        enrolment.c.claim_sealed.is_not(None),
    )
    .values(claim_sealed=None)
)
_MAY_CHANGE: Final = frozenset(
    {
        "step",
        "kind",
        "person",
        "customer_id",
        "internet_banking_proved",
        "claim_sealed",
        "credential_id",
        "finished_at",
    }
)


def add(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(insert(enrolment), row)


def by_token(tx: Tx, token_hash: bytes, jkt: str, *, lock: bool) -> Enrolment | None:
    statement = _locked if lock else _by_token
    row = tx.execute(statement, {"b_token": token_hash, "b_jkt": jkt}).one_or_none()
    return None if row is None else _read(row)


def change(tx: Tx, enrolment_id: str, **changes: Any) -> None:
    """Set these columns of a row that the caller has locked."""
    if not _MAY_CHANGE.issuperset(changes):
        raise AssertionError("a column of a journey that never changes")
    tx.execute(update(enrolment).where(enrolment.c.id == enrolment_id).values(**changes))


def forget_claims(tx: Tx) -> int:
    """Drop what people said of themselves in journeys that ran out of time."""
    return tx.execute(_stale, {"b_now": tx.now}).rowcount


def agreed_text(agreed: tuple[Agreed, ...]) -> str:
    return json.dumps([[one.code, one.version] for one in agreed])


def _read(row: Row[Any]) -> Enrolment:
    return Enrolment(
        id=row.id,
        jkt=row.jkt,
        step=Step(row.step),
        kind=Kind(row.kind),
        person=PersonKind(row.person),
        locale=row.locale,
        agreed=tuple(Agreed(code, version) for code, version in json.loads(row.agreed)),
        agreed_at=row.agreed_at,
        expires_at=row.expires_at,
        customer_id=row.customer_id,
        internet_banking_proved=bool(row.internet_banking_proved),
        claim=row.claim_sealed,
        credential_id=row.credential_id,
    )
