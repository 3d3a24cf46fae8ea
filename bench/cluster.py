"""A private PostgreSQL for one run: durable settings asserted, CPU of its processes by /proc."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from tests.postgresql import Cluster, program

from dojang import policy
from dojang.db import Database
from dojang.db.migrate import migrate
from dojang.db.roles import OF_A_BANK
from dojang.kernel.clock import SystemClock
from dojang.policy.profiles import SEED

TICKS = os.sysconf("SC_CLK_TCK")
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
_DURABLE = {"synchronous": 2, "journal_mode": "wal"}
CALM = {"max_wal_size": "4GB", "checkpoint_timeout": "30min"}
"""No checkpoint falls into one contestant's slice by chance; nothing here is less durable."""


class Missing(Exception):
    """A program of PostgreSQL is not on this machine; the words say how to get it."""


class Postgres:
    """The running cluster of a benchmark."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.port = cluster.port
        self._postmaster = int((cluster.folder / "postmaster.pid").read_text().splitlines()[0])
        for name, value in CALM.items():
            self.do("postgres", f"ALTER SYSTEM SET {name} = '{value}'")
        self.do("postgres", "SELECT pg_reload_conf()")

    def assert_durable(self, database: str) -> None:
        """What a client of this database really gets; raises AssertionError."""
        with self.connect(database) as client:
            for name, wanted in DURABLE.items():
                row = client.execute(f"SHOW {name}").fetchone()  # type: ignore[arg-type]
                assert row == (wanted,), f"{name} is {row}: these figures would be worth nothing"

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        address = f"host=127.0.0.1 port={self.port} user=dojang dbname={database}"
        return psycopg.connect(address, autocommit=True)

    def do(self, database: str, *statements: str) -> None:
        with self.connect(database) as client:
            for statement in statements:
                client.execute(statement)  # type: ignore[arg-type]

    def number(self, database: str, query: str) -> int:
        with self.connect(database) as client:
            row = client.execute(query).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(str(row[0]))

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://dojang@127.0.0.1:{self.port}/{database}"

    def bank(self, database: str) -> str:
        """A new database with every table, trigger and the policy of a bank; returns its URL."""
        self.do("postgres", f"CREATE DATABASE {database} {OF_A_BANK}")
        self.assert_durable(database)
        url = self.url(database)
        made_bank(url)
        return url

    def deadlocks(self) -> int:
        """Over every database, since the start."""
        return self.number("postgres", "SELECT sum(deadlocks)::bigint FROM pg_stat_database")

    def pids(self) -> list[int]:
        """Its processes at this moment."""
        held = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text()
        return [self._postmaster, *map(int, held.split())]

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far, also of those that ended."""
        total = sum(_stat(self._postmaster)[11:15])
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (fields := _stat(int(entry.name))):
                total += sum(fields[11:13]) if fields[1] == self._postmaster else 0
        return total / TICKS


def made_bank(url: str) -> None:
    """Migrate, and adopt the seed policy. An SQLite file is asked whether it is durable, too."""
    db = Database(url, SystemClock())
    migrate(db)
    if db.embedded:
        with db.transaction() as tx:
            asked = [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _DURABLE]
        assert asked == [*_DURABLE.values()], f"these figures would be worth nothing: {asked}"
    with db.transaction() as tx:
        policy.adopt(tx, SEED)
    db.close()


@contextmanager
def started() -> Iterator[Postgres]:
    """Start a cluster in a folder of its own. Raises Missing."""
    try:
        program("pgbench")
    except FileNotFoundError as error:
        raise Missing(f"PostgreSQL is not here: {error}") from None
    with (
        tempfile.TemporaryDirectory(prefix="dojang-bench-pg-") as folder,
        Cluster.started(Path(folder)) as cluster,
    ):
        yield Postgres(cluster)


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/PID/stat after the name; state as 0. Empty where it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    fields = text.rpartition(")")[2].split()
    return [0, *(int(one) for one in fields[1:])]
