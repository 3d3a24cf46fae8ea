"""Who is due to be erased, and from when on; nothing here changes anything."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Row

from dojang import policy
from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.retention import store
from dojang.retention.model import Due, Last, Past

PAGE: Final = 500


def due(tx: Tx, *, after: str, limit: int) -> list[Due]:
    """So many of those whose time is over, in the order of their ids, behind `after`."""
    years = policy.current(tx).life.records_years
    found: list[Due] = []
    for past in _every(tx, after):
        since = past.due_at(years)
        if since is not None and since <= tx.now:
            found.append(Due(past.customer_id, past.last, since))
        if len(found) == limit:
            break
    return found


def past_of(tx: Tx, customer_id: str) -> Past | None:
    """What is known of one customer; None where there is none of this id."""
    known = store.known(tx, customer_id)
    return None if known is None else _pasts(tx, [known])[0]


def _every(tx: Tx, after: str) -> Iterator[Past]:
    while page := store.customers(tx, after=after, page=PAGE):
        yield from _pasts(tx, page)
        after = page[-1].id


def _pasts(tx: Tx, rows: Sequence[Row[Any]]) -> list[Past]:
    ids = [row.id for row in rows]
    still: dict[str, set[str]] = {one: set() for one in ids}
    happened = {row.id: [Last(Instant(row.created_at), "joined")] for row in rows}
    for customer_id, what in store.open_things(tx, ids):
        still[customer_id].add(what)
    for customer_id, last in store.happened(tx, ids):
        happened[customer_id].append(last)
    return [Past(one, tuple(sorted(still[one])), tuple(happened[one])) for one in ids]
