"""What the log says about certificates. The fields are documented in docs/how/certificates.md."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class CertificateIssued(Event):
    """The first certificates, or the first since the last ones ended. Fingerprints are SHA-256."""

    kind: ClassVar[str] = "certificate.issued"
    credential_id: str
    subject_id: str
    auth_serial: str
    auth_fingerprint: bytes
    sign_serial: str
    sign_fingerprint: bytes


@dataclass(frozen=True, kw_only=True)
class CertificateReissued(Event):
    """As `certificate.issued`, in the place of credential `replaces`, revoked just before."""

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
    """`reason` is the house's word, `crl_reason` what CRL and OCSP say (RFC 5280 5.3.1)."""

    kind: ClassVar[str] = "certificate.revoked"
    credential_id: str
    serials: list[str]
    reason: str
    crl_reason: str


@dataclass(frozen=True, kw_only=True)
class RevocationAsked(Event):
    """One of the staff (`by`, an account name) wants a credential ended; nothing has changed."""

    kind: ClassVar[str] = "operator.asked"
    credential_id: str
    by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class OperatorRevoked(Event):
    """Beside `certificate.revoked`: who of the staff asked (`by`), who approved it, and `why`."""

    kind: ClassVar[str] = "operator.revoked"
    credential_id: str
    by: str
    approved_by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class CertificateLocked(Event):
    """The PIN's tries are spent: certificateHold, until a reissue."""

    kind: ClassVar[str] = "certificate.locked"
    credential_id: str
    serials: list[str]


@dataclass(frozen=True, kw_only=True)
class CertificateSuspended(Event):
    """certificateHold; `reason` is `copy` or `loss_report`."""

    kind: ClassVar[str] = "certificate.suspended"
    credential_id: str
    serials: list[str]
    reason: str


@dataclass(frozen=True, kw_only=True)
class CertificateReleased(Event):
    """A loss report ended, the customer identified again; the same certificates work."""

    kind: ClassVar[str] = "certificate.released"
    credential_id: str
    serials: list[str]
    crl_reason: str


@dataclass(frozen=True, kw_only=True)
class DormancyNotice(Event):
    """Unused so long that it ends in `days` days, at `dormant_at`. Once per idle stretch."""

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
class AuthorityPrepared(Event):
    """A certificate of our own is about to be signed: what becomes of it is another leaf."""

    kind: ClassVar[str] = "authority.prepared"
    role: str
    serial: str
    tbs_hash: bytes


@dataclass(frozen=True, kw_only=True)
class AuthorityAbandoned(Event):
    """Prepared, perhaps signed, and never used: a crash, or another process was quicker."""

    kind: ClassVar[str] = "authority.abandoned"
    role: str
    serial: str


@dataclass(frozen=True, kw_only=True)
class AuthorityCertified(Event):
    """A certificate of our own.

    `role` is root, issuing, ocsp, tsa or document; `ocsp-2` under generation 2 of the issuing CA,
    `root-2-with-1` for the key of root 2 by root 1.
    """

    kind: ClassVar[str] = "authority.certified"
    role: str
    serial: str
    fingerprint: bytes


@dataclass(frozen=True, kw_only=True)
class RetirementAsked(Event):
    """One of the staff wants a generation of the issuing CA ended; nothing has changed."""

    kind: ClassVar[str] = "authority.retirement_asked"
    generation: int
    by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class AuthorityRetired(Event):
    """The root's list names a generation of the issuing CA; its certificates end after this.

    `root_list` is the SHA-256 of that list; `by` asked, `approved_by` approved.
    """

    kind: ClassVar[str] = "authority.retired"
    generation: int
    serial: str
    by: str
    approved_by: str
    why: str
    root_list: bytes


@dataclass(frozen=True, kw_only=True)
class AuthorityCeremony(Event):
    """What an offline root signed was adopted; `transcript` is the SHA-256 of the ceremony's.

    `threshold` of so many `custodians` had to come together. Who they were is in the transcript.
    """

    kind: ClassVar[str] = "authority.ceremony"
    transcript: bytes
    custodians: int
    threshold: int
    root_fingerprint: bytes
    issuing_fingerprint: bytes
