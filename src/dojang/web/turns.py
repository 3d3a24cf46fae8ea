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

TURN_MAX: Final = 250
WAITING_MAX: Final = 1_000

_Waiting = tuple[Any, asyncio.AbstractEventLoop, Callable[[Any], None]]
"""What is asked, and whom to tell the answer, in which loop."""


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
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.put(asked, partial(_set, future))
        return future

    def put(self, asked: A, tell: Callable[[R | Exception], None]) -> None:
        """As `ask`; `tell` is called by the running loop."""
        if self._waiting.qsize() >= WAITING_MAX:
            raise Unavailable
        self._waiting.put((asked, asyncio.get_running_loop(), tell))
        if not self._started:
            self._start()

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
    told: dict[asyncio.AbstractEventLoop, list[tuple[Callable[[Any], None], Any]]] = {}
    for (_, loop, tell), answer in zip(turn, answers, strict=True):
        told.setdefault(loop, []).append((tell, answer))
    for loop, each in told.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_say, loop, each)


def _say(
    loop: asyncio.AbstractEventLoop, told: Iterable[tuple[Callable[[Any], None], Any]]
) -> None:
    """Who cannot be told keeps it from nobody else."""
    for tell, answer in told:
        try:
            tell(answer)
        except Exception as fault:  # noqa: BLE001 - as the loop does with a callback of its own
            loop.call_exception_handler({"message": "an answer was not told", "exception": fault})


def _set(future: "asyncio.Future[Any]", answer: Any) -> None:
    if future.cancelled():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
