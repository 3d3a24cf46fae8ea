"""One process that sweeps twice, and says how long, how many and how much memory.

.venv/bin/python -m bench.sweeper URL
"""

import json
import resource
import sys
import time

from dojang.certificates import Lifecycle
from dojang.certificates.jobs import Swept, sweep_dormant
from dojang.db import Database
from dojang.kernel.clock import MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids


def main(url: str) -> None:
    clock = MovableClock()  # stands still: nobody falls due while it sweeps
    db = Database(url, clock)
    lifecycle = Lifecycle(Ids(clock, SystemEntropy()))
    first = Swept()
    pages = 0

    def told(so_far: Swept) -> None:
        nonlocal first, pages
        first, pages = so_far, pages + 1

    begun = time.perf_counter()
    sweep_dormant(db, lifecycle, progress=told)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    again = sweep_dormant(db, lifecycle)
    idle = time.perf_counter() - begun
    assert again == Swept(), "a sweep after a sweep found somebody"
    figures = {
        "ended": first.ended,
        "noticed": first.noticed,
        "pages": pages,
        "seconds": seconds,
        "idle_ms": idle * 1_000,
        "mb": _peak_mb(),
    }
    print(json.dumps(figures))
    db.close()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1])
