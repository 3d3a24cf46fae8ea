"""A private PostgreSQL cluster for tests: own folder, own port, durable settings, no service.

Its databases have the roles of a bank: `OWNER` makes the tables, `APP` is who the bank is served
as, `READER` an auditor. Service tests connect as `APP`, and so prove that its rights are enough.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from dojang.db.roles import OF_A_BANK
from dojang.journey.served import free_port

OWNER, APP, READER = "dojang_owner", "dojang_app", "dojang_reader"
RELOAD_S = 1.0
WAIT_S = "300"
BIN_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def databases() -> list[str]:
    """Which databases the service and api tests run on: DOJANG_TEST_DATABASES=sqlite,postgresql."""
    return os.environ.get("DOJANG_TEST_DATABASES", "sqlite").split(",")


def program(name: str) -> str:
    """A PostgreSQL server program. Raises FileNotFoundError naming the package to install."""
    for folder in BIN_FOLDERS:
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is missing: apt-get install postgresql")
    return found


def as_role(url: str, role: str) -> str:
    """The same database as somebody else. SQLite knows nobody."""
    named = make_url(url)
    if named.get_backend_name() == "sqlite":
        return url
    return named.set(username=role).render_as_string(hide_password=False)


class Cluster:
    """One running postmaster, reached on 127.0.0.1."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._count = 0

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["Cluster"]:
        """initdb, start, and stop at the end; as user postgres where we are root."""
        cluster = cls(folder / "data", port := free_port())
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        cluster._run("initdb", "-D", str(cluster.folder), "-A", "trust", "-U", "dojang", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c max_connections=120"
        log = str(folder / "log")
        cluster._run("pg_ctl", "-D", str(cluster.folder), "-w", "-l", log, "-o", options, "start")
        try:
            for role in (OWNER, APP, READER):
                cluster.run(f"CREATE ROLE {role} LOGIN")
            yield cluster
        finally:
            cluster._run("pg_ctl", "-D", str(cluster.folder), "-m", "immediate", "stop")

    def _run(self, name: str, *arguments: str) -> None:
        command = [program(name), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        patient = {**os.environ, "PGCTLTIMEOUT": WAIT_S}
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, env=patient)

    def run(self, statement: str, database: str = "postgres") -> None:
        """As superuser, outside a transaction."""
        address = f"host=127.0.0.1 port={self.port} user=dojang dbname={database}"
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(statement)  # type: ignore[arg-type]

    @contextmanager
    def changed(self, name: str, value: str) -> Iterator[None]:
        """Another setting for as long as the block lasts."""
        self.run(f"ALTER SYSTEM SET {name} = '{value}'")
        self._reloaded()
        try:
            yield
        finally:
            self.run(f"ALTER SYSTEM RESET {name}")
            self._reloaded()

    def _reloaded(self) -> None:
        """Each of the server's processes reads its settings when it gets to it."""
        self.run(f"SELECT pg_reload_conf(), pg_sleep({RELOAD_S})")

    @contextmanager
    def fresh_database(self, template: str = "template0") -> Iterator[str]:
        """A database of OWNER, a copy of another or empty, dropped afterwards.

        Its files are copied: block by block through the WAL costs half as much again. The URL is
        that of a superuser.
        """
        self._count += 1
        name = f"bank_{os.getpid()}_{self._count}"
        made = f"{OF_A_BANK.replace('template0', template)} STRATEGY file_copy"
        self.run(f"CREATE DATABASE {name} OWNER {OWNER} {made}")
        yield f"postgresql+psycopg://dojang@127.0.0.1:{self.port}/{name}"
        self.run(f"DROP DATABASE {name} WITH (FORCE)")
