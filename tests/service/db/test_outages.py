"""A server that goes, comes back as a standby, or commits without its standbys; and a pooler."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang.db import Database, Event, log, roles
from dojang.db.migrate import migrate
from dojang.journey.served import free_port
from dojang.kernel.clock import SystemClock

pytestmark = pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
CLOCK = SystemClock()
PATIENCE_S = 60
STATEMENT_MS_MAX = 1_500
PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:" + os.environ["PATH"])


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    kind = "test.happened"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server of this file's own, because it is stopped and started."""
    with (
        tempfile.TemporaryDirectory(prefix="dojang-outages-") as folder,
        Cluster.started(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def url(server: Cluster) -> Iterator[str]:
    with server.fresh_database() as made:
        owner = Database(as_role(made, OWNER), CLOCK)
        migrate(owner)
        roles.grant(owner, app=APP, reader=READER)
        owner.close()
        yield as_role(made, APP)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = Database(url, CLOCK)
    yield database
    database.close()


def write(db: Database) -> int:
    with db.transaction() as tx:
        tx.emit(Happened(subject="c1"))
    with db.snapshot() as tx:
        return log.size(tx.connection)


@contextmanager
def waiting(server: Cluster) -> Iterator[tuple[psycopg.Connection, int]]:
    """An administrator, and the process whose commit waits for a standby."""
    look = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with psycopg.connect(
        f"host=127.0.0.1 port={server.port} user=dojang dbname=postgres", autocommit=True
    ) as admin:
        until = time.monotonic() + PATIENCE_S
        while (row := admin.execute(look).fetchone()) is None:
            assert time.monotonic() < until, "no commit waits"
            time.sleep(0.02)
        yield admin, row[0]


def cut_short(server: Cluster) -> None:
    """The commit that waits is cancelled."""
    with waiting(server) as (admin, pid):
        admin.execute("SELECT pg_cancel_backend(%s)", [pid])


def outage_of(act) -> threading.Thread:
    """Do it beside; it must end in an OperationalError, which is kept in `.seen`."""

    def run() -> None:
        try:
            act()
        except OperationalError as error:
            thread.seen = error  # type: ignore[attr-defined]

    thread = threading.Thread(target=run)
    thread.seen = None  # type: ignore[attr-defined]
    thread.start()
    return thread


def test_a_commit_that_no_standby_confirmed_is_not_told_as_done(db, url, server) -> None:
    before = write(db)
    told: list[str] = []
    impatient = Database(f"{url}?options=-c statement_timeout={STATEMENT_MS_MAX}", CLOCK)

    def post() -> None:
        with impatient.transaction() as tx:
            tx.emit(Happened(subject="c1"))
            tx.after_commit(lambda: told.append("done"))

    with server.changed("synchronous_standby_names", "nobody"):
        posting = outage_of(post)
        with waiting(server):
            posting.join(2 * STATEMENT_MS_MAX / 1_000)
        still_waits = posting.is_alive()
        cut_short(server)
        posting.join(PATIENCE_S)
        reading = outage_of(lambda: write(impatient))
        cut_short(server)
        reading.join(PATIENCE_S)

    assert still_waits, "the limit of a statement does not run during a commit"
    assert posting.seen is not None
    assert told == []
    assert reading.seen is not None, "what only the primary has is not shown to who asks again"
    assert write(impatient) == before + 2
    impatient.close()


def as_standby(server: Cluster, *, standby: bool) -> None:
    """Started again as what follows another server, or as what leads."""
    mark = server.folder / "standby.signal"
    if standby:
        mark.touch()
        os.chown(mark, server.folder.stat().st_uid, -1)
    else:
        mark.unlink()
    restarted(server)


def restarted(server: Cluster) -> None:
    server._run("pg_ctl", "-D", str(server.folder), "-m", "fast", "-w", "restart")


def test_a_restarted_server_is_met_with_fresh_connections(db, server) -> None:
    before = write(db)

    restarted(server)

    assert write(db) == before + 1


@pytest.fixture
def pooler(server: Cluster, tmp_path: Path) -> Iterator[int]:
    """PgBouncer with two connections for all, transactions dealt out among them."""
    if PGBOUNCER is None:
        pytest.skip("pgbouncer is not installed")
    folder = server.folder.parent / "pooler"
    folder.mkdir()
    shutil.chown(folder, "postgres") if os.geteuid() == 0 else None
    port = free_port()
    (folder / "userlist.txt").write_text(f'"{APP}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\n"
        f"listen_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\npool_mode=transaction\n"
        f"default_pool_size=2\nauth_type=trust\nauth_file={folder}/userlist.txt\n"
        "ignore_startup_parameters=extra_float_digits,options\nserver_login_retry=1\n"
        "server_check_delay=0\n"
    )
    somebody = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    running = subprocess.Popen(
        [PGBOUNCER, "-q", f"{folder}/pgbouncer.ini"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        **somebody,
    )
    until_somebody_listens(port)
    yield port
    running.terminate()
    running.wait(PATIENCE_S)
    shutil.rmtree(folder)


def until_somebody_listens(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "nobody listens"
            time.sleep(0.05)
        else:
            return


def test_behind_a_pooler_everything_goes_on(url, server, pooler) -> None:
    proxied = Database(url.replace(f":{server.port}/", f":{pooler}/"), CLOCK)
    start = write(proxied)

    writers = [
        threading.Thread(target=lambda: [write(proxied) for _ in range(12)]) for _ in range(4)
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()

    with proxied.snapshot() as tx:
        assert tx.connection.connection.driver_connection.pooled
        assert log.size(tx.connection) == start + 48
        assert log.broken_at(tx.connection) is None
        with pytest.raises(Exception, match="read-only"):
            tx.execute(text("UPDATE log_head SET size = 0"))
    proxied.close()


def test_a_server_that_became_a_standby_is_an_outage_and_no_fault(db, url, server, pooler) -> None:
    proxied = Database(url.replace(f":{server.port}/", f":{pooler}/"), CLOCK)
    before = write(db)
    assert write(proxied) == before + 1

    as_standby(server, standby=True)
    for database in (db, proxied):
        for _ in range(2):
            with pytest.raises(OperationalError), database.transaction() as tx:
                tx.emit(Happened(subject="c1"))
            with pytest.raises(OperationalError), database.snapshot() as tx:
                log.size(tx.connection)
    as_standby(server, standby=False)

    assert until(lambda: write(db)) == before + 2
    assert until(lambda: write(proxied)) == before + 3
    proxied.close()


def until(act) -> int:
    """The first success within some seconds, as a client that asks again would see it."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
