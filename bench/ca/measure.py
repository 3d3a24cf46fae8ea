"""The figures of the area `ca`: everyone has a turn in each round; ratios are of the same round."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from bench.ca import load, peers
from bench.cluster import Missing
from bench.rounds import Figures, Rounds, with_worst
from dojang.certificates.ocsp import SHA1, IssuerHashes
from dojang.certificates.ocsp import plain as plain_request

PEOPLE = 256
QUICK_PEOPLE = 64
"""Where there is one round only."""
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


def answers(_ground: object, *, quick: bool) -> Figures:
    """OCSP: signed before and with a nonce; beside nginx, `openssl ocsp` and CFSSL."""
    rounds, seconds = (2, 1.0) if quick else (5, 3.0)
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        ca = peers.PeerCa(folder, PEOPLE)
        with status_port(folder / "ours") as ours:
            turns = _turns(folder, ca, ours, seconds)
            warm = turns["ours"]
            warm()
            seen = Rounds()
            seen.run(rounds, turns)
    return _figures_of_answers(seen, list(turns))


def stamps(_ground: object, *, quick: bool) -> Figures:
    """RFC 3161 over HTTP, beside `openssl ts`, which is a process a stamp."""
    rounds, seconds = (2, 1.0) if quick else (5, 3.0)
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        ca = peers.PeerCa(folder, 1)
        query = query_in(folder)
        config = peers.ts_config(ca)
        with status_port(folder / "ours", people=1) as ours:

            def port() -> Mapping[str, float]:
                heard = load.post(
                    folder, ours.port, "/pki/tsa", STAMP_QUERIES, [query.read_bytes()],
                    ours.pids, seconds=seconds,
                )  # fmt: skip
                return {"per_s": heard.per_s, "per_cpu_s": heard.per_cpu_s}

            turns = {"tsa": port, "openssl": lambda: _openssl_stamps(config, query, seconds)}
            port()
            seen = Rounds()
            seen.run(rounds, turns)
    return {
        **with_worst("tsa.vs_openssl", seen.ratio("tsa.per_cpu_s", "openssl.per_cpu_s")),
        "tsa.per_s": seen.median("tsa.per_s"),
        "tsa.per_cpu_s": seen.median("tsa.per_cpu_s"),
        "tsa.openssl_per_cpu_s": seen.median("openssl.per_cpu_s"),
    }


def ahead(_ground: object, *, quick: bool) -> Figures:
    """CPU seconds of one core for a million answers signed ahead; storing them is told apart.

    Beside a million bare signatures by `cryptography` in the same process: the ratio says more than
    the seconds on a machine whose clock is not ours alone.
    """
    count = 4_000 if quick else 20_000
    seen = Rounds()
    seen.run(2 if quick else 5, {"ahead": lambda: _apart("ahead", count)})
    return {
        **with_worst(
            "ocsp.resign_vs_raw", seen.ratio("ahead.sign_s", "ahead.raw_s", lower_is_better=True)
        ),
        "ocsp.resign_million_s": seen.median("ahead.sign_s"),
        "ocsp.resign_store_million_s": seen.median("ahead.store_s"),
        "ocsp.raw_million_s": seen.median("ahead.raw_s"),
    }


def _turns(
    folder: Path, ca: peers.PeerCa, ours: Ours, seconds: float
) -> dict[str, Callable[[], Mapping[str, float]]]:
    own = peers.targets(ours.requests(), "/pki/ocsp/")
    theirs = peers.targets([ca.request(serial) for serial in ca.serials])
    nonces = [ca.request(serial, os.urandom(NONCE_BYTES)) for serial in ca.serials]
    body = ca.response(ca.serials[0])

    def get_ours() -> Mapping[str, float]:
        return vars(load.get(folder, ours.port, own, ours.pids, seconds=seconds))

    def post_ours() -> Mapping[str, float]:
        asked = ours.requests()
        return vars(
            load.post(folder, ours.port, "/pki/ocsp", QUESTIONS, asked, ours.pids, seconds=seconds)
        )

    def nonce_ours() -> Mapping[str, float]:
        asked = ours.with_nonces()
        return vars(
            load.post(folder, ours.port, "/pki/ocsp", QUESTIONS, asked, ours.pids, seconds=seconds)
        )

    def get_nginx() -> Mapping[str, float]:
        with peers.nginx(folder, body, PEOPLE) as (port, pids, names):
            return vars(load.get(folder, port, names, pids, seconds=seconds))

    def post_cfssl() -> Mapping[str, float]:
        """This CFSSL takes no GET at its own path: it decodes the slash before the base64 too."""
        asked = [ca.request(serial) for serial in ca.serials]
        with peers.cfssl_ocsp(ca) as (port, pids):
            return vars(load.post(folder, port, "/", QUESTIONS, asked, pids, seconds=seconds))

    def get_openssl() -> Mapping[str, float]:
        asked = [f"GET {target} HTTP/1.0\r\n\r\n".encode() for target in theirs]
        with peers.openssl_ocsp(ca) as (port, pids):
            return vars(load.one_by_one(port, asked, pids, seconds=seconds))

    def nonce_openssl() -> Mapping[str, float]:
        with peers.openssl_ocsp(ca) as (port, pids):
            asked = [load.posted("/", QUESTIONS, one) for one in nonces]
            return vars(load.one_by_one(port, asked, pids, seconds=seconds))

    return {
        "ours": get_ours,
        "nginx": get_nginx,
        "posted": post_ours,
        "cfssl": post_cfssl,
        "openssl": get_openssl,
        "nonce": nonce_ours,
        "openssl_nonce": nonce_openssl,
    }


def _figures_of_answers(seen: Rounds, turns: list[str]) -> Figures:
    core = "per_cpu_s"
    best = max(("cfssl", "openssl"), key=lambda name: seen.median(f"{name}.{core}"))
    figures = {f"ocsp.{name}_per_cpu_s": seen.median(f"{name}.{core}") for name in turns}
    return {
        **figures,
        "ocsp.per_s": seen.median("ours.per_s"),
        **with_worst("ocsp.presigned_vs_nginx", seen.ratio(f"ours.{core}", f"nginx.{core}")),
        **with_worst("ocsp.posted_vs_nginx", seen.ratio(f"posted.{core}", f"nginx.{core}")),
        **with_worst("ocsp.vs_best_peer", seen.ratio(f"ours.{core}", f"{best}.{core}")),
        **with_worst("ocsp.nonce_vs_openssl", seen.ratio(f"nonce.{core}", f"openssl_nonce.{core}")),
    }


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


def _apart(act: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench.ca.ours", act, folder, str(count)],
            stdout=subprocess.PIPE,
            check=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _openssl_stamps(config: Path, query: Path, seconds: float) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", str(config), "-section", "ours",
             "-queryfile", str(query), "-out", str(query.with_suffix(".tsr"))],
            check=True, capture_output=True,
        )  # fmt: skip
        count += 1
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"per_cpu_s": count / spent}


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
