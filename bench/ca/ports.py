"""Our port for status traffic in a process of its own, and what is asked of it and its peers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from bench.ca import load
from bench.cluster import Missing
from dojang.certificates.ocsp import SHA1, IssuerHashes
from dojang.certificates.ocsp import plain as plain_request

PEOPLE = 64
QUESTIONS = "application/ocsp-request"
STAMP_QUERIES = "application/timestamp-query"
NONCE_BYTES = 32


class Ours:
    """Our port in a process of its own, and what may be asked of it."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        told: dict[str, Any] = load.told(process)
        self.port, self.pids = int(told["port"]), [process.pid]
        self.serials = [int(text, 16) for text in told["serials"]]
        issuer = x509.load_der_x509_certificate((folder / "issuing.der").read_bytes())
        bits = issuer.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self._issuer = issuer
        self._hashes = IssuerHashes(issuer.subject.public_bytes(), bits)

    def requests(self) -> list[bytes]:
        """By SHA-1, as the stock clients ask."""
        return [plain_request(self._hashes.asked(one, SHA1).cert_id) for one in self.serials]

    def with_nonces(self) -> list[bytes]:
        made = []
        for plain in self.requests():
            asked = ocsp.load_der_ocsp_request(plain)
            builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
                asked.issuer_name_hash,
                asked.issuer_key_hash,
                asked.serial_number,
                hashes.SHA1(),  # noqa: S303 - as above
            )
            builder = builder.add_extension(x509.OCSPNonce(os.urandom(NONCE_BYTES)), critical=False)
            made.append(builder.build().public_bytes(serialization.Encoding.DER))
        return made


@contextmanager
def status_port(folder: Path, people: int = PEOPLE, url: str = "") -> Iterator[Ours]:
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.ca.ours", "serve", str(folder), str(people), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Ours(process, folder)
    finally:
        process.communicate(timeout=30)


def query_in(folder: Path) -> Path:
    file = folder / "query.tsq"
    (folder / "data").write_bytes(b"what is stamped")
    command = ["openssl", "ts", "-query", "-data", str(folder / "data"), "-sha256", "-cert"]
    try:
        subprocess.run([*command, "-out", str(file)], check=True, capture_output=True)
    except FileNotFoundError:
        raise Missing("openssl is not installed: apt-get install openssl") from None
    return file


def csr() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("peer.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
