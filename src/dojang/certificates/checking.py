"""What an outsider checks of certificates and OCSP answers: bytes in, a verdict by raising.

Nothing here knows a database or the network: this is what `dojang receipt verify` runs on another
machine, years later. Times are those at which something was done, not the time of the check.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from dojang.certificates import der as own
from dojang.certificates.der import BadDer
from dojang.crypto.encoding import BadEncoding
from dojang.kernel.clock import Instant, instant, utc

CERTIFICATES_MAX: Final = 18
"""Of a chain: an issuing CA and nine roots, with what leads from each to the one before."""
_EXTENSIONS: Final = 0xA3
_AKI: Final = own.oid("2.5.29.35")
_ISSUERS_SERIAL: Final = 0x82
P = ParamSpec("P")
T = TypeVar("T")
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    IndexError,
    UnsupportedAlgorithm,
    InvalidSignature,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    BadEncoding,
    BadDer,
)


class Unsound(Exception):
    """What does not hold, in a few words."""


@dataclass(frozen=True)
class Said:
    """An OCSP answer, verified. `revoked_at` is None where the certificate was good."""

    revoked_at: Instant | None
    this_update: Instant
    next_update: Instant


@dataclass(frozen=True)
class Chain:
    """A root and the CA below it, each verified; and the older roots that vouch for this one."""

    root: x509.Certificate
    issuing: x509.Certificate
    older: tuple[x509.Certificate, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root, as people compare it."""
        return fingerprint(self.root)

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """Whoever trusts one of them trusts the chain."""
        return self.root, *self.older


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256, in hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def sound(what: str, check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `check`; whatever a library says of unreadable bytes becomes `Unsound`."""
    try:
        return check(*args, **kwargs)
    except _UNREADABLE as wrong:
        raise Unsound(what) from wrong


def chain(ders: Sequence[bytes], at: Instant) -> Chain:
    """Issuing CA, then root; then pairs of a cross certificate and the older root that gave it.

    Raises `Unsound`.
    """
    if not 2 <= len(ders) <= CERTIFICATES_MAX or len(ders) % 2:
        raise Unsound("the chain is not an issuing certificate and a root")
    issuing, root, *others = (sound("a CA certificate is unreadable", read, der) for der in ders)
    sound("the root did not sign itself", root.verify_directly_issued_by, root)
    sound("the root did not sign the issuing CA", issuing.verify_directly_issued_by, root)
    for one in (issuing, root):
        _may_issue(one, at)
    below, older = root, others[1::2]
    for cross, above in zip(others[::2], older, strict=True):
        sound("a root did not sign itself", above.verify_directly_issued_by, above)
        _may_issue(above, at)
        _vouched(below, cross, above, at)
        below = above
    return Chain(root, issuing, tuple(older))


def vouched(above: Chain, crosses: Sequence[bytes], anchor: bytes, at: Instant) -> None:
    """Does one of these cross certificates lead from this chain to that newer root?

    The anchor is a name and a key (RFC 5280 6.1.1): it may be younger than `at`. What it certified
    is valid as long as the older root. Raises `Unsound`.
    """
    top = sound("the given root is unreadable", read, anchor)
    made = [sound("a cross certificate is unreadable", read, der) for der in crosses]
    for root in above.roots:
        for cross in made:
            if (cross.subject, cross.issuer) == (root.subject, top.subject):
                _vouched(root, cross, top, at)
                return
    raise Unsound("no cross certificate leads to the given root")


def _vouched(
    root: x509.Certificate, cross: x509.Certificate, by: x509.Certificate, at: Instant
) -> None:
    """One root's name and key, certified by another (RFC 4210 4.4)."""
    if (cross.subject, _key(cross)) != (root.subject, _key(root)):
        raise Unsound("a cross certificate is for another root")
    sound("a root did not sign the cross certificate", cross.verify_directly_issued_by, by)
    _may_issue(cross, at)


def _may_issue(one: x509.Certificate, at: Instant) -> None:
    _within(one, at)
    limits = sound("a CA says nothing of itself", _extension, one, x509.BasicConstraints)
    usage = sound("a CA says nothing of its use", _extension, one, x509.KeyUsage)
    if not limits.ca or not usage.key_cert_sign:
        raise Unsound("a certificate of the chain may not issue others")


def _key(one: x509.Certificate) -> bytes:
    return one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def leaf(
    der: bytes, above: Chain, at: Instant, *, purpose: x509.ObjectIdentifier | None = None
) -> x509.Certificate:
    """A certificate that the issuing CA gave, valid then, for this purpose. Raises `Unsound`."""
    made = sound("a certificate is unreadable", read, der)
    sound("not issued by the bank's CA", made.verify_directly_issued_by, above.issuing)
    _within(made, at)
    if purpose is not None:
        uses = sound("no purpose is named", _extension, made, x509.ExtendedKeyUsage)
        if list(uses) != [purpose]:
            raise Unsound("the certificate is for another purpose")
    return made


def signs_for_good(certificate: x509.Certificate) -> bool:
    """Whether the key is for signatures that bind (nonRepudiation, RFC 5280 4.2.1.3)."""
    return bool(sound("no use is named", _extension, certificate, x509.KeyUsage).content_commitment)


def signed(certificate: x509.Certificate, message: bytes, signature: bytes) -> None:
    """ECDSA with SHA-256 by the certificate's P-256 key. Raises `Unsound`."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Unsound("not an ECDSA key")
    sound(
        "the signature does not verify", key.verify, signature, message, ec.ECDSA(hashes.SHA256())
    )


def status(answer: bytes, certificate: x509.Certificate, above: Chain, at: Instant) -> Said:
    """The responder's word about this certificate, given around `at`. Raises `Unsound`."""
    response = sound("the OCSP answer is unreadable", ocsp.load_der_ocsp_response, answer)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise Unsound("the OCSP answer says that there is none")
    return sound("the OCSP answer is incomplete", _judged, response, certificate, above, at)


def read(der: bytes) -> x509.Certificate:
    """A certificate in the one encoding that it has. Its names are read when it is verified.

    Our own reader first: it takes no serial number below zero, over which `cryptography` warns,
    neither the certificate's own nor its issuer's.
    """
    _version, serial, *others = own.read(der).children()[0].children()
    serial.number()
    _issuers_serial(others[-1])
    made = x509.load_der_x509_certificate(der)
    if made.public_bytes(Encoding.DER) != der or made.version is not x509.Version.v3:
        raise ValueError("not a version 3 certificate in DER")
    _ = made.extensions, made.public_key()
    return made


def _issuers_serial(last: own.Node) -> None:
    """That of an authority key identifier (RFC 5280 4.2.1.1). Raises `BadDer`."""
    listed = last.children()[0].children() if last.tag == _EXTENSIONS else []
    for parts in (one.children() for one in listed):
        if parts[0].raw == _AKI:
            for one in own.read(parts[-1].value).children():
                if (
                    one.tag == _ISSUERS_SERIAL
                    and own.Node(own.INTEGER, one.value, b"").number() < 1
                ):
                    raise BadDer("no serial number from 1 up")


def _judged(
    response: ocsp.OCSPResponse, certificate: x509.Certificate, above: Chain, at: Instant
) -> Said:
    responder = leaf(
        response.certificates[0].public_bytes(Encoding.DER),
        above,
        at,
        purpose=ExtendedKeyUsageOID.OCSP_SIGNING,
    )
    signed(responder, response.tbs_response_bytes, response.signature)
    single = next(iter(response.responses))
    if not _about(single, certificate, above.issuing):
        raise Unsound("the OCSP answer is about another certificate")
    this_update, next_update = single.this_update_utc, single.next_update_utc
    if next_update is None or not this_update <= utc(at) <= next_update:
        raise Unsound("the OCSP answer is of another time")
    return Said(_revoked(single), instant(this_update), instant(next_update))


def _about(
    single: ocsp.OCSPSingleResponse, certificate: x509.Certificate, issuing: x509.Certificate
) -> bool:
    kind = single.hash_algorithm
    key = issuing.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    named = (single.issuer_name_hash, single.issuer_key_hash, single.serial_number)
    return named == (
        _digest(kind, issuing.subject.public_bytes()),
        _digest(kind, key),
        certificate.serial_number,
    )


def _revoked(single: ocsp.OCSPSingleResponse) -> Instant | None:
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return None
    since = single.revocation_time_utc
    if single.certificate_status is not ocsp.OCSPCertStatus.REVOKED or since is None:
        raise Unsound("the responder does not know the certificate")
    return instant(since)


def _within(certificate: x509.Certificate, at: Instant) -> None:
    if not certificate.not_valid_before_utc <= utc(at) <= certificate.not_valid_after_utc:
        raise Unsound("a certificate was not valid at that time")


E = TypeVar("E", bound=x509.ExtensionType)


def _extension(certificate: x509.Certificate, kind: type[E]) -> E:
    return certificate.extensions.get_extension_for_class(kind).value


def _digest(kind: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(kind)
    digest.update(content)
    return digest.finalize()
