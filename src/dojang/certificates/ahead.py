"""Answers signed before anybody asks, about everything that was ever given out.

For banks that are asked by many (`pki.ocsp_ahead`): whoever asks finds a signature made, and an HSM
is busy in its own time. A page is one transaction; a run that was cut off is simply run again.
"""

from typing import Final

from dojang.certificates import store_status
from dojang.certificates.status import Status, life
from dojang.db import Database
from dojang.kernel.clock import SECOND, Instant

PAGE: Final = 500
RENEW_PART: Final = 3
"""Signed again after a third of their life; what is kept is given until half of it is over."""


class Ahead:
    """One in each process; a page that another one has just signed is left alone."""

    def __init__(self, db: Database, status: Status) -> None:
        self._db = db
        self._status = status
        self._due: Instant | None = None

    def sign_due(self) -> int:
        """Everything, if a third of the answers' life is over since the last time."""
        with self._db.snapshot() as tx:
            now, (seconds, _) = tx.now, life(tx)
        if self._due is not None and now < self._due:
            return 0
        self._due = Instant(now + seconds * SECOND // RENEW_PART)
        return self.sign_all()

    def sign_all(self, *, page: int = PAGE) -> int:
        """Returns how many answers were signed and kept."""
        after, signed = "", 0
        while True:
            with self._db.snapshot() as tx:
                stands = store_status.known(tx, after=after, page=page)
                if not stands:
                    return signed
                seconds, now = life(tx)
                young = Instant(now - seconds * SECOND // RENEW_PART)
                newest = store_status.newest_of(tx, stands[0].serial)
            after = stands[-1].serial
            if newest is None or newest <= young:
                made = self._status.made_ahead(stands, now, seconds)
                with self._db.transaction() as tx:
                    signed += store_status.keep(tx, made)
