"""The port for status traffic: OCSP, time-stamps and lists, asked by machines, no framework.

A skin over the same functions as `web.pki`. Answers that may be given again are kept as whole HTTP
responses; before any is sent, one look at the database says whose status has changed since, for
all requests that arrived together. Whatever else is asked is answered in worker threads.
"""

import asyncio
import base64
import contextlib
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote

import uvloop

from dojang.certificates.status import Answer
from dojang.certificates.watch import Fault, Watch
from dojang.house import Bank
from dojang.kernel.clock import SECOND, Instant
from dojang.web import statuspapers
from dojang.web.line import HEAD, POST, Asked, Exchange, Line, Lines
from dojang.web.pki import (
    OCSP_PATH,
    OCSP_RESPONSE,
    TIMESTAMP_REPLY,
    cache_headers,
    http_date,
    request_in,
)
from dojang.web.statuspapers import Flow
from dojang.web.workers import Workers

LINES_MAX: Final = 1_024
HELD_MAX: Final = 16_384
CLERKS: Final = 2
WAITING_MAX: Final = 2_048
FLOWS_MAX: Final = 64
"""Long answers that are under way at once; who asks for one more is told to come again."""
LATE_SECONDS: Final = 1.0
START_SECONDS: Final = 10.0

_GET: Final = OCSP_PATH.encode()
_POST: Final = _GET.rstrip(b"/")
SHARE_MAX: Final = 64
_STAMP: Final = b"/pki/tsa"
_NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n"


@dataclass(slots=True)
class Held:
    """An answer and the response that says it; one for a whole second, in which no header moves."""

    answer: Answer
    renew_at: Instant
    posted: bool
    second: int = -1
    response: bytes = b""

    def tell(self, second: int) -> None:
        self.response = _told(self.answer, second, posted=self.posted)
        self.second = second


class Told(NamedTuple):
    """What a worker says; with the answer and the key under which it may be held."""

    response: bytes
    answer: Answer | None = None
    key: bytes | None = None
    posted: bool = False
    flow: Flow | None = None
    """What follows the response, part by part."""


@dataclass
class Shelf:
    """What is held, by what is asked: a target or a body. The longest here goes first."""

    held: OrderedDict[bytes, Held] = field(default_factory=OrderedDict)
    keys: dict[str, set[bytes]] = field(default_factory=dict)

    def put(self, key: bytes, held: Held) -> None:
        assert held.answer.kept is not None, "only what may be given again is held"
        if len(self.held) >= HELD_MAX:
            self._drop(next(iter(self.held)))
        self.held[key] = held
        self.keys.setdefault(held.answer.kept.serial, set()).add(key)

    def forget(self, serials: Iterable[str] | None) -> None:
        """None: everything."""
        if serials is None:
            self.held.clear()
            self.keys.clear()
            return
        for serial in serials:
            for key in self.keys.pop(serial, ()):
                self.held.pop(key, None)

    def _drop(self, key: bytes) -> None:
        gone = self.held.pop(key)
        assert gone.answer.kept is not None
        keys = self.keys[gone.answer.kept.serial]
        keys.discard(key)
        if not keys:
            del self.keys[gone.answer.kept.serial]


@dataclass
class Window:
    """One kind of work for the threads: what waits for it, and how many clerks are free."""

    serve: Callable[[list[Exchange]], list[Told]]
    share: int = SHARE_MAX
    """So many are taken together."""
    waiting: list[Exchange] = field(default_factory=list)
    free: int = CLERKS


class Desk:
    """Takes what the lines ask, a turn at a time. Lives in the loop of its listener."""

    def __init__(self, bank: Bank, loop: asyncio.AbstractEventLoop) -> None:
        self._bank = bank
        self._loop = loop
        self._watch = Watch(bank.db, bank.clock)
        self._shelf = Shelf()
        self._asked: list[Exchange] = []
        self._workers = Workers(3 * CLERKS, "dojang-status")
        self._readers = Workers(CLERKS, "dojang-status-reader")
        self._flows: dict[Exchange, Flow] = {}
        self._stamps = Window(self._stamped)
        self._questions = Window(self._answered)
        self._papers = Window(self._on_paper, share=1)

    def ask(self, asked: Exchange) -> None:
        """Everything that arrives before the next turn is answered by one look."""
        if not self._asked:
            self._loop.call_soon(self._turn)
        self._asked.append(asked)

    def _turn(self) -> None:
        asked, self._asked = self._asked, []
        try:
            look = self._watch.look()
        except Fault as fault:
            self._bank.log.fault("status_port", fault)
            for one in asked:
                one.answer(_BUSY)
            return
        if look.changed is None or look.changed:
            self._shelf.forget(look.changed)
        rest = self._from_shelf(asked, look.now)
        if rest:
            self._by_workers(rest)

    def _from_shelf(self, asked: list[Exchange], now: Instant) -> list[Exchange]:
        """Answer what is held. Returns the others."""
        find, second, rest = self._shelf.held.get, now // SECOND, []
        for one in asked:
            held = find(one.asked.key)
            if held is None or now >= held.renew_at:
                rest.append(one)
                continue
            if held.second != second:
                held.tell(second)
            one.answer(held.response)
        return rest

    def _by_workers(self, asked: list[Exchange]) -> None:
        stamps, questions, papers = [], [], []
        for one in asked:
            if one.asked.method == POST and one.asked.target == _STAMP:
                stamps.append(one)
            elif _is_question(one.asked):
                questions.append(one)
            elif statuspapers.is_paper(one.asked):
                papers.append(one)
            else:
                one.answer(_NOT_FOUND)
        self._queue(self._stamps, stamps)
        self._queue(self._questions, questions)
        self._queue(self._papers, papers)

    def _queue(self, window: Window, asked: list[Exchange]) -> None:
        room = max(0, WAITING_MAX - len(window.waiting))
        for one in asked[room:]:
            one.answer(_BUSY)
        window.waiting += asked[:room]
        self._serve(window)

    def _serve(self, window: Window) -> None:
        """Who waits is taken together, as soon as a clerk is free."""
        while window.waiting and window.free:
            share, window.waiting = window.waiting[: window.share], window.waiting[window.share :]
            window.free -= 1
            done = functools.partial(self._done, window, share)
            self._workers.run(functools.partial(window.serve, share)).add_done_callback(done)

    def _done(
        self, window: Window, share: list[Exchange], found: "asyncio.Future[list[Told]]"
    ) -> None:
        window.free += 1
        self._serve(window)
        fault = found.exception()
        if fault is not None:
            self._bank.log.fault("status_port", fault)
            for one in share:
                one.answer(_BUSY)
            return
        for one, told in zip(share, found.result(), strict=True):
            if told.flow is None:
                one.answer(told.response)
                self._hold(told)
            else:
                self._begin(one, told.flow)

    def _begin(self, one: Exchange, flow: Flow) -> None:
        if len(self._flows) >= FLOWS_MAX:
            one.answer(_BUSY)
            return
        if not one.line.lost:
            self._flows[one] = flow
            one.begin(flow.head)

    def more(self, of: Exchange) -> None:
        """Read the next part of a flow."""
        read = self._readers.run(self._flows[of].more)
        read.add_done_callback(functools.partial(self._read, of))

    def left(self, of: Exchange) -> None:
        self._flows.pop(of, None)

    def _read(self, of: Exchange, found: "asyncio.Future[bytes]") -> None:
        """Where the rest cannot be had, the peer is to see that it has not all of it."""
        fault = found.exception()
        if fault is None:
            of.line.part(of, found.result())
        else:
            self._bank.log.fault("status_port", fault)
            of.line.hang_up()

    def _hold(self, told: Told) -> None:
        """Not what was true before a change that a look has named meanwhile: it would stay."""
        kept = told.answer.kept if told.answer is not None else None
        if told.key is None or kept is None or kept.as_of < self._watch.seen:
            return
        assert told.answer is not None
        self._shelf.put(told.key, Held(told.answer, told.answer.renew_at, told.posted))

    def _stamped(self, share: list[Exchange]) -> list[Told]:
        second = self._bank.clock.now() // SECOND
        made = [self._bank.time_stamps.answer(one.asked.body) for one in share]
        return [Told(_response(TIMESTAMP_REPLY, one, second)) for one in made]

    def _on_paper(self, share: list[Exchange]) -> list[Told]:
        found = [statuspapers.told(self._bank, one.asked) for one in share]
        return [Told(one) if isinstance(one, bytes) else Told(one.head, flow=one) for one in found]

    def _answered(self, share: list[Exchange]) -> list[Told]:
        second = self._bank.clock.now() // SECOND
        asked = [one.asked for one in share]
        answers = self._bank.status.answers([_request_in(one) for one in asked])
        return [_said(one, answer, second) for one, answer in zip(asked, answers, strict=True)]


class Listener:
    """The port, in a thread and a loop of its own, so that neither side waits for the other."""

    def __init__(self, bank: Bank, host: str, port: int) -> None:
        self._bank = bank
        self._host = host
        self.port = port
        """0: one that is free; known once it is started."""
        self._thread = threading.Thread(target=self._run, name="dojang-status-port", daemon=True)
        self._listening = threading.Event()
        self._fault: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def start(self) -> None:
        """Raises OSError where the address cannot be had."""
        self._thread.start()
        if not self._listening.wait(START_SECONDS):
            raise TimeoutError("the status port did not open")
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        desk = Desk(self._bank, loop)
        lines = Lines(ask=desk.ask, more=desk.more, left=desk.left, now=loop.time, most=LINES_MAX)
        try:
            server = await loop.create_server(lambda: Line(lines), self._host, self.port)
        except OSError as fault:
            self._fault = fault
            self._listening.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LATE_SECONDS)
            lines.hang_up_on_the_late()
        server.close()
        for line in list(lines.open):
            line.hang_up()


def _is_question(asked: Asked) -> bool:
    if asked.method == POST:
        return asked.target == _POST
    return asked.target.startswith(_GET)


def _request_in(asked: Asked) -> bytes:
    return asked.body if asked.method == POST else request_in(asked.target)


def _said(asked: Asked, answer: Answer, second: int) -> Told:
    posted = asked.method == POST
    response = _told(answer, second, posted=posted)
    if asked.method == HEAD:
        return Told(response[: len(response) - len(answer.der)])
    key = asked.key if _is_usual(asked, answer) else None
    return Told(response, answer, key, posted)


def _is_usual(asked: Asked, answer: Answer) -> bool:
    """Whether it may be held: the request is written as most write it.

    An answer is held under few names, so nobody crowds others out with their own ways of escaping.
    """
    if answer.kept is None:
        return False
    if asked.method == POST:
        return asked.body == answer.kept.request
    text = base64.b64encode(answer.kept.request).decode()
    return asked.target in {_GET + quote(text, safe=safe).encode() for safe in ("", "/", "/+=")}


def _told(answer: Answer, second: int, *, posted: bool) -> bytes:
    if posted or not answer.cacheable:
        return _response(OCSP_RESPONSE, answer.der, second)
    now = Instant(second * SECOND)
    headers = "".join(f"{name}: {value}\r\n" for name, value in cache_headers(answer, now).items())
    return _head(OCSP_RESPONSE, len(answer.der), second, headers) + answer.der


def _response(media_type: str, body: bytes, second: int) -> bytes:
    """For this one who asks, and no cache."""
    return _head_of_one(media_type, len(body), second) + body


@functools.lru_cache(maxsize=64)
def _head_of_one(media_type: str, size: int, second: int) -> bytes:
    return _head(media_type, size, second, "cache-control: no-store\r\n")


def _head(media_type: str, size: int, second: int, more: str) -> bytes:
    date = http_date(Instant(second * SECOND))
    return (
        f"HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {size}\r\n"
        f"date: {date}\r\n{more}\r\n"
    ).encode("ascii")
