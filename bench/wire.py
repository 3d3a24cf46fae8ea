"""A small HTTP/1.1 client that costs little: requests made beforehand, kept connections, uvloop."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import uvloop

LATE_SECONDS = 60.0
_END, _LENGTH = b"\r\n\r\n", b"\r\ncontent-length: "


@dataclass(frozen=True)
class Heard:
    """What a load was answered: seconds each, in the order of the answers, and over all."""

    took: list[float]
    seconds: float

    @property
    def per_s(self) -> float:
        return len(self.took) / self.seconds

    def percentile_ms(self, part: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1_000


class Line(asyncio.Protocol):
    """One connection, one request at a time. Anything but 200 ends the run."""

    def __init__(self) -> None:
        self._got = b""
        self._waiting: asyncio.Future[bytes] | None = None
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(_END)
        if not end or self._waiting is None:
            return
        at = head.lower().find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._got = b""
            waiting, self._waiting = self._waiting, None
            if head.startswith(b"HTTP/1.1 200"):
                waiting.set_result(body)
            else:
                waiting.set_exception(RuntimeError((head[:40] + b" " + body[:300]).decode()))

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.set_exception(ConnectionResetError("the bank hung up"))

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        self._transport.close()


Asked = tuple[int, bytes]
"""(the server's port, the request)."""


def saturate(asked: Sequence[Asked], lines: int, *, must_say: bytes) -> Heard:
    """`lines` callers, spread over the ports; each sends its next when the last is answered."""
    return _ran(_saturate(asked, lines, must_say))


def arrive(asked: Sequence[Asked], rate: float, lines: int, *, must_say: bytes) -> Heard:
    """Arrivals of a Poisson process; each is timed from when it was due."""
    return _ran(_arrive(asked, rate, lines, must_say))


def _ran(load: Coroutine[Any, Any, Heard]) -> Heard:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(load, LATE_SECONDS))


async def _saturate(asked: Sequence[Asked], lines: int, must_say: bytes) -> Heard:
    queues: dict[int, deque[bytes]] = {}
    for port, request in asked:
        queues.setdefault(port, deque()).append(request)
    took: list[float] = []

    async def call(line: Line, waiting: deque[bytes]) -> None:
        while waiting:
            begun = time.perf_counter()
            body = await line.ask(waiting.popleft())
            took.append(time.perf_counter() - begun)
            assert must_say in body, body[:300]

    opened = [(await _line(port), port) for port in queues for _ in range(lines // len(queues))]
    begun = time.perf_counter()
    await asyncio.gather(*(call(line, queues[port]) for line, port in opened))
    seconds = time.perf_counter() - begun
    for line, _ in opened:
        line.close()
    return Heard(took, seconds)


async def _arrive(asked: Sequence[Asked], rate: float, lines: int, must_say: bytes) -> Heard:
    chance = random.Random()  # noqa: S311 - when the next one comes
    free: dict[int, asyncio.LifoQueue[Line]] = {}
    for port in {port for port, _ in asked}:
        free[port] = asyncio.LifoQueue()
        for _ in range(lines):
            free[port].put_nowait(await _line(port))
    took: list[float] = []

    async def call(port: int, request: bytes, due: float) -> None:
        line = await free[port].get()
        body = await line.ask(request)
        took.append(time.perf_counter() - due)
        assert must_say in body, body[:300]
        free[port].put_nowait(line)

    begun = due = time.perf_counter()
    calls = []
    for port, request in asked:
        due += chance.expovariate(rate)
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        calls.append(asyncio.create_task(call(port, request, due)))
    await asyncio.gather(*calls)
    seconds = time.perf_counter() - begun
    for lot in free.values():
        while not lot.empty():
            lot.get_nowait().close()
    return Heard(took, seconds)


async def _line(port: int) -> Line:
    _, line = await asyncio.get_running_loop().create_connection(Line, "127.0.0.1", port)
    return line
