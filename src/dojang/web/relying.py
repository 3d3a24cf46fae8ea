"""The demo's relying parties over HTTP: other houses, so no proof and no session (joint.md)."""

from typing import Annotated, Any, Final, Literal

from litestar import post
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.crypto.encoding import b64u
from dojang.joint.relying import RelyingParties
from dojang.kernel.problem import NotFound
from dojang.kernel.secret import Secret
from dojang.web.core import BankRequest, bank, refuse_twin_members, threaded
from dojang.web.sessions import taken

SERVICES: Final = frozenset({"tax", "document"})
Sealed = Annotated[str, Meta(min_length=1, max_length=1_024)]
SignedText = Annotated[str, Meta(min_length=1, max_length=48_000)]
NumberText = Annotated[str, Meta(pattern=r"^[0-9]{6}-?[0-9]{7}$")]


class ChallengeIn(Struct, forbid_unknown_fields=True):
    locale: Literal["ko", "en"]


class AnswerIn(Struct, forbid_unknown_fields=True):
    signed: SignedText
    sealed_r: Sealed
    number: NumberText


class KeyOut(Struct, frozen=True):
    spki: str


class ChallengeOut(Struct, frozen=True):
    id: str
    service: str
    title: str
    content: str
    policies: list[str]
    encryption: KeyOut
    expires_at: int


class ShownOut(Struct, frozen=True):
    service: str
    subject: str
    common_name: str
    serial: str
    real_name: str
    signed_at: int
    receipt: str


@post("/v1/relying/{service:str}/challenges", status_code=201, include_in_schema=False)
@threaded
def challenge(
    request: BankRequest, body: RawBody, data: JSONBody[ChallengeIn], service: FromPath[str]
) -> ChallengeOut:
    """What is to be signed."""
    refuse_twin_members(body)
    parties = _parties(request, service)
    made = parties.challenge(service, data.locale)
    return ChallengeOut(
        id=made.id,
        service=made.service,
        title=made.title,
        content=b64u(made.content),
        policies=sorted(parties.policies),
        encryption=KeyOut(b64u(parties.encryption_spki)),
        expires_at=made.expires_at,
    )


@post(
    "/v1/relying/{service:str}/challenges/{challenge_id:str}/answer",
    status_code=200,
    include_in_schema=False,
)
@threaded
def answer(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[AnswerIn],
    service: FromPath[str],
    challenge_id: FromPath[str],
) -> ShownOut:
    """Signature, chain, policy, status, validity, and whose it is."""
    refuse_twin_members(body)
    shown = _parties(request, service).answer(
        service,
        challenge_id,
        signed=taken(data.signed),
        sealed_r=taken(data.sealed_r),
        number=Secret(data.number),
    )
    return ShownOut(
        service=shown.service,
        subject=shown.subject,
        common_name=shown.common_name,
        serial=str(shown.serial),
        real_name=shown.real_name,
        signed_at=shown.signed_at,
        receipt=shown.receipt,
    )


def _parties(request: BankRequest, service: str) -> RelyingParties:
    if service not in SERVICES:
        raise NotFound
    return bank(request).joint.relying


ROUTES: Final[list[Any]] = [challenge, answer]
