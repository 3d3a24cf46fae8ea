"""What a customer sees of themselves, the terms, and the loss report anyone may make."""

import hashlib
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.params import JSONBody, Parameter, RawBody
from msgspec import Meta, Struct

from dojang import policy
from dojang.certificates import store as certificates
from dojang.certificates.model import NO_EXPIRY
from dojang.crypto.encoding import b64u
from dojang.customers import Session, Terms, history
from dojang.customers.model import calendar_date, person_name
from dojang.db import Tx
from dojang.kernel import masking
from dojang.kernel.clock import DAY
from dojang.kernel.phone_numbers import phone_number
from dojang.kernel.problem import Malformed, NotFound
from dojang.ledger import accounts
from dojang.methods.model import PinLoginNeeded
from dojang.signing import keys
from dojang.web.core import BankRequest, bank, refuse_twin_members, signed_in, source, threaded

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Before = Annotated[int | None, Parameter(ge=0, le=2**53)]
Limit = Annotated[int, Parameter(ge=1, le=history.PAGE_MAX)]


class Words(Struct, frozen=True):
    ko: str
    en: str


class TermOut(Struct, frozen=True):
    code: str
    version: int
    required: bool
    title: Words
    text: Words


class TermsOut(Struct, frozen=True):
    terms: list[TermOut]


class LossIn(Struct, forbid_unknown_fields=True):
    """`phone` or `account`, one of the two."""

    name: Word
    birth_date: Word
    phone: Word | None = None
    account: Word | None = None


class ReceiptOut(Struct, frozen=True):
    receipt: str


class PinRulesOut(Struct, frozen=True):
    """What a new PIN must not be made of; the phone keeps it in memory only."""

    birth_date: str
    phone: str


class CertificateOut(Struct, frozen=True):
    """`fingerprint` is the SHA-256 of the DER in hex."""

    kind: str
    serial: str
    not_before: int
    not_after: int
    fingerprint: str
    der: str


class MethodOut(Struct, frozen=True):
    m: str
    version: int
    tries_left: int
    enabled: bool


class KeyOut(Struct, frozen=True):
    kind: str
    kid: str
    methods: list[MethodOut]


class PasskeyOut(Struct, frozen=True):
    id: str
    name: str
    created_at: int
    last_used_at: int | None


class CredentialOut(Struct, frozen=True):
    id: str
    subject_id: str
    state: str
    issued_at: int | None
    last_used_at: int | None
    dormant_at: int | None
    certificates: list[CertificateOut]
    keys: list[KeyOut]
    passkeys: list[PasskeyOut]


class LimitsOut(Struct, frozen=True):
    per_transfer: int
    per_day: int


class MeOut(Struct, frozen=True):
    name: str
    phone: str
    locale: str
    credential: CredentialOut
    limits: LimitsOut
    unread: int


class EntryOut(Struct, frozen=True):
    idx: int
    at: int
    kind: str
    what: dict[str, Any]


class HistoryOut(Struct, frozen=True):
    entries: list[EntryOut]
    next: int | None


@get("/v1/terms", sync_to_thread=False)
def terms(request: BankRequest) -> TermsOut:
    """Every document in its present version."""
    return documents(bank(request).terms)


def documents(present: Terms) -> TermsOut:
    return TermsOut(
        [
            TermOut(
                code=one.code,
                version=one.version,
                required=one.required,
                title=Words(one.title.ko, one.title.en),
                text=Words(one.text.ko, one.text.en),
            )
            for one in present.all()
        ]
    )


@post("/v1/loss-reports", status_code=202)
@threaded
def report_loss(
    request: BankRequest, body: RawBody, data: JSONBody[LossIn]
) -> Response[ReceiptOut]:
    """From any browser, without signing in; the answer says nothing about who exists."""
    refuse_twin_members(body)
    if (data.phone is None) == (data.account is None):
        raise Malformed
    try:
        receipt = bank(request).loss_reports.report(
            name=person_name(data.name),
            birth_date=calendar_date(data.birth_date),
            phone=None if data.phone is None else phone_number(data.phone),
            account=data.account,
            source=source(request),
        )
    except ValueError:
        raise Malformed from None
    return Response(ReceiptOut(receipt), headers={"cache-control": "no-store"})


@get("/v1/me")
@threaded
def me(request: BankRequest) -> MeOut:
    """The customer of this session."""
    mine = signed_in(request)
    with bank(request).db.snapshot() as tx:
        known = bank(request).customers.by_id(tx, mine.customer_id)
        limits = accounts.limits(tx, mine.customer_id)
        return MeOut(
            name=known.name,
            phone=masking.phone(known.phone),
            locale=known.locale,
            credential=_credential(request, tx, mine),
            limits=LimitsOut(limits.per_transfer, limits.per_day),
            unread=0,
        )


@get("/v1/certificate")
@threaded
def certificate(request: BankRequest) -> CredentialOut:
    """Details of the certificate one is signed in with."""
    mine = signed_in(request)
    with bank(request).db.snapshot() as tx:
        return _credential(request, tx, mine)


@get("/v1/certificate/history")
@threaded
def uses(request: BankRequest, before: Before = None, limit: Limit = 30) -> HistoryOut:
    """Everything the log says about this customer, newest first."""
    mine = signed_in(request)
    with bank(request).db.snapshot() as tx:
        page = history.of_customer(tx, mine.customer_id, before=before, limit=limit)
    entries = [EntryOut(one.idx, one.at, one.kind, dict(one.what)) for one in page.entries]
    return HistoryOut(entries, page.next)


def _credential(request: BankRequest, tx: Tx, mine: Session) -> CredentialOut:
    found = certificates.owned(tx, mine.credential_id, mine.customer_id)
    if found is None:
        raise NotFound
    dormant_days = policy.current(tx).life.dormant_days
    used = found.last_used_at
    return CredentialOut(
        id=found.id,
        subject_id=found.subject_id,
        state=found.state.value,
        issued_at=found.issued_at,
        last_used_at=used,
        dormant_at=None if used is None else used + dormant_days * DAY,
        certificates=_certificates(tx, found.id),
        keys=_keys(tx, found.id),
        passkeys=[
            PasskeyOut(one.id, one.name, one.created_at, one.last_used_at)
            for one in bank(request).passkeys.of_credential(tx, found.id)
        ],
    )


def _certificates(tx: Tx, credential_id: str) -> list[CertificateOut]:
    return [
        CertificateOut(
            kind=one.kind.value,
            serial=one.serial,
            not_before=one.not_before,
            not_after=NO_EXPIRY,
            fingerprint=hashlib.sha256(one.der).hexdigest(),
            der=b64u(one.der),
        )
        for one in certificates.certificates_of(tx, credential_id)
        if one.der is not None
    ]


def _keys(tx: Tx, credential_id: str) -> list[KeyOut]:
    """Each key with the secrets it can be used with; at no tries left a secret is off."""
    methods = keys.methods(tx, credential_id)
    return [
        KeyOut(
            kind=key.kind.value,
            kid=b64u(key.kid),
            methods=[
                MethodOut(one.m, one.version, one.tries_left, enabled=one.tries_left > 0)
                for one in methods
                if one.kid == key.kid
            ],
        )
        for key in keys.of_credential(tx, credential_id)
    ]


@get("/v1/pin-rules")
@threaded
def pin_rules(request: BankRequest) -> PinRulesOut:
    """For a change of the PIN. Unmasked, so only for a session that the PIN itself opened."""
    session = signed_in(request)
    if session.method != "pin":
        raise PinLoginNeeded
    house = bank(request)
    with house.db.snapshot() as tx:
        known = house.customers.by_id(tx, session.customer_id)
    return PinRulesOut(birth_date=known.birth_date, phone=known.phone)


ROUTES: Final[list[Any]] = [terms, report_loss, me, certificate, uses, pin_rules]
