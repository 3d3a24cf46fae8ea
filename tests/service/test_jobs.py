"""What is asked costs what there is to tell, and jobs what is due: not all that lies behind."""

import time
from pathlib import Path

import psycopg
from tests.api.house import at_work
from tests.conftest import START
from tests.postgresql import APP, OWNER, Cluster
from tests.service.retention.conftest import lived, opened

from dojang import demo
from dojang.db import Database, roles
from dojang.db.migrate import migrate
from dojang.db.roles import as_role
from dojang.gateways.twins import Outside
from dojang.kernel.clock import HOUR, MovableClock

SMALL = {
    "time_stamp_series": "a row for each run of a process",
    "joint_certificate": "whether there is any: the first row is enough",
    "signing_data_key": "a row for each data key",
    "status_change": "one row",
}
ENDING_SECONDS_MAX = 120


def test_neither_a_door_nor_a_job_reads_a_whole_table(cluster: Cluster, tmp_path: Path) -> None:
    """PostgreSQL is told to read a table whole only where no index leads to what is asked for."""
    clock, folder = MovableClock(START), tmp_path / "bank"
    folder.mkdir()
    with cluster.fresh_database() as url:
        name = url.rpartition("/")[2].partition("?")[0]
        with_its_roles(url, clock)
        bank = opened(folder, as_role(url, APP), clock)
        demo.populate(bank, Outside(folder / "handset.db", clock))
        bank.db.close()
        cluster.run(f'ALTER DATABASE "{name}" SET enable_seqscan = off')
        alone(cluster, name)
        cluster.run("SELECT pg_stat_reset()", name)

        bank = opened(folder, as_role(url, APP), clock)
        with at_work(bank, tmp_path) as house:
            lived(house)
            for _ in range(2):  # what is done once an hour is done once more
                bank.run_due_jobs()
                clock.move(HOUR)

        alone(cluster, name)
        assert read_whole(cluster, name) - set(SMALL) == set()


def with_its_roles(url: str, clock: MovableClock) -> None:
    owner = Database(as_role(url, OWNER), clock)
    migrate(owner)
    roles.grant(owner, app=APP, reader=None)
    owner.close()


def asked(cluster: Cluster, database: str, query: str) -> list[str]:
    address = f"host=127.0.0.1 port={cluster.port} user=dojang dbname={database}"
    with psycopg.connect(address, autocommit=True) as admin:
        return [str(row[0]) for row in admin.execute(query).fetchall()]  # type: ignore[arg-type]


def alone(cluster: Cluster, database: str) -> None:
    """A backend has counted everything once it is gone."""
    others = f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}'"  # noqa: S608 - ours
    end = time.monotonic() + ENDING_SECONDS_MAX
    while asked(cluster, "postgres", others):
        assert time.monotonic() < end
        time.sleep(0.02)


def read_whole(cluster: Cluster, database: str) -> set[str]:
    return set(
        asked(cluster, database, "SELECT relname FROM pg_stat_user_tables WHERE seq_scan > 0")
    )
