"""Other CAs on this machine: nginx as the limit, `openssl`, CFSSL; each started anew each round."""

import base64
import contextlib
import datetime as dt
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bench.ca import load
from bench.cluster import Missing

_DAY = dt.timedelta(days=1)
_CRL_CONFIG = """[ca]
default_ca = ours
[ours]
database = {folder}/index.txt
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_crl_days = 1
crlnumber = {folder}/crlnumber
"""
_TS_CONFIG = """[tsa]
default_tsa = ours
[ours]
serial = {folder}/ts-serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.9
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_SIGNING = '{"signing": {"default": {"expiry": "8760h", "usages": ["digital signature"]}}}'


class PeerCa:
    """Keys, certificates and files that all peers can read; P-256 and SHA-256 throughout."""

    def __init__(self, folder: Path, people: int) -> None:
        self.folder = folder
        now = dt.datetime.now(dt.UTC)
        self._now = now.replace(microsecond=0) - dt.timedelta(minutes=5)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._certified("ca", self._key, None)
        for name, use in (
            ("ocsp", ExtendedKeyUsageOID.OCSP_SIGNING),
            ("tsa", ExtendedKeyUsageOID.TIME_STAMPING),
        ):
            key = ec.generate_private_key(ec.SECP256R1())
            made = self._certified(name, key, use)
            if name == "ocsp":
                self._responder = key, made
        self.serials = [x509.random_serial_number() >> 32 | 1 << 120 for _ in range(people)]
        self.write_index(folder / "ocsp-index.txt", self.serials, revoked=False)

    def request(self, serial: int, nonce: bytes | None = None) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            _sha1(self.certificate.subject.public_bytes()),
            _sha1(
                self.certificate.public_key().public_bytes(
                    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
                )
            ),
            serial,
            hashes.SHA1(),  # noqa: S303 - the default of the stock clients
        )
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        return builder.build().public_bytes(serialization.Encoding.DER)

    def response(self, serial: int) -> bytes:
        key, certificate = self._responder
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                *self._hashes(),
                serial,
                hashes.SHA1(),  # noqa: S303 - as asked
                ocsp.OCSPCertStatus.GOOD,
                self._now,
                self._now + _DAY,
                None,
                None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
            .certificates([certificate])
        )
        made = builder.sign(key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)

    def write_index(self, file: Path, serials: Sequence[int], *, revoked: bool) -> None:
        """The text database of `openssl ca`."""
        ends = (self._now + 3_650 * _DAY).strftime("%y%m%d%H%M%SZ")
        since = self._now.strftime("%y%m%d%H%M%SZ") + ",cessationOfOperation"
        kind, when = ("R", since) if revoked else ("V", "")
        with file.open("w") as out:
            for serial in serials:
                out.write(f"{kind}\t{ends}\t{when}\t{serial:032X}\tunknown\t/CN={serial:x}\n")

    def _hashes(self) -> tuple[bytes, bytes]:
        bits = self.certificate.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return _sha1(self.certificate.subject.public_bytes()), _sha1(bits)

    def _certified(
        self, name: str, key: ec.EllipticCurvePrivateKey, use: x509.ObjectIdentifier | None
    ) -> x509.Certificate:
        issuer = _named("ca")
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(issuer)
            .serial_number(x509.random_serial_number())
            .public_key(key.public_key())
            .not_valid_before(self._now)
            .not_valid_after(self._now + 3_650 * _DAY)
            .add_extension(x509.BasicConstraints(use is None, None), critical=True)
        )
        if use is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=True)
        made = builder.sign(self._key, hashes.SHA256())
        (self.folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (self.folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        return made


def targets(requests: Sequence[bytes], prefix: str = "/") -> list[str]:
    return [prefix + quote(base64.b64encode(one).decode(), safe="") for one in requests]


@contextlib.contextmanager
def nginx(folder: Path, body: bytes, files: int) -> Iterator[tuple[int, list[int], list[str]]]:
    """One worker, its files kept open: (port, processes, targets)."""
    program = _program("nginx", "nginx-light")
    root = folder / "www"
    root.mkdir(exist_ok=True)
    for number in range(files):
        (root / f"{number}").write_bytes(body)
    port = free_port()
    (folder / "nginx.conf").write_text(
        "daemon off; worker_processes 1; error_log /dev/null; "
        f"pid {folder}/nginx.pid; events {{ worker_connections 1024; }}\n"
        "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; "
        "open_file_cache max=2000; open_file_cache_valid 600s; "
        f"default_type application/ocsp-response; client_body_temp_path {folder}/body; "
        f"proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; "
        f"uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; "
        f"server {{ listen 127.0.0.1:{port}; root {root}; etag on; "
        "add_header cache-control max-age=600; }} }\n".replace("}}", "}")
    )
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    with running([program, "-c", str(folder / "nginx.conf"), "-e", "/dev/null", *user]) as process:
        load.until_it_answers(f"http://127.0.0.1:{port}/0")
        names = [f"/{number}" for number in range(files)]
        yield port, [process.pid, *load.children(process.pid)], names


@contextlib.contextmanager
def openssl_ocsp(ca: PeerCa) -> Iterator[tuple[int, list[int]]]:
    port, here = free_port(), ca.folder
    command = [
        _program("openssl", "openssl"), "ocsp", "-port", str(port), "-index",
        str(here / "ocsp-index.txt"), "-CA", str(here / "ca.pem"), "-rkey",
        str(here / "ocsp.key"), "-rsigner", str(here / "ocsp.pem"), "-nmin", "10", "-ignore_err",
    ]  # fmt: skip
    with running(command) as process:
        load.until_it_answers(f"http://127.0.0.1:{port}/", ca.request(ca.serials[0]))
        yield port, [process.pid]


@contextlib.contextmanager
def cfssl_ocsp(ca: PeerCa) -> Iterator[tuple[int, list[int]]]:
    port, file = free_port(), ca.folder / "responses"
    if not file.exists():
        made = [base64.b64encode(ca.response(serial)).decode() for serial in ca.serials]
        file.write_text("\n".join(made) + "\n")
    command = [
        _program("cfssl", "golang-cfssl"), "ocspserve", "-address", "127.0.0.1", "-port",
        str(port), "-responses", str(file), "-loglevel", "5",
    ]  # fmt: skip
    with running(command, GOMAXPROCS="1") as process:
        load.until_it_answers(f"http://127.0.0.1:{port}/", ca.request(ca.serials[0]))
        yield port, [process.pid]


@contextlib.contextmanager
def cfssl_sign(ca: PeerCa) -> Iterator[tuple[int, list[int]]]:
    port, config = free_port(), ca.folder / "cfssl.json"
    config.write_text(_SIGNING)
    command = [
        _program("cfssl", "golang-cfssl"), "serve", "-address", "127.0.0.1", "-port", str(port),
        "-ca", str(ca.folder / "ca.pem"), "-ca-key", str(ca.folder / "ca.key"),
        "-config", str(config), "-loglevel", "5",
    ]  # fmt: skip
    with running(command, GOMAXPROCS="1") as process:
        load.until_it_answers(f"http://127.0.0.1:{port}/api/v1/cfssl/info", b'{"label": ""}')
        yield port, [process.pid]


def crl_config(ca: PeerCa) -> Path:
    file = ca.folder / "crl.cnf"
    file.write_text(_CRL_CONFIG.format(folder=ca.folder))
    (ca.folder / "crlnumber").write_text("01\n")
    return file


def ts_config(ca: PeerCa) -> Path:
    file = ca.folder / "ts.cnf"
    file.write_text(_TS_CONFIG.format(folder=ca.folder))
    (ca.folder / "ts-serial").write_text("01\n")
    return file


@contextlib.contextmanager
def running(command: list[str], **more: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **more},
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        raise Missing(f"{name} is not installed: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"peer {name}")])


def _sha1(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303 - OCSP names issuers so
    digest.update(content)
    return digest.finalize()
