"""Peers from the package index, each in an environment of the bench's own: django-ca, certomancer.

The environments are made once and kept under the user's cache. Both run behind gunicorn with one
worker; all keys are P-256. Neither signs ahead: every answer of theirs costs a signature.
"""

import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from bench.ca import load, peers, ports
from bench.cluster import Missing
from bench.ground import Ground
from bench.rounds import Figures, Rounds

PACKAGES = {
    "django-ca": ("django-ca[api]==3.2.0", "gunicorn==27.0.1"),
    "certomancer": ("certomancer[web-api]==0.16.0", "gunicorn==27.0.1"),
}
CONNECTIONS = 4
ROUNDS = 5
_HERE = "DOJANG_BENCH_PEER"
_SETTINGS = """
import os
from pathlib import Path
HERE = Path(os.environ["DOJANG_BENCH_PEER"])
SECRET_KEY, ALLOWED_HOSTS, USE_TZ = "bench", ["*"], True
ROOT_URLCONF = "bench_urls"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django_object_actions", "django_ca",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "db.sqlite3"}}
_FILES = "django.core.files.storage.FileSystemStorage"
STORAGES = {
    "default": {"BACKEND": _FILES},
    "django-ca": {"BACKEND": _FILES, "OPTIONS": {"location": str(HERE / "files")}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CA_DEFAULT_HOSTNAME, CA_ENABLE_REST_API, CA_USE_CELERY = "localhost", True, False
"""
_URLS = """
from django.urls import include, path
urlpatterns = [path("django_ca/", include("django_ca.urls"))]
"""
_LAID_OUT = """
import json
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django_ca.models import Certificate, CertificateAuthority
call_command("migrate", verbosity=0)
call_command("init_ca", "--key-type", "EC", "--elliptic-curve", "secp256r1", "--algorithm",
             "SHA-256", "bench", "CN=bench", verbosity=0)
get_user_model().objects.create_superuser("bench", password="bench")
ca = CertificateAuthority.objects.get()
ca.api_enabled = True
ca.save()
some = Certificate.objects.first()
print(json.dumps({"serial": ca.serial, "ca": ca.pub.pem, "certificate": some.pub.pem}))
"""
_CERTOMANCER = """
keysets:
  bench:
    path-prefix: keys
    keys: {{{keys}}}
pki-architectures:
  bench:
    keyset: bench
    entities: {{{entities}}}
    certs:
      root: {{subject: root, issuer: root, {valid}, profiles: [simple-ca]}}
      ocsp: {{issuer: root, {valid}, profiles: [ocsp-responder]}}
      leaf: {{issuer: root, {valid}}}
      tsa:
        issuer: root
        {valid}
        extensions: [{{id: extended_key_usage, critical: true, value: [time_stamping]}}]
    services:
      cert-repo: {{bench: {{for-issuer: root, publish-issued-certs: true}}}}
      ocsp: {{bench: {{for-issuer: root, responder-cert: ocsp}}}}
      time-stamping: {{bench: {{signing-cert: tsa}}}}
"""
_VALID = 'validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2120-01-01T00:00:00+0000"}'


@dataclass(frozen=True)
class Rival:
    """Where it listens, which processes it has, a question to its responder."""

    port: int
    pids: list[int]
    question: bytes
    serial: str = ""


def rivals(ground: Ground, *, quick: bool) -> Figures:
    """OCSP of both, time-stamps of certomancer; beside ours."""
    if quick:
        raise Missing("only without --quick")
    seconds = 1.0
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        query = ports.query_in(folder)
        turns = _turns(folder, ground.folder, ground.status, query.read_bytes(), seconds)
        seen = Rounds("django-ca, certomancer")
        seen.run(ROUNDS, turns)
    core = "per_cpu_s"
    figures = {
        "ocsp.django_ca_per_cpu_s": seen.median(f"django_ca.{core}"),
        "ocsp.certomancer_per_cpu_s": seen.median(f"certomancer.{core}"),
        "tsa.certomancer_per_cpu_s": seen.median(f"certomancer.stamps_{core}"),
    }
    ratios = {
        "ocsp.vs_django_ca": ("ours", f"django_ca.{core}"),
        "ocsp.vs_certomancer": ("ours", f"certomancer.{core}"),
        "ocsp.nonce_vs_django_ca": ("nonce", f"django_ca.{core}"),
        "tsa.vs_certomancer": ("stamps", f"certomancer.stamps_{core}"),
    }
    for name, (above, below) in ratios.items():
        figures[name] = seen.ratio(f"{above}.{core}", below)[0]
    return figures


def _turns(
    folder: Path, kept: Path, ours: ports.Ours, query: bytes, seconds: float
) -> dict[str, Callable[[], Mapping[str, float]]]:
    own = peers.targets(ours.requests(), "/pki/ocsp/")

    def asked(rival: Rival, path: str, kind: str, body: bytes) -> Mapping[str, float]:
        return vars(
            load.post(
                folder, rival.port, path, kind, [body], rival.pids,
                seconds=seconds, connections=CONNECTIONS,
            )
        )  # fmt: skip

    def by_django() -> Mapping[str, float]:
        with django_ca(kept) as rival:
            path = f"/django_ca/ocsp/{rival.serial}/cert/"
            return asked(rival, path, ports.QUESTIONS, rival.question)

    def by_certomancer() -> Mapping[str, float]:
        with certomancer(folder) as rival:
            told = asked(rival, "/bench/ocsp/bench", ports.QUESTIONS, rival.question)
            stamped = asked(rival, "/bench/tsa/bench", ports.STAMP_QUERIES, query)
        return {**told, "stamps_per_cpu_s": stamped["per_cpu_s"]}

    def own_stamps() -> Mapping[str, float]:
        rival = Rival(ours.port, ours.pids, b"")
        return asked(rival, "/pki/tsa", ports.STAMP_QUERIES, query)

    return {
        "ours": lambda: vars(
            load.get(folder, ours.port, own, ours.pids, seconds=seconds)
        ),
        "nonce": lambda: vars(
            load.post(
                folder, ours.port, "/pki/ocsp", ports.QUESTIONS, ours.with_nonces(), ours.pids,
                seconds=seconds,
            )
        ),
        "stamps": own_stamps,
        "django_ca": by_django,
        "certomancer": by_certomancer,
    }  # fmt: skip


@contextlib.contextmanager
def django_ca(folder: Path) -> Iterator[Rival]:
    """Its responder answers POST; its REST issues with a password by every request.

    Laid out in the folder at the first call, which takes longer than its start.
    """
    home, here = environment("django-ca"), folder / "django-ca"
    more = {_HERE: str(here), "DJANGO_SETTINGS_MODULE": "bench_settings", "PYTHONPATH": str(here)}
    laid_out = here / "laid-out.json"
    if not here.exists():
        here.mkdir()
        (here / "bench_settings.py").write_text(_SETTINGS)
        (here / "bench_urls.py").write_text(_URLS)
        done = subprocess.run(
            [home / "bin/python", "-c", _LAID_OUT],
            env={**os.environ, **more}, capture_output=True, check=True, text=True,
        )  # fmt: skip
        laid_out.write_text(done.stdout.splitlines()[-1])
    told = json.loads(laid_out.read_text())
    ca, one = (x509.load_pem_x509_certificate(told[k].encode()) for k in ("ca", "certificate"))
    question, serial = _question(one, ca), str(told["serial"])
    with _served(home, "django.core.wsgi:get_wsgi_application()", more) as (port, pids):
        url = f"http://127.0.0.1:{port}/django_ca/ocsp/{serial}/cert/"
        load.until_it_answers(url, question)
        yield Rival(port, pids(), question, serial)


@contextlib.contextmanager
def certomancer(folder: Path) -> Iterator[Rival]:
    home, here = environment("certomancer"), folder / "certomancer"
    if not here.exists():
        (here / "keys").mkdir(parents=True)
        names = ("root", "ocsp", "tsa", "leaf")
        for name in names:
            (here / "keys" / f"{name}.pem").write_bytes(_key())
        written = _CERTOMANCER.format(
            keys=", ".join(f"{name}: {{path: {name}.pem}}" for name in names),
            entities=", ".join(f"{name}: {{common-name: {name}}}" for name in names),
            valid=_VALID,
        )
        (here / "certomancer.yml").write_text(written)
    more = {
        "CERTOMANCER_CONFIG": str(here / "certomancer.yml"),
        "CERTOMANCER_KEY_DIR": str(here),
        "CERTOMANCER_NO_WEB_UI": "1",
        "CERTOMANCER_NO_TIME_OVERRIDE": "1",
    }
    with _served(home, "certomancer.integrations.animator:app", more) as (port, pids):
        under = f"http://127.0.0.1:{port}/bench"
        load.until_it_answers(f"{under}/certs/bench/ca.crt")
        ca, one = (
            x509.load_der_x509_certificate(_fetched(f"{under}/certs/bench/{n}"))
            for n in ("ca.crt", "issued/leaf.crt")
        )
        yield Rival(port, pids(), _question(one, ca))


@contextlib.contextmanager
def _served(
    home: Path, app: str, more: Mapping[str, str]
) -> Iterator[tuple[int, Callable[[], list[int]]]]:
    """Behind gunicorn, one worker: (port, what tells its processes once it answers)."""
    port = peers.free_port()
    command = [str(home / "bin/gunicorn"), "-w", "1", "-b", f"127.0.0.1:{port}", app]
    with peers.running(command, **more) as process:
        yield port, lambda: [process.pid, *load.children(process.pid)]


def environment(name: str) -> Path:
    """Made at the first call. Raises `Missing` where the packages cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "dojang-bench" / name
    made = home / "made"
    wanted = " ".join(PACKAGES[name])
    if made.exists() and made.read_text() == wanted:
        return home
    subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
    done = subprocess.run(
        [home / "bin/python", "-m", "pip", "install", "-q", *PACKAGES[name]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Missing(f"{name} cannot be installed: pip install {wanted}")
    made.write_text(wanted)
    return home


def issued_by(rival: Rival, seconds: float) -> float:
    """Certificates by the second of its processors; one order after the other."""
    url = f"http://127.0.0.1:{rival.port}/django_ca/api/ca/{rival.serial}/sign/"
    subject = [{"oid": "2.5.4.3", "value": "peer.example"}]
    body = json.dumps({"csr": ports.csr(), "subject": subject}).encode()
    told = base64.b64encode(b"bench:bench").decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {told}"}
    before, until, count = load.cpu_seconds(rival.pids), time.monotonic() + seconds, 0
    while count == 0 or time.monotonic() < until:
        request = urllib.request.Request(url, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as said:  # noqa: S310 - the same
            said.read()
        count += 1
    return count / (load.cpu_seconds(rival.pids) - before)


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as said:  # noqa: S310 - our own
        found: bytes = said.read()
    return found


def _question(one: x509.Certificate, ca: x509.Certificate) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(one, ca, hashes.SHA1())  # noqa: S303 - as the stock clients
    return builder.build().public_bytes(serialization.Encoding.DER)


def _key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
