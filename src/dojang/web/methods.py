"""Passkeys: add, remove, and log in with one."""

from typing import TYPE_CHECKING, Annotated, Any, Final

from litestar import delete, post
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.kernel import masking
from dojang.methods.model import PASSKEY_NAME_MAX, PinLoginNeeded
from dojang.web.core import BankRequest, bank, caller, signed_in, threaded

if TYPE_CHECKING:
    from dojang.customers import Session

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=PASSKEY_NAME_MAX)]
STRONG: Final = frozenset({"pin", "passkey"})
"""Logins that may add or remove a passkey; a pattern alone, seen over a shoulder, may not."""


class NothingIn(Struct, forbid_unknown_fields=True):
    """Nothing to say."""


class OptionsOut(Struct, frozen=True):
    """`options` goes to the browser's WebAuthn call as it is."""

    challenge_id: str
    options: dict[str, Any]


class AddIn(Struct, forbid_unknown_fields=True):
    challenge_id: Id
    name: Name
    response: dict[str, Any]


class AddedOut(Struct, frozen=True):
    id: str


class LoginOptionsIn(Struct, forbid_unknown_fields=True):
    credential_id: Id


class LoginIn(Struct, forbid_unknown_fields=True):
    challenge_id: Id
    response: dict[str, Any]


class SessionOut(Struct, frozen=True):
    id: str
    method: str
    created_at: int
    idle_expires_at: int
    expires_at: int


class CustomerOut(Struct, frozen=True):
    name: str


class OpenedOut(Struct, frozen=True):
    """`token` is shown this once."""

    token: str
    session: SessionOut
    customer: CustomerOut


@post("/v1/passkeys/options", status_code=200)
@threaded
def adding_options(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[NothingIn],  # noqa: ARG001 - refuses unknown members
) -> OptionsOut:
    """Begin to add a passkey to the certificate of this session."""
    session = strongly_signed_in(request, body)
    house = bank(request)
    with house.db.snapshot() as tx:
        name = masking.name(house.customers.by_id(tx, session.customer_id).name)
    challenge_id, options = house.passkeys.adding_options(
        session.credential_id, jkt=session.jkt, shown_name=name
    )
    return OptionsOut(challenge_id, options)


@post("/v1/passkeys", status_code=201)
@threaded
def add(request: BankRequest, body: RawBody, data: JSONBody[AddIn]) -> AddedOut:
    """Keep the passkey that the phone made."""
    session = strongly_signed_in(request, body)
    added = bank(request).passkeys.add(
        session.credential_id,
        customer_id=session.customer_id,
        jkt=session.jkt,
        challenge_id=data.challenge_id,
        name=data.name,
        response=data.response,
    )
    return AddedOut(added)


@delete("/v1/passkeys/{passkey_id:str}", status_code=204)
@threaded
def remove(request: BankRequest, body: RawBody, passkey_id: FromPath[str]) -> None:
    """Remove one of the certificate's passkeys."""
    session = strongly_signed_in(request, body)
    bank(request).passkeys.remove(
        session.credential_id, passkey_id, customer_id=session.customer_id
    )


@post("/v1/login/passkey/options", status_code=200)
@threaded
def login_options(
    request: BankRequest, body: RawBody, data: JSONBody[LoginOptionsIn]
) -> OptionsOut:
    """A challenge for this device and this certificate."""
    who = caller(request, body)
    challenge_id, options = bank(request).passkeys.login_options(data.credential_id, jkt=who.jkt)
    return OptionsOut(challenge_id, options)


@post("/v1/login/passkey", status_code=201)
@threaded
def log_in(request: BankRequest, body: RawBody, data: JSONBody[LoginIn]) -> OpenedOut:
    """Answer the challenge and be signed in."""
    who = caller(request, body)
    house = bank(request)
    login = house.passkeys.log_in(data.challenge_id, jkt=who.jkt, response=data.response)
    opened = house.sessions.claim(login.challenge_id, who.jkt)
    with house.db.snapshot() as tx:
        name = house.customers.by_id(tx, login.customer_id).name
    return OpenedOut(
        token=opened.token,
        session=SessionOut(
            id=opened.session.id,
            method=opened.session.method,
            created_at=opened.session.created_at,
            idle_expires_at=opened.session.idle_expires_at,
            expires_at=opened.session.expires_at,
        ),
        customer=CustomerOut(name),
    )


def strongly_signed_in(request: BankRequest, body: bytes) -> "Session":
    """A pattern opens the app; ways of signing in are changed with something stronger."""
    session = signed_in(request, body)
    if session.method not in STRONG:
        raise PinLoginNeeded
    return session


ROUTES: Final[list[Any]] = [adding_options, add, remove, login_options, log_in]
