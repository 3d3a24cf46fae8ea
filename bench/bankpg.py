"""A whole bank on PostgreSQL in a process of its own.

python -m bench.bankpg FOLDER PORT ORIGIN URL

It is the demo bank's composition over another database. The poster's own thread is held: an
authorised order waits for the request that is measured, `GET /v1/transfers/{id}`, which posts it
and tells its outcome. What follows behind the log (messages, receipts' evidence, tree heads) is
held too, and measured by itself. Garbage is collected as in `dojang serve`.
"""

import sys
from pathlib import Path

import msgspec

from dojang import demo, serving
from dojang.app import build
from dojang.house import Bank
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy


def made(folder: Path, port: int, origin: str, url: str) -> Bank:
    """The bank of a folder over `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = msgspec.structs.replace(demo.settings(folder, port, origin=origin), database=url)
    return build(settings, clock=SystemClock(), entropy=SystemEntropy())


def main() -> None:
    folder, port, origin, url = sys.argv[1:]
    bank = made(Path(folder), int(port), origin, url)
    bank.transfers.start = lambda: None  # type: ignore[method-assign]
    bank.tasks.clear()
    bank.notifier.run = lambda ending: ending.wait()  # type: ignore[method-assign, assignment]
    serving.run(bank, "127.0.0.1", int(port), on_ready=serving.settle)


if __name__ == "__main__":
    main()
