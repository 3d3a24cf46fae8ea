"""A line per step: what was proved and how long it took. For people with colours, or JSON lines."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Report(Protocol):
    """Hears of each step as it ends."""

    def begin(self, step: str) -> None: ...

    def told(self, step: str, proved: str, milliseconds: int, *, ok: bool) -> None: ...

    def end(self, text: str, *, ok: bool) -> None: ...


class Machine:
    """One JSON object a line: {step, proved, ms, ok}."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def begin(self, step: str) -> None:
        """Nothing: a machine reads results."""

    def told(self, step: str, proved: str, milliseconds: int, *, ok: bool) -> None:
        line = {"step": step, "proved": proved, "ms": milliseconds, "ok": ok}
        print(json.dumps(line, ensure_ascii=False), file=self._out, flush=True)

    def end(self, text: str, *, ok: bool) -> None:
        """Nothing: the exit code says it."""


class People:
    """A line per step; on a terminal also how far it is."""

    def __init__(self, console: Console, progress: Progress, steps: int) -> None:
        self._console = console
        self._progress = progress
        self._task = progress.add_task("", total=steps)

    def begin(self, step: str) -> None:
        self._progress.update(self._task, description=escape(step))

    def told(self, step: str, proved: str, milliseconds: int, *, ok: bool) -> None:
        sign = "[green]✓[/green]" if ok else "[red]✗[/red]"
        took = f"{milliseconds / 1_000:6.2f} s"
        self._console.print(
            f"{sign} [dim]{took}[/dim]  [bold]{escape(step)}[/bold]  {escape(proved)}",
            soft_wrap=True,
        )
        self._progress.advance(self._task)

    def end(self, text: str, *, ok: bool) -> None:
        self._progress.update(self._task, description="")
        colour = "green" if ok else "red"
        self._console.print(f"\n[{colour}]{escape(text)}[/{colour}]", soft_wrap=True)


@contextmanager
def reporting(*, as_json: bool, steps: int) -> Iterator[Report]:
    """The report for whoever reads it."""
    if as_json:
        yield Machine()
        return
    console = Console()
    progress = Progress(
        BarColumn(24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
    )
    if not console.is_terminal:
        yield People(console, progress, steps)
        return
    with Live(progress, console=console, transient=True, refresh_per_second=8):
        yield People(console, progress, steps)


class Stopwatch:
    """Milliseconds since it was made; only ever shown."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def milliseconds(self) -> int:
        return round((time.perf_counter() - self._started) * 1_000)
