"""`./dev soak`: rounds of the bank checker for so long, or the mutants, and the figures."""

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.bank.checker import summary
from tests.faults.bank.history import History
from tests.faults.bank.nemesis import KILL_POSTMASTER, Nemesis
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.run import Plan, Result, run
from tests.faults.bank.trials import TRIALS

ROUND_S = 120.0
AN_HOUR = {"outcomes": 500_000, "faults": 200, "postmaster_kills": 20}
"""What an hour must come to, for every release."""

FIRST_ANSWER_S_MAX = {"kill app": 5.0, "kill postmaster": 15.0}


@dataclass
class Totals:
    """Everything so far, over all rounds."""

    rounds: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    slowest_s: dict[str, float] = field(default_factory=dict)
    failed: list[int] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.rounds += 1
        self.faults.update(result.faults)
        for name in ("outcomes", "posted", "holds", "reads", "resent", "raced", "commits_cut"):
            self.counted[name] += getattr(result, name)
        for kind, (_, longest) in result.recovered_s.items():
            self.slowest_s[kind] = max(longest, self.slowest_s.get(kind, 0.0))
        if result.findings:
            self.failed.append(result.plan.seed)

    def figures(self, seconds: float) -> dict[str, Any]:
        demanded = {name: round(figure * seconds / 3_600) for name, figure in AN_HOUR.items()}
        reached = {
            "outcomes": self.counted["outcomes"],
            "faults": self.faults.total(),
            "postmaster_kills": self.faults[KILL_POSTMASTER],
        }
        slow = {
            kind: seen
            for kind, most in FIRST_ANSWER_S_MAX.items()
            if (seen := self.slowest_s.get(kind, 0.0)) > most
        }
        return {
            "seconds": round(seconds),
            "rounds": self.rounds,
            **dict(self.counted),
            "faults": dict(self.faults),
            "first_answer_s": {kind: round(s, 2) for kind, s in self.slowest_s.items()},
            "slow": slow,
            "demanded": demanded,
            "reached": reached,
            "enough": all(reached[name] >= demanded[name] for name in demanded),
            "failed_seeds": self.failed,
        }


def main() -> int:
    top = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    top.add_argument("--minutes", type=float, default=60.0)
    top.add_argument("--seed", type=int, default=None, help="of the first round; the next is +1")
    top.add_argument("--round", type=float, default=ROUND_S, help="seconds of a round")
    top.add_argument("--mutants", action="store_true", help="the broken banks instead")
    top.add_argument("--json", action="store_true", help="only the figures, as JSON")
    arguments = top.parse_args()
    with server() as postmaster:
        return broken(postmaster) if arguments.mutants else soak(postmaster, arguments)


@contextmanager
def server() -> Iterator[Postmaster]:
    with (
        tempfile.TemporaryDirectory(prefix="dojang-soak-") as folder,
        Postmaster.started(Path(folder)) as running,
    ):
        yield running


def soak(postmaster: Postmaster, arguments: argparse.Namespace) -> int:
    seed = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    began, totals = time.monotonic(), Totals()
    over_at = began + arguments.minutes * 60
    say(f"{arguments.minutes:g} minutes from seed {seed}")
    while (left := over_at - time.monotonic()) > 1:
        length = left if left < arguments.round * 1.5 else arguments.round
        result = run(postmaster, Plan(seed + totals.rounds, length), progress)
        totals.add(result)
        tell(result)
    figures = totals.figures(time.monotonic() - began)
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else words(figures))
    for failed in totals.failed:
        minutes = arguments.round / 60
        say(f"seed {failed} fails; again: ./dev soak --minutes {minutes:g} --seed {failed}")
    short = arguments.minutes >= 60 and (not figures["enough"] or figures["slow"])
    return 1 if totals.failed or short else 0


def broken(postmaster: Postmaster) -> int:
    """Every mutant in a round of its own; each must be caught."""
    missed = []
    for name, trial in TRIALS.items():
        result = trial.run(postmaster)
        caught = trial.caught(result)
        kinds = ", ".join(sorted(result.kinds)) or "nothing"
        print(f"{name:12} {'caught' if caught else 'MISSED'}: {kinds}", flush=True)
        if not caught:
            missed.append(name)
            say(summary(result.findings))
    return 1 if missed else 0


def progress(history: History, nemesis: Nemesis) -> None:
    if sys.stderr.isatty():
        done = sum(one.said is not None for one in history.asked.values())
        line = f"  {done:,} answered, {len(history.reads):,} reads, {len(nemesis.faults)} faults"
        print(f"\r\033[2K{line}", end="", file=sys.stderr, flush=True)


def tell(result: Result) -> None:
    if sys.stderr.isatty():
        print("\r\033[2K", end="", file=sys.stderr)
    say(
        f"seed {result.plan.seed}: {result.outcomes:,} outcomes ({result.posted:,} posted), "
        f"{result.reads:,} reads, {sum(result.faults.values())} faults, "
        f"quiet after {result.quiet_s:.1f} s, {len(result.findings)} findings"
    )
    if result.findings:
        say(summary(result.findings))


def words(figures: dict[str, Any]) -> str:
    lines = [f"{name:18} {value}" for name, value in figures.items()]
    return "\n".join(lines)


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
