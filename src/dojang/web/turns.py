"""Callers who ask the same thing are answered together: who waits when a turn begins is in it.

Nothing is delayed to fill a turn. While one is being answered others arrive, and the longer it
takes, the more of them the next one carries: one look at the sessions, one at the orders, one
batch of the ledger for all of them (ADR 0012).
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

from dojang.kernel.problem import Unavailable

A = TypeVar("A")
R = TypeVar("R")

TURN_MAX: Final = 100
WAITING_MAX: Final = 1_000

_Waiting = tuple[Any, asyncio.AbstractEventLoop, "asyncio.Future[Any]"]
"""What is asked, and the future of which loop waits for its answer."""


class Turns(Generic[A, R]):
    """`act` answers everything asked of one turn, each with a value or what is to be raised."""

    def __init__(
        self, act: Callable[[Sequence[A]], Sequence[R | Exception]], name: str, *, at_once: int
    ) -> None:
        """`at_once` daemon threads, started with the first question."""
        self._act: Final = act
        self._name: Final = name
        self._at_once: Final = at_once
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        self._starting = threading.Lock()
        self._started = False

    def ask(self, asked: A) -> "asyncio.Future[R]":
        """The answer, a future of the running loop. Raises Unavailable where too many wait."""
        if self._waiting.qsize() >= WAITING_MAX:
            raise Unavailable
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.put((asked, loop, future))
        if not self._started:
            self._start()
        return future

    def _start(self) -> None:
        with self._starting:
            if self._started:
                return
            self._started = True
        for n in range(self._at_once):
            name = f"{self._name}-{n + 1}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            turn = self._taken()
            _tell(turn, self._answers([asked for asked, _, _ in turn]))
            del turn

    def _taken(self) -> list[_Waiting]:
        """Wait for one, then step aside as long as that brings more; no time is waited."""
        turn = [self._waiting.get()]
        seen = 0
        while seen < self._waiting.qsize() < TURN_MAX:
            seen = self._waiting.qsize()
            time.sleep(0)
        with contextlib.suppress(Empty):
            while len(turn) < TURN_MAX:
                turn.append(self._waiting.get_nowait())
        return turn

    def _answers(self, asked: Sequence[A]) -> Sequence[R | Exception]:
        try:
            return self._act(asked)
        except Exception as error:  # noqa: BLE001 - the top of a thread: told to all who wait
            return [error for _ in asked]


def _tell(turn: Sequence[_Waiting], answers: Sequence[Any]) -> None:
    """Every loop is woken once."""
    told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for (_, loop, future), answer in zip(turn, answers, strict=True):
        told.setdefault(loop, []).append((future, answer))
    for loop, each in told.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(partial(_set, each))


def _set(told: Iterable[tuple["asyncio.Future[Any]", Any]]) -> None:
    for future, answer in told:
        if future.cancelled():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
