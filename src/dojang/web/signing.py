"""Signing ceremonies, login challenges, acts and changes of a secret (contract 1.4 to 1.6).

Bodies of these paths are in no log and no trace.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal

from litestar import post
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.kernel.problem import Malformed, Problem
from dojang.signing.model import (
    ID_BYTES,
    RID_BYTES,
    BadPoint,
    Begin,
    Done,
    Ended,
    NotCompleted,
    Wrong,
    WrongSecret,
)
from dojang.web.core import BankRequest, bank, caller, signed_in, threaded

Rid = Annotated[str, Meta(min_length=16, max_length=16)]
Id16 = Annotated[str, Meta(min_length=22, max_length=22)]
Value = Annotated[str, Meta(min_length=43, max_length=43)]
Uuid = Annotated[str, Meta(min_length=36, max_length=36)]
Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Version = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Won = Annotated[int, Meta(ge=0, le=10**15)]
Figure = Annotated[int, Meta(ge=0, le=1_000)]
Secret = Literal["pin", "pattern"]


class BeginIn(Struct, forbid_unknown_fields=True):
    rid: Rid
    kid: Id16
    m: Secret
    version: Version
    gen: Number
    request_id: Uuid
    blinded: Value
    D1: Value
    E1: Value
    blinded_new: Value | UnsetType = UNSET


class BegunOut(Struct, frozen=True):
    rid: str
    sid: str
    evaluated: str
    D2: str
    E2: str
    message: str
    expires_at: int
    tries_left: int


class CompleteIn(Struct, forbid_unknown_fields=True):
    rid: Rid
    sid: Id16
    z1: Value


class ResumeIn(Struct, forbid_unknown_fields=True):
    rid: Rid
    sid: Id16


class DeltaOut(Struct, frozen=True):
    m: str
    version: int
    delta: str


class EndedOut(Struct, frozen=True, omit_defaults=True):
    """`state`: done, not_completed or wrong_secret, with the members that belong to it."""

    rid: str
    state: str
    signature: str | UnsetType = UNSET
    gen: int | UnsetType = UNSET
    deltas: list[DeltaOut] | UnsetType = UNSET
    evaluated_new: str | UnsetType = UNSET
    delta_new: str | UnsetType = UNSET
    tries_left: int | UnsetType = UNSET


class ConfirmStaleIn(Struct, forbid_unknown_fields=True):
    rid: Rid
    kid: Id16
    gen: Number


class StateOut(Struct, frozen=True):
    rid: str
    state: str


class ChallengeIn(Struct, forbid_unknown_fields=True):
    kid: Id16


class ChallengeOut(Struct, frozen=True):
    """What DOJANG-AUTH is built from; the phone shows `origin`."""

    request_id: str
    origin: str
    nonce: str
    kid: str
    issued_at: int
    expires_at: int


class RevokeIn(Struct, forbid_unknown_fields=True, tag_field="type", tag="revoke"):
    reason: Literal["unused", "phone_changed", "phone_lost", "suspicious", "other"]


class LimitsIn(Struct, forbid_unknown_fields=True, tag_field="type", tag="limits"):
    per_transfer: Won
    per_day: Won


class MethodChangeIn(Struct, forbid_unknown_fields=True, tag_field="type", tag="method_change"):
    kid: Id16
    m: Secret
    version: Version
    change_id: Uuid


class SafeguardsIn(
    Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="type", tag="safeguards"
):
    """What is left out stays as it is."""

    designated_only: Figure | UnsetType = UNSET
    delay_hours: Figure | UnsetType = UNSET
    delay_spares_designated: Figure | UnsetType = UNSET
    undo: Figure | UnsetType = UNSET
    sms_hold: Figure | UnsetType = UNSET


class SecondDeviceIn(Struct, forbid_unknown_fields=True, tag_field="type", tag="second_device"):
    device_id: Annotated[str, Meta(min_length=36, max_length=36)]


class DesignatePayeeIn(Struct, forbid_unknown_fields=True, tag_field="type", tag="designate_payee"):
    payee_bank: Annotated[str, Meta(pattern=r"^[0-9]{3}$")]
    payee_account: Annotated[str, Meta(pattern=r"^[0-9]{6,20}$")]


class RequestOut(Struct, frozen=True):
    """A request to sign by 1.4; `fields` are the exact members of its JSON."""

    request_id: str
    fields: dict[str, Any]


class ChangeIn(Struct, forbid_unknown_fields=True):
    m: Secret


class ChangeKeyOut(Struct, frozen=True):
    kid: str
    version: int


class ChangeOut(Struct, frozen=True):
    change_id: str
    keys: list[ChangeKeyOut]
    expires_at: int


class ProofIn(Struct, forbid_unknown_fields=True):
    kid: Id16


@post("/v1/signing/begin", status_code=200)
@threaded
def begin(request: BankRequest, body: RawBody, data: JSONBody[BeginIn]) -> BegunOut:
    """S1: one try is counted before anything is evaluated."""
    who = caller(request, body)
    with _echoing(data.rid):
        asked = Begin(
            rid=_bytes(data.rid, RID_BYTES),
            kid=_bytes(data.kid, ID_BYTES),
            m=data.m,
            version=data.version,
            gen=data.gen,
            request_id=data.request_id,
            blinded=_value(data.blinded),
            d1=_value(data.D1),
            e1=_value(data.E1),
            body_hash=hashlib.sha256(body).digest(),
            blinded_new=None if data.blinded_new is UNSET else _value(data.blinded_new),
        )
        begun = bank(request).signing.begin(who.jkt, asked)
    return BegunOut(
        rid=data.rid,
        sid=b64u(begun.sid),
        evaluated=b64u(begun.evaluated),
        D2=b64u(begun.d2),
        E2=b64u(begun.e2),
        message=b64u(begun.message),
        expires_at=begun.expires_at,
        tries_left=begun.tries_left,
    )


@post("/v1/signing/complete", status_code=200)
@threaded
def complete(request: BankRequest, body: RawBody, data: JSONBody[CompleteIn]) -> EndedOut:
    """S2: the signature, or the news that the secret was wrong."""
    who = caller(request, body)
    with _echoing(data.rid):
        sid = _bytes(data.sid, ID_BYTES)
        ended = bank(request).signing.complete(who.jkt, sid, _value(data.z1))
        if isinstance(ended, Wrong):
            raise WrongSecret(tries_left=ended.tries_left)
    return _ended(data.rid, ended)


@post("/v1/signing/resume", status_code=200)
@threaded
def resume(request: BankRequest, body: RawBody, data: JSONBody[ResumeIn]) -> EndedOut:
    """S3: how an interrupted signature ended; an open one ends here."""
    who = caller(request, body)
    with _echoing(data.rid):
        ended = bank(request).signing.resume(who.jkt, _bytes(data.sid, ID_BYTES))
    return _ended(data.rid, ended)


@post("/v1/signing/confirm-stale", status_code=200)
@threaded
def confirm_stale(request: BankRequest, body: RawBody, data: JSONBody[ConfirmStaleIn]) -> StateOut:
    """S4: this phone was overtaken by a copy of itself; answers the credential's state."""
    who = caller(request, body)
    with _echoing(data.rid):
        kid = _bytes(data.kid, ID_BYTES)
        state = bank(request).signing.confirm_stale(who.jkt, kid, data.gen)
    return StateOut(rid=data.rid, state=state.value)


@post("/v1/login/challenges", status_code=200)
@threaded
def challenge(request: BankRequest, body: RawBody, data: JSONBody[ChallengeIn]) -> ChallengeOut:
    """What the auth key signs to log in."""
    who = caller(request, body)
    made = bank(request).signing.login.challenge(_bytes(data.kid, ID_BYTES), who.jkt)
    return ChallengeOut(
        request_id=made.request_id,
        origin=made.origin,
        nonce=b64u(made.nonce),
        kid=data.kid,
        issued_at=made.issued_at,
        expires_at=made.expires_at,
    )


@post("/v1/acts", status_code=201)
@threaded
def act(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[
        RevokeIn | LimitsIn | MethodChangeIn | SafeguardsIn | SecondDeviceIn | DesignatePayeeIn
    ],
) -> RequestOut:
    """Ask for an act; it happens in the DONE of its signature."""
    session = signed_in(request, body)
    act_type = str(data.__struct_config__.tag)
    asked = {name: one for name, one in asdict(data).items() if one is not UNSET}
    ordered = bank(request).signing.acts.order(session, act_type, asked)
    return RequestOut(ordered.request_id, ordered.fields)


@post("/v1/method-changes", status_code=200)
@threaded
def start_change(request: BankRequest, body: RawBody, data: JSONBody[ChangeIn]) -> ChangeOut:
    """Open a change of the PIN or the pattern; an unfinished one is dropped."""
    session = signed_in(request, body)
    started = bank(request).signing.changes.start(session, data.m)
    return ChangeOut(
        change_id=started.change_id,
        keys=[ChangeKeyOut(b64u(kid), version) for kid, version in started.versions],
        expires_at=started.expires_at,
    )


@post("/v1/method-changes/{change_id:str}/proofs", status_code=200)
@threaded
def prove_change(
    request: BankRequest, body: RawBody, change_id: FromPath[str], data: JSONBody[ProofIn]
) -> RequestOut:
    """What one key signs with the new secret; the last proof switches over."""
    session = signed_in(request, body)
    request_id, fields = bank(request).signing.changes.prove(session, change_id, data.kid)
    return RequestOut(request_id, fields)


def _ended(rid: str, ended: Ended) -> EndedOut:
    if isinstance(ended, NotCompleted):
        return EndedOut(rid=rid, state="not_completed")
    if isinstance(ended, Wrong):
        return EndedOut(rid=rid, state="wrong_secret", tries_left=ended.tries_left)
    return _done(rid, ended)


def _done(rid: str, done: Done) -> EndedOut:
    new, delta = done.evaluated_new, done.delta_new
    return EndedOut(
        rid=rid,
        state="done",
        signature=b64u(done.signature),
        gen=done.gen,
        deltas=[DeltaOut(one.m, one.version, b64u(one.delta)) for one in done.deltas],
        evaluated_new=UNSET if new is None else b64u(new),
        delta_new=UNSET if delta is None else b64u(delta),
    )


def _bytes(text: str, size: int) -> bytes:
    try:
        return unb64u(text, size)
    except BadEncoding:
        raise Malformed from None


def _value(text: str) -> bytes:
    """32 bytes that will be a point, element or scalar."""
    try:
        return unb64u(text, 32)
    except BadEncoding:
        raise BadPoint from None


@contextmanager
def _echoing(rid: str) -> Iterator[None]:
    """Every problem of a ceremony carries the rid of the request it answers."""
    try:
        yield
    except Problem as problem:
        problem.fields["rid"] = rid
        raise


ROUTES: Final[list[Any]] = [
    begin,
    complete,
    resume,
    confirm_stale,
    challenge,
    act,
    start_change,
    prove_change,
]
