"""Every statement about journeys. Who they belong to is in the WHERE."""

import json
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.customers import Agreed
from dojang.db.database import Tx
from dojang.kernel.clock import Instant
from dojang.opening.model import Ended, Goal, Journey, Step
from dojang.opening.tables import one_won, opening, opening_image
from dojang.policy.opening import Check

_of_customer: Final = (
    select(opening)
    .where(
        opening.c.customer_id == bindparam("b_customer"),
        opening.c.jkt.is_(None),
        opening.c.ended.is_(None),
    )
    .limit(1)
)
_of_device: Final = (
    select(opening)
    .where(opening.c.jkt == bindparam("b_jkt"), opening.c.ended.is_(None))
    .order_by(opening.c.id.desc())
    .limit(1)
)
_under_way: Final = (
    select(opening)
    .where(opening.c.customer_id == bindparam("b_customer"), opening.c.ended.is_(None))
    .with_for_update()
)
_by_id: Final = select(opening).where(opening.c.id == bindparam("b_id"))
_locked: Final = _by_id.with_for_update()
_late: Final = (
    select(opening.c.id)
    .where(opening.c.ended.is_(None), opening.c.expires_at <= bindparam("b_now"))
    .order_by(opening.c.id)
    .limit(bindparam("b_limit"))
)
_image: Final = select(opening_image.c.sealed).where(
    opening_image.c.opening_id == bindparam("b_id"), opening_image.c.kind == bindparam("b_kind")
)
_drop_image: Final = delete(opening_image).where(
    opening_image.c.opening_id == bindparam("b_id"), opening_image.c.kind == bindparam("b_kind")
)
_drop_images: Final = delete(opening_image).where(opening_image.c.opening_id == bindparam("b_id"))
_keep_images: Final = (
    update(opening_image)
    .where(opening_image.c.opening_id == bindparam("b_id"))
    .values(erase_at=bindparam("b_at"))
)
_due_images: Final = delete(opening_image).where(opening_image.c.erase_at <= bindparam("b_now"))
_won: Final = (
    select(one_won)
    .where(one_won.c.opening_id == bindparam("b_id"), one_won.c.state == "open")
    .order_by(one_won.c.sent_at.desc(), one_won.c.id.desc())
    .limit(1)
)
_won_locked: Final = _won.with_for_update()
_judge: Final = (
    update(one_won)
    .where(one_won.c.id == bindparam("b_id"))
    .values(tries_left=bindparam("b_left"), state=bindparam("b_state"))
)
_replace: Final = (
    update(one_won)
    .where(one_won.c.opening_id == bindparam("b_id"), one_won.c.state == "open")
    .values(state="replaced")
)
_MAY_CHANGE: Final = frozenset(
    {
        "step",
        "passed",
        "card_tries",
        "face_tries",
        "purpose",
        "funds",
        "account_id",
        "ended",
        "ended_at",
    }
)


def add(tx: Tx, row: dict[str, Any]) -> bool:
    """False where the customer has one under way; then nothing happened."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(opening), row)
    except IntegrityError:
        return False
    return True


def of_customer(tx: Tx, customer_id: str) -> Journey | None:
    """What a signed-in customer has under way."""
    row = tx.execute(_of_customer, {"b_customer": customer_id}).one_or_none()
    return None if row is None else _read(row)


def of_device(tx: Tx, jkt: str) -> Journey | None:
    """The release that this device has under way."""
    row = tx.execute(_of_device, {"b_jkt": jkt}).one_or_none()
    return None if row is None else _read(row)


def under_way(tx: Tx, customer_id: str) -> Journey | None:
    """Whatever the customer has under way, locked."""
    row = tx.execute(_under_way, {"b_customer": customer_id}).one_or_none()
    return None if row is None else _read(row)


def locked(tx: Tx, journey_id: str) -> Journey | None:
    row = tx.execute(_locked, {"b_id": journey_id}).one_or_none()
    return None if row is None else _read(row)


def change(tx: Tx, journey_id: str, **changes: Any) -> None:
    """Set these columns of a row that the caller has locked."""
    if not _MAY_CHANGE.issuperset(changes):
        raise AssertionError("a column of a journey that never changes")
    tx.execute(update(opening).where(opening.c.id == journey_id).values(**changes))


def late(tx: Tx, limit: int) -> list[str]:
    """Journeys whose time is over."""
    return list(tx.execute(_late, {"b_now": tx.now, "b_limit": limit}).scalars())


def put_image(tx: Tx, journey_id: str, kind: str, sealed: bytes, *, erase_at: Instant) -> None:
    """Keep the accepted image; an earlier one of the kind is gone."""
    tx.execute(_drop_image, {"b_id": journey_id, "b_kind": kind})
    row = {"opening_id": journey_id, "kind": kind, "sealed": sealed}
    tx.execute(insert(opening_image), {**row, "at": tx.now, "erase_at": erase_at})


def image(tx: Tx, journey_id: str, kind: str) -> bytes | None:
    found: bytes | None = tx.execute(_image, {"b_id": journey_id, "b_kind": kind}).scalar()
    return found


def drop_images(tx: Tx, journey_id: str) -> None:
    tx.execute(_drop_images, {"b_id": journey_id})


def keep_images(tx: Tx, journey_id: str, until: Instant) -> None:
    tx.execute(_keep_images, {"b_id": journey_id, "b_at": until})


def erase_due(tx: Tx) -> int:
    return tx.execute(_due_images, {"b_now": tx.now}).rowcount


def add_won(tx: Tx, row: dict[str, Any]) -> None:
    """The newest code; an earlier one of the journey dies."""
    tx.execute(_replace, {"b_id": row["opening_id"]})
    tx.execute(insert(one_won), row)


def won(tx: Tx, journey_id: str, *, lock: bool) -> Row[Any] | None:
    """The code that waits to be typed."""
    return tx.execute(_won_locked if lock else _won, {"b_id": journey_id}).one_or_none()


def judge_won(tx: Tx, won_id: str, *, tries_left: int, state: str) -> None:
    tx.execute(_judge, {"b_id": won_id, "b_left": tries_left, "b_state": state})


def names(checks: tuple[Check, ...]) -> str:
    return json.dumps([check.value for check in checks])


def _read(row: Row[Any]) -> Journey:
    return Journey(
        id=row.id,
        goal=Goal(row.goal),
        customer_id=row.customer_id,
        jkt=row.jkt,
        step=Step(row.step),
        checks=tuple(tuple(Check(one) for one in choice) for choice in json.loads(row.checks)),
        passed=tuple(Check(one) for one in json.loads(row.passed)),
        card_tries=row.card_tries,
        face_tries=row.face_tries,
        agreed=tuple(Agreed(code, version) for code, version in json.loads(row.agreed)),
        agreed_at=row.agreed_at,
        policy_version=row.policy_version,
        expires_at=row.expires_at,
        account_id=row.account_id,
        credential_id=row.credential_id,
        ended=None if row.ended is None else Ended(row.ended),
    )
