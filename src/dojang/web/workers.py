"""Threads that carry out requests, so that a slow one never holds up the event loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, Final, TypeVar

T = TypeVar("T")

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Workers:
    """A fixed number of daemon threads behind one queue; started when first asked.

    What `concurrent.futures` does besides (futures with a condition each, copied over into
    asyncio's) costs a request a few per cent; ADR 0006.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count: Final = count
        self._name: Final = name
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._lock = threading.Lock()
        self._started = 0

    def run(self, act: Callable[[], T]) -> "asyncio.Future[T]":
        """Carry `act` out on a thread; the future is of the running loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if self._started < self._count:
            self._start_one()
        self._jobs.put((act, loop, future))
        return future

    def _start_one(self) -> None:
        with self._lock:
            if self._started == self._count:
                return
            self._started += 1
            name = f"{self._name}-{self._started}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            act, loop, future = self._jobs.get()
            try:
                tell = partial(_set, future, act(), None)
            except BaseException as error:  # noqa: BLE001 - handed on to who waits
                tell = partial(_set, future, None, error)
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(tell)
            del act, loop, future, tell


def _set(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
