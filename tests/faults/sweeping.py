"""A process that sweeps, a few credentials a page, and is killed where it was told to be.

    python -m tests.faults.sweeping URL NOW WHERE COUNT

WHERE is `before` (the page is written and not committed) or `after` (committed and not told on) of
the page of that COUNT, or `never`.
"""

import os
import signal
import sys
from contextlib import contextmanager

from dojang.certificates import Lifecycle
from dojang.certificates.jobs import sweep_dormant
from dojang.db import Database
from dojang.kernel.clock import Instant, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids

PAGE = 4


class Cut(Database):
    """Dies with a page that is written and not committed."""

    pages_left = 0

    @contextmanager
    def transaction(self):
        with super().transaction() as tx:
            yield tx
            self.pages_left -= 1
            if self.pages_left == 0:
                die()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def main(url, now, where, count):
    clock = MovableClock(Instant(int(now)))
    db = Cut(url, clock)
    db.pages_left = int(count) if where == "before" else 0
    committed = 0

    def told(_so_far):
        nonlocal committed
        committed += 1
        if where == "after" and committed == int(count):
            die()

    lifecycle = Lifecycle(Ids(clock, SystemEntropy()))
    sweep_dormant(db, lifecycle, page=PAGE, progress=told)
    db.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
