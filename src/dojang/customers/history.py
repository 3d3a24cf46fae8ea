"""A customer's own leaves of the log, as codes and figures for the screen to put into words."""

from dataclasses import dataclass
from typing import Final

from dojang.db import log
from dojang.db.database import Tx
from dojang.kernel.clock import Instant

PAGE_MAX: Final = 100
_FRAME: Final = frozenset({"kind", "at", "idx", "subject"})
_SOMEBODY_ELSES: Final = frozenset({"credit", "credited"})
"""Inner ids of the payee: the payer's history does not need them and must not tell them."""

Figure = str | int | bool | list[str]


@dataclass(frozen=True)
class Entry:
    """`kind` is the event's code; `what` its ids, figures and codes, never bytes."""

    idx: int
    at: Instant
    kind: str
    what: dict[str, Figure]


@dataclass(frozen=True)
class Page:
    entries: tuple[Entry, ...]
    next: int | None
    """Ask with `before` this for the page that follows; None at the end."""


def of_customer(tx: Tx, customer_id: str, *, before: int | None, limit: int) -> Page:
    """Newest first."""
    wanted = max(1, min(limit, PAGE_MAX))
    leaves = log.of_subject(tx.connection, customer_id, before=before, limit=wanted + 1)
    shown = tuple(_entry(leaf) for leaf in leaves[:wanted])
    return Page(shown, next=shown[-1].idx if len(leaves) > wanted else None)


def _entry(leaf: log.Leaf) -> Entry:
    what = {
        name: value
        for name, value in leaf.fields().items()
        if name not in _FRAME | _SOMEBODY_ELSES and isinstance(value, str | int | bool | list)
    }
    return Entry(idx=leaf.idx, at=leaf.at, kind=leaf.kind, what=what)
