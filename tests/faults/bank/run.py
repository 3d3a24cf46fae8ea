"""One round: a fresh bank, clients and faults for so long, quiet, then the eight questions."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.bank import mutants
from tests.faults.bank.application import Settings
from tests.faults.bank.books import read
from tests.faults.bank.checker import Finding, check
from tests.faults.bank.clients import Client, Mix
from tests.faults.bank.history import History
from tests.faults.bank.nemesis import WEIGHTS, Nemesis, recoveries
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.processes import Processes, wait_for
from tests.faults.bank.proxy import Proxy
from tests.faults.bank.town import StridingClock, Town, found

from dojang.db import Database
from dojang.journey.served import free_port

CLIENTS = 24
QUIET_S_MAX = 30.0
SLOWER_MAX = 3
SKEW_S = -1.5
"""The second process's clock is behind, so that the two disagree around midnight."""


@dataclass(frozen=True)
class Plan:
    """What is done to the bank, and for how long.

    On a slow machine it lasts longer, up to three times: until there were so many faults
    (`faults_at_least`), and then without faults until so many ids have an outcome (`at_least`).
    """

    seed: int
    seconds: float
    at_least: int = 0
    faults_at_least: int = 0
    clients: int = CLIENTS
    mix: Mix = field(default_factory=Mix)
    weights: dict[str, int] = field(default_factory=lambda: WEIGHTS)
    every_s: tuple[float, float] = (1.5, 4.0)
    quiet_s: float = QUIET_S_MAX
    mutant: str | None = None
    serializable: bool = False
    """Every transaction under SERIALIZABLE: the cross-check, for it is not how the bank runs."""


@dataclass(frozen=True)
class Result:
    """What came of it. `history` is there for whoever wants to look closer."""

    plan: Plan
    findings: list[Finding]
    outcomes: int
    posted: int
    holds: int
    reads: int
    resent: int
    raced: int
    faults: dict[str, int]
    commits_cut: int
    recovered_s: dict[str, tuple[float, float]]
    errors: dict[str, int]
    quiet_s: float
    check_s: float
    history: History

    @property
    def kinds(self) -> set[str]:
        return {finding.what for finding in self.findings}


Progress = Callable[[History, Nemesis], None]


def run(postmaster: Postmaster, plan: Plan, progress: Progress | None = None) -> Result:
    """Run a round on this server, in a database of its own."""
    return asyncio.run(_run(postmaster, plan, progress))


async def _run(postmaster: Postmaster, plan: Plan, progress: Progress | None) -> Result:
    database = postmaster.fresh_database()
    url = postmaster.url(database)
    town = await asyncio.to_thread(found, url)
    mutants.prepare(plan.mutant, postmaster, database)
    if plan.serializable:
        postmaster.serialize(database)
    history = History(tuple(one.id for one in town.accounts))
    proxy = Proxy(postmaster.port)
    await proxy.start()
    urls = (url, postmaster.url(database, port=proxy.port))
    settings = [
        Settings(urls[n], free_port(), town.since, n * SKEW_S, plan.mutant) for n in range(2)
    ]
    try:
        with Processes.started(settings) as processes:
            nemesis = Nemesis(
                plan.seed,
                processes,
                postmaster,
                proxy,
                database,
                plan.weights,
                plan.every_s,
            )
            ports = [one.port for one in settings]
            for port in ports:  # the second one speaks through our own proxy
                await asyncio.to_thread(wait_for, port)
            quiet = await _play(plan, town, history, nemesis, ports, progress)
    finally:
        await proxy.stop()
    return _judged(plan, town, history, nemesis, url, quiet)


async def _play(
    plan: Plan,
    town: Town,
    history: History,
    nemesis: Nemesis,
    ports: list[int],
    progress: Progress | None,
) -> float:
    """Clients and faults together; then quiet, until all is answered or the time is over."""
    began = time.monotonic()

    def lasts(*, enough: bool) -> bool:
        return time.monotonic() - began < plan.seconds * (1 if enough else SLOWER_MAX)

    def rages() -> bool:
        return lasts(enough=len(nemesis.faults) >= plan.faults_at_least)

    def is_open() -> bool:
        return rages() or lasts(enough=history.answered >= plan.at_least)

    clients = [
        Client(n, seed=plan.seed, town=town, history=history, ports=ports, mix=plan.mix)
        for n in range(plan.clients)
    ]
    living = [asyncio.create_task(client.live(is_open)) for client in clients]
    watching = asyncio.create_task(_tell(history, nemesis, progress))
    await nemesis.rage(rages)
    while is_open():  # noqa: ASYNC110 - time and the count of answers decide together
        await asyncio.sleep(0.1)
    quiet_since = time.monotonic()
    _, stuck = await asyncio.wait(living, timeout=plan.quiet_s)
    quiet = time.monotonic() - quiet_since
    history.stuck = [n for n, task in enumerate(living) if task in stuck]
    for task in [*stuck, watching]:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*living, watching)
    return quiet


async def _tell(history: History, nemesis: Nemesis, progress: Progress | None) -> None:
    while progress is not None:
        await asyncio.sleep(5)
        progress(history, nemesis)


def _judged(
    plan: Plan, town: Town, history: History, nemesis: Nemesis, url: str, quiet_s: float
) -> Result:
    began = time.monotonic()
    db = Database(url, StridingClock(town.since))
    books = read(db)
    db.close()
    findings = check(town, history, books)
    rows = list(books.transfers.values())
    return Result(
        plan=plan,
        findings=findings,
        outcomes=len(rows) - len(town.deposits),
        posted=sum(row.dv is not None for row in rows) - len(town.deposits),
        holds=sum(row.kind == "hold" and row.status == "ok" for row in rows),
        reads=len(history.reads),
        resent=history.resent,
        raced=history.raced,
        faults=dict(nemesis.counted()),
        commits_cut=nemesis.proxy.commits_cut,
        recovered_s=recoveries(nemesis.faults, history),
        errors=history.errors,
        quiet_s=quiet_s,
        check_s=time.monotonic() - began,
        history=history,
    )
