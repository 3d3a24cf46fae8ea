"""What every door has in common: proof of possession, sessions, problems, headers.

A handler is synchronous, runs in a worker thread, and begins with one of two questions:

    who = caller(request, body)         any phone that proves its device key (DPoP)
    session = signed_in(request, body)  a phone with a session

Both raise a `Problem`; everything raised is rendered here and nowhere else.
"""

import functools
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, get_type_hints

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dojang.gateways.sms import GatewayDown
from dojang.kernel.problem import Malformed, NotFound, Problem, Unauthenticated, Unavailable
from dojang.web.proofs import Asking
from dojang.web.workers import Workers

if TYPE_CHECKING:
    from dojang.customers import Session
    from dojang.house import Bank

BankRequest = Request[Any, Any, State]

NETWORKS_KEPT_MAX: Final = 4_096
BODY_BYTES_MAX: Final = 65_536
PROBLEM_JSON: Final = "application/problem+json"


P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 32
_WORKERS: Final = Workers(THREADS, "dojang-request")


def threaded(handler: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Run a synchronous handler in a worker thread.

    Litestar's own `sync_to_thread` wraps a handler twice when its path has several methods
    (2.25: a path's handlers are registered again with each further method), and then answers with
    an un-awaited coroutine; this makes a plain coroutine function of it, which is left alone.

    A handler that takes `body` and `data` is handed `data` decoded strictly: Litestar's own
    conversion is lax (2.25), it takes "1000" and 1000.0 for an integer.
    """
    strictly = _strict_decoder_of(handler)

    @functools.wraps(handler)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if strictly is not None:
            kwargs["data"] = _decoded(strictly, kwargs["body"])
        return await _WORKERS.run(functools.partial(handler, *args, **kwargs))

    return run


def _strict_decoder_of(handler: Callable[..., Any]) -> "msgspec.json.Decoder[Any] | None":
    hints = get_type_hints(handler)
    return msgspec.json.Decoder(hints["data"]) if {"body", "data"} <= set(hints) else None


def _decoded(decoder: "msgspec.json.Decoder[Any]", body: Any) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed from None


class Broken(Problem):
    code = "internal"
    status = 500
    title = "Something is wrong on our side. It has been recorded."


@dataclass(frozen=True)
class Caller:
    """A phone that proved its device key just now. `source` is the network address it came from."""

    jkt: str
    source: str
    token: str | None

    def needs_token(self) -> str:
        if self.token is None:
            raise Unauthenticated
        return self.token


def bank(request: BankRequest) -> "Bank":
    """The composition root, as `app.build` made it."""
    made: Bank = request.app.state.bank
    return made


def caller(request: BankRequest, body: bytes = b"", *, picture: bool = False) -> Caller:
    """Verify the DPoP proof over method, address, body and token. Raises a 401 problem.

    A `picture` is no JSON, but its bytes are proved like any other's.
    """
    if not picture:
        refuse_twin_members(body)
    jkt, token = request.app.state.proofs.check(asking(request), body)
    return Caller(jkt=jkt, source=source(request), token=token)


def asking(request: BankRequest) -> Asking:
    """What of it a proof speaks of."""
    headers = request.headers
    return Asking(
        method=str(request.method),
        path=request.scope["path"],
        proof=headers.get("dpop"),
        authorization=headers.get("authorization"),
    )


def signed_in(request: BankRequest, body: bytes = b"") -> "Session":
    """The session of the token, bound to the device that proved itself. Raises a 401 problem."""
    who = caller(request, body)
    return bank(request).sessions.check(who.needs_token(), who.jkt)


def source(request: BankRequest) -> str:
    """The network a request came from (behind a proxy: as uvicorn was told to trust).

    Of IPv6 the first 64 bits: a customer of any network is given so many addresses that counting
    single ones would count nothing (RFC 6177).
    """
    return _network(request.client.host if request.client else "")


@functools.lru_cache(maxsize=NETWORKS_KEPT_MAX)
def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def refuse_twin_members(body: bytes) -> None:
    """One JSON, one meaning: a name that stands twice in an object is refused (RFC 8259 4)."""
    if body:
        try:
            _STRICT.decode(body.decode())
        except (ValueError, RecursionError):
            raise Malformed from None


def rendered(problem: Problem) -> tuple[dict[str, str], bytes]:
    """RFC 9457: (headers, body). Figures only: nothing of what was sent comes back."""
    body = msgspec.json.encode(
        {
            "type": f"/problems/{problem.code}",
            "title": problem.title,
            "status": problem.status,
            "code": problem.code,
            **problem.fields,
        }
    )
    headers = {"cache-control": "no-store"}
    if problem.status == Unavailable.status:
        headers["retry-after"] = "1"
    elif "retry_after_seconds" in problem.fields:
        headers["retry-after"] = str(problem.fields["retry_after_seconds"])
    return headers, body


def problem_response(problem: Problem) -> Response[bytes]:
    headers, body = rendered(problem)
    return Response(body, status_code=problem.status, media_type=PROBLEM_JSON, headers=headers)


def on_problem(_request: BankRequest, problem: Problem) -> Response[bytes]:
    return problem_response(problem)


def on_http(request: BankRequest, error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown paths, methods, types, sizes, undecodable bodies."""
    if error.status_code >= Broken.status:
        return on_fault(request, error)
    if error.status_code == NotFound.status:
        return problem_response(NotFound())
    malformed = Malformed()
    malformed.status = error.status_code if error.status_code in {405, 413, 415} else 400  # type: ignore[misc]
    return problem_response(malformed)


def on_undecodable(_request: BankRequest, _error: UnicodeDecodeError) -> Response[bytes]:
    """Bytes that are not UTF-8 inside a JSON string: msgspec says it this way."""
    return problem_response(Malformed())


def on_fault(request: BankRequest, error: Exception) -> Response[bytes]:
    return problem_response(told_of(bank(request), request.scope["path"], error))


def told_of(house: "Bank", path: str, error: Exception) -> Problem:
    """A fault of ours: recorded with its kind and place, told without either."""
    if isinstance(error, RecursionError):
        # Only decoding recurses as deep as what was sent; our own shapes are a few levels deep.
        return Malformed()
    if isinstance(error, OperationalError | PoolTimeout | GatewayDown):
        house.log.warning("unavailable", error=type(error).__name__)
        return Unavailable()
    house.log.fault("broken", error, path=path)
    return Broken()


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")


def _strict_decoder() -> Any:
    import json

    return json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_constants)


def _no_constants(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_STRICT: Final = _strict_decoder()
