"""What is signed, in which state, and every way to refuse it (PROTOCOL 3)."""

import enum
from dataclasses import dataclass, field
from typing import Final

from dojang.certificates.model import CredentialRevoked, State, refusal
from dojang.crypto import messages
from dojang.crypto.encoding import BadEncoding
from dojang.crypto.messages import PATTERN, PIN, KeyKind, Kind
from dojang.kernel.clock import Instant
from dojang.kernel.problem import Conflict, Forbidden, Malformed, NotFound, Problem

SECRETS_OF: Final = {
    KeyKind.AUTH: (frozenset({PIN, PATTERN}), frozenset({PIN})),
    KeyKind.SIGN: (frozenset({PIN}),),
}
"""Which sets of secrets a key may be made with. `sign` has no sharing under the pattern."""

RID_BYTES: Final = 12
ID_BYTES: Final = 16


class KeyState(enum.StrEnum):
    ENROLLING = "enrolling"
    ACTIVE = "active"
    ENDED = "ended"


class SessionState(enum.StrEnum):
    OPEN = "open"
    DONE = "done"
    WRONG = "wrong"
    ABANDONED = "abandoned"


class Purpose(enum.StrEnum):
    """Who asked for the signature. Acts are `act:TYPE`."""

    ENROL_CSR = "enrol_csr"
    ENROL_PROOF = "enrol_proof"
    LOGIN = "login"
    TRANSFER = "transfer"
    METHOD_CHANGE = "act:method_change"
    CHANGE_PROOF = "change_proof"


ENROLLING_PURPOSES: Final = frozenset({Purpose.ENROL_CSR, Purpose.ENROL_PROOF})


@dataclass(frozen=True)
class Key:
    """One of a credential's two split keys. `public_key` is empty until E2 was answered."""

    kid: bytes
    credential_id: str
    customer_id: str
    kind: KeyKind
    state: KeyState
    jkt: str
    public_key: bytes
    tip: int
    created_at: Instant


@dataclass(frozen=True)
class Instance:
    """A secret in one version with which a key can sign. A `pending` one is not proved yet."""

    m: str
    version: int
    pending: bool


@dataclass(frozen=True)
class Request:
    """What is to be signed; it exists before the phone begins.

    `m` and `version` name the one instance that must sign it (a proof), or that has signed it.
    """

    request_id: str
    kid: bytes
    kind: Kind
    message: bytes
    purpose: str
    reference: str
    m: str | None
    version: int | None
    expires_at: Instant


@dataclass(frozen=True)
class Signed:
    """A request after its DONE: given to `when_done`, and what `requests.signed` finds."""

    request_id: str
    kid: bytes
    credential_id: str
    customer_id: str
    jkt: str
    key_kind: KeyKind
    kind: Kind
    purpose: str
    reference: str
    message: bytes
    signature: bytes
    secret: str
    version: int
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Begin:
    """S1 as the phone sends it, points still unchecked. `body_hash` is SHA-256 of the body."""

    rid: bytes
    kid: bytes
    m: str
    version: int
    gen: int
    request_id: str
    blinded: bytes
    d1: bytes
    e1: bytes
    body_hash: bytes
    blinded_new: bytes | None = None


@dataclass(frozen=True)
class Begun:
    rid: bytes
    sid: bytes
    evaluated: bytes
    d2: bytes
    e2: bytes
    message: bytes
    expires_at: Instant
    tries_left: int


@dataclass(frozen=True)
class Delta:
    """What the phone adds to the stored o of an instance that still exists."""

    m: str
    version: int
    delta: bytes = field(repr=False)


@dataclass(frozen=True)
class Done:
    """`gen` is the new one. The last two are there only for a granted method change."""

    signature: bytes
    gen: int
    deltas: tuple[Delta, ...]
    evaluated_new: bytes | None = None
    delta_new: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NotCompleted:
    """The session ended without a signature; its generation stands."""


@dataclass(frozen=True)
class Wrong:
    tries_left: int


Ended = Done | NotCompleted | Wrong


def allows(key: Key, request: Request, *, m: str, version: int) -> bool:
    """Whether this key may sign this request with this instance.

    The bytes decide first (`messages.may_sign`, the one table for server and phone). Beyond them:
    a key being enrolled signs only its own request and proofs, an issued one never again; a proof
    is signed by the very instance it proves.
    """
    enrolling = request.purpose in ENROLLING_PURPOSES
    if enrolling is not (key.state is KeyState.ENROLLING):
        return False
    if request.m is not None and (request.m, request.version) != (m, version):
        return False
    try:
        return messages.may_sign(request.message, key=key.kind, secret=m)
    except BadEncoding:
        return False


def usable(key: KeyState, credential: State) -> Problem | None:
    """Why nothing can be signed with this key; None when it can."""
    if key is KeyState.ENDED:
        return CredentialRevoked()
    return refusal(credential)


class UnknownKey(NotFound):
    code = "unknown_key"
    title = "This phone has no such key here."


class GenerationMismatch(Conflict):
    code = "generation_mismatch"
    title = "This phone's key share is older than the last signature."


class ServerBehind(Conflict):
    code = "server_behind"
    title = "The bank has restored an older state. The hotline can help."


class PatternDisabled(Problem):
    code = "pattern_disabled"
    status = 423
    title = "The pattern is off after too many wrong entries. Register it again with the PIN."


class UnknownRequest(NotFound):
    code = "unknown_request"
    title = "Nothing to sign under this number."


class RequestExpired(Problem):
    code = "request_expired"
    status = 410
    title = "The time to sign this is over. Start again."


class RequestAlreadySigned(Conflict):
    code = "request_already_signed"
    title = "This was already signed."


class WrongMethod(Forbidden):
    code = "wrong_method"
    title = "This cannot be signed with this key and secret."


class WrongSecret(Forbidden):
    code = "wrong_secret"
    title = "The PIN or pattern is wrong."


class BadPoint(Malformed):
    code = "bad_point"
    title = "A value is not the encoding of a point, scalar or proof."


class DifferentRequest(Conflict):
    code = "different_request"
    title = "Another request was already sent under this number."


class SessionOver(Problem):
    code = "session_over"
    status = 410
    title = "This attempt has ended. Start again."


class AlreadyAnswered(Conflict):
    code = "already_answered"
    title = "The shares of this key were already exchanged. Start over with a new key."


class KeyOutOfTurn(Conflict):
    code = "key_out_of_turn"
    title = "The login key is made first, then the signing key."


class UnknownChange(NotFound):
    code = "unknown_change"
    title = "There is no such change of a secret, or its time is over."


class UnknownAct(NotFound):
    code = "unknown_act"
    title = "There is no such act."
