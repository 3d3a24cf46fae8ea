"""The sessions of a customer: opened by what was signed, listed, ended."""

from typing import Annotated, Any, Final

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.crypto.encoding import unb64u
from dojang.customers import Session
from dojang.kernel.problem import Malformed
from dojang.web.core import BankRequest, bank, caller, signed_in, threaded
from dojang.web.methods import CustomerOut, OpenedOut, SessionOut

KID_BYTES: Final = 16
CURRENT: Final = "current"

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Encoded = Annotated[str, Meta(min_length=1, max_length=4_096)]


class ClaimIn(Struct, forbid_unknown_fields=True):
    request_id: Id


class ListedOut(Struct, frozen=True):
    id: str
    method: str
    created_at: int
    last_used_at: int
    current: bool


class SessionsOut(Struct, frozen=True):
    sessions: list[ListedOut]


def taken(text: str, size: int | None = None) -> bytes:
    """Bytes off the wire. Raises Malformed."""
    try:
        return unb64u(text, size)
    except ValueError:
        raise Malformed from None


@post("/v1/sessions", status_code=201)
@threaded
def open_session(request: BankRequest, body: RawBody, data: JSONBody[ClaimIn]) -> OpenedOut:
    """The session that the signature of this request was granted. Again: a new token."""
    who = caller(request, body)
    house = bank(request)
    opened = house.sessions.claim(data.request_id, who.jkt)
    with house.db.snapshot() as tx:
        name = house.customers.by_id(tx, opened.session.customer_id).name
    return OpenedOut(
        token=opened.token, session=_session_out(opened.session), customer=CustomerOut(name)
    )


@get("/v1/sessions")
@threaded
def listed(request: BankRequest) -> SessionsOut:
    """Where one is signed in."""
    mine = signed_in(request)
    house = bank(request)
    with house.db.snapshot() as tx:
        found = house.sessions.of_customer(tx, mine.customer_id)
    return SessionsOut(
        [
            ListedOut(
                id=one.id,
                method=one.method,
                created_at=one.created_at,
                last_used_at=one.last_used_at,
                current=one.id == mine.id,
            )
            for one in found
        ]
    )


@delete("/v1/sessions/{session_id:str}", status_code=204)
@threaded
def end(request: BankRequest, body: RawBody, session_id: FromPath[str]) -> None:
    """Sign out, here or elsewhere."""
    mine = signed_in(request, body)
    wanted = mine.id if session_id == CURRENT else session_id
    bank(request).sessions.end_own(mine, wanted)


def _session_out(session: Session) -> SessionOut:
    return SessionOut(
        id=session.id,
        method=session.method,
        created_at=session.created_at,
        idle_expires_at=session.idle_expires_at,
        expires_at=session.expires_at,
    )


ROUTES: Final[list[Any]] = [open_session, listed, end]
