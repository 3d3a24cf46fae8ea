"""The port for status traffic over PostgreSQL: the same questions as over SQLite.

Counted is what the port and every process of PostgreSQL spend. There each turn of the loop asks the
database what has changed, where on SQLite a look at memory is enough (decision 0013).
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import cluster
from bench.ca import load, measure, peers
from bench.rounds import Figures, Rounds

CORE = "per_cpu_s"


def answers(_ground: object, *, quick: bool) -> Figures:
    """OCSP signed before, by GET and POST, and with nonces, on both databases in turns."""
    rounds, seconds = (1, 1.0) if quick else (5, 3.0)
    people = measure.QUICK_PEOPLE if quick else measure.PEOPLE
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        with (
            cluster.started() as postgres,
            measure.status_port(folder / "pg", people, postgres.bank("status")) as over,
            measure.status_port(folder / "sqlite", people) as embedded,
        ):
            turns = {
                **_turns(folder, "pg", over, lambda: [*over.pids, *postgres.pids()], seconds),
                **_turns(folder, "sqlite", embedded, lambda: embedded.pids, seconds),
            }
            for name in ("pg", "sqlite"):
                turns[f"{name}_get"]()
            seen = Rounds()
            seen.run(rounds, turns)
    acts = {"get": "ours", "posted": "posted", "nonce": "nonce"}
    figures = {f"ocsp.pg_{acts[act]}_{CORE}": seen.median(f"pg_{act}.{CORE}") for act in acts}
    for act, name in acts.items():
        ratio = seen.ratio(f"pg_{act}.{CORE}", f"sqlite_{act}.{CORE}")
        figures[f"ocsp.pg_{name}_vs_sqlite"] = ratio[0]
    return figures


def _turns(
    folder: Path,
    name: str,
    ours: measure.Ours,
    pids: Callable[[], list[int]],
    seconds: float,
) -> dict[str, Callable[[], Mapping[str, float]]]:
    targets = peers.targets(ours.requests(), "/pki/ocsp/")

    def posted(bodies: list[bytes]) -> Mapping[str, float]:
        return vars(
            load.post(
                folder, ours.port, "/pki/ocsp", measure.QUESTIONS, bodies, pids(), seconds=seconds
            )
        )

    return {
        f"{name}_get": lambda: vars(load.get(folder, ours.port, targets, pids(), seconds=seconds)),
        f"{name}_posted": lambda: posted(ours.requests()),
        f"{name}_nonce": lambda: posted(ours.with_nonces()),
    }
