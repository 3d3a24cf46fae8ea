"""A PostgreSQL of our own that can be killed: durable settings, a folder and a port of its own."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from tests.postgresql import APP, OWNER, READER, program

from dojang.journey.served import free_port

START_SECONDS_MAX = 90.0
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


class Postmaster:
    """One server; only its own processes are ever ended, by their ids."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._count = 0

    @classmethod
    @contextlib.contextmanager
    def started(
        cls, folder: Path, *settings: str, initdb: tuple[str, ...] = ()
    ) -> Iterator["Postmaster"]:
        """initdb and start; `settings` are further lines of postgresql.conf."""
        server = cls(folder)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        server._run(
            "initdb",
            "-D",
            str(server.data),
            "-A",
            "trust",
            "-U",
            "dojang",
            "-E",
            "UTF8",
            "-N",
            *initdb,
        )
        lines = (
            f"port = {server.port}",
            "listen_addresses = '127.0.0.1'",
            f"unix_socket_directories = '{folder}'",
            "max_connections = 120",
            *settings,
        )
        with (server.data / "postgresql.conf").open("a") as conf:
            conf.write("\n" + "\n".join(lines) + "\n")
        server.start()
        try:
            with server.admin() as admin:
                for role in (OWNER, APP, READER):
                    admin.execute(f"CREATE ROLE {role} LOGIN")
            yield server
        finally:
            server.stop("immediate")

    def start(self) -> None:
        """Start, also after a kill, when the dead one's children still hold the shared memory."""
        deadline = time.monotonic() + START_SECONDS_MAX
        log = str(self.folder / "log")
        while True:
            try:
                self._run("pg_ctl", "-D", str(self.data), "-w", "-l", log, "start")
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"it does not start:\n{self.log_text()[-2_000:]}") from None
                time.sleep(0.1)
            else:
                return

    def start_again(self) -> None:
        """From whatever state it is in."""
        self.stop("immediate")
        self.start()

    def stop(self, mode: str) -> None:
        """`immediate`: no checkpoint, as after a crash. Nothing happens where it is down."""
        if self.pid() is not None:
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-t", "30", "stop", may_fail=True)

    def pid(self) -> int | None:
        """The postmaster's, None where none runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        return pid

    def kill(self) -> None:
        """kill -9 the postmaster; its children notice and end themselves."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    def kill_backend(self, database: str) -> bool:
        """kill -9 one process that serves this database: the server restarts itself."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        try:
            with self.admin() as admin:
                row = admin.execute(query + " ORDER BY random() LIMIT 1", [database]).fetchone()
        except psycopg.OperationalError:
            return False
        if row is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(row[0], signal.SIGKILL)
        return True

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        address = f"host=127.0.0.1 port={self.port} user=dojang dbname={database}"
        return psycopg.connect(f"{address} connect_timeout=2", autocommit=True)

    def fresh_database(self) -> str:
        """The name of a new, empty database. Raises AssertionError on settings that lose data."""
        self._count += 1
        name = f"bank_{os.getpid()}_{self._count}"
        with self.admin() as admin:
            for setting in DURABLE:
                row = admin.execute(f"SHOW {setting}").fetchone()
                assert row == ("on",), f"{setting} is {row}"
            admin.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0")
        return name

    def serialize(self, database: str) -> None:
        """Every transaction that does not ask for something else is SERIALIZABLE from now on."""
        with self.admin() as admin:
            admin.execute(
                f"ALTER DATABASE {database} SET default_transaction_isolation = 'serializable'"
            )

    def url(self, database: str, *, port: int | None = None) -> str:
        return f"postgresql+psycopg://dojang@127.0.0.1:{port or self.port}/{database}"

    def log_text(self) -> str:
        log = self.folder / "log"
        return log.read_text("utf-8", errors="replace") if log.exists() else ""

    def _run(self, name: str, *arguments: str, may_fail: bool = False) -> None:
        command = [program(name), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(
            command,
            check=not may_fail,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if name == "pg_ctl" else None,
        )
