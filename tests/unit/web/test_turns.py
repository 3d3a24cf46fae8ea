"""Callers share a turn, and nothing else: not a fault, not an answer, not a thread."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from tests.unit.web.test_workers import PATIENCE_S, ran

from dojang.kernel.problem import Unavailable
from dojang.web import turns
from dojang.web.turns import Turns


def doubled(asked: Sequence[int]) -> list[int | Exception]:
    return [ValueError("odd") if n % 2 else n * 2 for n in asked]


def test_everyone_is_given_their_own_answer_or_their_own_fault() -> None:
    made: Turns[int, int] = Turns(doubled, "test", at_once=2)

    async def asked() -> None:
        answers = await asyncio.gather(*(made.ask(n) for n in range(20)), return_exceptions=True)
        assert answers[::2] == [n * 2 for n in range(0, 20, 2)]
        assert all(isinstance(odd, ValueError) for odd in answers[1::2])

    ran(asked())


def test_who_comes_while_a_turn_is_under_way_is_in_the_next_one_together() -> None:
    seen: list[list[int]] = []
    go_on = threading.Event()

    def act(asked: Sequence[int]) -> list[int]:
        seen.append(list(asked))
        go_on.wait(PATIENCE_S)
        return list(asked)

    made: Turns[int, int] = Turns(act, "test", at_once=1)

    async def asked() -> None:
        first = made.ask(0)
        while not seen:  # noqa: ASYNC110 - a thread is watched, not a task
            await asyncio.sleep(0.01)
        others = [made.ask(n) for n in (1, 2, 3)]
        go_on.set()
        await asyncio.gather(first, *others)

    ran(asked())

    assert seen == [[0], [1, 2, 3]]


def test_a_fault_of_the_whole_turn_is_told_to_all_and_the_next_turn_is_answered() -> None:
    def act(asked: Sequence[int]) -> list[int]:
        if 0 in asked:
            raise ZeroDivisionError
        return list(asked)

    made: Turns[int, int] = Turns(act, "test", at_once=1)

    async def asked() -> None:
        with pytest.raises(ZeroDivisionError):
            await made.ask(0)
        assert await made.ask(7) == 7

    ran(asked())


def test_who_gave_up_waiting_disturbs_nobody() -> None:
    go_on = threading.Event()

    def act(asked: Sequence[int]) -> list[int]:
        go_on.wait(PATIENCE_S)
        return list(asked)

    made: Turns[int, int] = Turns(act, "test", at_once=1)

    async def asked() -> int:
        made.ask(1).cancel()
        second = made.ask(2)
        go_on.set()
        return await second

    assert ran(asked()) == 2


def test_no_more_wait_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAITING_MAX", 2)
    begun, go_on = threading.Event(), threading.Event()

    def act(asked: Sequence[int]) -> list[int]:
        begun.set()
        go_on.wait(PATIENCE_S)
        return list(asked)

    made: Turns[int, int] = Turns(act, "test", at_once=1)

    async def asked() -> None:
        waiting = [made.ask(0)]
        while not begun.is_set():  # noqa: ASYNC110 - a thread is watched, not a task
            await asyncio.sleep(0.01)
        waiting += [made.ask(1), made.ask(2)]
        with pytest.raises(Unavailable):
            made.ask(3)
        go_on.set()
        await asyncio.gather(*waiting)

    ran(asked())


def test_who_cannot_be_told_keeps_it_from_nobody_else() -> None:
    made: Turns[int, int] = Turns(doubled, "test", at_once=1)

    async def asked() -> None:
        loop, faults = asyncio.get_running_loop(), []
        loop.set_exception_handler(lambda _loop, context: faults.append(context["exception"]))
        told: asyncio.Future[int | Exception] = loop.create_future()
        made.put(0, lambda _answer: 1 // 0)
        made.put(2, told.set_result)

        assert await told == 4
        assert [type(fault) for fault in faults] == [ZeroDivisionError]

    ran(asked())
