"""A demo bank in a process of its own, as an operator would start it; killed and started again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import httpx

from dojang.journey import loopback

START_SECONDS_MAX: Final = 300.0
ANSWER_SECONDS_MAX: Final = 60.0
END_SECONDS_MAX: Final = 30.0


class Served:
    """`dojang demo` on a free port of 127.0.0.1 over a folder. Only this process is ever ended."""

    def __init__(
        self, folder: Path, port: int | None = None, *, environment: dict[str, str] | None = None
    ) -> None:
        self.folder: Final = folder
        self.port: Final = port or free_port()
        self.origin: Final = f"http://localhost:{self.port}"
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder.with_suffix(".log")

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with its last words."""
        words = ["demo", "--quiet", "--port", str(self.port), "--data", str(self.folder)]
        with self._log.open("ab") as log:
            self._process = self._begun(words, log)
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                if loopback.get(self.origin + "/health", timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError("the bank did not start:\n" + self.log_text()[-4_000:])

    def _begun(self, words: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """The command in a process of its own."""
        command = [sys.executable, "-m", "dojang.cli", *words]
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=log, stderr=log, env=self._environment
        )

    @property
    def pid(self) -> int:
        assert self._process is not None, "start it first"
        return self._process.pid

    def kill(self) -> None:
        """kill -9: nothing is flushed, closed or said."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ctrl-C."""
        self._end(signal.SIGINT)

    def _end(self, with_signal: int) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
            try:
                self._process.wait(timeout=END_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def log_text(self) -> str:
        """Everything it printed, over all its starts."""
        return self._log.read_text("utf-8", errors="replace") if self._log.exists() else ""

    def move_clock(self, seconds: int) -> None:
        """Move the demo's clock and let the jobs that are due run."""
        answer = loopback.post(
            self.origin + "/_demo/clock", json={"seconds": seconds}, timeout=ANSWER_SECONDS_MAX
        )
        answer.raise_for_status()

    def messages(self, phone: str) -> list[dict[str, Any]]:
        """What the handset of a number received, oldest first."""
        return self._handset("messages", phone)

    def calls(self, phone: str) -> list[dict[str, Any]]:
        """The calls that a number received, oldest first."""
        return self._handset("calls", phone)

    def _handset(self, what: str, phone: str) -> list[dict[str, Any]]:
        answer = loopback.get(
            f"{self.origin}/_handset/{what}", params={"phone": phone}, timeout=ANSWER_SECONDS_MAX
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()[what]
        return sorted(found, key=lambda one: one.get("at", one.get("rings_until", 0)))


@contextlib.contextmanager
def served(folder: Path, *, by: type[Served] = Served, **more: Any) -> Iterator[Served]:
    """A running demo bank for a `with` block."""
    bank = by(folder, **more)
    bank.start()
    try:
        yield bank
    finally:
        bank.stop()


def free_port() -> int:
    """A port for a server that is started later, also more than once.

    On Linux it stays bound until this process ends, and is not listened on: no other process is
    given it meanwhile, and a server that sets SO_REUSEADDR, as they all do, binds it all the same.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    port = int(probe.getsockname()[1])
    if sys.platform == "linux":
        probe.detach()  # and never closed
    else:
        probe.close()
    return port
