"""One connection of the status port: HTTP/1.1 read by httptools, within limits, answered in order.

Everything a stranger can stretch has an end: the head, the body, the time a request may take to
arrive, the time between two, what waits to be read by them. What is not plain HTTP/1.1 is answered
once and hung up on, so nothing that follows can be taken for another request (RFC 9112 11.2).
"""

import asyncio
import math
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import httptools

TARGET_BYTES_MAX: Final = 4_096
HEAD_BYTES_MAX: Final = 8_192
BODY_BYTES_MAX: Final = 8_192
WAITING_MAX: Final = 64
"""Requests of one connection that wait for their answers; more are not read."""
ARRIVAL_SECONDS: Final = 10.0
"""From a request's first byte to its last."""
IDLE_SECONDS: Final = 30.0
READ_SECONDS: Final = 30.0
"""A peer that does not take its answers is left after this."""
SEND_BYTES: Final = 131_072
"""What the kernel may hold of a flow, which would else be megabytes; it takes twice as much."""
FLOW_SECONDS: Final = 900.0
"""How long a long answer may take in all: forty megabytes at 45 kB a second."""

READ_MAX: Final = 8_192
READ_BYTES_MAX: Final = 1_024

GET: Final = b"GET"
HEAD: Final = b"HEAD"
POST: Final = b"POST"
METHODS: Final = frozenset({GET, HEAD, POST})
_AROUND_HEADER: Final = len(b": \r\n")
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Refusal(Exception):
    """Not a request that is answered here; said once, then the connection ends."""

    def __init__(self, status: bytes, more: bytes = b"") -> None:
        super().__init__(status)
        self.response: Final = (
            b"HTTP/1.1 "
            + status
            + b"\r\ncontent-length: 0\r\n"
            + more
            + b"connection: close\r\n\r\n"
        )


BAD_REQUEST: Final = b"400 Bad Request"
NOT_ALLOWED: Final = Refusal(b"405 Method Not Allowed", b"allow: GET, HEAD, POST\r\n")
BODY_TOO_LARGE: Final = Refusal(b"413 Content Too Large")
TARGET_TOO_LONG: Final = Refusal(b"414 URI Too Long")
HEAD_TOO_LARGE: Final = Refusal(b"431 Request Header Fields Too Large")
BUSY: Final = Refusal(b"503 Service Unavailable", b"retry-after: 1\r\n")


class Asked(NamedTuple):
    """What a request says."""

    method: bytes
    target: bytes
    body: bytes
    key: bytes
    """All of it that an OCSP answer may depend on. No target has a space in it."""
    tags: bytes = b""
    """What If-None-Match names."""


def asked(method: bytes, target: bytes, body: bytes, tags: bytes = b"") -> Asked:
    key = target if method == GET else b"%b %b %b" % (method, target, body)
    return Asked(method, target, body, key, tags)


NOTHING: Final = Asked(b"", b"", b"", b"")


@dataclass(slots=True, eq=False)
class Exchange:
    """A request, and its place among the answers of its connection."""

    line: "Line"
    asked: Asked
    last: bool
    response: bytes | None = None
    flows: bool = False
    """More follows what is the response: parts, as the peer takes them."""

    def begin(self, head: bytes) -> None:
        """The parts are asked for by `Lines.more` and given to `Line.part`."""
        self.flows = True
        self.answer(head)

    def answer(self, response: bytes) -> None:
        """Sent when everything asked before it on the same connection is."""
        self.response = response
        self.line.send(self)


Ask = Callable[[Exchange], None]


@dataclass(eq=False)
class Lines:
    """Who is connected, and what they ask."""

    ask: Ask
    more: Ask
    """Wants the next part of a flow; one at a time."""
    left: Ask
    """A flow has come to its end, or its connection has."""
    now: Callable[[], float]
    most: int
    open: "set[Line]" = field(default_factory=set)
    read: dict[bytes, Asked] = field(default_factory=dict)
    """Requests that came whole, in one piece, and nothing with them: the same bytes, from the same
    state of the parser, are the same request, and are not parsed again."""
    idle_until: float = field(init=False)
    """When who says nothing more is left, as of the last look at the late."""

    def __post_init__(self) -> None:
        self.idle_until = self.now() + IDLE_SECONDS

    def hang_up_on_the_late(self) -> None:
        moment = self.now()
        self.idle_until = moment + IDLE_SECONDS
        for line in [line for line in self.open if moment >= line.due]:
            line.hang_up()


class Line(asyncio.Protocol):
    """Reads requests, hands each to `lines.ask`, and writes the answers in their order."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._transport: Any = None
        self._parser: Any = httptools.HttpRequestParser(self)
        self._waiting: deque[Exchange] = deque()
        self._ended = self.lost = False
        self._full = False
        self._stuffed = False
        """The peer has more to read than it should."""
        self._flow: Exchange | None = None
        """What is told in parts now; its head is on the way."""
        self._awaited = False
        self._flow_ends = math.inf
        self._taken = 0
        self._begin()
        self.due = 0.0

    def _begin(self) -> None:
        self._target, self._body, self._tags = b"", b"", b""
        self._head_bytes = self._hosts = 0
        self._in_head, self._arriving, self._expects = True, False, False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.due = self._lines.now() + IDLE_SECONDS
        self._lines.open.add(self)
        if len(self._lines.open) > self._lines.most:
            self._refuse(BUSY)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._lines.open.discard(self)
        self._ended = self.lost = True
        self._flow = None
        for one in self._waiting:
            if one.flows:
                self._lines.left(one)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        lines = self._lines
        known = lines.read.get(data)
        if known is not None and not self._arriving and not self._ended:
            self.due = lines.idle_until
            exchange = Exchange(self, known, last=False)
            self._waiting.append(exchange)
            lines.ask(exchange)
        elif not self._ended:
            self._parse(data)
        if len(self._waiting) >= WAITING_MAX and not self._ended:
            self._transport.pause_reading()
            self._full = True

    def _parse(self, data: bytes) -> None:
        whole, before = not self._arriving, self._taken
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._not_upgraded()
            return
        except httptools.HttpParserError as wrong:
            cause = wrong.__context__
            self._refuse(cause if isinstance(cause, Refusal) else Refusal(BAD_REQUEST))
            return
        if self._arriving and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(HEAD_TOO_LARGE)
        elif whole and self._taken == before + 1 and not self._arriving and not self._ended:
            self._remember(data)

    def _remember(self, data: bytes) -> None:
        read = self._lines.read
        if len(data) > READ_BYTES_MAX:
            return
        if len(read) >= READ_MAX:
            del read[next(iter(read))]
        read[data] = asked(self._parser.get_method(), self._target, self._body, self._tags)

    def eof_received(self) -> bool:
        """Half closed: what was asked is still answered."""
        self._ended = True
        return bool(self._waiting)

    def pause_writing(self) -> None:
        """The peer does not read: nothing more is taken from it, and not for ever."""
        self._stuffed = True
        self._transport.pause_reading()
        self._wait(READ_SECONDS)

    def resume_writing(self) -> None:
        self._stuffed = False
        self._wait(IDLE_SECONDS)
        if not self._full:
            self._transport.resume_reading()
        self._go_on()

    def _wait(self, seconds: float) -> None:
        """So long until this connection is left, but no flow for longer than one may take."""
        self.due = min(self._lines.now() + seconds, self._flow_ends)

    def on_message_begin(self) -> None:
        self._begin()
        self._arriving = True
        self.due = self._lines.now() + ARRIVAL_SECONDS

    def on_url(self, part: bytes) -> None:
        self._target += part
        if len(self._target) > TARGET_BYTES_MAX:
            raise TARGET_TOO_LONG

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value) + _AROUND_HEADER
        if self._head_bytes > HEAD_BYTES_MAX:
            raise HEAD_TOO_LARGE
        size = len(name)
        if size == 4 and name.lower() == b"host":
            self._hosts += 1
        elif size == 6 and name.lower() == b"expect":
            self._expects = True
        elif size == 13 and name.lower() == b"if-none-match":
            self._tags += b"," + value

    def on_headers_complete(self) -> None:
        self._in_head = False
        version = self._parser.get_http_version()
        if version not in _VERSIONS or self._hosts > 1 or (version == "1.1" and not self._hosts):
            raise Refusal(BAD_REQUEST)
        if self._parser.get_method() not in METHODS:
            raise NOT_ALLOWED
        if self._expects and not self._waiting:
            self._transport.write(_CONTINUE)

    def on_body(self, part: bytes) -> None:
        self._body += part
        if len(self._body) > BODY_BYTES_MAX:
            raise BODY_TOO_LARGE

    def on_message_complete(self) -> None:
        if self._ended:
            return
        self._arriving = False
        self.due = self._lines.now() + IDLE_SECONDS
        old = self._parser.get_http_version() == "1.0"
        last = old or not self._parser.should_keep_alive()
        self._taken += 1
        said = asked(self._parser.get_method(), self._target, self._body, self._tags)
        exchange = Exchange(self, said, last)
        self._waiting.append(exchange)
        self._ended = last
        self._lines.ask(exchange)

    def send(self, answered: Exchange) -> None:
        """Write what is answered, up to the first that is not."""
        waiting = self._waiting
        if waiting and waiting[0] is not answered:
            return
        if len(waiting) == 1 and not (self._ended or self._full or answered.flows):
            waiting.pop()
            self._transport.write(answered.response)
        else:
            self._send_ready()

    def _send_ready(self) -> None:
        ready = []
        while self._waiting and self._waiting[0].response is not None:
            answered = self._waiting[0]
            ready.append(answered.response)
            if answered.flows:
                self._begin_flow(answered, ready)
                return
            self._waiting.popleft()
            if answered.last:
                self._write(ready)
                self._transport.close()
                return
        if not ready:
            return
        self._write(ready)
        if self._ended and not self._waiting:
            self._transport.close()
        elif self._full and len(self._waiting) < WAITING_MAX // 2:
            self._full = False
            self._transport.resume_reading()

    def _begin_flow(self, flow: Exchange, ready: list[Any]) -> None:
        self._flow, flow.response = flow, None
        self._transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES
        )
        self._flow_ends = self._lines.now() + FLOW_SECONDS
        self._write(ready)
        self._go_on()

    def _go_on(self) -> None:
        """Ask for the next part, unless the peer has enough to read or one is on its way."""
        if self._flow is not None and not (self._stuffed or self._awaited):
            self._awaited = True
            self._lines.more(self._flow)

    def part(self, flow: Exchange, content: bytes) -> None:
        """What comes next of a flow; nothing at its end."""
        if self._flow is not flow:
            return
        self._awaited = False
        if content:
            self._write([content])
            self._go_on()
            return
        self._flow, self._flow_ends = None, math.inf
        self._waiting.popleft()
        self._lines.left(flow)
        if flow.last or (self._ended and not self._waiting):
            self._transport.close()
        else:
            self._send_ready()

    def hang_up(self) -> None:
        """Without a word: the peer is too slow to hear one."""
        self._ended = True
        self._transport.abort()

    def _write(self, ready: list[Any]) -> None:
        if not self._arriving:
            self._wait(IDLE_SECONDS)
        self._transport.write(ready[0] if len(ready) == 1 else b"".join(ready))

    def _not_upgraded(self) -> None:
        """The request is answered as if it had not asked for another protocol; nothing after it."""
        self._ended = True
        if self._waiting:
            self._waiting[-1].last = True
        else:
            self._transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """The last answer of this connection, after those that were asked for before it."""
        self._ended = True
        last = Exchange(self, NOTHING, last=True)
        self._waiting.append(last)
        last.answer(refusal.response)
