"""Customers who never give up: the same id is sent again until the bank says what became of it."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.bank.history import Asked, History
from tests.faults.bank.town import Account, StridingClock, Town

from dojang.kernel.clock import DAY, SECOND
from dojang.kernel.ids import uuid7

ANSWER_S_MAX = 7.0
PAUSE_S = (0.01, 0.15)
HOLDS_IN_VIEW = 16


@dataclass(frozen=True)
class Mix:
    """Which share of what is done. The rest of the requests are new transfers."""

    reads: float = 0.25
    holds: float = 0.15
    ends: float = 0.18
    """Of the new ones: so many holds, so many that post or void one."""
    again: float = 0.15
    both: float = 0.10
    changed: float = 0.02
    """Old ids with another amount: refused, and nothing may come of it."""


class NoAnswer(Exception):
    """Nobody knows what became of it."""


class Line:
    """A connection to one process, made anew when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._lock = asyncio.Lock()

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        async with self._lock:
            try:
                async with asyncio.timeout(ANSWER_S_MAX):
                    return await self._ask(message)
            except (OSError, TimeoutError, EOFError) as error:
                self.hang_up()
                raise NoAnswer(type(error).__name__) from error
            except asyncio.CancelledError:
                self.hang_up()
                raise

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(json.dumps(message).encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise NoAnswer(answer["error"])
        return answer

    def hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


class Client:
    """One of many. What it does is drawn from the seed; when, only the machine knows."""

    def __init__(
        self, number: int, *, seed: int, town: Town, history: History, ports: list[int], mix: Mix
    ) -> None:
        self._chance = random.Random(f"{seed}/client/{number}")  # noqa: S311 - to be repeated
        self._town = town
        self._history = history
        self._mix = mix
        self._lines = [Line(port) for port in ports]
        self._seen: dict[str, int] = {}
        self._now = StridingClock(town.since).now()
        self._old: list[Asked] = []

    async def live(self, is_open: Callable[[], bool]) -> None:
        """Do one thing after the other while it is; come back only when all is answered."""
        with contextlib.suppress(asyncio.CancelledError):
            while is_open():
                if self._chance.random() < self._mix.reads:
                    await self._read(is_open)
                else:
                    await self._write()
        for line in self._lines:
            line.hang_up()

    async def _read(self, is_open: Callable[[], bool]) -> None:
        while is_open():
            from_ = time.monotonic()
            try:
                answer = await self._lines[self._chance.randrange(2)].ask({"do": "read"})
            except NoAnswer as error:
                await self._pause(error)
                continue
            self._history.saw(from_, time.monotonic(), answer)
            self._now = answer["now"]
            self._seen = {one: posted - held for one, (posted, held, _) in answer["read"].items()}
            return

    async def _write(self) -> None:
        kind = self._chance.random()
        if kind < self._mix.changed and self._old:
            await self._change(self._chance.choice(self._old))
            return
        if kind < self._mix.changed + self._mix.again and self._history.asked:
            self._history.resent += 1
            asked = self._some_old()
        else:
            asked = self._new()
        if self._chance.random() < self._mix.both:
            self._history.raced += 1
            await asyncio.gather(self._insist(asked, 0), self._insist(asked, 1))
        else:
            await self._insist(asked, self._chance.randrange(2))
        if asked.said is not None:
            self._old.append(asked)

    def _some_old(self) -> Asked:
        """Mostly a young one: it may still be on its way."""
        ids = list(self._history.asked.values()) if len(self._history.asked) < 64 else None
        if ids is not None:
            return self._chance.choice(ids)
        if self._old and self._chance.random() < 0.5:
            return self._chance.choice(self._old)
        return self._recent()

    def _recent(self) -> Asked:
        newest = reversed(self._history.asked.values())
        skip = self._chance.randrange(64)
        return next(one for n, one in enumerate(newest) if n >= skip)

    def _new(self) -> Asked:
        kind = self._chance.random()
        if self._history.holds and kind < self._mix.ends:
            request = self._end()
        else:
            request = self._take(holding=kind < self._mix.ends + self._mix.holds)
        now = time.time_ns() // 1_000_000
        request["id"] = uuid7(now, self._chance.randbytes(10))
        asked = Asked(request, time.monotonic())
        self._history.asked[asked.id] = asked
        if request["kind"] == "hold":
            self._history.holds.append(request)
        return asked

    def _take(self, *, holding: bool) -> dict[str, Any]:
        """A transfer, or a hold for so long."""
        debit = self._chance.choice(self._town.accounts)
        credit = self._chance.choice(self._town.accounts)
        request = {
            "debit": debit.id,
            "credit": credit.id,
            "amount": self._amount(debit),
            "subject": debit.owner,
            "kind": "hold" if holding else "transfer",
        }
        if holding:
            request["expires_at"] = self._now + self._lasting()
            if self._chance.random() < 0.9:  # or soon all money lies fast
                request["amount"] = self._chance.randint(1, 60)
        return request

    def _lasting(self) -> int:
        """Some seconds, or over midnight."""
        short = self._chance.random() < 0.7
        return self._chance.randint(2 * SECOND, 5 * SECOND if short else DAY)

    def _end(self) -> dict[str, Any]:
        """Post or void a hold of the last ones, whoever made it, whatever became of it."""
        hold = self._chance.choice(self._history.holds[-HOLDS_IN_VIEW:])
        kind = self._chance.choice(("post", "post", "void"))
        whole = hold["amount"]
        amount = self._chance.choice((whole, whole, 1 + whole // 2, whole + 1))
        return {
            "debit": hold["debit"],
            "credit": hold["credit"],
            "amount": amount if kind == "post" else whole,
            "subject": hold["subject"],
            "kind": kind,
            "ref": hold["id"],
        }

    def _amount(self, debit: Account) -> int:
        """Often at the edge of what was there when this client last looked."""
        seen = self._seen.get(debit.id, 0)
        if seen > 1 and self._chance.random() < 0.25:
            return max(1, seen + self._chance.choice((-1, 0, 1)))
        return self._chance.randint(1, 410)

    async def _insist(self, asked: Asked, process: int) -> None:
        """Send it to one process, then the other, until there is an answer."""
        while True:
            try:
                answer = await self._lines[process].ask({"do": "post", "request": asked.request})
            except NoAnswer as error:
                await self._pause(error)
                process = 1 - process
                continue
            now = time.monotonic()
            self._history.acks[process].append(now)
            if asked.said is None and _too_late(asked, answer["said"]):
                return
            self._history.tell(asked, answer["said"], now)
            return

    async def _change(self, old: Asked) -> None:
        """The same id for another amount. Only asked once: no answer is no harm."""
        self._history.changed += 1
        request = {**old.request, "amount": old.request["amount"] + 1}
        with contextlib.suppress(NoAnswer):
            answer = await self._lines[0].ask({"do": "post", "request": request})
            self._history.tell(
                Asked(request, 0.0, ["refused", old.id, "id_mismatch"]), answer["said"], 0.0
            )

    async def _pause(self, error: NoAnswer) -> None:
        kind = str(error)
        self._history.errors[kind] = self._history.errors.get(kind, 0) + 1
        await asyncio.sleep(self._chance.uniform(*PAUSE_S))


def _too_late(asked: Asked, said: list[Any]) -> bool:
    """A hold that is over before it is made is not stored: no outcome, the id stays free."""
    return asked.request["kind"] == "hold" and said == ["refused", asked.id, "malformed"]
