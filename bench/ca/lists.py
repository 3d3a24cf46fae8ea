"""Revocation lists of many entries: seconds and megabytes beside `openssl`, CFSSL, `cryptography`.

Ours is what a bank does that runs: the old entries are encoded already, one is new. How long the
first list takes, when nothing is encoded, is `crl.fold_s`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.ca import ours, peers
from bench.cluster import Missing
from bench.rounds import Figures, Rounds, with_worst

PEAKS_FROM = 1_000_000
"""With fewer, the peak of a child is that of the process that started it."""
APART_FROM = 100_000
"""Ours has a process of its own from here on; for fewer its start would be most of the time."""

_CRYPTOGRAPHY = """
import datetime, sys
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
key = serialization.load_pem_private_key(Path(sys.argv[1]).read_bytes(), None)
ca = x509.load_pem_x509_certificate(Path(sys.argv[2]).read_bytes())
now = datetime.datetime.now(datetime.timezone.utc)
reason = x509.CRLReason(x509.ReasonFlags.cessation_of_operation)
def entry(serial):
    made = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
    return made.add_extension(reason, critical=False).build()
listed = [entry(int(line)) for line in Path(sys.argv[3]).open()]
made = x509.CertificateRevocationListBuilder(
    issuer_name=ca.subject, last_update=now, next_update=now + datetime.timedelta(days=1),
    revoked_certificates=listed,
).sign(key, hashes.SHA256())
Path(sys.argv[4]).write_bytes(made.public_bytes(serialization.Encoding.DER))
"""


def measure(_ground: object, *, quick: bool) -> Figures:
    """A hundred thousand entries and a million; in --quick ten thousand."""
    if quick:
        return _of(10_000, "ten_thousand", rounds=1)
    return {
        **_of(100_000, "hundred_thousand", rounds=5),
        **_of(1_000_000, "million", rounds=3),
    }


def _of(entries: int, name: str, *, rounds: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        turns, fold_s = _turns(folder, entries)
        seen = Rounds(f"lists of {entries:,} entries")
        seen.run(rounds, turns)
    theirs = [one for one in turns if one != "ours"]
    best = min(theirs, key=lambda one: seen.median(f"{one}.cpu_s"))
    ratio = seen.ratio("ours.cpu_s", f"{best}.cpu_s", lower_is_better=True)
    figures = {f"crl.{name}_{one}_cpu_s": seen.median(f"{one}.cpu_s") for one in turns}
    if entries >= APART_FROM:
        figures[f"crl.{name}_mb"] = seen.median("ours.mb")
    if entries >= PEAKS_FROM:
        figures |= {f"crl.{name}_{one}_mb": seen.median(f"{one}.mb") for one in theirs}
    return {
        **figures,
        **with_worst(f"crl.{name}_time_vs_best", ratio),
        f"crl.{name}_s": seen.median("ours.s"),
        f"crl.{name}_fold_s": fold_s,
    }


def _turns(
    folder: Path, entries: int
) -> tuple[dict[str, Callable[[], Mapping[str, float]]], float]:
    ca = peers.PeerCa(folder, 1)
    serials = [number * 0x9E3779B97F4A7C15F39C % (1 << 127) | 1 << 126 for number in range(entries)]
    ca.write_index(folder / "index.txt", serials, revoked=True)
    (folder / "serials").write_text("".join(f"{serial}\n" for serial in serials))
    (folder / "by_cryptography.py").write_text(_CRYPTOGRAPHY)
    config = str(peers.crl_config(ca))
    own = folder / "ours"
    own.mkdir()
    listed = folder / "ours.crl"
    large = entries >= APART_FROM
    filled = _apart("fill", own, str(entries)) if large else ours.fill(own, entries)
    key, certificate = str(folder / "ca.key"), str(folder / "ca.pem")
    if shutil.which("cfssl") is None:
        raise Missing("cfssl is not installed: apt-get install golang-cfssl")
    by_cryptography = [
        sys.executable, str(folder / "by_cryptography.py"), key, certificate,
        str(folder / "serials"), str(folder / "theirs.crl"),
    ]  # fmt: skip
    gencrl = ["openssl", "ca", "-gencrl", "-config", config, "-out", str(folder / "theirs.pem")]
    cfssl = ["cfssl", "gencrl", str(folder / "serials"), certificate, key]
    turns: dict[str, Callable[[], Mapping[str, float]]] = {
        "ours": lambda: _apart("list", own, str(listed)) if large else ours.listed(own, listed),
        "openssl": lambda: _spent(gencrl),
        "cfssl": lambda: _spent(cfssl),
        "cryptography": lambda: _spent(by_cryptography),
    }
    return turns, filled["fold_s"]


def _apart(act: str, folder: Path, more: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.ca.ours", act, str(folder), more]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _spent(command: list[str]) -> dict[str, float]:
    """Seconds, CPU seconds and peak of a process of its own."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[:2]} ended with {process.returncode}")
    return {
        "s": time.perf_counter() - begun,
        "cpu_s": used.ru_utime + used.ru_stime,
        "mb": used.ru_maxrss / 1024,
    }
