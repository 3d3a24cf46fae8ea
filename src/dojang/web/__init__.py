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
    on_fault,
    on_http,
    on_problem,
    on_undecodable,
)
from dojang.web.gate import admit
from dojang.web.headers import Common
from dojang.web.looking import Looking
from dojang.web.proofs import Nonces, Proofs

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
    """Litestar without the plugins it would look for.

    We have no shapes of pydantic or attrs, whose plugins cost an idle server 9 MB. Should the
    framework no longer ask here, they only come back.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def create(bank: Bank) -> Application:
    """The ASGI application over a bank that `app.build` made."""
    nonces = Nonces(_nonce_key(bank), bank.clock)
    common = Common(bank.settings.origin, nonces)
    proofs = Proofs(bank.settings.origin, nonces)
    looks = transfers.looks(bank, proofs)
    modules = _SERVED + (_DEMO_ONLY if bank.settings.demo else ())
    routes: list[Any] = [route for module in modules for route in module.ROUTES]
    return Application(
        route_handlers=routes,
        state=State(
            {
                "bank": bank,
                "front": front.Front(),
                "proofs": proofs,
                "looks": looks,
                "looking": Looking(bank, looks, common),
            }
        ),
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http,
            UnicodeDecodeError: on_undecodable,
            Exception: on_fault,
        },
        before_request=admit,
        before_send=[common.before_send],
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
