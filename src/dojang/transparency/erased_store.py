"""What an audit of erasures reads. Only SELECTs."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, or_, select

from dojang.customers.tables import customer
from dojang.db import Tx
from dojang.db.log import log_opening, log_table
from dojang.db.log_standings import STANDINGS
from dojang.kernel.clock import Instant
from dojang.ledger.tables import account, posting, transfer

_L: Final = log_table.c
_A: Final = account.c
_IDS: Final[Any] = bindparam("ids", expanding=True)
_WHO: Final[Any] = bindparam("who")
_before: Final = _L.idx < bindparam("before")
_ENDS: Final = ("account.opened", "customer.joined", "joint.issued", "transfer.posted")

_erased: Final = (
    select(_L.subject, func.min(_L.idx).label("idx"))
    .where(_L.subject.in_(_IDS), _L.kind == "customer.erased")
    .group_by(_L.subject)
)
_opened: Final = select(log_opening.c.idx).where(log_opening.c.idx.in_(_IDS))
_of_kind: Final = select(_L.at, _L.body).where(
    _L.subject == _WHO, _L.kind == bindparam("kind"), _before
)
_left: Final = select(
    or_(
        exists().where(customer.c.id == _WHO),
        exists().where(
            _A.customer_id == _WHO,
            or_(_A.number.is_not(None), _A.status != "closed", _A.posted != 0, _A.held != 0),
        ),
    )
)
_told: Final = select(func.max(_L.at)).where(_L.subject == _WHO, _L.kind.in_(_ENDS), _before)
_stood: Final = (
    select(_L.kind, _L.at)
    .where(_L.subject == _WHO, STANDINGS, _before)
    .order_by(_L.idx.desc())
    .limit(1)
)
_moved: Final = (
    select(func.max(transfer.c.created_at))
    .join(posting, posting.c.transfer_id == transfer.c.id)
    .join(account, _A.id == posting.c.account_id)
    .where(_A.customer_id == _WHO, posting.c.version == _A.version)
)


def erased(tx: Tx, subjects: Sequence[str]) -> dict[str, int]:
    """The index of the leaf that says so of each, where there is one."""
    rows = tx.execute(_erased, {"ids": list(subjects)}) if subjects else ()
    return {row.subject: row.idx for row in rows}


def opened(tx: Tx, idxs: Sequence[int]) -> set[int]:
    """Of these leaves, those with a salt."""
    return set(tx.execute(_opened, {"ids": list(idxs)}).scalars()) if idxs else set()


def of_kind(tx: Tx, kind: str, who: str, *, before: int) -> list[tuple[int, bytes]]:
    """(at, body) of a customer's leaves of one kind below an index."""
    rows = tx.execute(_of_kind, {"kind": kind, "who": who, "before": before})
    return [(row.at, row.body) for row in rows]


def left(tx: Tx, who: str) -> bool:
    """Whether there is still a person, or an account that has a number, money or is open."""
    return bool(tx.execute(_left, {"who": who}).scalar())


def last_standing(tx: Tx, who: str, *, before: int) -> str | None:
    """The kind of the last leaf about how a certificate of theirs stands."""
    row = tx.execute(_stood, {"who": who, "before": before}).one_or_none()
    return None if row is None else str(row.kind)


def last_at(tx: Tx, who: str, *, before: int) -> Instant:
    """When anything that retention counts from was last; 0 for never."""
    asked = {"who": who, "before": before}
    stood = tx.execute(_stood, asked).one_or_none()
    found = [
        tx.execute(_told, asked).scalar(),
        None if stood is None else stood.at,
        tx.execute(_moved, {"who": who}).scalar(),
    ]
    return Instant(max((int(one) for one in found if one is not None), default=0))
