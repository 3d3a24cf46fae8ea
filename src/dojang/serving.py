"""Run a bank behind uvicorn on this machine."""

import asyncio
import gc
import socket
from collections.abc import Callable
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dojang.house import Bank
from dojang.web import create
from dojang.web.statusport import Listener

SHUTDOWN_SECONDS = 5
ARRIVAL_SECONDS: Final = 60.0
"""A request has arrived whole by then, or its connection is closed: there are only so many."""
_VANISHED: Final = {
    (socket.SOL_SOCKET, "SO_KEEPALIVE"): 1,
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE"): 15,
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL"): 5,
    (socket.IPPROTO_TCP, "TCP_KEEPCNT"): 3,
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT"): 30_000,
}
"""Who went away without a word is noticed within half a minute: asked when nothing is under way
(seconds), and given up where what was sent stays unacknowledged (milliseconds)."""


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

    def _awaited(self) -> None:
        self._arrival = self.loop.call_later(ARRIVAL_SECONDS, self.transport.close)

    def _arrived(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None


class Server(uvicorn.Server):
    """uvicorn, saying once when it listens; the status port opens and closes with it."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None] | None,
        status_port: Listener | None,
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._status_port = status_port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        for server in self.servers:
            for listening in server.sockets:
                noticing(listening)
        if self._status_port is not None:
            self._status_port.start()
        if self._on_ready is not None:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._status_port is not None:
            self._status_port.stop()
        await super().shutdown(sockets)


def run(bank: Bank, host: str, port: int, *, on_ready: Callable[[], None] | None = None) -> None:
    """Serve until a signal; requests under way are finished, for a few seconds at most."""
    settings = uvicorn.Config(
        create(bank),
        host=host,
        port=port,
        loop="uvloop",
        http=Protocol,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(bank.settings.trusted_proxies),
        forwarded_allow_ips=list(bank.settings.trusted_proxies),
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        limit_concurrency=1_000,
    )
    Server(settings, on_ready, _status_port(bank)).run()


def noticing(listening: socket.socket) -> None:
    """Connections that are accepted here end when the other side is gone. They inherit it."""
    for (level, name), value in _VANISHED.items():
        if hasattr(socket, name):
            listening.setsockopt(level, getattr(socket, name), value)


def settle() -> None:
    """What a start made stays: no collection looked for garbage in it, and none will."""
    gc.freeze()
    gc.enable()


def _status_port(bank: Bank) -> Listener | None:
    where = bank.settings.status_listen
    if where is None:
        return None
    host, _, port = where.rpartition(":")
    return Listener(bank, host, int(port))
