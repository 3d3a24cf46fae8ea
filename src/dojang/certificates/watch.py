"""Whose status has changed since we last looked: for who keeps answers in memory.

One look is one small query, however many requests wait for it; on an embedded database it is less
while nobody commits anything. An answer in memory that was true
at the last look, and that this look does not name, is true now: in every process at once.
"""

from dataclasses import dataclass
from typing import Final

from dojang.certificates import store_status
from dojang.certificates.store_status import Fault
from dojang.db import Database
from dojang.kernel.clock import Clock, Instant

__all__ = ["Fault", "Look", "Watch"]

CHANGED_MAX: Final = 5_000


@dataclass(frozen=True)
class Look:
    """The state of things after change `as_of`. `changed` None: too many to name, forget all."""

    now: Instant
    as_of: int
    changed: list[str] | None


class Watch:
    """One for each holder of answers; not for several threads."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._commits = db.commits()
        self._at_commit: int | None = None
        self.seen = -1
        """The last change that a look has named."""

    def look(self) -> Look:
        """Raises `Fault` where the database is away: then nothing may be said."""
        at_commit = None if self._commits is None else self._commits()
        if at_commit is not None and at_commit == self._at_commit:
            return Look(self._clock.now(), self.seen, [])
        with self._db.snapshot() as tx:
            as_of = store_status.changes(tx)
            changed: list[str] = []
            if as_of != self.seen:
                changed = store_status.changed_since(tx, self.seen, page=CHANGED_MAX + 1)
            now = tx.now
        self.seen, self._at_commit = as_of, at_commit
        return Look(now, as_of, None if len(changed) > CHANGED_MAX else changed)
