"""Requests run beside the event loop: results, faults, bounds."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dojang.web.workers import Workers

PATIENCE_S = 60


def ran(asked: Coroutine[Any, Any, Any]) -> Any:
    """In a loop of its own on a thread of its own: the browser tests leave one running here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result(PATIENCE_S)


def test_what_was_done_and_what_went_wrong_come_back_to_the_loop() -> None:
    workers = Workers(2, "test")

    async def asked() -> None:
        assert await workers.run(lambda: threading.current_thread().name) != "MainThread"
        with pytest.raises(ZeroDivisionError):
            await workers.run(lambda: 1 // 0)
        assert await workers.run(lambda: "after a fault the thread still works") != ""

    ran(asked())


def test_no_more_run_at_once_than_there_are_threads() -> None:
    workers = Workers(3, "test")
    lock, running, most = threading.Lock(), [0], [0]
    let_go = threading.Event()

    def act() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        let_go.wait(PATIENCE_S)
        with lock:
            running[0] -= 1

    async def asked() -> None:
        waiting = [workers.run(act) for _ in range(10)]
        while running[0] < 3:  # noqa: ASYNC110 - threads are watched, not tasks
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        let_go.set()
        await asyncio.gather(*waiting)

    ran(asked())

    assert most == [3]


def test_who_gave_up_waiting_is_told_nothing_and_disturbs_nobody() -> None:
    workers = Workers(1, "test")
    go_on = threading.Event()

    async def asked() -> str:
        first = workers.run(lambda: go_on.wait(PATIENCE_S))
        second = workers.run(lambda: "done")
        first.cancel()
        go_on.set()
        return await second

    assert ran(asked()) == "done"
