"""What the log says about certificates. The fields are documented in docs/how/certificates.md."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class CertificateIssued(Event):
    kind: ClassVar[str] = "certificate.issued"
    credential_id: str
    subject_id: str
    auth_serial: str
    auth_fingerprint: bytes
    sign_serial: str
    sign_fingerprint: bytes


@dataclass(frozen=True, kw_only=True)
class CertificateReissued(Event):
    kind: ClassVar[str] = "certificate.reissued"
    credential_id: str
    replaces: str
    subject_id: str
    auth_serial: str
    auth_fingerprint: bytes
    sign_serial: str
    sign_fingerprint: bytes


@dataclass(frozen=True, kw_only=True)
class CertificateRevoked(Event):
    kind: ClassVar[str] = "certificate.revoked"
    credential_id: str
    serials: list[str]
    reason: str
    crl_reason: str


@dataclass(frozen=True, kw_only=True)
class CertificateLocked(Event):
    kind: ClassVar[str] = "certificate.locked"
    credential_id: str
    serials: list[str]


@dataclass(frozen=True, kw_only=True)
class CertificateSuspended(Event):
    kind: ClassVar[str] = "certificate.suspended"
    credential_id: str
    serials: list[str]
    reason: str


@dataclass(frozen=True, kw_only=True)
class CertificateReleased(Event):
    kind: ClassVar[str] = "certificate.released"
    credential_id: str
    serials: list[str]
    crl_reason: str


@dataclass(frozen=True, kw_only=True)
class DormancyNotice(Event):
    kind: ClassVar[str] = "certificate.dormancy_notice"
    credential_id: str
    days: int
    dormant_at: int


@dataclass(frozen=True, kw_only=True)
class IntentAbandoned(Event):
    """A certificate was prepared, perhaps signed, and never given out: revoked to be sure."""

    kind: ClassVar[str] = "certificate.intent_abandoned"
    credential_id: str
    serial: str


@dataclass(frozen=True, kw_only=True)
class AuthorityCertified(Event):
    kind: ClassVar[str] = "authority.certified"
    role: str
    serial: str
    fingerprint: bytes
