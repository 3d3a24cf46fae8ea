"""./dev bench [AREA] [--quick] [--json FILE]: a table for people, a flat JSON object for machines.

Figures are medians of at least five rounds (of one to five in --quick) on this machine, now; only
those of one run are to be compared. A missed limit is shown, and is exit 1 for `--strict`.
"""

import argparse
import json
import math
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.areas import AREAS, Part, parts
from bench.budget import QUICK_SECONDS, Budget
from bench.cluster import Missing
from bench.ground import Ground
from bench.rounds import WORST
from dojang.crypto import multibuffer
from dojang.kernel.clock import SystemClock, utc

WIDTH = 118
GROUND_SECONDS = 10.0
"""Until a bank and a PostgreSQL are up, on a quiet machine."""
RESULTS = Path(__file__).parent / "results"
LIMITS: dict[str, tuple[str, float]] = {
    "ceremony.cpu_vs_core": ("<=", 5.0),
    "crl.million_mb": ("<=", 128.0),
    "crl.million_time_vs_best": ("<=", 0.1),
    "issue.cpu_ms": ("<=", 3.0),
    "issue.cpu_vs_cfssl": (">=", 0.2),
    "ledger.deadlocks": ("<=", 0.0),
    "ledger.group_chain_vs_pgbench": (">=", 5.0),
    "ledger.group_vs_tpcb": (">=", 1.5),
    "ledger.growth": ("<=", 1.5),
    "ledger.hot_vs_pgbench_hot": (">=", 6.0),
    "ledger.hot_vs_uniform": (">=", 0.8),
    "ledger.open_loop_vs_rows": ("<=", 1.0),
    "ledger.sqlite_group_vs_single": (">=", 2.0),
    "ledger.two_processes_vs_one": (">=", 0.7),
    "ocsp.nonce_vs_openssl": (">=", 1.0),
    "ocsp.presigned_vs_nginx": (">=", 0.9),
    "ocsp.resign_million_s": ("<=", 40.0),
    "ocsp.vs_best_peer": (">=", 10.0),
    "server.idle_mb": ("<", 120.0),
    "server.growth_mb": ("<=", 5.0),
    "server.start_s": ("<", 2.0),
    "site.first_load_kb": ("<", 80.0),
    "site.receipt_ms": ("<", 300.0),
    "transfer.http_vs_tpcb": (">=", 0.5),
    "tsa.vs_openssl": (">=", 20.0),
    "transfer.pg_cpu_ms": ("<=", 1.5),
}
BESIDE: dict[str, str] = {
    "ceremony.per_s": "ceremony.bare_per_s",
    "ledger.group_64_tps": "pgbench.chain_tps",
    "ledger.group_64_hot_tps": "pgbench.same_hot_tps",
    "ledger.group_256_tps": "pgbench.tpcb_tps",
    "ledger.open_loop_300_p50_ms": "ledger.rows_open_loop_300_p50_ms",
    "ledger.open_loop_300_p99_ms": "ledger.rows_open_loop_300_p99_ms",
    "ledger.sqlite_group_tps": "ledger.sqlite_single_tps",
    "transfer.http_cpu_ms": "transfer.raw_ed25519_ms",
    "transfer.pg_cpu_ms": "transfer.pg_trivial_cpu_ms",
    "transfer.pg_one_process_tps": "pgbench.tpcb_beside_http_tps",
    "transfer.pg_two_processes_tps": "transfer.pg_trivial_tps",
    "issue.cpu_ms": "issue.raw_cpu_ms",
    "server.start_s": "server.start_cpu_s",
    "ocsp.resign_million_s": "ocsp.raw_million_s",
}
"""What a figure without a limit of its own is to be seen beside."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("area", nargs="?", choices=[*AREAS], help="only this one")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer and shorter rounds, ended within 50 s; what does not fit is named",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go as well")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is missed")
    given = parser.parse_args()
    figures: dict[str, float] = {}
    err = Console(stderr=True)
    budget = Budget(QUICK_SECONDS if given.quick else math.inf)
    with ExitStack() as stack:
        ground = Ground(stack)
        if given.area is None:
            with err.status("starting what is measured"):
                ground.prepare()
        budget.took(GROUND_SECONDS)
        left: list[str] = []
        for name, part in parts(given.area):
            what = f"{name} beside {part.beside}" if part.beside else name
            if not budget.fits(part.seconds):
                left.append(what)
                continue
            with err.status(f"measuring: {what}"):
                found = run(what, part, ground, budget, quick=given.quick, err=err)
            figures |= {key: round(value, 3) for key, value in found.items()}
    show(figures, left, err)
    write(figures, given.json, whole=given.area is None, quick=given.quick)
    missed = [name for name in figures if within(name, figures[name]) is False]
    return 1 if given.strict and missed else 0


def run(
    what: str, part: Part, ground: Ground, budget: Budget, *, quick: bool, err: Console
) -> dict[str, float]:
    """The part's figures; none, and why, where it could not run."""
    begun = budget.spent
    try:
        found = part.act(ground, quick=quick)
    except Missing as missing:
        err.print(f"[yellow]{what}: NOT RUN: {missing}[/yellow]")
        return {}
    budget.took(part.seconds)
    if found:
        err.print(f"[dim]{what}: {len(found)} figures in {budget.spent - begun:.0f} s[/dim]")
    else:
        err.print(f"[yellow]{what}: NOT RUN: no Chromium, or no built site[/yellow]")
    return found


def show(figures: dict[str, float], left: list[str], err: Console) -> None:
    """The table, and what there was no time for."""
    out = Console()
    out.width = max(out.width, WIDTH)
    out.print(table(figures))
    if multibuffer.library() is None:
        why = "dojang\\[multibuffer] is missing, or AVX-512 IFMA"
        err.print(f"[yellow]signatures one by one, which costs more: {why}[/yellow]")
    if left:
        what = ", ".join(dict.fromkeys(left))
        err.print(f"[yellow]NOT RUN, for want of time: {what}[/yellow]")
        err.print("[yellow]An area alone has all the time: ./dev bench AREA --quick[/yellow]")


def table(figures: dict[str, float]) -> Table:
    shown = Table("figure", "value", "limit", "worst round", "beside", title="dojang bench")
    for column in range(5):
        shown.columns[column].justify = "right" if column else "left"
        shown.columns[column].no_wrap = True
    for name, value in sorted(figures.items()):
        if name.endswith(WORST):
            continue
        worst = figures.get(name + WORST)
        sign, limit = LIMITS.get(name, ("", 0.0))
        colour = {True: "green", False: "red", None: "default"}[within(name, value)]
        beside = BESIDE.get(name, "")
        shown.add_row(
            name,
            f"[{colour}]{value:,.3f}[/{colour}]",
            f"{sign} {limit:g}" if sign else "",
            "" if worst is None else f"{worst:,.3f}",
            f"{beside} {figures[beside]:,.3f}" if beside in figures else "",
        )
    return shown


def within(name: str, value: float) -> bool | None:
    """Whether the limit holds; None where there is none."""
    if name not in LIMITS:
        return None
    sign, limit = LIMITS[name]
    return {"<=": value <= limit, "<": value < limit, ">=": value >= limit}[sign]


def write(figures: dict[str, float], wanted: Path | None, *, whole: bool, quick: bool) -> None:
    """Where it was asked for; a whole run of every area goes to bench/results/DATE.json as well."""
    flat: dict[str, Any] = dict(sorted(figures.items()))
    flat |= {f"{name}.limit": limit for name, (_, limit) in LIMITS.items() if name in figures}
    made = {"bench.multibuffer": int(multibuffer.library() is not None), "bench.quick": int(quick)}
    text = json.dumps({**made, **flat}, indent=1) + "\n"
    if whole and not quick:
        RESULTS.mkdir(exist_ok=True)
        day = utc(SystemClock().now()).strftime("%Y-%m-%d")
        (RESULTS / f"{day}.json").write_text(text)
    if wanted is not None:
        wanted.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
