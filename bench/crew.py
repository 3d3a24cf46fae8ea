"""Workers of a benchmark as seen from outside: started, told, timed, ended."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ENDS_WITHIN_SECONDS = 20

Figures = dict[str, float]


class Worker:
    """One process of `bench.worker`."""

    def __init__(self, url: str, engine: str, people: int) -> None:
        told = json.dumps({"url": url, "engine": engine, "people": people})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said()

    def closed(self, callers: int, seconds: float, *, hot: bool = False) -> Figures:
        self.begin(callers=callers, seconds=seconds, hot=hot)
        return self.figures()

    def open(self, rate: float, seconds: float, *, hot: bool = False) -> Figures:
        self.begin(rate=rate, seconds=seconds, hot=hot)
        return self.figures()

    def begin(self, **asked: Any) -> None:
        """Start it; `figures` waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def figures(self) -> Figures:
        return self._said()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _said(self) -> Figures:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self._process.wait()}")
        said: Figures = json.loads(line)
        return said


@contextmanager
def crew(url: str, engine: str, people: int, *, size: int = 1) -> Iterator[list[Worker]]:
    workers: list[Worker] = []
    try:
        workers.extend(Worker(url, engine, people) for _ in range(size))
        yield workers
    finally:
        for worker in workers:
            worker.end()


def together(workers: list[Worker], callers: int, seconds: float, *, hot: bool = False) -> Figures:
    """All at once, the callers shared among them; transfers a second add up."""
    for worker in workers:
        worker.begin(callers=callers // len(workers), seconds=seconds, hot=hot)
    found = [worker.figures() for worker in workers]
    count = sum(one["count"] for one in found)
    return {
        "count": count,
        "tps": sum(one["tps"] for one in found),
        "cpu_ms": sum(one["cpu_ms"] * one["count"] for one in found) / count,
        "p99": max(one["p99"] for one in found),
    }
