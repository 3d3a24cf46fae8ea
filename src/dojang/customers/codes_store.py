"""Every statement about SMS codes."""

from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update

from dojang.customers.tables import sms_code
from dojang.db.database import Tx
from dojang.kernel.clock import Instant

_latest: Final = (
    select(sms_code)
    .where(
        sms_code.c.bound_to == bindparam("b_bound"),
        sms_code.c.purpose == bindparam("b_purpose"),
        sms_code.c.state.in_(("open", "used")),
    )
    .order_by(sms_code.c.sent_at.desc(), sms_code.c.id.desc())
    .limit(1)
)
_latest_locked: Final = _latest.with_for_update()
_replace: Final = (
    update(sms_code)
    .where(
        sms_code.c.bound_to == bindparam("b_bound"),
        sms_code.c.purpose == bindparam("b_purpose"),
        sms_code.c.state == "open",
    )
    .values(state="replaced")
)
_judge: Final = (
    update(sms_code)
    .where(sms_code.c.id == bindparam("b_id"))
    .values(tries_left=bindparam("b_left"), state=bindparam("b_state"))
)
_stale: Final = delete(sms_code).where(sms_code.c.sent_at < bindparam("b_before"))


def add(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(insert(sms_code), row)


def latest(tx: Tx, bound_to: str, purpose: str, *, lock: bool) -> Row[Any] | None:
    """The newest code that was neither replaced nor unsent."""
    figures = {"b_bound": bound_to, "b_purpose": purpose}
    return tx.execute(_latest_locked if lock else _latest, figures).one_or_none()


def replace(tx: Tx, bound_to: str, purpose: str) -> None:
    tx.execute(_replace, {"b_bound": bound_to, "b_purpose": purpose})


def judge(tx: Tx, code_id: str, *, tries_left: int, state: str) -> None:
    tx.execute(_judge, {"b_id": code_id, "b_left": tries_left, "b_state": state})


def forget(tx: Tx, before: Instant) -> int:
    return tx.execute(_stale, {"b_before": before}).rowcount
