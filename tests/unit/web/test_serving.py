"""What is written to a connection in pieces arrives whole, in order, and before its end."""

import asyncio

from tests.unit.web.test_workers import ran

from dojang.serving import Gathered


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
        found = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
    return found


def test_an_answer_in_pieces_is_whole_before_the_connection_ends() -> None:
    assert ran(heard(Answering)) == b"head body end"


def test_what_is_written_later_follows_what_was_written_before() -> None:
    assert ran(heard(Waiting)) == b"first second"
