"""A process with a ledger in it and callers around it; told by lines of JSON what to measure.

python -m bench.worker '{"url": …, "engine": "group" | "rows" | "rows_chain", "people": N}'
A line {"callers": 64, "seconds": 3, "hot": false} is a closed loop: so many transfers are always
under way. A line {"rate": 300, …} is an open one: arrivals by chance (Poisson), each timed from the
moment it was due, so that waiting for a slow engine counts. The answer is one line of figures.
Requests are made before the clock runs: an id comes from a phone, the rest from an order's row.
"""

import gc
import json
import queue
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from bench.peer import RowLocks
from bench.population import account_id, customer_id
from dojang.db import Database
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, Outcome, Request, Status

DRAIN_SECONDS = 30.0
MADE_A_SECOND = 8_000
"""So many requests are ready for each second; what is asked beyond them is made on the way."""


class Callers:
    """Requests of chance payers; every answer must be a posted transfer."""

    def __init__(self, submit: Callable[[Request], "Future[Any]"], ids: Ids, people: int) -> None:
        self._submit = submit
        self._ids = ids
        self._people = people
        self._chance = random.Random()  # noqa: S311 - whom to pay
        self._answered: queue.SimpleQueue[tuple[float, float, Future[Any]]] = queue.SimpleQueue()
        self._ready: list[Request] = []

    def closed(self, callers: int, seconds: float, *, hot: bool) -> dict[str, float]:
        """`callers` transfers are under way at every moment."""
        took: list[float] = []
        self._make(int(MADE_A_SECOND * seconds), hot=hot)
        begun, cpu = time.perf_counter(), time.process_time()
        end, under_way = begun + seconds, callers
        for _ in range(callers):
            self._ask(time.perf_counter(), hot=hot)
        spent = 0.0
        while under_way:
            asked_at, answered_at, answer = self._answered.get(timeout=DRAIN_SECONDS)
            _posted(answer)
            if answered_at < end:
                took.append(answered_at - asked_at)
                self._ask(time.perf_counter(), hot=hot)
            else:
                spent = spent or time.process_time() - cpu
                under_way -= 1
        return _figures(took, seconds, spent)

    def open(self, rate: float, seconds: float, *, hot: bool) -> dict[str, float]:
        """Arrivals of a Poisson process."""
        self._make(int(1.2 * rate * seconds), hot=hot)
        begun, cpu = time.perf_counter(), time.process_time()
        due, arrivals = begun, 0
        while (due := due + self._chance.expovariate(rate)) < begun + seconds:
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            self._ask(due, hot=hot)
            arrivals += 1
        took, last = [], begun
        for _ in range(arrivals):
            due_at, answered_at, answer = self._answered.get(timeout=DRAIN_SECONDS)
            _posted(answer)
            took.append(answered_at - due_at)
            last = max(last, answered_at)
        return _figures(took, last - begun, time.process_time() - cpu)

    def _ask(self, at: float, *, hot: bool) -> None:
        asked = self._ready.pop() if self._ready else self._request(hot=hot)
        answer = self._submit(asked)
        answer.add_done_callback(lambda one: self._answered.put((at, time.perf_counter(), one)))

    def _make(self, count: int, *, hot: bool) -> None:
        """Nobody looks for garbage among them, as in `dojang serve` after its start."""
        self._ready = [self._request(hot=hot) for _ in range(count)]
        self._ready.reverse()
        gc.freeze()

    def _request(self, *, hot: bool) -> Request:
        payer = self._chance.randrange(1, self._people)
        away = self._chance.randrange(1, self._people)
        payee = self._people if hot else (payer + away - 1) % self._people + 1
        return Request(
            id=self._ids.uuid7(),
            debit=account_id(payer),
            credit=account_id(payee),
            amount=1,
            subject=customer_id(payer),
            payer="김도장",
            payee="이도장",
        )


def _posted(answer: "Future[Any]") -> None:
    found = answer.result()
    if isinstance(found, list):
        [found] = found
    fine = found is True or (isinstance(found, Outcome) and found.status is Status.OK)
    assert fine, f"a transfer of the benchmark was not posted: {found}"


def _figures(took: list[float], seconds: float, cpu: float) -> dict[str, float]:
    took.sort()
    return {
        "count": len(took),
        "tps": len(took) / seconds,
        "cpu_ms": cpu * 1_000 / max(1, len(took)),
        "p50": _percentile(took, 0.50),
        "p99": _percentile(took, 0.99),
    }


def _percentile(ordered: list[float], part: float) -> float:
    """Milliseconds."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1_000 if ordered else 0.0


def main() -> None:
    given = json.loads(sys.argv[1])
    clock, entropy = SystemClock(), SystemEntropy()
    db, ids = Database(given["url"], clock), Ids(clock, entropy)
    if given["engine"] == "group":
        engine: Any = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
        engine.start()
    else:
        engine = RowLocks(db, chain=given["engine"] == "rows_chain")
    callers = Callers(engine.submit, ids, given["people"])
    print("{}", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        found = callers.open(**asked) if "rate" in asked else callers.closed(**asked)
        print(json.dumps(found), flush=True)
    engine.stop()
    db.close()


if __name__ == "__main__":
    main()
