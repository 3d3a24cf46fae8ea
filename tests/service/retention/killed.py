"""A process that erases somebody and kills itself: python -m …killed URL NOW WHO PLACE

PLACE counts the statements of the erasure; one more is behind the last, before the commit.
"""

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang import retention
from dojang.db import Database
from dojang.kernel.clock import Instant, MovableClock
from dojang.retention import store_erasing


def until(statements: tuple[Any, ...]) -> Iterator[Any]:
    yield from statements
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, now: str, who: str, place: str) -> None:
    db = Database(url, MovableClock(Instant(int(now))))
    store_erasing.STATEMENTS = until(store_erasing.STATEMENTS[: int(place)])  # type: ignore[misc, assignment]
    with db.transaction() as tx:
        retention.approve(tx, who, by="lee")


if __name__ == "__main__":
    main(*sys.argv[1:])
