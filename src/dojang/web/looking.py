"""The bank's busiest door, below the framework and ASGI: GET /v1/transfers/{id} (ADR 0040).

It is `transfers.show` all the same: the same proof, the same turn, the same answer. Left out is
what finds out for each request anew which handler it is for, how that likes its arguments, and
whether what it says may be sent. A path that is spelled otherwise takes the long way.
"""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from dojang.house import Bank
from dojang.kernel.problem import Problem
from dojang.web.core import PROBLEM_JSON, rendered, told_of
from dojang.web.headers import Common, Header
from dojang.web.proofs import Asking
from dojang.web.transfers import Looks, OrderOut

_PATH: Final = re.compile(r"/v1/transfers/([0-9a-f-]{36})")
_JSON: Final = msgspec.json.Encoder()
_OK: Final = 200


class Reply(NamedTuple):
    """An answer; `head` are its header lines, with their length's, without date and connection."""

    status: int
    head: bytes
    body: bytes


class Looking:
    """Answers these requests, each from the callback of its turn."""

    def __init__(self, bank: Bank, looks: Looks, common: Common) -> None:
        self._bank: Final = bank
        self._looks: Final = looks
        self._common: Final = common
        self._usual: tuple[str, bytes] = ("", b"")
        """A nonce, and the header lines of an outcome told with it."""

    def answer(self, scope: Any, tell: Callable[[Reply], None]) -> None:
        """`tell` is called once, by the running loop; `scope` is an ASGI scope that `is_look`."""
        path: str = scope["path"]
        proof = authorization = None
        for name, value in scope["headers"]:  # the first of a name, as the framework reads them
            if name == b"dpop" and proof is None:
                proof = value.decode("latin-1")
            elif name == b"authorization" and authorization is None:
                authorization = value.decode("latin-1")
        asking = Asking("GET", path, proof, authorization)
        try:
            self._looks.put((asking, path[-36:]), partial(self._said, path, tell))
        except Problem as refused:  # later: its end begins the next one of the same line
            asyncio.get_running_loop().call_soon(tell, self._refused(path, refused))

    def _said(self, path: str, tell: Callable[[Reply], None], answer: OrderOut | Exception) -> None:
        tell(self._refused(path, answer) if isinstance(answer, Exception) else self._told(answer))

    def _told(self, shown: OrderOut) -> Reply:
        body = _JSON.encode(shown)
        nonce, lines = self._usual
        if (fresh := self._common.nonce()) != nonce:
            lines = _lines(self._common.beside([(b"content-type", b"application/json")], "/v1/"))
            self._usual = (fresh, lines)
        return Reply(_OK, b"%bcontent-length: %d\r\n" % (lines, len(body)), body)

    def _refused(self, path: str, error: Exception) -> Reply:
        problem = error if isinstance(error, Problem) else told_of(self._bank, path, error)
        said, body = rendered(problem)
        own: list[Header] = [(name.encode(), value.encode()) for name, value in said.items()]
        own += [
            (b"content-type", PROBLEM_JSON.encode()),
            (b"content-length", b"%d" % len(body)),
        ]
        return Reply(problem.status, _lines(self._common.beside(own, path)), body)


def is_look(scope: Any) -> bool:
    """Whether an ASGI scope is one of these requests, as every phone spells it."""
    return scope["method"] == "GET" and _PATH.fullmatch(scope["path"]) is not None


def _lines(headers: list[Header]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
