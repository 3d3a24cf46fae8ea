"""Certificates by the second of a core: ours in-process and over HTTP, raw, CFSSL, django-ca."""

import json
import tempfile
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

from bench import issuing
from bench.ca import enrolling, load, peers, ports, rivals
from bench.cluster import Missing
from bench.ground import Ground
from bench.rounds import Figures, Rounds, Turn, with_worst

CORE = "per_cpu_s"
CONNECTIONS = 8
PEOPLE = 24
"""Who enrol over HTTP in a round."""


def certificates(ground: Ground, *, quick: bool) -> Figures:
    """What a core issues: ours with lint, intent, log and durable commit; the peers over HTTP."""
    rounds, seconds, pairs = (1, 0.5, 24) if quick else (5, 1.5, 60)
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        turns = {"ours": lambda: _ours(pairs), **_cfssl(folder, seconds)}
        if not quick:
            desk = stack.enter_context(enrolling.desk(folder))
            turns["http"] = lambda: {CORE: desk.per_cpu_s(PEOPLE)}
            turns |= _django_ca(ground.folder, seconds)
        seen = Rounds("certificates")
        seen.run(rounds, turns)
    return _figures(seen, turns)


def _ours(pairs: int) -> Mapping[str, float]:
    found = issuing.measure(pairs)
    return {
        CORE: found["issue.certificates_per_cpu_s"],
        "raw": found["issue.raw_signatures_per_cpu_s"],
    }


def _cfssl(folder: Path, seconds: float) -> dict[str, Turn]:
    ca = peers.PeerCa(folder, 1)
    body = json.dumps({"certificate_request": ports.csr()}).encode()

    def turn() -> Mapping[str, float]:
        with peers.cfssl_sign(ca) as (port, pids):
            heard = load.post(
                folder, port, "/api/v1/cfssl/sign", "application/json", [body], pids,
                seconds=seconds, connections=CONNECTIONS,
            )  # fmt: skip
        return {CORE: heard.per_cpu_s}

    return {"cfssl": turn}


def _django_ca(folder: Path, seconds: float) -> dict[str, Turn]:
    """No turn where it cannot be had: `rivals.rivals` says so, and the others are measured."""
    try:
        rivals.environment("django-ca")
    except Missing:
        return {}

    def turn() -> Mapping[str, float]:
        with rivals.django_ca(folder) as rival:
            return {CORE: rivals.issued_by(rival, seconds)}

    return {"django_ca": turn}


def _figures(seen: Rounds, turns: Collection[str]) -> Figures:
    figures = {
        **with_worst("issue.cpu_vs_cfssl", seen.ratio(f"ours.{CORE}", f"cfssl.{CORE}")),
        "issue.cfssl_per_cpu_s": seen.median(f"cfssl.{CORE}"),
    }
    if "http" in turns:
        figures |= {
            **with_worst("issue.http_vs_cfssl", seen.ratio(f"http.{CORE}", f"cfssl.{CORE}")),
            **with_worst("issue.http_vs_raw", seen.ratio(f"http.{CORE}", "ours.raw")),
            "issue.http_per_cpu_s": seen.median(f"http.{CORE}"),
        }
    if "django_ca" in turns:
        over_http = seen.ratio(f"http.{CORE}", f"django_ca.{CORE}")
        figures |= {
            **with_worst("issue.http_vs_django_ca", over_http),
            "issue.cpu_vs_django_ca": seen.ratio(f"ours.{CORE}", f"django_ca.{CORE}")[0],
            "issue.http_django_ca_per_cpu_s": seen.median(f"django_ca.{CORE}"),
        }
    return figures
