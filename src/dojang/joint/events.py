"""What the log says about joint certificates. No name, no number, no R."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class JointAuthorityCertified(Event):
    """A certificate of the joint CA's own. `fingerprint` is SHA-256."""

    kind: ClassVar[str] = "joint.authority_certified"
    role: str
    serial: int
    fingerprint: bytes


@dataclass(frozen=True, kw_only=True)
class JointIssued(Event):
    """`op` is issue, renew, reissue or register; `replaces` the certificate revoked just before."""

    kind: ClassVar[str] = "joint.issued"
    certificate_id: str
    op: str
    serial: int
    fingerprint: bytes
    not_after: int
    replaces: str
    request_id: str


@dataclass(frozen=True, kw_only=True)
class JointRevoked(Event):
    """`reason` is the house's word, `crl_reason` the code of RFC 5280 5.3.1."""

    kind: ClassVar[str] = "joint.revoked"
    certificate_id: str
    serial: int
    reason: str
    crl_reason: int


@dataclass(frozen=True, kw_only=True)
class JointRegistered(Event):
    """A reference and a code were made for a CMP client; good until `expires_at`."""

    kind: ClassVar[str] = "joint.registered"
    request_id: str
    expires_at: int


@dataclass(frozen=True, kw_only=True)
class JointRegistrationFailed(Event):
    """A CMP client used a wrong code; `left` 0: the registration is spent."""

    kind: ClassVar[str] = "joint.registration_failed"
    request_id: str
    left: int
