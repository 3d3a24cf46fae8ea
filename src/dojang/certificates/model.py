"""What a credential is, how it moves, and what its state refuses.

A **credential** is what the customer calls the certificate: two X.509 certificates (`auth`, `sign`)
on one device that change state together. The whole life is the table `_MOVES`:

    ENROLLING ─ACTIVATE→ ACTIVE ─LOCK→ LOCKED ────────────────┐
        │                 │ ↑                                 │
        │                 │ └RELEASE─ SUSPENDED_LOSS ─────────┤
        │                 ├─LOSS────────↑                     ├─END→ REVOKED
        │                 └─COPY→ SUSPENDED_COPY ─────────────┤
        └───────────────────END───────────────────────────────┘

Only a loss report is released again. A spent PIN and a copy end by reissue, whatever is reported
on top of them: else a loss report and its release would be a way around the lock.
"""

import enum
from dataclasses import dataclass
from typing import Final, TypeAlias

from dojang.kernel.clock import Instant
from dojang.kernel.problem import Conflict, Problem

DEMO_ARC: Final = "1.3.6.1.4.1.32473"
"""The arc for examples (RFC 5612); production refuses it."""

NO_EXPIRY: Final = Instant(253_402_300_799_000_000)
"""9999-12-31T23:59:59Z (RFC 5280 4.1.2.5). Do not move it to Seoul: year 10000 overflows."""

CredentialId: TypeAlias = str


class State(enum.StrEnum):
    ENROLLING = "ENROLLING"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    """The PIN's tries are spent. Ends by reissue."""
    SUSPENDED_COPY = "SUSPENDED_COPY"
    """A copy of the phone's share was noticed. Ends by reissue, as keyCompromise."""
    SUSPENDED_LOSS = "SUSPENDED_LOSS"
    """The customer reported a loss. Ends by release after identification, or by reissue."""
    REVOKED = "REVOKED"


LIVING: Final = (State.ACTIVE, State.LOCKED, State.SUSPENDED_COPY, State.SUSPENDED_LOSS)
"""Issued and not yet ended; a customer has at most one of these."""


class Move(enum.StrEnum):
    """What can happen to a credential."""

    ACTIVATE = "activate"
    LOCK = "lock"
    COPY = "copy"
    LOSS = "loss"
    RELEASE = "release"
    END = "end"


_MOVES: Final[dict[tuple[State, Move], State]] = {
    (State.ENROLLING, Move.ACTIVATE): State.ACTIVE,
    (State.ENROLLING, Move.END): State.REVOKED,
    (State.ACTIVE, Move.LOCK): State.LOCKED,
    (State.ACTIVE, Move.COPY): State.SUSPENDED_COPY,
    (State.ACTIVE, Move.LOSS): State.SUSPENDED_LOSS,
    (State.ACTIVE, Move.END): State.REVOKED,
    (State.LOCKED, Move.LOCK): State.LOCKED,
    (State.LOCKED, Move.COPY): State.SUSPENDED_COPY,
    (State.LOCKED, Move.LOSS): State.LOCKED,
    (State.LOCKED, Move.END): State.REVOKED,
    (State.SUSPENDED_COPY, Move.LOCK): State.SUSPENDED_COPY,
    (State.SUSPENDED_COPY, Move.COPY): State.SUSPENDED_COPY,
    (State.SUSPENDED_COPY, Move.LOSS): State.SUSPENDED_COPY,
    (State.SUSPENDED_COPY, Move.END): State.REVOKED,
    (State.SUSPENDED_LOSS, Move.LOCK): State.LOCKED,
    (State.SUSPENDED_LOSS, Move.COPY): State.SUSPENDED_COPY,
    (State.SUSPENDED_LOSS, Move.LOSS): State.SUSPENDED_LOSS,
    (State.SUSPENDED_LOSS, Move.RELEASE): State.ACTIVE,
    (State.SUSPENDED_LOSS, Move.END): State.REVOKED,
    (State.REVOKED, Move.LOCK): State.REVOKED,
    (State.REVOKED, Move.COPY): State.REVOKED,
    (State.REVOKED, Move.LOSS): State.REVOKED,
    (State.REVOKED, Move.END): State.REVOKED,
}


def after(state: State, move: Move) -> State | None:
    """The next state; the same one where the move changes nothing; None where it is refused."""
    return _MOVES.get((state, move))


class Kind(enum.StrEnum):
    """Which of the two certificates."""

    AUTH = "auth"
    SIGN = "sign"


class Hold(enum.StrEnum):
    """Why a credential is suspended."""

    COPY = "copy"
    LOSS = "loss_report"


class EndReason(enum.StrEnum):
    """Why a credential ended. The first five are the customer's own words."""

    UNUSED = "unused"
    PHONE_CHANGED = "phone_changed"
    PHONE_LOST = "phone_lost"
    SUSPICIOUS = "suspicious"
    OTHER = "other"
    OPERATOR = "operator"
    REISSUED = "reissued"
    DORMANT = "dormant"
    ISSUER_ENDED = "issuer_ended"
    """The generation of the issuing CA that gave it out was ended."""
    NOT_ISSUED = "not_issued"
    """The enrolment was never finished: no certificate left the house."""


class Why(enum.StrEnum):
    """Why an operator ends a certificate that its owner did not end."""

    CUSTOMER_ASKED = "customer_asked"
    """By the call centre's way of identifying."""
    CUSTOMER_DIED = "customer_died"
    FRAUD = "fraud"
    COURT_ORDER = "court_order"
    MISTAKE = "mistake"
    """It should not have been issued so."""


class CrlReason(enum.IntEnum):
    """CRLReason of RFC 5280 5.3.1, the values we use."""

    KEY_COMPROMISE = 1
    SUPERSEDED = 4
    CESSATION_OF_OPERATION = 5
    CERTIFICATE_HOLD = 6
    REMOVE_FROM_CRL = 8
    """In delta CRLs only: released since."""


CRL_WORDS: Final = {
    CrlReason.KEY_COMPROMISE: "keyCompromise",
    CrlReason.SUPERSEDED: "superseded",
    CrlReason.CESSATION_OF_OPERATION: "cessationOfOperation",
    CrlReason.CERTIFICATE_HOLD: "certificateHold",
    CrlReason.REMOVE_FROM_CRL: "removeFromCRL",
}


def crl_reason(was: State, reason: EndReason) -> CrlReason:
    """What CRL and OCSP say of an ended credential (PROTOCOL 3): a copied key is compromised."""
    if was is State.SUSPENDED_COPY:
        return CrlReason.KEY_COMPROMISE
    if reason is EndReason.REISSUED:
        return CrlReason.SUPERSEDED
    return CrlReason.CESSATION_OF_OPERATION


class Standing(enum.StrEnum):
    """One X.509 certificate, from intent to end."""

    PREPARED = "prepared"
    """The intent to sign is stored; OCSP does not know it yet."""
    ISSUED = "issued"
    HELD = "held"
    REVOKED = "revoked"


class Assurance(enum.IntEnum):
    """How the person was identified: the last arc of the certificate policy.

    No issue is without telecom identity, and no reissue without the password of an own account.
    The levels say what the bank knew of the person besides (ADR 0034).
    """

    KNOWN_CUSTOMER = 1
    """A customer whom the bank knew before they had a certificate."""
    NEW_CUSTOMER = 2
    """No longer given: it claimed checks of every new customer, who had passed none."""
    PHONE_ALONE = 3
    """A new customer of whom a telecom operator confirmed name, number and phone."""
    REMOTE_CHECKS = 4
    """A new customer who has passed the checks of remote account opening."""


@dataclass(frozen=True)
class Credential:
    id: CredentialId
    customer_id: str
    subject_id: str
    state: State
    opened_at: Instant
    issued_at: Instant | None
    last_used_at: Instant | None
    ended_at: Instant | None
    end_reason: EndReason | None
    dormancy_noticed_days: int | None
    """The smallest dormancy notice given since the last use."""


@dataclass(frozen=True)
class Certificate:
    """One certificate row. `serial` is 32 lower-case hex digits."""

    serial: str
    credential_id: CredentialId
    kind: Kind
    standing: Standing
    not_before: Instant
    tbs_hash: bytes
    der: bytes | None
    changed_at: Instant
    reason: CrlReason | None
    shard: int = 0
    """Which list its distribution point names; 0: the one of everything."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the authority is called, where it is found, and how long its own certificates last."""

    base_url: str
    """Public origin of the PKI paths, without a slash at the end."""
    organisation: str = "Dojang Demo Bank"
    root_name: str = "Dojang Demo Root CA"
    issuing_name: str = "Dojang Demo Mobile Certificate CA"
    responder_name: str = "Dojang Demo OCSP"
    time_stamper_name: str = "Dojang Demo Time-Stamping Authority"
    document_name: str = "Dojang Demo Documents"
    policy_arc: str = DEMO_ARC
    crl_shards: int = 8
    """Over how many lists new certificates are spread; each keeps the list that it names."""
    offline_root: bool = False
    """The root's key is in no vault of this bank; a ceremony brings what it signed."""
    root_days: int = 10_957
    issuing_days: int = 7_305
    responder_days: int = 14
    responder_renew_days: int = 7
    time_stamper_days: int = 3_653
    time_stamper_renew_days: int = 1_826
    """Stamps for five years, and each stamp can be verified for five more: records are kept so."""
    document_days: int = 1_096
    document_renew_days: int = 365


class WrongState(Conflict):
    """The credential is not where this step begins."""

    code = "wrong_credential_state"
    title = "The certificate is not in a state that allows this."


class CredentialLocked(Problem):
    code = "credential_locked"
    status = 423
    title = "The certificate is locked after too many wrong PINs. Reissue it."


class CredentialSuspended(Problem):
    code = "credential_suspended"
    status = 423
    title = "The certificate is suspended."


class CredentialRevoked(Problem):
    code = "credential_revoked"
    status = 410
    title = "The certificate has ended. Issue a new one."


def refusal(state: State) -> Problem | None:
    """Why a credential of this state cannot be used; None when it can."""
    if state is State.LOCKED:
        return CredentialLocked()
    if state is State.SUSPENDED_COPY:
        return CredentialSuspended(reason=Hold.COPY.value)
    if state is State.SUSPENDED_LOSS:
        return CredentialSuspended(reason=Hold.LOSS.value)
    return CredentialRevoked() if state is State.REVOKED else None
