"""OpenSSL as the second opinion: everything goes through files, at the still clock's time."""

import subprocess

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.conftest import START

AT = START // 1_000_000 + 5


def pem(certificate):
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()


class Desk:
    """A folder with the authority's documents, as an outsider downloads them."""

    def __init__(self, folder, house):
        self.folder = folder
        self.house = house
        self.write("root.pem", pem(house.authority.root_der))
        self.write("issuing.pem", pem(house.authority.issuer.der))

    def write(self, name, content):
        data = content if isinstance(content, bytes) else content.encode()
        (self.folder / name).write_bytes(data)
        return name

    def run(self, *arguments):
        done = subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return done.returncode, done.stdout + done.stderr

    def verify(self, certificate, *more, at=AT):
        self.write("leaf.pem", pem(certificate))
        return self.run(
            "verify", "-x509_strict", "-attime", str(at), "-CAfile", "root.pem",
            "-untrusted", "issuing.pem", *more, "leaf.pem",
        )  # fmt: skip

    def crl(self):
        self.write("issuing.crl", self.house.status.crl())
        return self.run(
            "crl", "-inform", "DER", "-in", "issuing.crl", "-CAfile", "issuing.pem",
            "-verify", "-noout", "-text",
        )  # fmt: skip

    def ocsp(self, certificate, *flags, at=AT, nonce=True):
        """Ask and check an answer about the certificate, without a connection."""
        self.write("asked.pem", pem(certificate))
        code, said = self.run(
            "ocsp", "-issuer", "issuing.pem", *flags, "-cert", "asked.pem",
            "-nonce" if nonce else "-no_nonce", "-reqout", "request.der",
        )  # fmt: skip
        assert code == 0, said
        request = (self.folder / "request.der").read_bytes()
        self.write("response.der", self.house.status.ocsp(request))
        return self.check(*flags, at=at)

    def check(self, *flags, at=AT):
        """`-no_nonce` keeps OpenSSL from replacing the nonce that the request file has."""
        return self.run(
            "ocsp", "-issuer", "issuing.pem", *flags, "-cert", "asked.pem",
            "-reqin", "request.der", "-respin", "response.der",
            "-CAfile", "root.pem", "-attime", str(at), "-resp_text",
            "-validity_period", "999999999", "-no_nonce",
        )  # fmt: skip
