"""CMP over HTTP (RFC 6712): one connection an exchange, each answer within a time and a size."""

import contextlib
import functools
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from dojang.joint.cmp.client import Post
from dojang.joint.cmp.messages import MESSAGE_BYTES_MAX
from dojang.kernel.problem import Unavailable

PKIX_CMP: Final = "application/pkixcmp"


class HttpLine:
    """To one address, past every proxy; redirections are not followed.

    The connection is kept over an exchange, also where the server speaks HTTP/1.0: OpenSSL's takes
    its end for that of the transaction.
    """

    def __init__(self, url: str, seconds_max: float) -> None:
        self._to = urlsplit(url)
        self._seconds_max = seconds_max

    def __call__(self) -> AbstractContextManager[Post]:
        return self._opened()

    @contextmanager
    def _opened(self) -> Iterator[Post]:
        kind = HTTPSConnection if self._to.scheme == "https" else HTTPConnection
        connection = kind(self._to.hostname or "", self._to.port, timeout=self._seconds_max)
        with contextlib.closing(connection):
            yield functools.partial(self._answer, connection)

    def _answer(self, connection: HTTPConnection, content: bytes) -> bytes:
        """What came back. Raises Unavailable."""
        try:
            if connection.sock is None:
                connection.connect()
            with _hung_up_after(self._seconds_max, connection.sock):
                return self._asked(connection, content)
        except (OSError, HTTPException) as error:
            raise Unavailable from error

    def _asked(self, connection: HTTPConnection, content: bytes) -> bytes:
        headers = {"content-type": PKIX_CMP, "connection": "keep-alive"}
        connection.request("POST", self._to.path or "/", content, headers)
        answer = connection.getresponse()
        kind = answer.headers.get_content_type()
        if answer.status != HTTPStatus.OK or kind != PKIX_CMP:
            raise Unavailable
        return answer.read(MESSAGE_BYTES_MAX + 1)  # a byte too many is no message


@contextmanager
def _hung_up_after(seconds: float, line: socket.socket) -> Iterator[None]:
    """For the whole of it: a socket's own time-out begins anew with each byte."""
    late = threading.Timer(seconds, _hang_up, (line,))
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
