"""A certificate, a revocation list or an OCSP answer in words, for people. Bytes in, lines out.

Reads what others made too, so nothing is assumed but what `cryptography` takes. A person's name
(recognised by the subject id beside it) is masked: whoever reads this aloud is not its owner.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from dojang.certificates.model import NO_EXPIRY
from dojang.crypto import pem
from dojang.kernel import masking
from dojang.kernel.clock import utc

Line: TypeAlias = tuple[str, str]
ENTRIES_SHOWN: Final = 20
_USES: Final = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign",
)  # fmt: skip
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class Unreadable(Exception):
    """None of the three."""


def in_words(content: bytes) -> list[Line]:
    """(what, its words), in the order of reading. Raises `Unreadable`."""
    readers: tuple[Callable[[bytes], list[Line]], ...] = (_certificate, _list, _answer)
    for read in readers:
        try:
            return read(content)
        except _UNREADABLE:
            continue
    raise Unreadable


def _certificate(content: bytes) -> list[Line]:
    made = pem.read_certificate(content)
    ends = utc(NO_EXPIRY) == made.not_valid_after_utc
    return [
        ("kind", "certificate"),
        ("subject", _name(made.subject)),
        ("issuer", _name(made.issuer)),
        ("serial", f"{made.serial_number:032x}"),
        ("valid from", f"{made.not_valid_before_utc:%Y-%m-%d %H:%M:%SZ}"),
        ("valid to", "no end" if ends else f"{made.not_valid_after_utc:%Y-%m-%d %H:%M:%SZ}"),
        ("key", _key(made.public_key())),
        ("signed with", _called(made.signature_algorithm_oid)),
        *_extensions(made.extensions),
        ("sha-256", made.fingerprint(hashes.SHA256()).hex()),
    ]


def _list(content: bytes) -> list[Line]:
    load = x509.load_pem_x509_crl if pem.is_pem(content) else x509.load_der_x509_crl
    made = load(content)
    until = made.next_update_utc
    lines = [
        ("kind", "revocation list"),
        ("issuer", _name(made.issuer)),
        ("this update", f"{made.last_update_utc:%Y-%m-%d %H:%M:%SZ}"),
        ("next update", "none" if until is None else f"{until:%Y-%m-%d %H:%M:%SZ}"),
        *_extensions(made.extensions),
        ("entries", str(len(made))),
    ]
    for at in range(min(len(made), ENTRIES_SHOWN)):
        one = made[at]
        lines.append((f"{one.serial_number:032x}", _revoked(one)))
    if len(made) > ENTRIES_SHOWN:
        lines.append(("", f"and {len(made) - ENTRIES_SHOWN} more"))
    return lines


def _answer(content: bytes) -> list[Line]:
    made = ocsp.load_der_ocsp_response(content)
    lines = [("kind", "OCSP answer"), ("says", made.response_status.name.lower())]
    if made.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return lines
    lines += [
        ("responder", "by its key" if made.responder_name is None else _name(made.responder_name)),
        ("produced", f"{made.produced_at_utc:%Y-%m-%d %H:%M:%SZ}"),
    ]
    for one in made.responses:
        until = one.next_update_utc
        lines += [
            (f"{one.serial_number:032x}", _status(one)),
            ("  this update", f"{one.this_update_utc:%Y-%m-%d %H:%M:%SZ}"),
            ("  next update", "none" if until is None else f"{until:%Y-%m-%d %H:%M:%SZ}"),
        ]
    nonce = any(isinstance(one.value, x509.OCSPNonce) for one in made.extensions)
    return [*lines, ("nonce", "yes" if nonce else "no")]


def _status(one: ocsp.OCSPSingleResponse) -> str:
    if one.certificate_status is not ocsp.OCSPCertStatus.REVOKED:
        return one.certificate_status.name.lower()
    why = "" if one.revocation_reason is None else f", {one.revocation_reason.value}"
    return f"revoked {one.revocation_time_utc:%Y-%m-%d %H:%M:%SZ}{why}"


def _revoked(one: x509.RevokedCertificate) -> str:
    reason = [e.value.reason.value for e in one.extensions if isinstance(e.value, x509.CRLReason)]
    return " ".join([f"{one.revocation_date_utc:%Y-%m-%d %H:%M:%SZ}", *reason])


def _name(name: x509.Name) -> str:
    """RFC 4514, the common name masked where a subject id stands beside it."""
    person = bool(name.get_attributes_for_oid(NameOID.SERIAL_NUMBER))
    parts = []
    for attribute in name:
        value = str(attribute.value)
        if person and attribute.oid == NameOID.COMMON_NAME:
            value = masking.name(value)
        parts.append(f"{attribute.rfc4514_attribute_name}={value}")
    return ", ".join(parts)


def _key(key: Any) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return "Ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else type(key).__name__


def _called(oid: x509.ObjectIdentifier) -> str:
    return str(oid._name)  # noqa: SLF001 - the library's table of names has no other door


def _extensions(found: x509.Extensions) -> Iterator[Line]:
    for one in found:
        critical = " (critical)" if one.critical else ""
        yield _called(one.oid) + critical, _value(one.value)


def _value(value: x509.ExtensionType) -> str:
    """The extensions of our profiles in words; others by their name."""
    for kind, words in _WORDS.items():
        if isinstance(value, kind):
            return words(value)
    return type(value).__name__


def _constraints(value: Any) -> str:
    length = "" if value.path_length is None else f", {value.path_length} below it"
    return f"a CA{length}" if value.ca else "no CA"


def _points(value: Any) -> str:
    return " ".join(name.value for point in value for name in point.full_name or ())


def _own_key(value: Any) -> str:
    return str(value.digest.hex())


def _issuers_key(value: Any) -> str:
    return "" if value.key_identifier is None else value.key_identifier.hex()


_WORDS: Final[dict[type, Callable[[Any], str]]] = {
    x509.BasicConstraints: _constraints,
    x509.KeyUsage: lambda value: ", ".join(use for use in _USES if getattr(value, use)),
    x509.ExtendedKeyUsage: lambda value: ", ".join(_called(oid) for oid in value),
    x509.SubjectKeyIdentifier: _own_key,
    x509.AuthorityKeyIdentifier: _issuers_key,
    x509.CertificatePolicies: lambda value: ", ".join(
        one.policy_identifier.dotted_string for one in value
    ),
    x509.CRLDistributionPoints: _points,
    x509.FreshestCRL: _points,
    x509.IssuingDistributionPoint: lambda value: " ".join(
        name.value for name in value.full_name or ()
    ),
    x509.AuthorityInformationAccess: lambda value: " ".join(
        f"{_called(one.access_method)} {one.access_location.value}" for one in value
    ),
    x509.CRLNumber: lambda value: str(value.crl_number),
    x509.DeltaCRLIndicator: lambda value: f"since list {value.crl_number}",
}
