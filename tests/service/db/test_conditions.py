"""On what a bank does not start: each unsafe setting is named with its mend."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang.db import Database, roles
from dojang.db.conditions import examine
from dojang.db.migrate import migrate
from dojang.db.ready import UnusableDatabase, ready
from dojang.kernel.clock import MovableClock, SystemClock

on_postgresql = pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def migrated(cluster: Cluster) -> Iterator[str]:
    with cluster.fresh_database() as url:
        owner = Database(as_role(url, OWNER), CLOCK)
        migrate(owner)
        roles.grant(owner, app=APP, reader=READER)
        owner.close()
        yield url


def refusals(url: str, role: str = APP, *, clock=CLOCK, options: str = "") -> str:
    """What is refused in production, in one string."""
    safe = "-c lock_timeout=5s -c statement_timeout=15s " + options
    database = Database(f"{as_role(url, role)}?options={safe.strip()}", clock)
    try:
        return "; ".join(examine(database, clock, production=True, skew_ms_max=1_000).refused)
    finally:
        database.close()


@on_postgresql
def test_a_migrated_database_is_fit_for_its_app(migrated: str) -> None:
    assert refusals(migrated) == ""


@on_postgresql
def test_another_order_of_texts_than_that_of_their_bytes_is_noted(
    migrated: str, cluster: Cluster
) -> None:
    def notes(url: str) -> str:
        database = Database(url, CLOCK)
        try:
            return "; ".join(examine(database, CLOCK, production=False).notes)
        finally:
            database.close()

    made = "CREATE DATABASE by_rules TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8'"
    cluster.run(made)
    by_rules = notes(f"postgresql+psycopg://{OWNER}@127.0.0.1:{cluster.port}/by_rules")
    cluster.run("DROP DATABASE by_rules")

    assert "by the rules of C.UTF-8" in by_rules
    assert "by the rules" not in notes(migrated)


@on_postgresql
@pytest.mark.parametrize(
    "setting",
    [
        "synchronous_commit=off",
        "synchronous_commit=local",
        "synchronous_commit=remote_write",
        "default_transaction_isolation=serializable",
        "lock_timeout=0",
        "statement_timeout=0",
        "client_encoding=latin1",
    ],
)
def test_a_setting_of_the_session_that_loses_or_hangs_is_refused(
    migrated: str, setting: str
) -> None:
    name, _, value = setting.partition("=")

    assert f"{name} is {value}".lower() in refusals(migrated, options=f"-c {setting}").lower()


@on_postgresql
@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_that_does_not_write_to_disk_is_refused(
    migrated: str, cluster: Cluster, name: str
) -> None:
    with cluster.changed(name, "off"):
        told = refusals(migrated)

    assert f"{name} is off: set {name} = on" in told


@on_postgresql
def test_a_role_of_many_powers_does_not_serve(migrated: str) -> None:
    assert "is a superuser" in refusals(migrated, "dojang")
    assert "owns the tables" in refusals(migrated, OWNER)


@on_postgresql
def test_rights_to_change_history_are_noticed(migrated: str, cluster: Cluster) -> None:
    name = migrated.rsplit("/", 1)[1]
    cluster.run(f"GRANT DELETE ON posting TO {APP}", name)

    told = refusals(migrated)

    cluster.run(f"REVOKE DELETE ON posting FROM {APP}", name)
    assert told == "posting could be changed: run `dojang migrate --as OWNER`"


@on_postgresql
@pytest.mark.parametrize(
    "guard",
    ["guard_transfer_rows", "guard_log_sth_all", "guard_posting_rows", "guard_posting_fits"],
)
def test_a_guard_that_was_put_to_sleep_is_noticed(
    migrated: str, cluster: Cluster, guard: str
) -> None:
    name, table = migrated.rsplit("/", 1)[1], guard.split("_", 1)[1].rsplit("_", 1)[0]
    cluster.run(f"ALTER TABLE {table} DISABLE TRIGGER {guard}", name)

    told = refusals(migrated)

    cluster.run(f"ALTER TABLE {table} ENABLE TRIGGER {guard}", name)
    assert told == f"{guard} are off: find out who did it, enable them"


@on_postgresql
def test_clocks_that_do_not_agree_are_refused(migrated: str) -> None:
    slow = MovableClock(CLOCK.now() - 5_000_000)

    assert "ms from ours" in refusals(migrated, clock=slow)


@on_postgresql
def test_a_server_that_is_not_there_is_one_sentence() -> None:
    gone = "postgresql+psycopg://dojang_app@127.0.0.1:1/bank"

    with pytest.raises(UnusableDatabase, match="no primary answers"):
        ready(gone, CLOCK, production=True, skew_ms_max=1_000)


def test_a_second_process_on_one_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bank.db"
    first = ready(url, CLOCK, production=False, skew_ms_max=1_000)

    while_open = second_process(url)
    first.close()
    afterwards = second_process(url)

    assert "is in use by the process" in while_open
    assert "several processes share a PostgreSQL" in while_open
    assert afterwards == ""


def second_process(url: str) -> str:
    code = (
        "import sys, dojang.app\n"
        "from dojang.db.ready import ready, UnusableDatabase\n"
        "from dojang.kernel.clock import SystemClock\n"
        "try: ready(sys.argv[1], SystemClock(), production=False, skew_ms_max=1).close()\n"
        "except UnusableDatabase as refused: print(refused, end='')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, url], capture_output=True, text=True, check=True
    )
    return done.stdout
