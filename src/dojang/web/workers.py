"""Threads that carry out requests, so that a slow one never holds up the event loop."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, Final, TypeVar

T = TypeVar("T")

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Workers:
    """At most so many daemon threads, each started when all the others are busy.

    Who was idle last is asked first: its stack and its memory are still warm, and a bank with a
    few callers has a few threads. What `concurrent.futures` does besides (futures with a condition
    each, copied over into asyncio's) costs a request a few per cent; ADR 0006.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count: Final = count
        self._name: Final = name
        self._change = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._idle: list[SimpleQueue[_Job]] = []
        self._started = 0

    def run(self, act: Callable[[], T]) -> "asyncio.Future[T]":
        """Carry `act` out on a thread; the future is of the running loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._hand_over((act, loop, future))
        return future

    def _hand_over(self, job: _Job) -> None:
        with self._change:
            if self._idle:
                self._idle.pop().put(job)
            elif self._started < self._count:
                self._started += 1
                name = f"{self._name}-{self._started}"
                threading.Thread(target=self._work, args=(job,), name=name, daemon=True).start()
            else:
                self._waiting.append(job)

    def _work(self, job: _Job) -> None:
        mine: SimpleQueue[_Job] = SimpleQueue()
        while True:
            _carry_out(job)
            del job  # nothing of a request is kept while its thread is idle
            job = self._next(mine)

    def _next(self, mine: "SimpleQueue[_Job]") -> _Job:
        with self._change:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(mine)
        return mine.get()


def _carry_out(job: _Job) -> None:
    act, loop, future = job
    try:
        tell = partial(_set, future, act(), None)
    except BaseException as error:  # noqa: BLE001 - handed on to who waits
        tell = partial(_set, future, None, error)
    with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
        loop.call_soon_threadsafe(tell)


def _set(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
