"""What the areas stand on, each part started when the first of them asks for it."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from bench import cluster
from bench.bank import Measured, measured, warmed_up
from bench.ca.ports import Ours, status_port
from bench.cluster import Postgres
from bench.pgbench import Pgbench
from bench.population import populate
from dojang.db import Database
from dojang.kernel.clock import SystemClock

PEOPLE = 10_000


class Ground:
    """A served demo bank, a PostgreSQL cluster, pgbench on it; all of one run."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def prepare(self) -> None:
        """Start at once what a run of every area needs; what is not here says so when asked for."""
        with ThreadPoolExecutor(2) as pool:
            pool.submit(lambda: self.bank)
            pool.submit(lambda: (self.pgbench, self.ledger_url))

    @cached_property
    def bank(self) -> Measured:
        made = self._stack.enter_context(measured())
        warmed_up(made)
        return made

    @cached_property
    def postgres(self) -> Postgres:
        """Raises cluster.Missing."""
        return self._stack.enter_context(cluster.started())

    @cached_property
    def status(self) -> Ours:
        """Our port for status traffic, on SQLite."""
        return self._stack.enter_context(status_port(self.folder / "status"))

    @cached_property
    def folder(self) -> Path:
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="dojang-bench-")))

    @cached_property
    def pgbench(self) -> Pgbench:
        """With its own tables filled, and 10,000 people in the database `peer`."""
        peopled(self.postgres.bank("peer"), PEOPLE)
        made = Pgbench(self.postgres, self.folder, people=PEOPLE)
        made.prepare("peer")
        return made

    @cached_property
    def ledger_url(self) -> str:
        """The database of the ledger, with as many people."""
        url = self.postgres.bank("ledger")
        peopled(url, PEOPLE)
        return url


def peopled(url: str, people: int) -> None:
    db = Database(url, SystemClock())
    populate(db, people)
    db.close()
