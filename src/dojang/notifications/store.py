"""Where the notifier stands in the log, and what it still owes."""

import contextlib
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.db.log import Leaf, cursor_table, log_table, read
from dojang.db.prepared import Prepared
from dojang.notifications.model import Late
from dojang.notifications.tables import notification_late as late

_c = cursor_table.c
_at: Final = select(_c.next_idx).where(_c.name == bindparam("of"))
_position: Final = Prepared(_at)
_position_locked: Final = Prepared(_at.with_for_update())
_advance: Final = Prepared(
    update(cursor_table)
    .where(_c.name == bindparam("of"), _c.next_idx < bindparam("reached"))
    .values(next_idx=bindparam("reached"))
)
_due: Final = Prepared(
    select(late.c.idx, late.c.attempts, late.c.next_at, late.c.given_up)
    .where(late.c.given_up == 0, late.c.next_at <= bindparam("now"))
    .order_by(late.c.next_at, late.c.idx)
    .limit(bindparam("at_most"))
)
_known: Final = select(late.c.idx).where(late.c.idx == bindparam("of"))
_again: Final = (
    update(late)
    .where(late.c.idx == bindparam("of"), late.c.attempts < bindparam("tried"))
    .values(attempts=bindparam("tried"), next_at=bindparam("then"), given_up=bindparam("enough"))
)
_settled: Final = delete(late).where(late.c.idx == bindparam("of"))
_leaf: Final = select(
    *[log_table.c[f] for f in ("idx", "at", "kind", "subject", "body", "leaf", "chain")]
).where(log_table.c.idx == bindparam("of"))


def position(tx: Tx, name: str) -> int:
    """The next leaf to look at."""
    return int(_position(tx.connection, {"of": name}).scalar() or 0)


def begin(tx: Tx, name: str, *, at: int) -> None:
    """Make the cursor if there is none yet, also when another process does the same now."""
    if _position_locked(tx.connection, {"of": name}).one_or_none() is not None:
        return
    with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
        tx.execute(insert(cursor_table), {"name": name, "next_idx": at})


def advance(tx: Tx, name: str, reached: int) -> None:
    """Move forward, never back; holds the cursor's row until the transaction ends."""
    _position_locked(tx.connection, {"of": name})
    _advance(tx.connection, {"of": name, "reached": reached})


def leaves(tx: Tx, start: int, at_most: int) -> list[Leaf]:
    return read(tx.connection, start, at_most)


def leaf(tx: Tx, idx: int) -> Leaf:
    return Leaf(*tuple(tx.execute(_leaf, {"of": idx}).one()))


def due(tx: Tx, at_most: int) -> list[Late]:
    """What is to be tried again now, the longest waiting first."""
    rows = _due(tx.connection, {"now": tx.now, "at_most": at_most})
    return [Late(r.idx, r.attempts, r.next_at, bool(r.given_up)) for r in rows]


def owe(tx: Tx, message: Late) -> None:
    """Keep a message for later, unless another process keeps it already (the cursor is held)."""
    if tx.execute(_known, {"of": message.idx}).one_or_none() is None:
        row = {"idx": message.idx, "attempts": message.attempts, "next_at": message.next_at}
        tx.execute(insert(late), {**row, "given_up": int(message.given_up)})


def tried(tx: Tx, message: Late) -> None:
    """One more failure; two processes that failed at the same time count once."""
    tx.execute(
        _again,
        {
            "of": message.idx,
            "tried": message.attempts,
            "then": message.next_at,
            "enough": int(message.given_up),
        },
    )


def settled(tx: Tx, idx: int) -> None:
    tx.execute(_settled, {"of": idx})
