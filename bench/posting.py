"""What a posted transfer costs over HTTP on PostgreSQL, the ceremony apart.

The orders are authorised already: made, signed, not yet posted. Measured is the request by which
the customer learns the outcome, `GET /v1/transfers/{id}`: the phone's proof (DPoP) and the session
are checked, the Ed25519 signature is verified under its certificate, everything is admitted again,
the group committer posts, and the answer carries outcome and receipt.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench import wire
from bench.bank import _cpu
from bench.bankpg import made
from bench.ground import Ground
from bench.payers import Payers
from bench.rounds import Figures, Rounds, Turn, with_worst
from dojang.house import Bank
from dojang.journey.served import START_SECONDS_MAX, free_port

ROUNDS, QUICK_ROUNDS = 5, 1
LINES = 64
CROWD = 512
"""So many ask at once at saturation: twice as many bring a tenth more and wait as long again
(ADR 0041)."""
PAYERS, QUICK_PAYERS = 64, 24
WARM, QUICK_WARM = 400, 100
RATES = (50, 200, 500)
OPEN_SECONDS, QUICK_OPEN_SECONDS = 4.0, 0.7
POSTED = b'"status":"posted"'
TRIVIAL = "/pki/root.crt"


def measure(ground: Ground, *, quick: bool) -> Figures:
    """`transfer.pg_*` and `transfer.http_vs_*`. Raises cluster.Missing without PostgreSQL."""
    postgres, pgbench = ground.postgres, ground.pgbench
    url = postgres.bank("http")
    folder, ports = ground.folder / "bankpg", [free_port(), free_port()]
    origin = f"http://localhost:{ports[0]}"
    bank = made(folder, ports[0], origin, url)
    payers = Payers(bank, QUICK_PAYERS if quick else PAYERS)
    with servers(folder, ports, origin, url) as pids:
        load = Load(ground, payers, ports, pids)
        count = 800 if quick else 3_000
        seconds = 1.0 if quick else 3.0
        warm = QUICK_WARM if quick else WARM
        for port in ports:
            load.saturated(warm, [port])
        postgres.do("http", "ANALYZE")  # as pgbench is begun with, and autovacuum does in time
        figures = load.behind(bank, warm * len(ports))
        turns: dict[str, Turn] = {
            "tpcb": lambda: {"tps": pgbench.tpcb(seconds).tps},
            "one": lambda: load.saturated(count, ports[:1]),
            "two": lambda: load.saturated(count * 2, ports),
            "trivial": lambda: load.trivial(count * 2, ports),
            "trivial_one": lambda: load.trivial(count * 2, ports[:1]),
        }
        if not quick:
            turns["two_64"] = lambda: load.saturated(count, ports, LINES)
            turns["same"] = lambda: {"tps": pgbench.same_work(seconds, chain=False).tps}
        rounds = Rounds()
        rounds.run(QUICK_ROUNDS if quick else ROUNDS, turns)
        figures |= _saturation(rounds)
        figures |= _open_loop(load, quick=quick)
    return figures


class Load:
    """Slices of load on running servers; CPU of the servers and of PostgreSQL beside them."""

    def __init__(self, ground: Ground, payers: Payers, ports: list[int], pids: list[int]) -> None:
        self._postgres = ground.postgres
        self._payers = payers
        self._ports = ports
        self._pids = pids

    def saturated(self, count: int, ports: list[int], lines: int = CROWD) -> Figures:
        asked = self._asked(count, ports)
        return self._timed(count, lambda: wire.saturate(asked, lines, must_say=POSTED))

    def trivial(self, count: int, ports: list[int]) -> Figures:
        """Bytes that the servers of these ports already have."""
        request = f"GET {TRIVIAL} HTTP/1.1\r\nHost: localhost:{ports[0]}\r\n\r\n".encode()
        asked = [(ports[n % len(ports)], request) for n in range(count)]
        return self._timed(count, lambda: wire.saturate(asked, CROWD, must_say=b""))

    def arriving(self, rate: float, seconds: float) -> Figures:
        asked = self._asked(int(rate * seconds), self._ports)
        return self._timed(len(asked), lambda: wire.arrive(asked, rate, LINES, must_say=POSTED))

    def behind(self, bank: Bank, count: int) -> Figures:
        """What is done behind the log for each of the transfers so far: its receipt's evidence."""
        before, own = self._postgres.cpu_seconds(), time.process_time()
        bank.receipts.catch_up()
        spent = time.process_time() - own + self._postgres.cpu_seconds() - before
        return {"transfer.pg_evidence_cpu_ms": spent * 1_000 / count}

    def _asked(self, count: int, ports: list[int]) -> list[wire.Asked]:
        nonce = httpx.get(f"http://127.0.0.1:{ports[0]}/v1/bank").headers["dpop-nonce"]
        made = self._payers.authorised(count)
        return [
            (ports[n % len(ports)], self._payers.request(payer, one, nonce))
            for n, (payer, one) in enumerate(made)
        ]

    def _timed(self, count: int, act) -> Figures:
        before, server = self._postgres.cpu_seconds(), sum(map(_cpu, self._pids))
        heard: wire.Heard = act()
        spent = sum(map(_cpu, self._pids)) - server
        backend = self._postgres.cpu_seconds() - before
        return {
            "tps": heard.per_s,
            "p50": heard.percentile_ms(0.50),
            "p99": heard.percentile_ms(0.99),
            "server_ms": spent * 1_000 / count,
            "backend_ms": backend * 1_000 / count,
            "cpu_ms": (spent + backend) * 1_000 / count,
        }


def _saturation(rounds: Rounds) -> Figures:
    figures: Figures = {}
    for ratio, above, below in (
        ("transfer.http_vs_tpcb", "two", "tpcb"),
        ("transfer.http_64_vs_tpcb", "two_64", "tpcb"),
        ("transfer.http_vs_same_work", "two", "same"),
        ("transfer.http_vs_trivial", "two", "trivial"),
        ("transfer.http_one_vs_tpcb", "one", "tpcb"),
        ("transfer.http_one_vs_same_work", "one", "same"),
        ("transfer.http_one_vs_trivial", "one", "trivial_one"),
    ):
        if rounds.seen(above) and rounds.seen(below):
            figures |= with_worst(ratio, rounds.ratio(above + ".tps", below + ".tps"))
    return figures | {
        "pgbench.tpcb_beside_http_tps": rounds.median("tpcb.tps"),
        "transfer.pg_cpu_ms": rounds.median("one.cpu_ms"),
        "transfer.pg_python_cpu_ms": rounds.median("one.server_ms"),
        "transfer.pg_backend_cpu_ms": rounds.median("one.backend_ms"),
        "transfer.pg_trivial_cpu_ms": rounds.median("trivial.cpu_ms"),
        "transfer.pg_one_process_tps": rounds.median("one.tps"),
        "transfer.pg_two_processes_tps": rounds.median("two.tps"),
        "transfer.pg_two_processes_cpu_ms": rounds.median("two.cpu_ms"),
        "transfer.pg_two_processes_p50_ms": rounds.median("two.p50"),
        "transfer.pg_two_processes_p99_ms": rounds.median("two.p99"),
        "transfer.pg_trivial_tps": rounds.median("trivial.tps"),
    }


def _open_loop(load: Load, *, quick: bool) -> Figures:
    """Two processes; every latency from the moment the request was due."""
    rounds, seconds = Rounds(), QUICK_OPEN_SECONDS if quick else OPEN_SECONDS
    turns: dict[str, Turn] = {
        str(rate): (lambda rate=rate: load.arriving(rate, seconds)) for rate in RATES
    }
    rounds.run(1 if quick else ROUNDS, turns)
    figures = {}
    for rate in RATES:
        for figure in ("p50", "p99"):
            figures[f"transfer.open_{rate}_{figure}_ms"] = rounds.median(f"{rate}.{figure}")
        figures[f"transfer.open_{rate}_cpu_ms"] = rounds.median(f"{rate}.cpu_ms")
    return figures


@contextmanager
def servers(folder: Path, ports: list[int], origin: str, url: str) -> Iterator[list[int]]:
    """One bank in as many processes as there are ports; yields their process ids."""
    running: list[subprocess.Popen[bytes]] = []
    log = folder.with_suffix(".log")
    try:
        for port in ports:
            command = [sys.executable, "-m", "bench.bankpg", str(folder), str(port), origin, url]
            with log.open("ab") as out:
                running.append(subprocess.Popen(command, stdout=out, stderr=out))
        for one, port in zip(running, ports, strict=True):
            _answers(one, port, log)
        yield [one.pid for one in running]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(timeout=20)


def _answers(one: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and one.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("a bank on PostgreSQL did not start:\n" + log.read_text()[-3_000:])
