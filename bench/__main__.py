"""./dev bench [AREA] [--quick] [--json FILE]: a table for people, a flat JSON object for machines.

Figures are medians of at least five rounds on this machine, now; only those of one run are to be
compared. A limit that is missed is shown and ends with exit 1 only for `--strict`.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.areas import AREAS, warmed_up
from bench.bank import measured
from dojang.kernel.clock import SystemClock, utc

RESULTS = Path(__file__).parent / "results"
LIMITS: dict[str, tuple[str, float]] = {
    "ceremony.cpu_vs_core": ("<=", 5.0),
    "issue.cpu_ms": ("<=", 3.0),
    "server.idle_mb": ("<", 120.0),
    "server.growth_mb": ("<=", 5.0),
    "site.first_load_kb": ("<", 80.0),
    "site.receipt_ms": ("<", 300.0),
}
BESIDE: dict[str, str] = {
    "ceremony.per_s": "ceremony.bare_per_s",
    "transfer.http_cpu_ms": "transfer.raw_ed25519_ms",
    "issue.cpu_ms": "issue.raw_cpu_ms",
}
"""What a figure without a limit of its own is to be seen beside."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("area", nargs="?", choices=[*AREAS], help="only this one")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, within 50 s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go as well")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is missed")
    given = parser.parse_args()
    figures: dict[str, float] = {}
    err = Console(stderr=True)
    with measured() as bank:
        warmed_up(bank)
        for name in [given.area] if given.area else [*AREAS]:
            with err.status(f"measuring: {name}"):
                found = AREAS[name](bank, quick=given.quick)
            if not found:
                err.print(f"[yellow]{name}: NOT RUN (no Chromium, or no built site)[/yellow]")
            figures |= {key: round(value, 3) for key, value in found.items()}
    Console().print(table(figures))
    write(figures, given.json)
    missed = [name for name in figures if within(name, figures[name]) is False]
    return 1 if given.strict and missed else 0


def table(figures: dict[str, float]) -> Table:
    shown = Table("figure", "value", "limit", "beside", title="dojang bench")
    for column in (1, 2, 3):
        shown.columns[column].justify = "right"
    for name, value in sorted(figures.items()):
        sign, limit = LIMITS.get(name, ("", 0.0))
        colour = {True: "green", False: "red", None: "default"}[within(name, value)]
        beside = BESIDE.get(name, "")
        shown.add_row(
            name,
            f"[{colour}]{value:,.3f}[/{colour}]",
            f"{sign} {limit:g}" if sign else "",
            f"{beside} {figures[beside]:,.3f}" if beside in figures else "",
        )
    return shown


def within(name: str, value: float) -> bool | None:
    """Whether the limit holds; None where there is none."""
    if name not in LIMITS:
        return None
    sign, limit = LIMITS[name]
    return value <= limit if sign == "<=" else value < limit


def write(figures: dict[str, float], wanted: Path | None) -> None:
    """bench/results/DATE.json, and where it was asked for."""
    flat: dict[str, Any] = dict(sorted(figures.items()))
    flat |= {f"{name}.limit": limit for name, (_, limit) in LIMITS.items() if name in figures}
    text = json.dumps(flat, indent=1) + "\n"
    RESULTS.mkdir(exist_ok=True)
    day = utc(SystemClock().now()).strftime("%Y-%m-%d")
    (RESULTS / f"{day}.json").write_text(text)
    if wanted is not None:
        wanted.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
