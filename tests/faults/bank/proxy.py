"""A wire between a process and its database that can be cut in the middle of a COMMIT."""

import asyncio
import contextlib
import socket
import struct


class Proxy:
    """Forwards bytes on 127.0.0.1; `cut_next_commit` and `stall` are its faults."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._cut_armed = False
        self.port = 0
        self.commits_cut = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up everywhere, and wait until everyone has noticed."""
        if self._server is not None:
            self._server.close()
        self._flowing.set()
        while self._open:
            for transport in list(self._open):
                transport.abort()
            await asyncio.sleep(0.01)

    def cut_next_commit(self) -> None:
        """The next COMMIT reaches the server; its answer never comes back."""
        self._cut_armed = True

    async def stall(self, seconds: float) -> None:
        """Nothing passes for so long, and nobody is told."""
        self._flowing.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._flowing.set()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        ends = (writer.transport, there[1].transport)
        self._open.update(ends)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, there[1], ends, outward=True))
                both.create_task(self._pump(there[0], writer, ends, outward=False))
        finally:
            self._open.difference_update(ends)
            for end in ends:
                end.abort()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ends: tuple[asyncio.Transport, ...],
        *,
        outward: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                await self._flowing.wait()
                cut = outward and self._cut_armed and b"COMMIT" in chunk
                if cut:
                    self._cut_armed = False
                    self.commits_cut += 1
                    _reset(ends[0])
                writer.write(chunk)
                await writer.drain()
                if cut:
                    ends[0].abort()
                    await asyncio.sleep(0.2)
                    break
        for end in ends:
            end.close()


def _reset(end: asyncio.Transport) -> None:
    """Closing will send a RST, not a FIN."""
    wire = end.get_extra_info("socket")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
