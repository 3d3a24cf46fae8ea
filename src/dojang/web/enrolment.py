"""Issue and reissue, one door a step (contract 1.3)."""

from typing import Annotated, Any, Final, Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.crypto import dpop
from dojang.crypto.encoding import POINT_BYTES, SCALAR_BYTES, b64u
from dojang.crypto.messages import KeyKind
from dojang.customers import Agreed
from dojang.customers.model import login_id, person_name, resident_number
from dojang.enrolment import Bearer, Finished, JourneyState, Wanted
from dojang.gateways.telecom import Claim
from dojang.kernel.phone_numbers import phone_number
from dojang.kernel.problem import Malformed
from dojang.kernel.secret import Secret
from dojang.web.core import BankRequest, bank, caller, threaded
from dojang.web.log import PinnedOut, pinned
from dojang.web.sessions import KID_BYTES, Encoded, Id, taken

PROOF_BYTES: Final = 64
NO_STORE: Final = {"cache-control": "no-store"}

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Digits6 = Annotated[str, Meta(pattern=r"^[0-9]{4,8}$")]
Version = Annotated[int, Meta(ge=1, le=1_000_000)]
Shape = TypeVar("Shape", bound=Struct)


class AgreedIn(Struct, forbid_unknown_fields=True):
    code: Word
    version: Version


class BeginIn(Struct, forbid_unknown_fields=True):
    agreed: Annotated[list[AgreedIn], Meta(max_length=50)]
    locale: Literal["ko", "en"]


class InternetBankingIn(Struct, forbid_unknown_fields=True):
    login_id: Word
    password: Word


class IdentityIn(Struct, forbid_unknown_fields=True):
    """All four, or none for who has proved internet banking."""

    carrier: Word | None = None
    name: Word | None = None
    resident_number: Word | None = None
    phone: Word | None = None


class CodeIn(Struct, forbid_unknown_fields=True):
    code: Digits6


class AccountIn(Struct, forbid_unknown_fields=True):
    account_id: Id
    password: Word


class JoinIn(Struct, forbid_unknown_fields=True):
    login_id: Word
    password: Word
    name: Word
    account_password: Word


class KeyIn(Struct, forbid_unknown_fields=True):
    device_key: Encoded
    kind: Literal["auth", "sign"]
    secrets: Annotated[list[Literal["pin", "pattern"]], Meta(min_length=1, max_length=2)]
    C0: Encoded
    C1: Encoded
    pok: Encoded


class KeyOut(Struct, frozen=True):
    kid: str
    C0: str
    C1: str
    pok: str
    share: str


class SharesIn(Struct, forbid_unknown_fields=True):
    share: Encoded
    blinded: Annotated[dict[str, Encoded], Meta(max_length=4)]


class InstanceOut(Struct, frozen=True):
    delta: str
    evaluated: str


class SharesOut(Struct, frozen=True):
    instances: dict[str, InstanceOut]
    cri: str
    requests: list[dict[str, Any]]


class NothingIn(Struct, forbid_unknown_fields=True):
    """`{}`."""


class PrefilledOut(Struct, frozen=True):
    name: str
    carrier: str
    phone: str


class SmsOut(Struct, frozen=True):
    expires_at: int
    resend_at: int
    phone: str
    tries_left: int


class OwnAccountOut(Struct, frozen=True):
    id: str
    number: str
    name: str


class PinRulesOut(Struct, frozen=True):
    birth_date: str
    phone: str


class KeyStateOut(Struct, frozen=True):
    kind: str
    kid: str
    state: str


class StateOut(Struct, frozen=True):
    id: str
    step: str
    kind: str
    person: str
    expires_at: int
    prefilled: PrefilledOut | None
    sms: SmsOut | None
    accounts: list[OwnAccountOut]
    pin_rules: PinRulesOut | None
    keys: list[KeyStateOut]
    credential_id: str | None


class BegunOut(Struct, frozen=True):
    token: str
    state: StateOut


class CredentialOut(Struct, frozen=True):
    id: str
    subject_id: str
    issued_at: int | None
    certificates: dict[str, str]
    chain: list[str]


class FinishedOut(Struct, frozen=True):
    state: StateOut
    credential: CredentialOut
    log: PinnedOut


@post("/v1/enrolments", status_code=201)
@threaded
def begin(request: BankRequest, body: RawBody, data: JSONBody[BeginIn]) -> Response[BegunOut]:
    """Agree to the terms and receive the journey's token."""
    who = caller(request, body)
    agreed = [Agreed(one.code, one.version) for one in data.agreed]
    if len({one.code for one in agreed}) != len(agreed):
        raise Malformed
    begun = bank(request).enrolments.journeys.begin(agreed, locale=data.locale, jkt=who.jkt)
    return Response(BegunOut(begun.token, _state(begun.state)), headers=NO_STORE)


@get("/v1/enrolments/current")
@threaded
def current(request: BankRequest) -> Response[StateOut]:
    """Where the journey stands: how a reloaded page goes on."""
    return _told(bank(request).enrolments.journeys.current(_bearer(request)))


@post("/v1/enrolments/current/internet-banking", status_code=200)
@threaded
def internet_banking(
    request: BankRequest, body: RawBody, data: JSONBody[InternetBankingIn]
) -> Response[StateOut]:
    """Prove to be a customer already."""
    who = caller(request, body)
    bearer = Bearer(who.needs_token(), who.jkt)
    state = bank(request).enrolments.proofs.internet_banking(
        bearer, data.login_id.strip().lower(), Secret(data.password), source=who.source
    )
    return _told(state)


@post("/v1/enrolments/current/identity", status_code=200)
@threaded
def identity(request: BankRequest, body: RawBody, data: JSONBody[IdentityIn]) -> Response[StateOut]:
    """Ask the telecom operator, and send a code."""
    who = caller(request, body)
    bearer = Bearer(who.needs_token(), who.jkt)
    proofs = bank(request).enrolments.proofs
    return _told(proofs.identity(bearer, _claim(data), source=who.source))


@post("/v1/enrolments/current/sms-code", status_code=200)
@threaded
def sms_code(request: BankRequest, body: RawBody, data: JSONBody[CodeIn]) -> Response[StateOut]:
    """Type the code."""
    bearer = _bearer(request, body)
    return _told(bank(request).enrolments.proofs.sms_code(bearer, Secret(data.code)))


@post("/v1/enrolments/current/account-password", status_code=200)
@threaded
def account_password(
    request: BankRequest, body: RawBody, data: JSONBody[AccountIn]
) -> Response[StateOut]:
    """The second evidence of an existing customer."""
    bearer = _bearer(request, body)
    state = bank(request).enrolments.proofs.account_password(
        bearer, data.account_id, Secret(data.password)
    )
    return _told(state)


@post("/v1/enrolments/current/internet-banking-enrolment", status_code=200)
@threaded
def enrol_internet_banking(
    request: BankRequest, body: RawBody, data: JSONBody[JoinIn]
) -> Response[StateOut]:
    """Become a customer: internet banking and the first account."""
    bearer = _bearer(request, body)
    try:
        chosen, name = login_id(data.login_id), person_name(data.name)
    except ValueError:
        raise Malformed from None
    wanted = Wanted(
        login_id=chosen,
        password=Secret(data.password),
        name=name,
        account_password=Secret(data.account_password),
    )
    return _told(bank(request).enrolments.proofs.enrol_internet_banking(bearer, wanted))


@post("/v1/enrolments/current/keys", status_code=201)
@threaded
def begin_key(request: BankRequest, body: RawBody, data: JSONBody[KeyIn]) -> Response[KeyOut]:
    """E1 of PROTOCOL 1."""
    bearer = _bearer(request, body)
    if _thumbprint(taken(data.device_key)) != bearer.jkt:
        raise Malformed
    begun = bank(request).enrolments.finishing.begin_key(
        bearer,
        kind=KeyKind(data.kind),
        secrets=data.secrets,
        c0=taken(data.C0, POINT_BYTES),
        c1=taken(data.C1, POINT_BYTES),
        proof=taken(data.pok, PROOF_BYTES),
    )
    answer = KeyOut(
        kid=b64u(begun.kid),
        C0=b64u(begun.c0),
        C1=b64u(begun.c1),
        pok=b64u(begun.proof),
        share=b64u(begun.share),
    )
    return Response(answer, headers=NO_STORE)


@post("/v1/enrolments/current/keys/{kid:str}/shares", status_code=200)
@threaded
def answer_shares(
    request: BankRequest, body: RawBody, kid: FromPath[str], data: JSONBody[SharesIn]
) -> Response[SharesOut]:
    """E2 of PROTOCOL 1."""
    bearer = _bearer(request, body)
    answered = bank(request).enrolments.finishing.answer_shares(
        bearer,
        taken(kid, KID_BYTES),
        share=taken(data.share, SCALAR_BYTES),
        blinded={m: taken(point, POINT_BYTES) for m, point in data.blinded.items()},
    )
    instances = {m: InstanceOut(*map(b64u, pair)) for m, pair in answered.instances.items()}
    requests = [_request(one.request_id, one.members) for one in answered.requests]
    return Response(SharesOut(instances, b64u(answered.cri), requests), headers=NO_STORE)


@post("/v1/enrolments/current/finish", status_code=200)
@threaded
def finish(request: BankRequest, body: RawBody, data: JSONBody[NothingIn]) -> Response[FinishedOut]:  # noqa: ARG001
    """Receive the certificate."""
    finished = bank(request).enrolments.finishing.finish(_bearer(request, body))
    answer = FinishedOut(_state(finished.state), _credential(finished), pinned(request))
    return Response(answer, headers=NO_STORE)


def _bearer(request: BankRequest, body: bytes = b"") -> Bearer:
    who = caller(request, body)
    return Bearer(who.needs_token(), who.jkt)


def _claim(data: IdentityIn) -> Claim | None:
    """None for an empty body. Raises Malformed for a part of a claim, or one that cannot be."""
    given = (data.carrier, data.name, data.resident_number, data.phone)
    if all(part is None for part in given):
        return None
    carrier, name, number, phone = given
    if carrier is None or name is None or number is None or phone is None:
        raise Malformed
    try:
        return Claim(
            carrier=carrier,
            name=person_name(name),
            resident_number=resident_number(number),
            phone=phone_number(phone),
        )
    except ValueError:
        raise Malformed from None


def _thumbprint(spki: bytes) -> str:
    try:
        key = load_der_public_key(spki)
    except ValueError:
        raise Malformed from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Malformed
    return dpop.thumbprint(dpop.jwk(key))


def _request(request_id: str, members: dict[str, Any] | None) -> dict[str, Any]:
    """A csr has no members of its own: the phone rebuilds its bytes from the cri."""
    if members is None:
        return {"request_id": request_id, "type": "csr"}
    return {"request_id": request_id, "type": "proof", **members}


def _told(state: JourneyState) -> Response[StateOut]:
    return Response(_state(state), headers=NO_STORE)


def _state(state: JourneyState) -> StateOut:
    filled, sms, rules = state.prefilled, state.sms, state.pin_rules
    return StateOut(
        id=state.id,
        step=str(state.step),
        kind=str(state.kind),
        person=str(state.person),
        expires_at=state.expires_at,
        prefilled=None if filled is None else _as(PrefilledOut, filled),
        sms=None if sms is None else _as(SmsOut, sms),
        accounts=[_as(OwnAccountOut, one) for one in state.accounts],
        pin_rules=None if rules is None else _as(PinRulesOut, rules),
        keys=[KeyStateOut(key.kind, b64u(key.kid), key.state) for key in state.keys],
        credential_id=state.credential_id,
    )


def _as(shape: type[Shape], model: object) -> Shape:
    """The model's fields of the same names."""
    return shape(**{name: getattr(model, name) for name in shape.__struct_fields__})


def _credential(finished: Finished) -> CredentialOut:
    return CredentialOut(
        id=finished.credential.id,
        subject_id=finished.credential.subject_id,
        issued_at=finished.credential.issued_at,
        certificates={kind: b64u(der) for kind, der in finished.certificates.items()},
        chain=[b64u(der) for der in finished.chain],
    )


ROUTES: Final[list[Any]] = [
    begin,
    current,
    internet_banking,
    identity,
    sms_code,
    account_password,
    enrol_internet_banking,
    begin_key,
    answer_shares,
    finish,
]
