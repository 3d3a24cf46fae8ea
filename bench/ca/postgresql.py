"""The port for status traffic over PostgreSQL: the same questions as over SQLite.

Counted is what the port and every process of PostgreSQL spend. There each turn of the loop asks the
database what has changed, where on SQLite a look at memory is enough (decision 0013).
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import cluster
from bench.ca import load, peers, ports
from bench.ground import Ground
from bench.rounds import Figures, Rounds

CORE = "per_cpu_s"
ROUNDS = 5


def answers(ground: Ground, *, quick: bool) -> Figures:
    """OCSP signed before, by GET and POST, and with nonces, on both databases in turns."""
    if quick:
        raise cluster.Missing("only without --quick")
    seconds, embedded = 1.5, ground.status
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        with (
            cluster.started() as postgres,
            ports.status_port(folder / "pg", url=postgres.bank("status")) as over,
        ):
            turns = {
                **_turns(folder, "pg", over, lambda: [*over.pids, *postgres.pids()], seconds),
                **_turns(folder, "sqlite", embedded, lambda: embedded.pids, seconds),
            }
            for name in ("pg", "sqlite"):
                turns[f"{name}_get"]()
            seen = Rounds("OCSP over PostgreSQL")
            seen.run(ROUNDS, turns)
    acts = {"get": "ours", "posted": "posted", "nonce": "nonce"}
    figures = {f"ocsp.pg_{acts[act]}_{CORE}": seen.median(f"pg_{act}.{CORE}") for act in acts}
    for act, name in acts.items():
        ratio = seen.ratio(f"pg_{act}.{CORE}", f"sqlite_{act}.{CORE}")
        figures[f"ocsp.pg_{name}_vs_sqlite"] = ratio[0]
    return figures


def _turns(
    folder: Path,
    name: str,
    ours: ports.Ours,
    pids: Callable[[], list[int]],
    seconds: float,
) -> dict[str, Callable[[], Mapping[str, float]]]:
    targets = peers.targets(ours.requests(), "/pki/ocsp/")

    def posted(bodies: list[bytes]) -> Mapping[str, float]:
        return vars(
            load.post(
                folder, ours.port, "/pki/ocsp", ports.QUESTIONS, bodies, pids(), seconds=seconds
            )
        )

    return {
        f"{name}_get": lambda: vars(load.get(folder, ours.port, targets, pids(), seconds=seconds)),
        f"{name}_posted": lambda: posted(ours.requests()),
        f"{name}_nonce": lambda: posted(ours.with_nonces()),
    }
