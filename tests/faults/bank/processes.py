"""The two processes of the bank: forked from a server that has imported everything already."""

import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from tests.faults.bank.application import Settings, serve

ROOT = Path(__file__).parents[3]
START_SECONDS_MAX = 120.0


def context() -> ForkServerContext:
    """Processes start in milliseconds; the path lets the fork server find these modules."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.faults.bank.application", "psycopg"])
    return made


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@dataclass
class Processes:
    """Started, killed and started again; only these are ever killed."""

    settings: list[Settings]
    _running: list[ForkServerProcess | None] = field(default_factory=list)

    @classmethod
    @contextmanager
    def started(cls, settings: list[Settings]) -> Iterator["Processes"]:
        made = cls(settings, [None] * len(settings))
        try:
            for number in range(len(settings)):
                made.start(number)
            yield made
        finally:
            for number in range(len(settings)):
                made.kill(number)

    def start(self, number: int) -> None:
        process = context().Process(target=serve, args=(self.settings[number],), daemon=True)
        process.start()
        self._running[number] = process

    def pid(self, number: int) -> int:
        process = self._running[number]
        assert process is not None
        assert process.pid is not None
        return process.pid

    def kill(self, number: int) -> None:
        process = self._running[number]
        if process is not None:
            process.kill()
            process.join()
            self._running[number] = None

    def go_on(self) -> None:
        """Nobody stays stopped."""
        for process in self._running:
            if process is not None and process.pid is not None:
                os.kill(process.pid, signal.SIGCONT)
