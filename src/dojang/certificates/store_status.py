"""Every statement on changes of status and on the answers that a change makes untrue."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from dojang.certificates.model import CrlReason, Standing
from dojang.certificates.profiles import generation_of
from dojang.certificates.tables import certificate, ocsp_answer, status_change, status_entry
from dojang.db import Tx
from dojang.db.bulk import Among, InsertMany
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant

Fault = DBAPIError
"""What a lost connection raises."""

_X: Final = certificate.c
_E: Final = status_entry.c
_A: Final = ocsp_answer.c

_count: Final = (
    update(status_change)
    .values(changes=status_change.c.changes + 1)
    .returning(status_change.c.changes)
)
_add_entries: Final = InsertMany(status_entry)
_forget: Final = Among(_A.serial, lambda these: delete(ocsp_answer).where(these))
_changes: Final = Prepared(select(status_change.c.changes))
_insert_changes: Final = insert(status_change)
_since: Final = (
    select(_E.serial)
    .where(_E.change > bindparam("after"))
    .order_by(_E.change)
    .limit(bindparam("page"))
)
_answers: Final = Among(_A.serial, select(ocsp_answer).where)
_newest_of: Final = select(func.max(_A.this_update)).where(_A.serial == bindparam("serial"))
_stands: Final = select(_X.serial, _X.standing, _X.changed_at, _X.reason, _X.shard)
_STANDINGS: Final = {one.value: one for one in Standing}
_REASONS: Final[dict[int | None, CrlReason | None]] = {None: None, **{int(r): r for r in CrlReason}}
_stands_locked: Final = Among(
    _X.serial, lambda these: _stands.where(these).order_by(_X.serial).with_for_update(read=True)
)
_stands_of: Final = Among(_X.serial, _stands.where)
_known: Final = (
    _stands.where(_X.serial > bindparam("after"), _X.standing != Standing.PREPARED.value)
    .order_by(_X.serial)
    .limit(bindparam("page"))
)
_lapsed: Final = delete(ocsp_answer).where(_A.next_update <= bindparam("now"))


@dataclass(frozen=True)
class Changed:
    """A certificate whose status changes, and the list on which it stands."""

    serial: str
    shard: int


class AnswerRow(NamedTuple):
    """An answer to one question without a nonce; `cert_id` is the question's, byte for byte."""

    cert_id: bytes
    serial: str
    this_update: Instant
    next_update: Instant
    der: bytes


class Stand(NamedTuple):
    """How a certificate stands, and since when: what an answer was made from."""

    serial: str
    standing: Standing
    changed_at: Instant
    reason: CrlReason | None
    shard: int

    @property
    def generation(self) -> int:
        """Of the issuing CA that gave it out."""
        return generation_of(self.shard)


_keep: Final = InsertMany(ocsp_answer, AnswerRow._fields, replacing="cert_id")


def record(tx: Tx, changed: Sequence[Changed], reason: CrlReason | None) -> None:
    """Write down the change and take back every answer that it makes untrue, all with `tx`.

    The row that counts stays locked until the commit, so changes become seen in their order.
    """
    if not changed:
        return
    change = _counted(tx)
    said = None if reason is None else int(reason)
    rows = [
        (change, one.serial, one.shard, tx.now, said, generation_of(one.shard)) for one in changed
    ]
    _add_entries(tx.connection, rows)
    _forget(tx.connection, [one.serial for one in changed])


def changes(tx: Tx) -> int:
    """How many times any certificate's status changed."""
    return int(_changes(tx.connection).scalar() or 0)


def changed_since(tx: Tx, change: int, *, page: int) -> list[str]:
    """Whose status changed after this change; as many as fit on the page."""
    return list(tx.execute(_since, {"after": change, "page": page}).scalars())


def answers(tx: Tx, serials: Sequence[str]) -> dict[bytes, AnswerRow]:
    """What is kept about these, by the question."""
    found = _answers(tx.connection, serials)
    return {row.cert_id: AnswerRow(**row._asdict()) for row in found}


def newest_of(tx: Tx, serial: str) -> Instant | None:
    """When the youngest answer about it was made; None where none is kept."""
    found = tx.execute(_newest_of, {"serial": serial}).scalar_one()
    return None if found is None else Instant(found)


def keep(tx: Tx, made: Sequence[tuple[AnswerRow, Stand]]) -> int:
    """Keep answers for the next who asks, but for certificates that no longer stand so.

    Their rows are held against change until the commit: a revocation either comes before, and is
    seen here, or comes after, and finds this answer to delete. Returns how many were kept.
    """
    locked = _stands_locked(tx.connection, sorted({stood.serial for _, stood in made}))
    still = {row.serial: _stood(row) for row in locked}
    kept = {one.cert_id: one for one, stood in made if still.get(stood.serial) == stood}
    return _keep(tx.connection, sorted(kept.values()))


def stands(tx: Tx, serials: Sequence[str]) -> dict[str, Stand]:
    """How these stand, but for serial numbers that were never used."""
    return {row.serial: _stood(row) for row in _stands_of(tx.connection, serials)}


def known(tx: Tx, *, after: str, page: int) -> list[Stand]:
    """All that were ever given out, by serial number."""
    return [_stood(row) for row in tx.execute(_known, {"after": after, "page": page})]


def delete_lapsed(tx: Tx) -> int:
    """Answers that nobody may believe any more. Returns how many."""
    return int(tx.execute(_lapsed, {"now": tx.now}).rowcount)


def _counted(tx: Tx) -> int:
    """The number of this change. The row that counts is made by the first one, or by who is
    quicker at that moment.
    """
    change = tx.execute(_count).scalar_one_or_none()
    if change is None:
        with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
            tx.execute(_insert_changes, {"one": 1, "changes": 0})
        change = tx.execute(_count).scalar_one()
    return int(change)


def _stood(row: Any) -> Stand:
    """A responder reads thousands a second: by place, and without asking the enumerations."""
    serial, standing, changed_at, reason, shard = row
    return Stand(serial, _STANDINGS[standing], changed_at, _REASONS[reason], shard)
