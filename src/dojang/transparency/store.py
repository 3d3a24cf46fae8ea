"""Every statement on tiles and heads, and the reads of the log that proofs are made of."""

import contextlib
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.crypto.tree_heads import TreeHead
from dojang.db import Tx
from dojang.db.log import cursor_table, log_head, log_table
from dojang.db.prepared import Prepared
from dojang.transparency.tables import log_name, log_sth, log_sth_stamp, log_tile

CURSOR: Final = "tree"
_S: Final = log_sth.c
_T: Final = log_tile.c
_K: Final = log_sth_stamp.c
_L: Final = log_table.c
_C: Final = cursor_table.c

_log_size: Final = Prepared(select(log_head.c.size).where(log_head.c.one == 1))
_leaf_hashes: Final = Prepared(
    select(_L.leaf).where(_L.idx >= bindparam("first"), _L.idx < bindparam("end")).order_by(_L.idx)
)
_tile_hashes: Final = Prepared(
    select(_T.hash)
    .where(_T.level == bindparam("of"), _T.n >= bindparam("first"), _T.n < bindparam("end"))
    .order_by(_T.n)
)
_body: Final = Prepared(select(_L.body).where(_L.idx == bindparam("of")))
_newest: Final = Prepared(
    select(_S.size, _S.root, _S.at, _S.signature).order_by(_S.size.desc()).limit(1)
)
_heads: Final = (
    select(_S.size, _S.root, _S.at, _S.signature)
    .where(_S.size > bindparam("above"))
    .order_by(_S.size)
    .limit(bindparam("page"))
)
_of_size: Final = select(_S.size, _S.root, _S.at, _S.signature).where(_S.size == bindparam("of"))
_stamp: Final = select(_K.token).where(_K.size == bindparam("of"))
_newest_stamped: Final = select(func.max(_K.size))
_in_vain: Final = select(_K.size).where(_K.size.not_in(select(_S.size))).limit(10)
_tiles: Final = (
    select(_T.n, _T.hash)
    .where(_T.level == bindparam("of"), _T.n >= bindparam("first"))
    .order_by(_T.n)
    .limit(bindparam("page"))
)
_name: Final = select(log_name.c.name).where(log_name.c.one == 1)
_position_locked: Final = select(_C.next_idx).where(_C.name == CURSOR).with_for_update()
_position: Final = select(_C.next_idx).where(_C.name == CURSOR)
_advance: Final = update(cursor_table).where(_C.name == CURSOR).values(next_idx=bindparam("to"))


def log_size(tx: Tx) -> int:
    """How many leaves the log has. Locks nothing."""
    return int(_log_size(tx.connection).scalar() or 0)


def hashes(tx: Tx, level: int, first: int, end: int) -> list[bytes]:
    """Of leaves (level 0) or tiles, first..end-1; fewer where rows are missing."""
    if level == 0:
        return _leaf_hashes(tx.connection, {"first": first, "end": end}).scalars()
    return _tile_hashes(tx.connection, {"of": level, "first": first, "end": end}).scalars()


def body(tx: Tx, idx: int) -> bytes | None:
    found: bytes | None = _body(tx.connection, {"of": idx}).scalar()
    return found


def newest(tx: Tx, log: str) -> TreeHead | None:
    """The largest head that was signed; `log` is the name that every head carries."""
    row = _newest(tx.connection).one_or_none()
    return None if row is None else _head(row, log)


def of_size(tx: Tx, log: str, size: int) -> TreeHead | None:
    """The head over so many leaves, where one was signed."""
    row = tx.execute(_of_size, {"of": size}).one_or_none()
    return None if row is None else _head(row, log)


def stamp(tx: Tx, size: int) -> bytes | None:
    """The token over the head of this size."""
    found: bytes | None = tx.execute(_stamp, {"of": size}).scalar_one_or_none()
    return found


def newest_stamped(tx: Tx) -> int | None:
    """The size of the largest head that has a stamp."""
    found: int | None = tx.execute(_newest_stamped).scalar_one_or_none()
    return found


def sizes_stamped_in_vain(tx: Tx) -> list[int]:
    """Where a stamp is and no head; a few of them at most."""
    return list(tx.execute(_in_vain).scalars())


def add_stamp(tx: Tx, size: int, token: bytes) -> bool:
    """False where another process was quicker: the first one stays."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(log_sth_stamp), {"size": size, "token": token})
    except IntegrityError:
        return False
    return True


def heads(tx: Tx, log: str, *, above: int, page: int) -> list[TreeHead]:
    """In order of size, from above `above`."""
    rows = tx.execute(_heads, {"above": above, "page": page})
    return [_head(row, log) for row in rows]


def head_count(tx: Tx) -> int:
    return int(tx.execute(select(func.count()).select_from(log_sth)).scalar_one())


def tiles(tx: Tx, level: int, *, first: int, page: int) -> list[tuple[int, bytes]]:
    """Rows (n, hash) of a level, as they are stored."""
    rows = tx.execute(_tiles, {"of": level, "first": first, "page": page})
    return [(row.n, row.hash) for row in rows]


def add_head(tx: Tx, head: TreeHead) -> None:
    row = {"size": head.size, "root": head.root, "at": head.at, "signature": head.signature}
    tx.execute(insert(log_sth), row)


def built(tx: Tx) -> int:
    """How many leaves the tiles cover."""
    return int(tx.execute(_position).scalar_one_or_none() or 0)


def name(tx: Tx) -> str | None:
    """What the log was called at its founding; None before, and in a database of before."""
    found: str | None = tx.execute(_name).scalar_one_or_none()
    return found


def give_name(tx: Tx, name: str) -> None:
    """Unless another process was quicker: the first one stays."""
    with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
        tx.execute(insert(log_name), {"one": 1, "name": name})


def begin(tx: Tx) -> None:
    """Make the cursor if there is none yet, also when another process does the same now."""
    if tx.execute(_position).one_or_none() is None:
        with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
            tx.execute(insert(cursor_table), {"name": CURSOR, "next_idx": 0})


def hold(tx: Tx) -> int:
    """As `built`, and no other process builds or signs until this transaction ends."""
    return int(tx.execute(_position_locked).scalar_one())


def add_tiles(tx: Tx, rows: Sequence[tuple[int, int, bytes]], *, covered: int) -> None:
    """Store new tile hashes; from now on `covered` leaves are under them."""
    tx.execute(
        insert(log_tile), [{"level": level, "n": n, "hash": made} for level, n, made in rows]
    )
    tx.execute(_advance, {"to": covered})


def forget_tiles(tx: Tx) -> None:
    """They can be made again from the leaves at any time."""
    tx.execute(delete(log_tile))
    tx.execute(_advance, {"to": 0})


def _head(row: Row[Any], log: str) -> TreeHead:
    return TreeHead(log=log, size=row.size, root=row.root, at=row.at, signature=row.signature)
