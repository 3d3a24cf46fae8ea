"""The second opinion: `cryptography` and, where it is installed, the openssl command.

Nothing here believes an answer of the bank's API. Certificates, CRL and OCSP are checked by their
signatures up to the root that was fetched first.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dojang.journey import loopback
from dojang.journey.lie import Lie, prove, same
from dojang.kernel.clock import SECOND, Clock

NEVER: Final = (9999, 12, 31, 23, 59, 59)
OPENSSL: Final = shutil.which("openssl")
ANY_AGE_SECONDS: Final = "2000000000"
"""openssl ocsp compares thisUpdate with the machine's clock; the bank's may have been moved."""
OPENSSL_SECONDS_MAX: Final = 120


@dataclass(frozen=True)
class Told:
    """What OCSP or the CRL says: "good" or "revoked" with the reason."""

    status: str
    reason: str | None = None


class Authority:
    """The bank's CA, seen from outside."""

    def __init__(self, origin: str, clock: Clock) -> None:
        """`clock` is the bank's: openssl judges times by it, not by the machine's own."""
        self._origin = origin
        self._clock = clock
        self.root = x509.load_der_x509_certificate(self._get("/pki/root.crt"))
        self.issuing = x509.load_der_x509_certificate(self._get("/pki/issuing.crt"))
        self.root.verify_directly_issued_by(self.root)
        self.issuing.verify_directly_issued_by(self.root)

    def _get(self, path: str) -> bytes:
        answer = loopback.get(self._origin + path)
        same(answer.status_code, 200, f"GET {path}")
        return answer.content

    def crl_der(self) -> bytes:
        return self._get("/pki/issuing.crl")

    def ocsp_der(self, certificate: x509.Certificate) -> bytes:
        builder = ocsp.OCSPRequestBuilder()
        builder = builder.add_certificate(certificate, self.issuing, hashes.SHA256())
        answer = loopback.post(
            self._origin + "/pki/ocsp",
            content=builder.build().public_bytes(Encoding.DER),
            headers={"content-type": "application/ocsp-request"},
        )
        same(answer.status_code, 200, "POST /pki/ocsp")
        return answer.content

    def by_ocsp(self, certificate: x509.Certificate) -> Told:
        """The responder's word, its signature and its right to speak checked."""
        response = ocsp.load_der_ocsp_response(self.ocsp_der(certificate))
        same(response.response_status, ocsp.OCSPResponseStatus.SUCCESSFUL, "the OCSP answer")
        same(response.serial_number, certificate.serial_number, "the serial in the OCSP answer")
        self._check_responder(response)
        if response.certificate_status is ocsp.OCSPCertStatus.GOOD:
            return Told("good")
        same(response.certificate_status, ocsp.OCSPCertStatus.REVOKED, "the OCSP status")
        return Told("revoked", _word(response.revocation_reason))

    def _check_responder(self, response: ocsp.OCSPResponse) -> None:
        responder = response.certificates[0]
        responder.verify_directly_issued_by(self.issuing)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        prove(ExtendedKeyUsageOID.OCSP_SIGNING in usage, "the responder may not sign OCSP")
        algorithm = response.signature_hash_algorithm
        key = responder.public_key()
        if algorithm is None or not isinstance(key, ec.EllipticCurvePublicKey):
            raise Lie("the OCSP answer is not signed with ECDSA")
        try:
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        except InvalidSignature:
            raise Lie("the OCSP answer's signature fails") from None

    def by_crl(self, certificate: x509.Certificate) -> Told:
        """The list's word, its signature checked."""
        crl = x509.load_der_x509_crl(self.crl_der())
        key = cast("ec.EllipticCurvePublicKey", self.issuing.public_key())
        prove(crl.is_signature_valid(key), "the CRL's signature fails")
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is None:
            return Told("good")
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        except x509.ExtensionNotFound:
            return Told("revoked")
        return Told("revoked", _word(reason))

    def says(self, certificates: Mapping[str, x509.Certificate], expected: Told) -> None:
        """CRL, OCSP and openssl agree about every one of these certificates."""
        for kind, certificate in certificates.items():
            same(self.by_ocsp(certificate), expected, f"OCSP about the {kind} certificate")
            same(self.by_crl(certificate), expected, f"the CRL about the {kind} certificate")
            self._openssl_says(certificate, expected)

    def _openssl_says(self, certificate: x509.Certificate, expected: Told) -> None:
        if OPENSSL is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            files = self._files(Path(folder), certificate)
            said = openssl(
                "ocsp", "-respin", files["ocsp"], "-issuer", files["issuing"], "-sha256",
                "-cert", files["leaf"], "-CAfile", files["root"], "-no_nonce",
                "-attime", self._seconds(), "-validity_period", ANY_AGE_SECONDS,
            )  # fmt: skip
        prove("Response verify OK" in said, "openssl ocsp does not accept the answer")
        status = [line.strip() for line in said.splitlines() if "leaf.pem:" in line]
        prove(f"leaf.pem: {expected.status}" in said, f"openssl ocsp reads {status}")

    def _files(self, folder: Path, certificate: x509.Certificate) -> dict[str, str]:
        contents = {
            "root": pem(self.root),
            "issuing": pem(self.issuing),
            "leaf": pem(certificate),
            "ocsp": self.ocsp_der(certificate),
        }
        for name, data in contents.items():
            (folder / f"{name}.{'der' if name == 'ocsp' else 'pem'}").write_bytes(data)
        return {path.stem: str(path) for path in folder.iterdir()}

    def _seconds(self) -> str:
        return str(self._clock.now() // SECOND)

    def check_new(
        self, certificate: x509.Certificate, *, kind: str, public_key: bytes, name: str
    ) -> str:
        """A freshly issued certificate is what PROTOCOL 7 says; returns its subject id."""
        certificate.verify_directly_issued_by(self.issuing)
        until = certificate.not_valid_after_utc
        same(until.timetuple()[:6], NEVER, "notAfter")
        key = certificate.public_key()
        if not isinstance(key, Ed25519PublicKey):
            raise Lie("the certificate's key is not Ed25519")
        same(key.public_bytes_raw(), public_key, "the certificate's key and the phone's")
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        same(usage.content_commitment, kind == "sign", "nonRepudiation")
        same(usage.digital_signature, kind == "auth", "digitalSignature")
        same(_of(certificate, NameOID.COMMON_NAME), name, "CN and the name the bank verified")
        self._openssl_verifies(certificate)
        return _of(certificate, NameOID.SERIAL_NUMBER)

    def _openssl_verifies(self, certificate: x509.Certificate) -> None:
        if OPENSSL is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            files = self._files(Path(folder), certificate)
            said = openssl(
                "verify", "-x509_strict", "-attime", self._seconds(), "-CAfile", files["root"],
                "-untrusted", files["issuing"], files["leaf"],
            )  # fmt: skip
        prove("leaf.pem: OK" in said, "openssl verify -x509_strict refuses the certificate")


def openssl(*arguments: str) -> str:
    """What the openssl command says, both streams."""
    done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
        [OPENSSL or "openssl", *arguments],
        capture_output=True,
        timeout=OPENSSL_SECONDS_MAX,
        check=False,
    )
    return (done.stdout + done.stderr).decode("utf-8", errors="replace")


def signed_by(certificate: x509.Certificate, message: bytes, signature: bytes) -> bool:
    """Whether the certificate's key made this RFC 8032 signature."""
    key: Any = certificate.public_key()
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _of(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    return str(certificate.subject.get_attributes_for_oid(oid)[0].value)


def _word(reason: x509.ReasonFlags | None) -> str | None:
    return None if reason is None else str(reason.value)
