"""Whoever wishes the bank ill: kills, stops and cuts, at moments drawn from the seed."""

import asyncio
import bisect
import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.bank.history import History
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.processes import Processes
from tests.faults.bank.proxy import Proxy

KILL_APP, KILL_POSTMASTER, KILL_BACKEND = "kill app", "kill postmaster", "kill backend"
STOP_IMMEDIATE, PAUSE_APP = "stop -m immediate", "SIGSTOP app"
CUT_COMMIT, STALL = "cut COMMIT", "stall wire"
WEIGHTS = {
    KILL_APP: 6,
    KILL_POSTMASTER: 2,
    KILL_BACKEND: 3,
    STOP_IMMEDIATE: 2,
    PAUSE_APP: 3,
    CUT_COMMIT: 3,
    STALL: 1,
}


@dataclass(frozen=True)
class Fault:
    kind: str
    process: int | None
    """Which of the two processes, None where it was the database."""
    at: float
    mended_at: float


@dataclass
class Nemesis:
    """`weights` aims it; `every_s` is the pause between two faults."""

    seed: int
    processes: Processes
    postmaster: Postmaster
    proxy: Proxy
    database: str
    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    every_s: tuple[float, float] = (1.5, 4.0)
    faults: list[Fault] = field(default_factory=list)

    async def rage(self, is_open: Callable[[], bool]) -> None:
        """One fault after the other while it is; afterwards everything stands again."""
        chance = random.Random(f"{self.seed}/nemesis")  # noqa: S311 - to be repeated
        while self.weights:
            await asyncio.sleep(chance.uniform(*self.every_s))
            if not is_open():
                break
            kind = chance.choices(list(self.weights), list(self.weights.values()))[0]
            await self._do(kind, chance.randrange(2), chance.random())

    async def _do(self, kind: str, process: int, chance: float) -> None:
        at, whose = time.monotonic(), None
        if kind == KILL_APP:
            whose = process
            await asyncio.to_thread(self.processes.kill, process)
            await asyncio.sleep(chance * 0.5)
            await asyncio.to_thread(self.processes.start, process)
        elif kind == PAUSE_APP:
            whose = process
            os.kill(self.processes.pid(process), signal.SIGSTOP)
            await asyncio.sleep(0.2 + chance * 2.5)
            os.kill(self.processes.pid(process), signal.SIGCONT)
        elif kind == KILL_POSTMASTER:
            self.postmaster.kill()
            await asyncio.to_thread(self.postmaster.start)
        elif kind == STOP_IMMEDIATE:
            await asyncio.to_thread(self.postmaster.stop, "immediate")
            await asyncio.to_thread(self.postmaster.start)
        elif kind == KILL_BACKEND:
            await asyncio.to_thread(self.postmaster.kill_backend, self.database)
        elif kind == CUT_COMMIT:
            whose = 1
            self.proxy.cut_next_commit()
        elif kind == STALL:
            whose = 1
            await self.proxy.stall(1 + chance * 4)
        self.faults.append(Fault(kind, whose, at, time.monotonic()))

    def counted(self) -> Counter[str]:
        return Counter(fault.kind for fault in self.faults)


def recoveries(faults: list[Fault], history: History) -> dict[str, tuple[float, float]]:
    """By kind: (median, longest) seconds from the end of the fault to the next answer.

    From the kill on for the database, from the new start on for a process.
    """
    found: dict[str, list[float]] = {}
    for fault in faults:
        if fault.kind in {CUT_COMMIT, STALL}:
            continue
        since = fault.mended_at if fault.process is not None else fault.at
        processes = [fault.process] if fault.process is not None else [0, 1]
        after = [
            acks[at]
            for acks in (history.acks[one] for one in processes)
            if (at := bisect.bisect_right(acks, since)) < len(acks)
        ]
        if after:
            found.setdefault(fault.kind, []).append(min(after) - since)
    return {kind: (statistics.median(took), max(took)) for kind, took in found.items()}
