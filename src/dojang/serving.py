"""Run a bank behind uvicorn on this machine."""

import gc
import socket
from collections.abc import Callable, Sequence
from typing import Final

import uvicorn

from dojang.house import Bank
from dojang.web import Application, create
from dojang.web.connections import speaking
from dojang.web.statusport import Listener

SHUTDOWN_SECONDS = 5
YOUNG_MAX: Final = 20_000
"""Objects made and not gone before they are looked through. A turn of a hundred transfers has a
few thousand at work, and at Python's 700 nine per cent of it went into looking at them."""
_VANISHED: Final = {
    (socket.SOL_SOCKET, "SO_KEEPALIVE"): 1,
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE"): 15,
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL"): 5,
    (socket.IPPROTO_TCP, "TCP_KEEPCNT"): 3,
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT"): 30_000,
}
"""Who went away without a word is noticed within half a minute: asked when nothing is under way
(seconds), and given up where what was sent stays unacknowledged (milliseconds)."""


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
    settings = configured(create(bank), host, port, bank.settings.trusted_proxies)
    Server(settings, on_ready, _status_port(bank)).run()


def configured(
    application: Application, host: str, port: int, trusted_proxies: Sequence[str] = ()
) -> uvicorn.Config:
    """How the application of a bank (`web.create`) is served."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        http=speaking(application.state.looking),
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        limit_concurrency=1_000,
    )


def noticing(listening: socket.socket) -> None:
    """Connections that are accepted here end when the other side is gone. They inherit it."""
    for (level, name), value in _VANISHED.items():
        if hasattr(socket, name):
            listening.setsockopt(level, getattr(socket, name), value)


def settle() -> None:
    """What a start made stays: no collection looked for garbage in it, and none will."""
    gc.freeze()
    gc.set_threshold(YOUNG_MAX)
    gc.enable()


def _status_port(bank: Bank) -> Listener | None:
    where = bank.settings.status_listen
    if where is None:
        return None
    host, _, port = where.rpartition(":")
    return Listener(bank, host, int(port))
