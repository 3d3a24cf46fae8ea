"""Joint certificates: asked for, signed as an act, fetched; the CA's public face (joint.md)."""

from typing import Annotated, Any, Final, Literal

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.crypto.encoding import b64u
from dojang.joint import Op, Wish, model
from dojang.joint.model import Certificate, Kind, Reason, Request, Standing, Step
from dojang.joint.npki import passwords
from dojang.joint.service import Overview
from dojang.kernel.clock import Instant
from dojang.kernel.problem import Malformed
from dojang.web.core import BankRequest, bank, signed_in, threaded
from dojang.web.pki import (
    CERTIFICATE,
    CRL,
    OCSP_RESPONSE,
    PKI_CACHE,
    cached,
    request_in_path,
)
from dojang.web.sessions import Id, taken

OCSP_PATH: Final = "/pki/joint/ocsp/"
PKIX_CMP: Final = "application/pkixcmp"
Encoded = Annotated[str, Meta(min_length=1, max_length=1_024)]


class IssueIn(Struct, tag_field="op", tag="issue", forbid_unknown_fields=True):
    spki: Encoded
    sealed_r: Encoded
    proof: Encoded


class RenewIn(Struct, tag_field="op", tag="renew", forbid_unknown_fields=True):
    certificate_id: Id
    spki: Encoded
    sealed_r: Encoded
    proof: Encoded


class ReissueIn(Struct, tag_field="op", tag="reissue", forbid_unknown_fields=True):
    certificate_id: Id
    spki: Encoded
    sealed_r: Encoded
    proof: Encoded


class RevokeIn(Struct, tag_field="op", tag="revoke", forbid_unknown_fields=True):
    certificate_id: Id
    reason: Literal["unused", "key_compromised", "other"]


class RegisterIn(Struct, tag_field="op", tag="register", forbid_unknown_fields=True):
    """`sealed_r` for a client that sends no EncryptedVID."""

    sealed_r: Encoded | None = None


class NothingIn(Struct, forbid_unknown_fields=True):
    """Nothing to say."""


AskIn = IssueIn | RenewIn | ReissueIn | RevokeIn | RegisterIn


class IssuerOut(Struct, frozen=True):
    kind: str
    name: str
    folder: str
    notice: str
    policy: str
    recognised: bool = False


class EncryptionOut(Struct, frozen=True):
    spki: str
    certificate: str


class CertificateOut(Struct, frozen=True):
    id: str
    serial: str
    kind: str
    common_name: str
    subject: str
    folder: str
    policy: str
    state: str
    not_before: int
    not_after: int
    renewable_from: int
    may_renew: bool
    issued_at: int | None
    revoked_at: int | None
    reason: str | None
    der: str


class OverviewOut(Struct, frozen=True):
    issuer: IssuerOut
    encryption: EncryptionOut
    password: dict[str, int | str]
    rules: dict[str, int]
    may_issue: bool
    certificates: list[CertificateOut]


class SignOut(Struct, frozen=True):
    request_id: str
    fields: dict[str, Any]


class RequestOut(Struct, frozen=True):
    id: str
    op: str
    state: str
    expires_at: int
    common_name: str
    not_after: int
    certificate_id: str | None
    request: SignOut | None


class IssuedOut(Struct, frozen=True):
    certificate: CertificateOut
    chain: list[str]


class RegistrationOut(Struct, frozen=True):
    reference: str
    code: str
    expires_at: int
    url: str


@get("/v1/joint")
@threaded
def overview(request: BankRequest) -> OverviewOut:
    """What the customer has, what may be done, and whom R is sealed to."""
    mine = signed_in(request)
    joint = bank(request).joint
    found = joint.overview(mine.customer_id)
    return OverviewOut(
        issuer=IssuerOut(
            kind=joint.issuer.kind,
            name=joint.issuer_name,
            folder=joint.plan.organisation,
            notice=joint.plan.notice,
            policy=joint.plan.policy(Kind.PERSON),
        ),
        encryption=EncryptionOut(
            b64u(joint.encryption_spki), b64u(joint.issuer.encryption_certificate)
        ),
        password={
            "length_min": passwords.LENGTH_MIN,
            "length_max": passwords.LENGTH_MAX,
            "refused": passwords.REFUSED,
        },
        rules={"years": found.rules.years, "renew_days": found.rules.renew_days},
        may_issue=found.may_issue,
        certificates=[_shown(request, one, found) for one in found.certificates],
    )


@post("/v1/joint/requests", status_code=201)
@threaded
def ask(request: BankRequest, body: RawBody, data: JSONBody[AskIn]) -> RequestOut:
    """Make what the PIN is to sign."""
    mine = signed_in(request, body)
    made = bank(request).joint.requests.ask(mine, _wish(data))
    signing = SignOut(made.signing_id, made.fields)
    return _request_out(made.request, made.common_name, signing)


@get("/v1/joint/requests/{joint_id:str}")
@threaded
def shown(request: BankRequest, joint_id: FromPath[str]) -> RequestOut:
    """How far it is."""
    mine = signed_in(request)
    requests = bank(request).joint.requests
    found = requests.show(mine.customer_id, joint_id)
    return _request_out(found, requests.name_of(found), None)


@post("/v1/joint/requests/{joint_id:str}/certificate", status_code=200)
@threaded
def certificate(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[NothingIn],  # noqa: ARG001 - refuses unknown members
    joint_id: FromPath[str],
) -> IssuedOut:
    """The certificate that the PIN signed for; the same when asked again."""
    mine = signed_in(request, body)
    joint = bank(request).joint
    made = joint.certifying.certificate(mine.customer_id, joint_id)
    found = joint.overview(mine.customer_id)
    return IssuedOut(_shown(request, made, found), [b64u(one) for one in joint.issuer.chain])


@post("/v1/joint/requests/{joint_id:str}/registration", status_code=200)
@threaded
def registration(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[NothingIn],  # noqa: ARG001 - refuses unknown members
    joint_id: FromPath[str],
) -> RegistrationOut:
    """Reference and code for a CMP client, shown this once."""
    mine = signed_in(request, body)
    joint = bank(request).joint
    told = joint.registrations.show(mine.customer_id, joint_id)
    return RegistrationOut(
        told.reference, told.code.reveal(), told.expires_at, joint.plan.url("cmp")
    )


def _wish(data: AskIn) -> Wish:
    op = Op(str(data.__struct_config__.tag))
    if isinstance(data, RevokeIn):
        return Wish(op=op, certificate_id=data.certificate_id, reason=Reason(data.reason))
    if isinstance(data, RegisterIn):
        return Wish(op=op, sealed_r=b"" if data.sealed_r is None else taken(data.sealed_r))
    return Wish(
        op=op,
        certificate_id=None if isinstance(data, IssueIn) else data.certificate_id,
        spki=taken(data.spki),
        sealed_r=taken(data.sealed_r),
        proof=taken(data.proof),
    )


def _request_out(found: Request, common_name: str, signing: SignOut | None) -> RequestOut:
    return RequestOut(
        id=found.id,
        op=str(found.op),
        state=str(found.step),
        expires_at=found.expires_at,
        common_name=common_name,
        not_after=found.not_after,
        certificate_id=found.certificate_id if found.step is Step.DONE else None,
        request=signing,
    )


def _shown(request: BankRequest, one: Certificate, among: Overview) -> CertificateOut:
    joint = bank(request).joint
    opens = model.renewable_from(one.not_after, among.rules.renew_days)
    revoked = one.standing is Standing.REVOKED
    return CertificateOut(
        id=one.id,
        serial=str(one.serial),
        kind=str(one.kind),
        common_name=one.subject.common_name,
        subject=str(one.subject),
        folder=joint.folder(one),
        policy=one.policy,
        state=_state(one, among.now),
        not_before=one.not_before,
        not_after=one.not_after,
        renewable_from=opens,
        may_renew=one.active(among.now) and among.now >= opens,
        issued_at=one.issued_at,
        revoked_at=one.changed_at if revoked else None,
        reason=str(one.reason) if revoked else None,
        der=b64u(one.der or b""),
    )


def _state(one: Certificate, now: Instant) -> str:
    if one.standing is Standing.REVOKED:
        return "revoked"
    return "expired" if one.expired(now) else "active"


@get("/pki/joint/root.crt")
@threaded
def root(request: BankRequest) -> Response[bytes]:
    return _certificate(bank(request).joint.authority.anchors.root)


@get("/pki/joint/ca.crt")
@threaded
def ca(request: BankRequest) -> Response[bytes]:
    return _certificate(bank(request).joint.authority.anchors.ca)


@get("/pki/joint/ca.crl")
@threaded
def ca_crl(request: BankRequest) -> Response[bytes]:
    """The list as of now; no cache may keep it, or it would not be right at once."""
    return _list(bank(request).joint.status.crl())


@get("/pki/joint/root.crl")
@threaded
def root_crl(request: BankRequest) -> Response[bytes]:
    return _list(bank(request).joint.status.root_crl())


@post("/pki/joint/ocsp", status_code=200)
@threaded
def ocsp(request: BankRequest, body: RawBody) -> Response[bytes]:
    """RFC 6960 A.1, by POST."""
    answer = bank(request).joint.status.answer(body)
    return Response(answer.der, media_type=OCSP_RESPONSE, headers={"cache-control": "no-store"})


@get("/pki/joint/ocsp/{asked:path}")
@threaded
def ocsp_in_path(request: BankRequest, asked: FromPath[str]) -> Response[bytes]:
    """RFC 6960 A.1, by GET; what a cache may do with it is RFC 5019's."""
    answer = bank(request).joint.status.answer(request_in_path(request, asked, OCSP_PATH))
    return cached(answer, bank(request).clock.now())


@post("/pki/joint/cmp", status_code=200)
@threaded
def cmp(request: BankRequest, body: RawBody) -> Response[bytes]:
    """RFC 6712: whatever is sent as a PKIMessage, the answer is one."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != PKIX_CMP:
        raise Malformed
    answer = bank(request).joint.cmp.answer(body)
    return Response(answer, media_type=PKIX_CMP, headers={"cache-control": "no-store"})


@get("/pki/joint/cps", media_type="text/plain; charset=utf-8", sync_to_thread=False)
def cps(request: BankRequest) -> str:
    """Where the certificates point for the practice statement."""
    notice = bank(request).joint.plan.notice
    return f"{notice}\n\n{CPS}"


def _certificate(der: bytes) -> Response[bytes]:
    return Response(der, media_type=CERTIFICATE, headers={"cache-control": PKI_CACHE})


def _list(der: bytes) -> Response[bytes]:
    return Response(der, media_type=CRL, headers={"cache-control": "no-cache"})


CPS: Final = (
    "Test certificates of a private CA. No authority has recognised it, and no public service "
    "accepts them. They show the format and the procedures, and bind nobody.\n"
    "시험용 사설 인증기관의 인증서입니다. 공공 서비스에서 쓸 수 없습니다.\n"
)
ROUTES: Final[list[Any]] = [
    overview,
    ask,
    shown,
    certificate,
    registration,
    root,
    ca,
    ca_crl,
    root_crl,
    ocsp,
    ocsp_in_path,
    cmp,
    cps,
]
