"""Connections: what is written in pieces arrives whole, and who has vanished holds none."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from tests.unit.web.test_workers import ran

from dojang import serving
from dojang.serving import Server
from dojang.web import connections
from dojang.web.connections import Gathered, speaking

HELD_SECONDS_MAX = 60
"""A test that would hang fails by then."""


class Answering(asyncio.Protocol):
    """Writes its answer in three pieces and hangs up at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        out = Gathered(transport)
        for piece in (b"head ", b"body ", b"end"):
            out.write(piece)
        out.close()
        out.write(b"after the end")


class Waiting(asyncio.Protocol):
    """Writes in two turns of the loop and leaves the end to the other side."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        out = Gathered(transport)
        out.write(b"first ")
        asyncio.get_running_loop().call_later(0.01, out.write, b"second")
        asyncio.get_running_loop().call_later(0.02, out.close)


async def heard(protocol: type[asyncio.Protocol]) -> bytes:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        found = await asyncio.wait_for(reader.read(), HELD_SECONDS_MAX)
        writer.close()
        await writer.wait_closed()
    return found


def test_an_answer_in_pieces_is_whole_before_the_connection_ends() -> None:
    assert ran(heard(Answering)) == b"head body end"


def test_what_is_written_later_follows_what_was_written_before() -> None:
    assert ran(heard(Waiting)) == b"first second"


async def greeting(_scope: Any, receive: Any, send: Any) -> None:
    """Reads the whole request, then answers."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


@contextmanager
def served() -> Iterator[Server]:
    """A server as the bank's, on a port of the system's choice, with an application of a line."""
    ready = threading.Event()
    config = uvicorn.Config(
        greeting, port=0, http=speaking(None), ws="none", lifespan="off", log_level="warning"
    )
    server = Server(config, ready.set, None)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(HELD_SECONDS_MAX)
        yield server
    finally:
        server.should_exit = True
        thread.join(HELD_SECONDS_MAX)


def spoken_to(server: Server) -> socket.socket:
    made = socket.create_connection(server.servers[0].sockets[0].getsockname())
    made.settimeout(HELD_SECONDS_MAX)
    return made


HEAD = b"POST / HTTP/1.1\r\nhost: bank\r\ncontent-length: 5\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"POST / HTT", HEAD[:-2], HEAD, HEAD + b"four"])
def test_who_vanishes_in_the_middle_of_a_request_holds_no_connection(sent, monkeypatch) -> None:
    """Neither a FIN nor a RST comes from them: this side ends it.

    With a RST where it did so before it had read what was sent, on a machine that is that slow.
    """
    monkeypatch.setattr(connections, "ARRIVAL_SECONDS", 0.2)
    heard = b""

    with (
        served() as server,
        spoken_to(server) as gone,
        contextlib.suppress(ConnectionResetError, BrokenPipeError),
    ):
        gone.sendall(sent)
        heard = gone.recv(1_000)

    assert heard == b""


def test_a_later_request_that_comes_in_pieces_is_waited_for_no_longer_than_the_first() -> None:
    with served() as server, spoken_to(server) as here:
        here.sendall(HEAD + b"whole" + HEAD[:-2])
        answer = b""
        while b"here" not in answer:
            answer += here.recv(1_000)

        (connection,) = server.server_state.connections
        assert connection._arrival is not None


def test_a_request_that_arrived_is_not_cut_off_and_the_next_one_is_waited_for_anew() -> None:
    with served() as server, spoken_to(server) as here:
        for _ in range(2):
            here.sendall(HEAD + b"whole")
            answer = b""
            while b"here" not in answer:
                answer += here.recv(1_000)

        (connection,) = server.server_state.connections
        assert connection._arrival is None


def test_a_silent_peer_is_asked_whether_it_is_there_and_given_up() -> None:
    """The system does it: what is set on the listening socket is inherited."""
    with served() as server, spoken_to(server) as here:
        here.sendall(HEAD + b"whole")
        here.recv(1_000)
        (connection,) = server.server_state.connections
        ours = connection.transport.get_extra_info("socket")

        for (level, name), value in serving._VANISHED.items():
            assert ours.getsockopt(level, getattr(socket, name)) == value
