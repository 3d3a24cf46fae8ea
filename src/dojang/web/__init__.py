"""HTTP: one module a domain with its wire shapes and handlers; nothing below knows of HTTP."""

from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import Message, Scope

from dojang import __version__
from dojang.house import Bank
from dojang.kernel.problem import Problem
from dojang.vault import KeyKind, ensure
from dojang.web import (
    accounts,
    customer,
    demo,
    enrolment,
    front,
    handset,
    joint,
    log,
    methods,
    opening,
    outside,
    pki,
    receipts,
    relying,
    safeguards,
    second_devices,
    sessions,
    signing,
    statements,
    transfers,
)
from dojang.web import bank as about
from dojang.web.core import (
    BODY_BYTES_MAX,
    Nonces,
    Replays,
    on_fault,
    on_http,
    on_problem,
    on_undecodable,
)
from dojang.web.gate import admit

_SERVED = (
    about,
    enrolment,
    signing,
    sessions,
    customer,
    methods,
    accounts,
    safeguards,
    second_devices,
    statements,
    transfers,
    receipts,
    opening,
    joint,
    pki,
    log,
    front,
)
NONCE_SECRET = "web-nonces"  # noqa: S105 - a label
_DEMO_ONLY = (demo, handset, outside, relying)


class Application(Litestar):
    """Litestar without the plugins it would look for: we have no shapes of pydantic or attrs.

    They cost an idle server 9 MB. Should the framework no longer ask here, they only come back.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def create(bank: Bank) -> Litestar:
    """The ASGI application over a bank that `app.build` made."""
    nonces = Nonces(_nonce_key(bank), bank.clock)
    modules = _SERVED + (_DEMO_ONLY if bank.settings.demo else ())
    routes: list[Any] = [route for module in modules for route in module.ROUTES]
    return Application(
        route_handlers=routes,
        state=State(
            {
                "bank": bank,
                "front": front.Front(),
                "nonces": nonces,
                "replays": Replays(),
                "looks": transfers.looks(bank),
            }
        ),
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http,
            UnicodeDecodeError: on_undecodable,
            Exception: on_fault,
        },
        before_request=admit,
        before_send=[_headers(bank, nonces)],
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=OpenAPIConfig(
            title="Dojang",
            version=__version__,
            path="/schema",
            operation_id_creator=_operation_id,
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        on_startup=[bank.start],
        on_shutdown=[bank.stop],
        logging_config=None,
        debug=False,
    )


def _operation_id(_handler: HTTPRouteHandler, method: str, path: list[Any]) -> str:
    """The method and the path, its parameters by name: `put.v1.transfers.transfer_id`."""
    names = [part if isinstance(part, str) else part.name for part in path]
    return ".".join([str(getattr(method, "value", method)).lower(), *names])


def _nonce_key(bank: Bank) -> bytes:
    """The same in every process of this bank, so that a nonce of one is good at the others."""
    ensure(bank.vault, NONCE_SECRET, KeyKind.SECRET)
    return bank.vault.derive(NONCE_SECRET, b"dojang/1/dpop-nonce")


def _headers(bank: Bank, nonces: Nonces) -> Any:
    """Every answer carries the security headers, a fresh DPoP nonce, and no cache by default."""
    fixed = [(name.encode(), value.encode()) for name, value in front.SECURITY_HEADERS.items()]
    if bank.settings.origin.startswith("https://"):
        fixed.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def before_send(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = [*message["headers"], *fixed]
        if scope["path"].startswith("/v1/"):
            headers.append((b"dpop-nonce", nonces.fresh().encode()))
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
        message["headers"] = headers

    return before_send
