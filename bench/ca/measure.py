"""The figures of the area `ca`: everyone has a turn in each round; ratios are of the same round."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.ca import load, peers
from bench.ca import ours as own
from bench.ca.ports import NONCE_BYTES, QUESTIONS, STAMP_QUERIES, Ours, query_in
from bench.ground import Ground
from bench.rounds import Figures, Rounds, Turn, with_worst

CORE = "per_cpu_s"
QUICK = ("ours", "nginx", "openssl", "nonce", "openssl_nonce")
"""Who has a turn in --quick: nobody without whom a limit could be judged."""


def answers(ground: Ground, *, quick: bool) -> Figures:
    """OCSP: signed before and with a nonce; beside nginx, `openssl ocsp` and CFSSL."""
    rounds, slices, seconds = (1, 1, 0.5) if quick else (5, 3, 0.7)
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        ours, ca = ground.status, peers.PeerCa(folder, len(ground.status.serials))
        with _others(folder, ca, quick=quick) as others:
            turns = _turns(folder, ours, others, seconds)
            if quick:
                turns = {name: turns[name] for name in QUICK}
            load.get(folder, ours.port, _targets(ours), ours.pids, seconds=0.2)
            seen = Rounds("OCSP")
            seen.run(rounds, turns, slices=slices)
    return _figures_of_answers(seen, list(turns))


def stamps(ground: Ground, *, quick: bool) -> Figures:
    """RFC 3161 over HTTP, beside `openssl ts`, which is a process a stamp."""
    rounds, seconds = (1, 0.5) if quick else (5, 2.0)
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder, ours = Path(temporary), ground.status
        ca = peers.PeerCa(folder, 1)
        query = query_in(folder)
        config = peers.ts_config(ca)

        def port() -> Mapping[str, float]:
            heard = load.post(
                folder, ours.port, "/pki/tsa", STAMP_QUERIES, [query.read_bytes()], ours.pids,
                seconds=seconds,
            )  # fmt: skip
            return {"per_s": heard.per_s, "per_cpu_s": heard.per_cpu_s}

        turns = {"tsa": port, "openssl": lambda: _openssl_stamps(config, query, seconds)}
        seen = Rounds("time-stamps")
        seen.run(rounds, turns)
    return {
        **with_worst("tsa.vs_openssl", seen.ratio("tsa.per_cpu_s", "openssl.per_cpu_s")),
        "tsa.per_s": seen.median("tsa.per_s"),
        "tsa.per_cpu_s": seen.median("tsa.per_cpu_s"),
        "tsa.openssl_per_cpu_s": seen.median("openssl.per_cpu_s"),
    }


def ahead(_ground: object, *, quick: bool) -> Figures:
    """CPU seconds of one core for a million answers signed ahead; storing them is told apart.

    Beside a million bare signatures by `cryptography` in the same process, page for page: the ratio
    says more than the seconds on a machine whose clock is not ours alone.
    """
    rounds, turn = (1, _ahead_here) if quick else (5, lambda: _apart("ahead", 20_000))
    seen = Rounds("answers signed ahead")
    seen.run(rounds, {"ahead": turn})
    return {
        **with_worst(
            "ocsp.resign_vs_raw", seen.ratio("ahead.sign_s", "ahead.raw_s", lower_is_better=True)
        ),
        "ocsp.resign_million_s": seen.median("ahead.sign_s"),
        "ocsp.resign_store_million_s": seen.median("ahead.store_s"),
        "ocsp.raw_million_s": seen.median("ahead.raw_s"),
    }


@dataclass(frozen=True)
class Others:
    """Where the peers listen while a part runs; each a port and its processes."""

    ca: peers.PeerCa
    nginx: tuple[int, list[int], list[str]]
    openssl: tuple[int, list[int]]
    cfssl: tuple[int, list[int]]


@contextmanager
def _others(folder: Path, ca: peers.PeerCa, *, quick: bool) -> Iterator[Others]:
    """Not CFSSL where it has no turn."""
    with ExitStack() as stack:
        yield Others(
            ca,
            stack.enter_context(peers.nginx(folder, ca.response(ca.serials[0]), len(ca.serials))),
            stack.enter_context(peers.openssl_ocsp(ca)),
            (0, []) if quick else stack.enter_context(peers.cfssl_ocsp(ca)),
        )


def _targets(ours: Ours) -> list[str]:
    return peers.targets(ours.requests(), "/pki/ocsp/")


def _turns(folder: Path, ours: Ours, others: Others, seconds: float) -> dict[str, Turn]:
    ca = others.ca
    asked = [ca.request(serial) for serial in ca.serials]
    nonces = [ca.request(serial, os.urandom(NONCE_BYTES)) for serial in ca.serials]
    openssl_port, openssl_pids = others.openssl

    def got(port: int, pids: list[int], targets: list[str]) -> Mapping[str, float]:
        return vars(load.get(folder, port, targets, pids, seconds=seconds))

    def posted(port: int, pids: list[int], path: str, bodies: list[bytes]) -> Mapping[str, float]:
        return vars(load.post(folder, port, path, QUESTIONS, bodies, pids, seconds=seconds))

    def by_openssl(requests: list[bytes]) -> Mapping[str, float]:
        return vars(load.one_by_one(openssl_port, requests, openssl_pids, seconds=seconds))

    got_from_openssl = [f"GET {one} HTTP/1.0\r\n\r\n".encode() for one in peers.targets(asked)]
    port, pids, files = others.nginx
    return {
        "ours": lambda: got(ours.port, ours.pids, _targets(ours)),
        "nginx": lambda: got(port, pids, files),
        "posted": lambda: posted(ours.port, ours.pids, "/pki/ocsp", ours.requests()),
        # This CFSSL takes no GET at its own path: it decodes the slash before the base64 too.
        "cfssl": lambda: posted(*others.cfssl, "/", asked),
        "openssl": lambda: by_openssl(got_from_openssl),
        "nonce": lambda: posted(ours.port, ours.pids, "/pki/ocsp", ours.with_nonces()),
        "openssl_nonce": lambda: by_openssl([load.posted("/", QUESTIONS, one) for one in nonces]),
    }


def _figures_of_answers(seen: Rounds, turns: list[str]) -> Figures:
    peer = max(
        (name for name in ("cfssl", "openssl") if name in turns),
        key=lambda name: seen.median(f"{name}.{CORE}"),
    )
    ratios = {
        "ocsp.presigned_vs_nginx": ("ours", "nginx"),
        "ocsp.posted_vs_nginx": ("posted", "nginx"),
        "ocsp.vs_best_peer": ("ours", peer),
        "ocsp.nonce_vs_openssl": ("nonce", "openssl_nonce"),
    }
    figures = {f"ocsp.{name}_{CORE}": seen.median(f"{name}.{CORE}") for name in turns}
    for name, (above, below) in ratios.items():
        if above in turns:
            figures |= with_worst(name, seen.ratio(f"{above}.{CORE}", f"{below}.{CORE}"))
    return {**figures, "ocsp.per_s": seen.median("ours.per_s")}


def _ahead_here() -> dict[str, float]:
    """In this process: to start another one takes longer than these signatures."""
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as folder:
        return own.ahead(Path(folder), 3_000)


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
