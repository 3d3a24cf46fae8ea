"""What each certificate of the joint CA looks like, byte for byte (NPKI; KCAC.TS.CERTPROF 1.70).

The holder's certificate has seven extensions in one order and no others. RSA-2048 with SHA-256
throughout, because that is what every reader knows. Traps: the notice is a BMPString; the AKI names
the issuer **of the CA's certificate**; the SKI is SHA-1 of the key's bits.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.profiles import ANY_POLICY, Extension, assemble
from dojang.joint.model import Kind, Plan
from dojang.joint.npki import vid
from dojang.joint.npki.names import Name
from dojang.joint.npki.vid import Identity
from dojang.kernel.clock import Instant

SHA256_RSA: Final = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.NULL)
SAN: Final = "2.5.29.17"
POLICY_CONSTRAINTS: Final = "2.5.29.36"
BMP: Final = 0x1E
OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
ROOT_SERIAL: Final = 1
CA_SERIAL: Final = 2
SIGNATURE_BYTES: Final = 256
_NOTICE: Final = "1.3.6.1.5.5.7.2.2"
_CPS: Final = "1.3.6.1.5.5.7.2.1"
_AD_OCSP: Final = "1.3.6.1.5.5.7.48.1"
SIGNS: Final = b"\x03\x02\x06\xc0"
"""digitalSignature and nonRepudiation."""
_SIGNS_PROTOCOLS: Final = b"\x03\x02\x07\x80"
_ENCIPHERS: Final = b"\x03\x02\x05\x20"
_CERTIFIES: Final = b"\x03\x02\x01\x06"


@dataclass(frozen=True)
class Issuer:
    """Who signs, and what the AKI says: its key, the issuer and the serial of its certificate."""

    name: Name
    key_id: bytes
    above: Name
    serial: int


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What differs from certificate to certificate."""

    serial: int
    name: Name
    spki: bytes
    not_before: Instant
    not_after: Instant


def key_id(spki: bytes) -> bytes:
    """SHA-1 of the key's bits without the octet of unused ones (RFC 5280 4.2.1.2, method 1)."""
    bits = der.read(spki).children()[1].expect(der.BIT_STRING).value[1:]
    return hashlib.sha1(bits).digest()  # noqa: S324 - a name, nothing rests on it


def holder(plan: Plan, kind: Kind, issuer: Issuer, subject: Subject, identity: Identity) -> bytes:
    """TBSCertificate of a person or a business."""
    return _tbs(
        issuer,
        subject,
        authority_key(issuer),
        _subject_key(subject),
        extension(Extension.KEY_USAGE, SIGNS, critical=True),
        _policies(plan.policy(kind), plan.notice, plan.url("cps")),
        extension(SAN, der.sequence(vid.other_name(identity))),
        _crl_point(plan.url("ca.crl")),
        _responder(plan),
    )


def ca(plan: Plan, issuer: Issuer, subject: Subject) -> bytes:
    """TBSCertificate of the CA: it demands an explicit policy of every chain through it."""
    return _tbs(
        issuer,
        subject,
        authority_key(issuer),
        _subject_key(subject),
        extension(Extension.KEY_USAGE, _CERTIFIES, critical=True),
        _policies(ANY_POLICY, plan.notice, plan.url("cps")),
        extension(SAN, der.sequence(vid.other_name(Identity(plan.real_name, None)))),
        extension(
            Extension.BASIC_CONSTRAINTS, der.sequence(der.true(), der.integer(0)), critical=True
        ),
        extension(POLICY_CONSTRAINTS, der.sequence(der.implicit(0, b"\x00")), critical=True),
        _crl_point(plan.url("root.crl")),
    )


def root(issuer: Issuer, subject: Subject) -> bytes:
    """TBSCertificate of the trust anchor, signed by itself."""
    return _tbs(
        issuer,
        subject,
        _subject_key(subject),
        extension(Extension.KEY_USAGE, _CERTIFIES, critical=True),
        extension(Extension.BASIC_CONSTRAINTS, der.sequence(der.true()), critical=True),
    )


def responder(plan: Plan, issuer: Issuer, subject: Subject) -> bytes:
    """TBSCertificate of who answers OCSP: the CA's key has no digitalSignature."""
    return _tbs(
        issuer,
        subject,
        authority_key(issuer),
        _subject_key(subject),
        extension(Extension.KEY_USAGE, _SIGNS_PROTOCOLS, critical=True),
        extension(Extension.POLICIES, _policy(plan.office_policy)),
        extension(Extension.EXTENDED_KEY_USAGE, der.sequence(der.oid(OCSP_SIGNING))),
        extension(Extension.OCSP_NOCHECK, der.NULL),
    )


def messenger(plan: Plan, issuer: Issuer, subject: Subject) -> bytes:
    """TBSCertificate of who signs the CA's CMP messages."""
    return _office(plan, issuer, subject, _SIGNS_PROTOCOLS)


def opener(plan: Plan, issuer: Issuer, subject: Subject) -> bytes:
    """TBSCertificate of the key that R is encrypted to."""
    return _office(plan, issuer, subject, _ENCIPHERS)


def unsigned(tbs: bytes) -> bytes:
    """The certificate as it will be, with zeros for a signature: what is linted before signing."""
    return assemble(tbs, SHA256_RSA, bytes(SIGNATURE_BYTES))


def authority_key(issuer: Issuer) -> bytes:
    """The AKI with all three fields."""
    above = der.explicit(1, der.explicit(4, issuer.above.der))
    serial = der.implicit(2, der.read(der.integer(issuer.serial)).value)
    return extension(Extension.AKI, der.sequence(der.implicit(0, issuer.key_id), above, serial))


def point_name(url: str) -> bytes:
    """A DistributionPointName of one URL, as CRLDP and issuingDistributionPoint both say it."""
    return der.explicit(0, der.explicit(0, der.implicit(6, url.encode("ascii"))))


def _office(plan: Plan, issuer: Issuer, subject: Subject, usage: bytes) -> bytes:
    return _tbs(
        issuer,
        subject,
        authority_key(issuer),
        _subject_key(subject),
        extension(Extension.KEY_USAGE, usage, critical=True),
        extension(Extension.POLICIES, _policy(plan.office_policy)),
        _crl_point(plan.url("ca.crl")),
        _responder(plan),
    )


def _tbs(issuer: Issuer, subject: Subject, *extensions: bytes) -> bytes:
    return der.sequence(
        b"\xa0\x03\x02\x01\x02",
        der.integer(subject.serial),
        SHA256_RSA,
        issuer.name.der,
        der.sequence(der.time(subject.not_before), der.time(subject.not_after)),
        subject.name.der,
        subject.spki,
        der.explicit(3, der.sequence(*extensions)),
    )


def _subject_key(subject: Subject) -> bytes:
    return extension(Extension.SKI, der.octets(key_id(subject.spki)))


def _policies(policy: str, notice: str, cps: str) -> bytes:
    """Critical; the notice first, as BMPString (2.5.29.32 with RFC 5280 4.2.1.4)."""
    text = der.sequence(der.tlv(BMP, notice.encode("utf-16-be")))
    qualifiers = der.sequence(
        der.sequence(der.oid(_NOTICE), text),
        der.sequence(der.oid(_CPS), der.tlv(der.IA5, cps.encode("ascii"))),
    )
    return extension(Extension.POLICIES, _policy(policy, qualifiers), critical=True)


def _policy(policy: str, qualifiers: bytes = b"") -> bytes:
    return der.sequence(der.sequence(der.oid(policy), qualifiers))


def _crl_point(url: str) -> bytes:
    return extension(Extension.CRL_POINTS, der.sequence(der.sequence(point_name(url))))


def _responder(plan: Plan) -> bytes:
    described = der.sequence(der.oid(_AD_OCSP), der.implicit(6, plan.url("ocsp").encode("ascii")))
    return extension(Extension.AIA, der.sequence(described))


def extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(kind), der.true() if critical else b"", der.octets(value))
