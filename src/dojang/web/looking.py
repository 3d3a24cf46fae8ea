"""The bank's busiest door without the framework around it: GET /v1/transfers/{id} (ADR 0027).

It is `transfers.show` all the same: the same request, the same turn, the same answer. Left out is
what finds out for each request anew which handler it is for and how that likes its arguments.
A path that is spelled otherwise takes the long way.
"""

import re
from typing import Any, Final

import msgspec
from litestar import Request

from dojang.kernel.problem import Problem
from dojang.web.core import PROBLEM_JSON, BankRequest, rendered, told_of
from dojang.web.headers import Common
from dojang.web.transfers import Looks

_PATH: Final = re.compile(r"/v1/transfers/[0-9a-f-]{36}")
_KIND: Final = b"content-type"
_LENGTH: Final = b"content-length"
_JSON: Final = msgspec.json.Encoder()


def is_look(scope: Any) -> bool:
    """Whether an ASGI scope is one of these requests, as every phone spells it."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return _PATH.fullmatch(scope["path"]) is not None


async def look(scope: Any, send: Any) -> None:
    """Answer it."""
    request: BankRequest = Request(scope)
    path, state = scope["path"], request.app.state
    turns: Looks = state.looks
    common: Common = state.common
    try:
        shown = await turns.ask((request, path.rpartition("/")[2]))
        status, own, body = 200, [(_KIND, b"application/json")], _JSON.encode(shown)
    except Exception as error:  # noqa: BLE001 - the top of a request: told as everywhere
        problem = error if isinstance(error, Problem) else told_of(request, error)
        said, body = rendered(problem)
        status, own = problem.status, [(_KIND, PROBLEM_JSON.encode())]
        own += [(name.encode(), value.encode()) for name, value in said.items()]
    own.append((_LENGTH, b"%d" % len(body)))
    headers = common.beside(own, path)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
