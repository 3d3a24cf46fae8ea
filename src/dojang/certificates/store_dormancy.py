"""Every statement of what time does to credentials: found by an index, page by page.

`ix_credential_dormancy` holds the living only, by the smallest notice given (NULL: none) and then
by the last use. So what is due for one step lies side by side, and what a step has done lies
elsewhere: a sweep with nothing to do reads nothing, and one that was cut off anywhere goes on.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_

from dojang.certificates.model import Standing, State
from dojang.certificates.profiles import LISTS_EACH, everything_of
from dojang.certificates.tables import IS_ENROLLING, IS_LIVING, certificate, credential
from dojang.db import Tx
from dojang.db.bulk import UpdateMany
from dojang.kernel.clock import Instant

_C: Final = credential.c
_X: Final = certificate.c


class Place(NamedTuple):
    """Where a walk stands: behind this one."""

    last_used_at: int
    id: str


class Sleeper(NamedTuple):
    """A living credential that nobody used since then. Held until the transaction ends."""

    id: str
    customer_id: str
    last_used_at: Instant

    @property
    def place(self) -> Place:
        return Place(self.last_used_at, self.id)


def _page(*which: ColumnElement[bool]) -> Select[Any]:
    """Whoever is held by another process is passed over: just now used, or swept there.

    The order names the notice too, though it is one: PostgreSQL sees no order behind IS NULL.
    """
    return (
        select(_C.id, _C.customer_id, _C.last_used_at)
        .where(
            IS_LIVING,
            *which,
            _C.last_used_at <= bindparam("unused_since"),
            tuple_(_C.last_used_at, _C.id) > tuple_(bindparam("after"), bindparam("after_id")),
        )
        .order_by(_C.dormancy_noticed_days, _C.last_used_at, _C.id)
        .limit(bindparam("page"))
        .with_for_update(skip_locked=True)
    )


_NONE_GIVEN: Final = _C.dormancy_noticed_days.is_(None)
_GIVEN: Final = _C.dormancy_noticed_days == bindparam("noticed")
_ACTIVE: Final = _C.state == State.ACTIVE.value
_dormant: Final = _page(_NONE_GIVEN), _page(_GIVEN)
_to_notice: Final = _page(_NONE_GIVEN, _ACTIVE), _page(_GIVEN, _ACTIVE)
_next_notice: Final = (
    select(_C.dormancy_noticed_days)
    .where(IS_LIVING, _C.dormancy_noticed_days > bindparam("above"))
    .order_by(_C.dormancy_noticed_days)
    .limit(1)
)
_noticed: Final = UpdateMany(credential, ("id",), ("dormancy_noticed_days",))
_unfinished: Final = (
    select(_C.id)
    .where(IS_ENROLLING, _C.opened_at <= bindparam("before"))
    .order_by(_C.opened_at, _C.id)
    .limit(bindparam("page"))
    .with_for_update()
)
_given_out: Final = (
    select(_X.serial, _X.credential_id)
    .where(
        _X.serial > bindparam("after"),
        _X.shard.between(bindparam("first"), bindparam("last")),
        _X.standing.in_((Standing.ISSUED.value, Standing.HELD.value)),
    )
    .order_by(_X.serial)
    .limit(bindparam("page"))
)
_forgotten_intents: Final = (
    select(_X.serial, _X.credential_id)
    .where(_X.standing == Standing.PREPARED, _X.changed_at <= bindparam("before"))
    .order_by(_X.changed_at)
    .limit(bindparam("page"))
    .with_for_update()
)


def notices_given(tx: Tx, *, above: int) -> list[int]:
    """Which notices, in days, the living were given last; each found by one step in the index."""
    given: list[int] = []
    while (days := tx.execute(_next_notice, {"above": above}).scalar()) is not None:
        given.append(above := int(days))
    return given


def dormant(
    tx: Tx, noticed: int | None, *, unused_since: int, after: Place, page: int
) -> list[Sleeper]:
    """Living credentials last used at or before `unused_since`, longest asleep first.

    Those who were given the notice `noticed` last, or none.
    """
    return _sleepers(tx, _dormant, noticed, unused_since, after, page)


def to_notice(
    tx: Tx, noticed: int | None, *, unused_since: int, after: Place, page: int
) -> list[Sleeper]:
    """The same, active ones only: nobody else can use it in time."""
    return _sleepers(tx, _to_notice, noticed, unused_since, after, page)


def _sleepers(
    tx: Tx,
    statements: tuple[Select[Any], Select[Any]],
    noticed: int | None,
    unused_since: int,
    after: Place,
    page: int,
) -> list[Sleeper]:
    asked = {
        "unused_since": unused_since,
        "after": after.last_used_at,
        "after_id": after.id,
        "page": page,
    }
    if noticed is None:
        return [Sleeper._make(row) for row in tx.execute(statements[0], asked)]
    return [Sleeper._make(row) for row in tx.execute(statements[1], {**asked, "noticed": noticed})]


def noticed(tx: Tx, sleepers: Sequence[Sleeper], days: int) -> None:
    """They were given the notice of so many days."""
    _noticed(tx.connection, [(days, sleeper.id) for sleeper in sleepers])


def given_out(tx: Tx, generation: int, *, after: str, page: int) -> list[tuple[str, str]]:
    """Certificates of a generation of the issuing CA that have not ended: (serial, credential)."""
    first = everything_of(generation)
    asked = {"after": after, "first": first, "last": first + LISTS_EACH - 1, "page": page}
    return [(row.serial, row.credential_id) for row in tx.execute(_given_out, asked)]


def unfinished(tx: Tx, *, before: int, page: int) -> list[str]:
    """Credentials still ENROLLING that were opened at or before `before`."""
    return [str(row.id) for row in tx.execute(_unfinished, {"before": before, "page": page})]


def forgotten_intents(tx: Tx, *, before: int, page: int) -> list[tuple[str, str]]:
    """Serial and credential of what was prepared at or before `before`, and not issued."""
    rows = tx.execute(_forgotten_intents, {"before": before, "page": page})
    return [(row.serial, row.credential_id) for row in rows]
