"""Both processes, started and ended by their ids, and a line that goes to them in turn."""

import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from dojang.demo_folder import DATABASE
from dojang.journey import loopback
from dojang.journey.served import free_port

START_SECONDS_MAX = 120.0


class Pair:
    """What `Handset` and a phone need of a bank; each question goes to the other process."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.ports = (free_port(), free_port())
        self.origin = f"http://localhost:{self.ports[0]}"
        self._environment = {**os.environ, DATABASE: database}
        self._running: list[subprocess.Popen[bytes]] = []

    @classmethod
    @contextlib.contextmanager
    def served(cls, folder: Path, database: str) -> Iterator["Pair"]:
        """The second is started while the first still makes the bank."""
        pair = cls(folder, database)
        try:
            for port in pair.ports:
                pair._start(port)
            for port in pair.ports:
                pair._await(port)
            yield pair
        finally:
            for one in pair._running:
                one.terminate()
            for one in pair._running:
                one.wait(60)

    def _start(self, port: int) -> None:
        words = ["-m", "tests.faults.two.serve", str(self.folder), str(port), self.origin]
        with self._log(port).open("ab") as log:
            self._running.append(
                subprocess.Popen(
                    [sys.executable, *words], stdout=log, stderr=log, env=self._environment
                )
            )

    def _log(self, port: int) -> Path:
        return self.folder.parent / f"{port}.log"

    def _await(self, port: int) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if loopback.get(f"http://localhost:{port}/health", timeout=2).status_code == 200:
                    return
            if any(one.poll() is not None for one in self._running):
                break
            time.sleep(0.1)
        raise AssertionError(f"one did not start:\n{self._log(port).read_text()[-3000:]}")

    def said(self) -> str:
        """Everything both of them recorded."""
        return "".join(self._log(port).read_text() for port in self.ports)

    def move_clocks(self, seconds: int) -> None:
        """Both clocks at once; each process then runs the jobs that are due."""
        code = (
            "import sys, httpx; sent = {'seconds': int(sys.argv[2])}; "
            "httpx.post(sys.argv[1], json=sent, timeout=60).raise_for_status()"
        )
        doors = [f"http://localhost:{port}/_demo/clock" for port in self.ports]
        moves = [
            subprocess.Popen([sys.executable, "-c", code, door, str(seconds)]) for door in doors
        ]
        assert [one.wait(90) for one in moves] == [0, 0]

    def messages(self, phone: str) -> list[dict[str, Any]]:
        return self._handset("messages", phone)

    def calls(self, phone: str) -> list[dict[str, Any]]:
        return self._handset("calls", phone)

    def _handset(self, what: str, phone: str) -> list[dict[str, Any]]:
        address = f"http://localhost:{self.ports[1]}/_handset/{what}"
        answer = loopback.get(address, params={"phone": phone}, timeout=60)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()[what]
        return sorted(found, key=lambda one: one.get("at", one.get("rings_until", 0)))


class InTurn(httpx.BaseTransport):
    """Each request goes to the process that did not get the one before."""

    def __init__(self, ports: tuple[int, int]) -> None:
        self._next = itertools.cycle(ports)
        self._inner = httpx.HTTPTransport(verify=loopback.NOBODY)
        self.answered: Counter[int] = Counter()
        self.refused: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        port = next(self._next)
        request.url = request.url.copy_with(port=port)
        answer = self._inner.handle_request(request)
        answer.read()
        self.answered[port] += 1
        if answer.status_code >= 400:
            self.refused[answer.json().get("code", str(answer.status_code))] += 1
        return answer

    def close(self) -> None:
        self._inner.close()
