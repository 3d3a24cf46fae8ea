"""Joint certificates: who gets one, how long it lasts, what may be done with it, what is refused.

    issue ──→ ACTIVE ──renew (from D-30)──→ ended as superseded, a new one with a year more
                │────reissue (any time)───→ ended as superseded, a new one with the same end
                │────revoke───────────────→ ended
                └────its last second──────→ expired

Each step is asked for by a request that the PIN of the mobile certificate signs; nothing else
leads to a certificate but a registration, which is itself such a step.
"""

import enum
import hashlib
from dataclasses import dataclass, field
from typing import Final

from dojang.certificates import der
from dojang.joint.npki import folders, names, parsing, vid
from dojang.joint.npki.names import COMMON_NAME_CHARS_MAX, Name
from dojang.joint.npki.vid import Identity
from dojang.kernel.clock import DAY, SEOUL, Instant, instant, seoul_day, utc
from dojang.kernel.problem import Conflict, Malformed, Problem
from dojang.kernel.secret import Secret

DEMO_ARC: Final = "1.3.6.1.4.1.32473.4"
"""Below the arc for examples (RFC 5612); production refuses it."""
SERIAL_MAX: Final = 2**31 - 1
"""Clients parse it as an int, and CMP writes it in decimal."""
FIRST_SERIAL: Final = 0x1001
SAN: Final = "2.5.29.17"
_NUMBER_DIGITS: Final = 9


class Kind(enum.StrEnum):
    """Whose certificate: the length of the number, the policy, a part of the name."""

    PERSON = "person"
    BUSINESS = "business"


PRODUCTS: Final = {Kind.PERSON: 4, Kind.BUSINESS: 2}
"""The last arc of the policy, and two digits in the common name."""
_UNITS: Final = {Kind.PERSON: "personal4IB", Kind.BUSINESS: "corporation4EC"}
_DIGITS: Final = {Kind.PERSON: vid.PERSON_DIGITS, Kind.BUSINESS: vid.BUSINESS_DIGITS}


class Op(enum.StrEnum):
    """What a request asks for."""

    ISSUE = "issue"
    RENEW = "renew"
    REISSUE = "reissue"
    REVOKE = "revoke"
    REGISTER = "register"


class Step(enum.StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    SIGNED = "signed"
    DONE = "done"
    OVER = "over"


class Standing(enum.StrEnum):
    """One certificate, from the stored intent to its end."""

    PREPARED = "prepared"
    ISSUED = "issued"
    REVOKED = "revoked"


class Reason(enum.StrEnum):
    """Why it was revoked. The first three are the customer's own words."""

    UNUSED = "unused"
    KEY_COMPROMISED = "key_compromised"
    OTHER = "other"
    SUPERSEDED = "superseded"
    NOT_ISSUED = "not_issued"
    """The intent was stored and nothing came of it."""


CRL_REASONS: Final = {
    Reason.UNUSED: 5,
    Reason.KEY_COMPROMISED: 1,
    Reason.OTHER: 5,
    Reason.SUPERSEDED: 4,
    Reason.NOT_ISSUED: 5,
}
"""CRLReason of RFC 5280 5.3.1."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How this CA is called and where it is found. Nothing in it is a recognised CA's."""

    base_url: str
    bank_code: str
    organisation: str = "OpenSign"
    unit: str = "DOJANG"
    root_name: str = "OpenSign Test Root CA"
    ca_name: str = "OpenSign Test CA"
    real_name: str = "오픈사인 시험용 인증기관"
    notice: str = "이 인증서는 시험용 사설 인증서입니다"
    policy_arc: str = DEMO_ARC
    root_days: int = 7_305
    ca_days: int = 3_652
    office_days: int = 365
    office_renew_days: int = 30

    def policy(self, kind: Kind) -> str:
        return f"{self.policy_arc}.1.{PRODUCTS[kind]}"

    @property
    def office_policy(self) -> str:
        """Of the certificates that this CA gave to itself."""
        return f"{self.policy_arc}.2.1"

    @property
    def root(self) -> Name:
        return Name((("c", "kr"), ("o", self.organisation), ("cn", self.root_name)))

    @property
    def ca(self) -> Name:
        parts = (("c", "kr"), ("o", self.organisation), ("ou", "TestCA"), ("cn", self.ca_name))
        return Name(parts)

    def office(self, name: str) -> Name:
        parts = (("c", "kr"), ("o", self.organisation), ("ou", "TestCA"), ("cn", name))
        return Name(parts)

    def subject(self, kind: Kind, common_name: str) -> Name:
        return Name(
            (
                ("c", "kr"),
                ("o", self.organisation),
                ("ou", _UNITS[kind]),
                ("ou", self.unit),
                ("cn", common_name),
            )
        )

    def url(self, name: str) -> str:
        return f"{self.base_url.rstrip('/')}/pki/joint/{name}"


@dataclass(frozen=True)
class Holder:
    """Who is to be named. `number`: 13 digits of a person, 10 of a business."""

    kind: Kind
    name: str = field(repr=False)
    number: Secret[str]

    def __post_init__(self) -> None:
        digits = self.number.reveal()
        if len(digits) != _DIGITS[self.kind] or not digits.isascii() or not digits.isdigit():
            raise ValueError("not a number of this kind of holder")


@dataclass(frozen=True)
class Certificate:
    """A joint certificate as its row says."""

    id: str
    customer_id: str
    kind: Kind
    policy: str
    standing: Standing
    serial: int | None
    not_before: Instant
    not_after: Instant
    der: bytes | None
    issued_at: Instant | None
    changed_at: Instant
    reason: Reason | None
    replaces: str | None

    def expired(self, now: Instant) -> bool:
        return now > self.not_after

    def active(self, now: Instant) -> bool:
        return self.standing is Standing.ISSUED and not self.expired(now)

    @property
    def subject(self) -> Name:
        """As the certificate says it. Only of one that was issued."""
        if self.der is None:
            raise ValueError("not issued")
        return names.read(parsing.certificate(self.der).subject)

    @property
    def identity(self) -> Identity:
        """What it says of its holder. Only of one that was issued."""
        san = parsing.certificate(self.der or b"").extension(SAN)
        return vid.read_other_name(der.read(san.value if san else b"").children()[0])


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a customer asked for, and how far it is. `spki`: where a key is certified."""

    id: str
    customer_id: str
    op: Op
    step: Step
    kind: Kind
    common_name_sealed: bytes
    real_name_sealed: bytes
    policy: str
    concerns: str | None
    spki: bytes | None
    virtual_id: bytes | None
    enclosed: bytes | None
    not_before: Instant
    not_after: Instant
    reason: Reason | None
    expires_at: Instant
    certificate_id: str | None


def common_name(plan: Plan, kind: Kind, name: str, now: Instant, number: int) -> str:
    """`이름()` and the id: 0, bank, product, 1, the Seoul day, nine digits of a sequence.

    Convention, no standard. Never a resident number. A name too long for 64 characters is cut;
    realName keeps the whole.
    """
    own = f"0{plan.bank_code}{PRODUCTS[kind]:02}1{seoul_day(now)}{number:0{_NUMBER_DIGITS}}"
    tail = f"(){own}"
    return name[: COMMON_NAME_CHARS_MAX - len(tail)] + tail


def first_moment(now: Instant) -> Instant:
    """notBefore: 00:00:00 in Seoul of this day."""
    day = utc(now).astimezone(SEOUL)
    return instant(day.replace(hour=0, minute=0, second=0, microsecond=0))


def last_moment(start: Instant, years: int) -> Instant:
    """notAfter: 23:59:59 in Seoul, of the same day so many years later (28 February for the 29th).

    `start` is any moment of the day that the years are counted from.
    """
    day = utc(start).astimezone(SEOUL)
    later = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    ends = later.replace(year=later.year + years, hour=23, minute=59, second=59, microsecond=0)
    return instant(ends)


def renewable_from(not_after: Instant, renew_days: int) -> Instant:
    """The first moment of the Seoul day that lies so many days before the last one."""
    return first_moment(Instant(not_after - renew_days * DAY))


def demand_living(found: Certificate, now: Instant) -> None:
    """Raises JointRevoked, JointExpired."""
    if found.standing is not Standing.ISSUED:
        raise JointRevoked
    if found.expired(now):
        raise JointExpired


def demand_renewable(found: Certificate, now: Instant, renew_days: int) -> None:
    """Raises JointTooEarly too."""
    demand_living(found, now)
    opens = renewable_from(found.not_after, renew_days)
    if now < opens:
        raise JointTooEarly(renewable_from=opens)


def key_hash(spki: bytes) -> bytes:
    """What a key is known by: no key is certified twice."""
    return hashlib.sha256(spki).digest()


def folder(plan: Plan, kind: Kind, name: str) -> str:
    return folders.path(plan.organisation, plan.subject(kind, name))


class JointKeyRefused(Malformed):
    """Fields: reason (algorithm, size, exponent, used)."""

    code = "joint_key_refused"
    title = "This public key cannot be certified. Make a new one."


class JointProofRefused(Malformed):
    code = "joint_proof_refused"
    title = "The key did not sign what was sent."


class JointRandomnessRefused(Malformed):
    """One answer, whatever is wrong with it: it says nothing about what was encrypted."""

    code = "joint_randomness_refused"
    title = "The sealed random number cannot be used."


class JointExists(Conflict):
    code = "joint_exists"
    title = "There is a joint certificate already. Renew or reissue it."


class JointTooEarly(Conflict):
    """Fields: renewable_from."""

    code = "joint_too_early"
    title = "It is too early to renew this certificate."


class JointExpired(Problem):
    code = "joint_expired"
    status = 410
    title = "This certificate has expired. Issue a new one."


class JointRevoked(Problem):
    code = "joint_revoked"
    status = 410
    title = "This certificate was revoked."


class JointNotSigned(Conflict):
    code = "joint_not_signed"
    title = "The request has not been signed with the PIN yet."


class JointRequestOver(Problem):
    code = "joint_request_over"
    status = 410
    title = "This request is over. Begin again."


class JointCaRefused(Conflict):
    """Another CA said no. Fields: failures (bits of PKIFailureInfo, RFC 4210 appendix F)."""

    code = "joint_ca_refused"
    title = "The certification authority refused the request."


class JointRegistrationShown(Problem):
    code = "joint_registration_shown"
    status = 410
    title = "The code was shown before. Ask for a new one."
