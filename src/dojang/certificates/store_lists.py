"""Every statement on the signed lists and the entries they are made of.

A scope is a list's number: of a shard, or of everything of one generation of the issuing CA.
Entries that will never leave a list are folded into chunks; chunks are immutable, so a list may be
read in many small snapshots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from dojang.certificates.model import CrlReason, Standing
from dojang.certificates.profiles import LISTS_EACH, generation_of, is_everything
from dojang.certificates.tables import certificate, crl_chunk, revocation_list, status_entry
from dojang.db import Tx
from dojang.kernel.clock import Instant

_E: Final = status_entry.c
_K: Final = crl_chunk.c
_L: Final = revocation_list.c
_X: Final = certificate.c


@dataclass(frozen=True)
class Listed:
    """A certificate on a list. No reason: it was released."""

    change: int
    serial: str
    since: Instant
    reason: CrlReason | None


@dataclass(frozen=True)
class Folded:
    """Where the chunks of a scope end: how many, their last entry, the length of all."""

    chunks: int = 0
    change: int = -1
    serial: str = ""
    bytes_through: int = 0


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A signed list in four parts: `head`, `chunks` chunks, `rest`, `foot`."""

    scope: int
    number: int
    base: int
    changes: int
    this_update: Instant
    next_update: Instant
    head: bytes
    chunks: int
    rest: bytes
    foot: bytes


def _by_scope(
    statement: Any, shard: ColumnElement[Any], everything: ColumnElement[bool]
) -> tuple[Any, Any]:
    """The statement for everything of a generation, and for one shard."""
    return statement.where(everything), statement.where(shard == bindparam("scope"))


_ALL_CHANGES: Final = _E.generation == bindparam("generation")
_ALL_ROWS: Final = _X.shard.between(bindparam("scope"), bindparam("last"))
_folded: Final = (
    select(_K.number, _K.change, _K.serial, _K.bytes_through)
    .where(_K.scope == bindparam("scope"))
    .order_by(_K.number.desc())
    .limit(1)
)
_chunks: Final = (
    select(_K.der)
    .where(
        _K.scope == bindparam("scope"),
        _K.number > bindparam("after"),
        _K.number <= bindparam("last"),
    )
    .order_by(_K.number)
    .limit(bindparam("page"))
)
_insert_chunk: Final = insert(crl_chunk)
_final: Final = _by_scope(
    select(_E.change, _E.serial, _E.since, _E.reason)
    .where(
        tuple_(_E.change, _E.serial) > tuple_(bindparam("change"), bindparam("serial")),
        _E.reason != int(CrlReason.CERTIFICATE_HOLD),
    )
    .order_by(_E.change, _E.serial)
    .limit(bindparam("page")),
    _E.shard,
    _ALL_CHANGES,
)
_held: Final = _by_scope(
    select(_X.serial, _X.changed_at.label("since"), _X.reason)
    .where(_X.standing == Standing.HELD.value)
    .order_by(_X.changed_at, _X.serial),
    _X.shard,
    _ALL_ROWS,
)
_between: Final = _by_scope(
    select(_E.change, _E.serial, _E.since, _E.reason)
    .where(_E.change > bindparam("after"), _E.change <= bindparam("through"))
    .order_by(_E.change, _E.serial)
    .limit(bindparam("page")),
    _E.shard,
    _ALL_CHANGES,
)
_last_change: Final = _by_scope(select(func.max(_E.change)), _E.shard, _ALL_CHANGES)
_of_scope: Final = select(revocation_list).where(_L.scope == bindparam("scope"))
_newest: Final = _of_scope.where(_L.base == 0).order_by(_L.number.desc()).limit(1)
_oldest_valid: Final = (
    _of_scope.where(_L.base == 0, _L.next_update > bindparam("now")).order_by(_L.number).limit(1)
)
_numbered: Final = _of_scope.where(_L.number == bindparam("number"), _L.base == bindparam("base"))
_insert_list: Final = insert(revocation_list)


def folded(tx: Tx, scope: int) -> Folded:
    row = tx.execute(_folded, {"scope": scope}).one_or_none()
    return Folded() if row is None else Folded(*row)


def add_chunk(tx: Tx, scope: int, end: Folded, der: bytes) -> bool:
    """False when another process folded first."""
    row = {
        "scope": scope,
        "number": end.chunks,
        "change": end.change,
        "serial": end.serial,
        "bytes_through": end.bytes_through,
        "der": der,
    }
    try:
        with tx.connection.begin_nested():
            tx.execute(_insert_chunk, row)
    except IntegrityError:
        return False
    return True


def chunks(tx: Tx, scope: int, *, after: int, last: int, page: int) -> Sequence[bytes]:
    """The next chunks behind number `after`, up to number `last`."""
    asked = {"scope": scope, "after": after, "last": last, "page": page}
    return tx.execute(_chunks, asked).scalars().all()


def unfolded(tx: Tx, scope: int, end: Folded, *, page: int) -> list[Listed]:
    """What was revoked for good behind the last chunk, in order."""
    asked = {"change": end.change, "serial": end.serial, "page": page}
    return [_listed(row) for row in _rows(tx, _final, scope, asked)]


def held(tx: Tx, scope: int) -> list[Listed]:
    """What is suspended now."""
    rows = _rows(tx, _held, scope, {})
    return [Listed(0, row.serial, Instant(row.since), CrlReason.CERTIFICATE_HOLD) for row in rows]


def between(tx: Tx, scope: int, *, after: int, through: int, page: int) -> list[Listed]:
    """Every change of status in (after, through], oldest first; as many as fit on the page."""
    asked = {"after": after, "through": through, "page": page}
    return [_listed(row) for row in _rows(tx, _between, scope, asked)]


def last_change(tx: Tx, scope: int) -> int:
    """The last change that concerned the scope; 0 before any."""
    return int(_rows(tx, _last_change, scope, {}).scalar_one() or 0)


def newest(tx: Tx, scope: int) -> ListRow | None:
    """The complete list of the highest number."""
    return _list(tx.execute(_newest, {"scope": scope}).one_or_none())


def oldest_valid(tx: Tx, scope: int) -> ListRow | None:
    """The complete list of the lowest number that somebody may still rely on."""
    return _list(tx.execute(_oldest_valid, {"scope": scope, "now": tx.now}).one_or_none())


def numbered(tx: Tx, scope: int, number: int, base: int) -> ListRow | None:
    asked = {"scope": scope, "number": number, "base": base}
    return _list(tx.execute(_numbered, asked).one_or_none())


def add(tx: Tx, made: ListRow) -> bool:
    """Store it; False when another process used this number first."""
    try:
        with tx.connection.begin_nested():
            tx.execute(_insert_list, vars(made))
    except IntegrityError:
        return False
    return True


def _rows(tx: Tx, statements: tuple[Any, Any], scope: int, asked: dict[str, Any]) -> Any:
    everything, of_shard = statements
    if is_everything(scope):
        whole = {"generation": generation_of(scope), "scope": scope, "last": scope + LISTS_EACH - 1}
        return tx.execute(everything, {**asked, **whole})
    return tx.execute(of_shard, {**asked, "scope": scope})


def _listed(row: Row[Any]) -> Listed:
    reason = None if row.reason is None else CrlReason(row.reason)
    return Listed(row.change, row.serial, Instant(row.since), reason)


def _list(row: Row[Any] | None) -> ListRow | None:
    return None if row is None else ListRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's name
