"""Identified again at a distance: four doors to begin, one place for the steps (contract 1.11)."""

from typing import Annotated, Any, Final, Literal

from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.customers import Agreed
from dojang.kernel.problem import Malformed, Unauthenticated
from dojang.kernel.secret import Secret
from dojang.opening import Answers, Bearer, Funds, JourneyState, Openings, Purpose
from dojang.web.accounts import AccountNumber, BankCode
from dojang.web.core import BankRequest, bank, caller, signed_in, threaded
from dojang.web.customer import TermsOut, documents
from dojang.web.enrolment import NO_STORE, AgreedIn, Digits6, NothingIn, OwnAccountOut, SmsOut, Word
from dojang.web.gate import PICTURE_BYTES_MAX
from dojang.web.sessions import KID_BYTES, Encoded, Id, taken

CURRENT: Final = "/v1/identifications/current"


class BeginIn(Struct, forbid_unknown_fields=True):
    agreed: Annotated[list[AgreedIn], Meta(max_length=50)]


class UnlockIn(Struct, forbid_unknown_fields=True):
    account_id: Id


class ReleaseIn(Struct, forbid_unknown_fields=True):
    kid: Encoded


class CodeIn(Struct, forbid_unknown_fields=True):
    code: Digits6


class OtherAccountIn(Struct, forbid_unknown_fields=True):
    bank: BankCode
    account: AccountNumber


class PurposeIn(Struct, forbid_unknown_fields=True):
    purpose: Literal["living", "salary", "savings", "business", "club"]
    funds: Literal["salary", "business", "savings", "family", "pension"]
    asked_by_other: bool
    tax_abroad: bool


class PasswordIn(Struct, forbid_unknown_fields=True):
    """`account_id` for a release only: whose password it is."""

    password: Word
    account_id: Id | None = None


class CheckOut(Struct, frozen=True):
    any_of: list[str]
    done: str | None


class WonOut(Struct, frozen=True):
    bank: str
    account: str
    expires_at: int
    tries_left: int


class RulesOut(Struct, frozen=True):
    birth_date: str
    phone: str


class OpenedOut(Struct, frozen=True):
    id: str
    number: str
    name: str
    day_cap: int | None


class StateOut(Struct, frozen=True):
    id: str
    goal: str
    step: str
    expires_at: int
    sms: SmsOut | None
    checks: list[CheckOut]
    asked: list[str]
    tries: dict[str, int]
    one_won: WonOut | None
    accounts: list[OwnAccountOut]
    password_rules: RulesOut | None
    upload: dict[str, int]
    account: OpenedOut | None


@get("/v1/account-openings/terms")
@threaded
def terms(request: BankRequest) -> TermsOut:
    """What has to be agreed to before an account is opened."""
    return documents(_openings(request).terms)


@post("/v1/account-openings", status_code=201)
@threaded
def open_account(
    request: BankRequest, body: RawBody, data: JSONBody[BeginIn]
) -> Response[StateOut]:
    """Begin to open a limited account, or find what was begun."""
    mine = signed_in(request, body)
    agreed = [Agreed(one.code, one.version) for one in data.agreed]
    if len({one.code for one in agreed}) != len(agreed):
        raise Malformed
    bearer = Bearer(mine.customer_id, mine.jkt)
    return _told(_openings(request).journeys.open_account(bearer, agreed))


@post("/v1/password-unlocks", status_code=201)
@threaded
def unlock_password(
    request: BankRequest, body: RawBody, data: JSONBody[UnlockIn]
) -> Response[StateOut]:
    """Begin to end the lock of an account password."""
    mine = signed_in(request, body)
    bearer = Bearer(mine.customer_id, mine.jkt)
    return _told(_openings(request).journeys.unlock_password(bearer, data.account_id))


@post("/v1/loss-releases", status_code=201)
@threaded
def release_loss(
    request: BankRequest, body: RawBody, data: JSONBody[ReleaseIn]
) -> Response[StateOut]:
    """Begin to release a certificate that a loss report suspended, from its own phone."""
    who = caller(request, body)
    kid = taken(data.kid, KID_BYTES)
    return _told(_openings(request).journeys.release_loss(who.jkt, kid))


@post("/v1/identifications", status_code=201)
@threaded
def identify(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[NothingIn],  # noqa: ARG001 - refuses unknown members
) -> Response[StateOut]:
    """Begin to be identified again, before a protection is weakened or a limit raised."""
    mine = signed_in(request, body)
    return _told(_openings(request).journeys.identify(Bearer(mine.customer_id, mine.jkt)))


@get(CURRENT)
@threaded
def current(request: BankRequest) -> Response[StateOut]:
    """Where it stands: how a reloaded page goes on."""
    return _told(_openings(request).journeys.current(_bearer(request)))


@delete(CURRENT, status_code=204)
@threaded
def give_up(request: BankRequest) -> None:
    """End it without its goal."""
    _openings(request).journeys.give_up(_bearer(request))


@post(f"{CURRENT}/phone", status_code=200)
@threaded
def phone(request: BankRequest, body: RawBody, data: JSONBody[NothingIn]) -> Response[StateOut]:  # noqa: ARG001
    """Have a code sent to the number on file."""
    return _told(_openings(request).proofs.phone(_bearer(request, body)))


@post(f"{CURRENT}/sms-code", status_code=200)
@threaded
def sms_code(request: BankRequest, body: RawBody, data: JSONBody[CodeIn]) -> Response[StateOut]:
    """Type the code."""
    bearer = _bearer(request, body)
    return _told(_openings(request).proofs.sms_code(bearer, Secret(data.code)))


@put(f"{CURRENT}/id-card", status_code=200, request_max_body_size=PICTURE_BYTES_MAX)
@threaded
def id_card(request: BankRequest, body: RawBody) -> Response[StateOut]:
    """Show the ID card: the body is the picture."""
    bearer = _bearer(request, body, picture=True)
    return _told(_openings(request).pictures.id_card(bearer, body))


@put(f"{CURRENT}/face", status_code=200, request_max_body_size=PICTURE_BYTES_MAX)
@threaded
def face(request: BankRequest, body: RawBody) -> Response[StateOut]:
    """Show the face: the body is the picture."""
    bearer = _bearer(request, body, picture=True)
    return _told(_openings(request).pictures.face(bearer, body))


@post(f"{CURRENT}/one-won", status_code=200)
@threaded
def one_won(
    request: BankRequest, body: RawBody, data: JSONBody[OtherAccountIn]
) -> Response[StateOut]:
    """Have 1 won sent to an own account elsewhere."""
    bearer = _bearer(request, body)
    return _told(_openings(request).one_won.send(bearer, data.bank, data.account))


@post(f"{CURRENT}/one-won-code", status_code=200)
@threaded
def one_won_code(request: BankRequest, body: RawBody, data: JSONBody[CodeIn]) -> Response[StateOut]:
    """Type the digits in the sender's name."""
    bearer = _bearer(request, body)
    return _told(_openings(request).one_won.type(bearer, Secret(data.code)))


@post(f"{CURRENT}/purpose", status_code=200)
@threaded
def purpose(request: BankRequest, body: RawBody, data: JSONBody[PurposeIn]) -> Response[StateOut]:
    """Say what the account is for."""
    answers = Answers(
        purpose=Purpose(data.purpose),
        funds=Funds(data.funds),
        asked_by_other=data.asked_by_other,
        tax_abroad=data.tax_abroad,
    )
    return _told(_openings(request).proofs.purpose(_bearer(request, body), answers))


@post(f"{CURRENT}/password", status_code=200)
@threaded
def password(request: BankRequest, body: RawBody, data: JSONBody[PasswordIn]) -> Response[StateOut]:
    """The last step: open, unlock or release."""
    bearer = _bearer(request, body)
    ending = _openings(request).ending
    return _told(ending.password(bearer, Secret(data.password), data.account_id))


def _openings(request: BankRequest) -> Openings:
    return bank(request).openings


def _bearer(request: BankRequest, body: bytes = b"", *, picture: bool = False) -> Bearer:
    """The session's customer; without a session the device that is releasing its certificate."""
    who = caller(request, body, picture=picture)
    if who.token is not None:
        session = bank(request).sessions.check(who.token, who.jkt)
        return Bearer(session.customer_id, who.jkt)
    if not _openings(request).journeys.releasing(who.jkt):
        raise Unauthenticated
    return Bearer(None, who.jkt)


def _told(state: JourneyState) -> Response[StateOut]:
    sms, won, rules, account = state.sms, state.one_won, state.password_rules, state.account
    shown = StateOut(
        id=state.id,
        goal=str(state.goal),
        step=str(state.step),
        expires_at=state.expires_at,
        sms=None
        if sms is None
        else SmsOut(sms.expires_at, sms.resend_at, sms.phone, sms.tries_left),
        checks=[
            CheckOut([str(one) for one in any_of], None if done is None else str(done))
            for any_of, done in state.checks
        ],
        asked=[str(one) for one in state.asked],
        tries=state.tries,
        one_won=None
        if won is None
        else WonOut(won.bank, won.account, won.expires_at, won.tries_left),
        accounts=[OwnAccountOut(one.id, one.number, one.name) for one in state.accounts],
        password_rules=None if rules is None else RulesOut(rules.birth_date, rules.phone),
        upload=state.upload,
        account=None
        if account is None
        else OpenedOut(account.id, account.number, account.name, account.day_cap),
    )
    return Response(shown, headers=NO_STORE)


ROUTES: Final[list[Any]] = [
    terms,
    open_account,
    unlock_password,
    release_loss,
    identify,
    current,
    give_up,
    phone,
    sms_code,
    id_card,
    face,
    one_won,
    one_won_code,
    purpose,
    password,
]
