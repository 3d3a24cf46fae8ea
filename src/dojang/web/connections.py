"""A connection of a bank: uvicorn's HTTP/1.1, with a way of its own to the busiest door."""

import asyncio
from functools import partial
from typing import Any, Final, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from dojang.web.looking import Looking, Reply, is_look

ARRIVAL_SECONDS: Final = 60.0
"""A request has arrived whole by then, or its connection is closed: there are only so many."""


class Gathered:
    """A connection that sends what was written in one turn of the loop at once.

    uvicorn writes head and body of an answer apart, and uvloop sends each: two system calls and
    two packets, which an idle handler spends a fifth of its time on.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport: Final = transport
        self._loop: Final = asyncio.get_running_loop()
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's, over such a connection; and nobody holds one without asking anything.

    uvicorn itself waits for ever for the rest of a request, and for the first one.
    """

    def __init__(self, looking: Looking | None, **given: Any) -> None:
        """`looking` answers the busiest door, where there is one; the rest is uvicorn's."""
        super().__init__(**given)
        self._looking: Final = looking

    _arrival: asyncio.TimerHandle | None = None
    """Runs while a request is awaited that has not arrived whole; most come in one piece."""
    _arriving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", Gathered(transport)))
        self._awaited()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._arriving and self._arrival is None:
            self._awaited()

    def on_message_begin(self) -> None:
        self._arriving = True
        self._arrived()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._arriving = False
        self._arrived()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """The busiest door is answered here; but who does not read waits as everybody does."""
        ours = self._looking if app is self.app and not self.flow.write_paused else None
        if ours is None or not is_look(cycle.scope):
            super()._start_asgi_task(cycle, app)
        else:
            ours.answer(cycle.scope, partial(self._reply, cycle))

    def _reply(self, cycle: RequestResponseCycle, reply: Reply) -> None:
        """What uvicorn does at the end of an answer, which is sent in one piece."""
        if cycle.disconnected:
            return
        lines = [STATUS_LINE[reply.status]]
        for name, value in cycle.default_headers:
            lines += [name, b": ", value, b"\r\n"]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        lines += [reply.head, b"\r\n", reply.body]
        self.transport.write(b"".join(lines))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        cycle.on_response = _nothing  # it holds the connection, which holds the cycle

    def _awaited(self) -> None:
        self._arrival = self.loop.call_later(ARRIVAL_SECONDS, self.transport.close)

    def _arrived(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None


def _nothing() -> None:
    pass


def speaking(looking: Looking | None) -> type[Protocol]:
    """What uvicorn makes a connection's protocol with."""
    return cast("type[Protocol]", partial(Protocol, looking))
