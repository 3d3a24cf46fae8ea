"""Load from two app processes, and the primary killed under it, round after round."""

import itertools
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ops.ha import bank
from ops.ha.bank import Acknowledged, Books
from ops.ha.cluster import Cluster, NotReady
from ops.ha.configs import NODES
from ops.ha.probe import Probe, gap_after

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = 200
THREADS = 8
AFTER_SECONDS = 3.0
OUTAGE_SECONDS_MAX = 60.0
START_SECONDS_MAX = 20.0
DRAIN_SECONDS_MAX = 60.0
OWN_SHARE_SECONDS = 2.0
"""So much longer than a plain client's may an app's outage be: the goal of the experiment."""
APPS = ("several hosts", "PgBouncer and HAProxy")


@dataclass(frozen=True)
class Round:
    """One kill, and the seconds from it to the next success of a plain client and of each app."""

    killed: str
    node: str
    plain_s: float
    apps_s: dict[str, float]
    whole_again_s: float
    made_anew: list[str]
    """Nodes that did not come back as standbys by themselves."""

    @property
    def met(self) -> bool:
        return max(self.apps_s.values()) <= self.plain_s + OWN_SHARE_SECONDS


@dataclass(frozen=True)
class Result:
    rounds: list[Round]
    books: Books
    acknowledged: int
    per_second: float
    retried: int
    """Acknowledged transfers that had first met an error."""
    unresolved: int


@dataclass
class Load:
    """The journals of the apps, read as they grow."""

    journals: dict[str, Path]
    told: dict[str, list[Acknowledged]] = field(default_factory=dict)
    unresolved: int = 0
    _read: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        for app, journal in self.journals.items():
            if not journal.exists():
                continue
            with journal.open("rb") as file:
                file.seek(self._read.get(app, 0))
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._read[app] = self._read.get(app, 0) + len(line)
                    self._take(app, json.loads(line))

    def _take(self, app: str, line: dict[str, object]) -> None:
        self.unresolved += "unresolved" in line
        if "id" in line:
            line.pop("took")
            self.told.setdefault(app, []).append(Acknowledged(**line))  # type: ignore[arg-type]

    def moments(self, app: str) -> list[float]:
        return [one.at for one in self.told.get(app, [])]

    def all(self) -> list[Acknowledged]:
        return list(itertools.chain.from_iterable(self.told.values()))


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def experiment(cluster: Cluster, rounds: int, seconds: float) -> Result:
    """Found a bank, put load on it, kill the primary `rounds` times, and compare."""
    accounts = bank.found(cluster, ACCOUNTS)
    say(f"a bank with {ACCOUNTS} accounts; load from two apps of {THREADS} threads")
    begun = time.monotonic()
    with _tellers(cluster, accounts) as load, Probe(bank.prober(cluster)) as probe:
        done = [
            _round(cluster, load, probe, "machine" if n % 2 == 0 else "postmaster", seconds)
            for n in range(rounds)
        ]
    load.look()
    took = time.monotonic() - begun
    url = cluster.several_hosts(bank.ROLES.app)
    return Result(
        rounds=done,
        books=bank.examine(url, load.all()),
        acknowledged=len(load.all()),
        per_second=len(load.all()) / took,
        retried=sum(one.attempts > 1 for one in load.all()),
        unresolved=load.unresolved,
    )


def _round(cluster: Cluster, load: Load, probe: Probe, what: str, seconds: float) -> Round:
    time.sleep(seconds)
    node = cluster.primary()
    assert node is not None, "the cluster was whole"
    killed_at = time.monotonic()
    if what == "machine":
        cluster.kill_machine(node)
    else:
        cluster.kill_postmaster(node)
    outages = _watch(load, probe, killed_at)
    if what == "machine":
        cluster.revive(node)
    back_at = time.monotonic()
    anew = cluster.wait_whole()
    whole = time.monotonic() - back_at
    plain = outages.pop("plain")
    told = ", ".join(f"{app} {outage:.1f} s" for app, outage in outages.items())
    again = f"; made anew: {', '.join(anew)}" if anew else ""
    say(f"{NODES[node]} lost its {what}: a plain client waited {plain:.1f} s; {told}{again}")
    return Round(what, NODES[node], plain, outages, whole, anew)


def _watch(load: Load, probe: Probe, killed_at: float) -> dict[str, float]:
    """Until everybody has written again for some seconds. Infinite where one never does."""
    deadline = killed_at + OUTAGE_SECONDS_MAX
    while True:
        time.sleep(0.5)
        load.look()
        now = time.monotonic()
        series = {"plain": probe.written, **{app: load.moments(app) for app in APPS}}
        back = {
            name: sum(at > killed_at + 1.0 for at in list(moments)) > 0
            and now - AFTER_SECONDS > (gap_after(list(moments), killed_at) or now) + killed_at
            for name, moments in series.items()
        }
        if all(back.values()) or now > deadline:
            return {
                name: gap_after(list(moments), killed_at) or float("inf")
                for name, moments in series.items()
            }


def _wait_for_all(cluster: Cluster, load: Load) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not all(load.moments(app) for app in APPS):
        if time.monotonic() > deadline:
            raise NotReady(f"an app has acknowledged nothing\n{cluster.told()}")
        time.sleep(0.2)
        load.look()


@contextmanager
def _tellers(cluster: Cluster, accounts: list[tuple[str, str]]) -> Iterator[Load]:
    """Both apps at work; at the end they finish what is open."""
    folder = cluster.folder / "apps"
    folder.mkdir()
    (folder / "accounts.json").write_text(json.dumps(accounts))
    stop = folder / "stop"
    urls = dict(
        zip(
            APPS,
            (
                cluster.several_hosts(bank.ROLES.app),
                cluster.through_the_proxies(bank.ROLES.app),
            ),
            strict=True,
        )
    )
    load = Load({app: folder / f"journal-{n}" for n, app in enumerate(APPS)})
    for n, app in enumerate(APPS):
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        code += "from ops.ha.teller import main; main(*sys.argv[1:])"
        files = (str(folder / "accounts.json"), str(load.journals[app]), str(THREADS), str(stop))
        command = (sys.executable, "-c", code, urls[app], *files)
        cluster.processes.start(f"app{n}", *command, server=False)
    try:
        _wait_for_all(cluster, load)
        yield load
    finally:
        stop.touch()
        for n in range(len(APPS)):
            cluster.processes.wait(f"app{n}", DRAIN_SECONDS_MAX)
