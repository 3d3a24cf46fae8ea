"""Fixtures of every suite: a still clock, repeatable chance, a real database."""

import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang import demo, policy
from dojang.db import Database, log, roles, schema
from dojang.kernel.clock import DAY, Clock, Instant, MovableClock
from dojang.kernel.entropy import Entropy, SystemEntropy
from dojang.kernel.ids import Ids
from dojang.policy.profiles import SEED
from dojang.vault import keyfile
from tests import softhsm as soft
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases

START = Instant(1_800_000_000_000_000)  # 2027-01-15T08:00:00Z
DEMO_ORIGIN = "http://localhost:8700"

settings.register_profile(
    "dojang", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("dojang")
"""What a property says is true on a slow machine as well: a busy one does not make it false."""


@pytest.fixture(scope="session", autouse=True)
def vault_keys_are_derived_once() -> Iterator[None]:
    """The key of a vault's file is Argon2id of its head and the passphrase, a fifth of a second.

    The same of the same: it is remembered, and each test still opens, reads and unseals the file.
    """
    with pytest.MonkeyPatch.context() as here:
        here.setattr(keyfile, "_lock", functools.cache(keyfile._lock))
        yield


@pytest.fixture
def clock() -> MovableClock:
    """Stands still at START until a test moves it."""
    return MovableClock(START)


@pytest.fixture
def entropy() -> Entropy:
    return SystemEntropy()


@pytest.fixture
def ids(clock: Clock, entropy: Entropy) -> Ids:
    return Ids(clock, entropy)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private PostgreSQL, started once for the session.

    In a folder of its own: pytest closes its temporary folders to other users, and the server
    runs as another user where we are root.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dojang-postgresql-") as folder,
        Cluster.started(Path(folder)) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def sqlite_laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("laid-down") / "bank.db"
    lay_down(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_laid_down(cluster: Cluster) -> Iterator[str]:
    with cluster.fresh_database() as url:
        lay_down(as_role(url, OWNER))
        yield url.rsplit("/", 1)[1]


def lay_down(owner_url: str) -> None:
    """Every table, the log started, everybody's rights: once a session, to be copied."""
    owner = Database(owner_url, MovableClock(START))
    schema.metadata.create_all(owner.engine)
    with owner.engine.connect() as connection, connection.begin():
        log.start(connection)
    if not owner.embedded:
        roles.grant(owner, app=APP, reader=READER)
    owner.close()


@pytest.fixture(scope="session")
def demo_laid_down(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo bank at START into which the sample people moved, to be copied."""
    folder = tmp_path_factory.mktemp("laid-down") / "bank"
    demo.make(folder, 8700, clock=MovableClock(START), origin=DEMO_ORIGIN).stop()
    return folder


@pytest.fixture(params=databases())
def owner_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database as its owner, on SQLite and, where it is wanted, on PostgreSQL.

    Laid down where the test asks for `db`, else empty.
    """
    laid_down = "db" in request.fixturenames
    if request.param == "sqlite":
        if laid_down:
            shutil.copyfile(request.getfixturevalue("sqlite_laid_down"), tmp_path / "bank.db")
        yield f"sqlite:///{tmp_path}/bank.db"
        return
    running: Cluster = request.getfixturevalue("cluster")
    template = request.getfixturevalue("postgresql_laid_down") if laid_down else "template0"
    with running.fresh_database(template) as url:
        yield as_role(url, OWNER)


@pytest.fixture
def db_url(owner_url: str) -> str:
    """The same database as the serving processes connect to it: with few rights on PostgreSQL."""
    return as_role(owner_url, APP)


@pytest.fixture
def owner(owner_url: str, clock: Clock) -> Iterator[Database]:
    """The same database for who may change what the bank itself may not."""
    database = Database(owner_url, clock)
    yield database
    database.close()


@pytest.fixture
def db(db_url: str, clock: Clock) -> Iterator[Database]:
    """A database that is laid down, with the seed policy in force since a day.

    Connected as the serving processes are.
    """
    database = Database(db_url, clock)
    with database.transaction() as tx:
        policy.adopt(tx, SEED, effective_at=Instant(clock.now() - DAY))
    yield database
    database.close()


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> soft.SoftHsm:
    """Tokens for keys that never leave them; `./dev test --require-all` makes sure of it."""
    if not soft.installed():
        pytest.skip("softhsm2 is not installed")
    return soft.SoftHsm(tmp_path_factory.mktemp("softhsm"))


def pytest_report_header() -> str:
    return f"databases: {', '.join(databases())} (DOJANG_TEST_DATABASES={_wanted()})"


def _wanted() -> str:
    return os.environ.get("DOJANG_TEST_DATABASES", "sqlite")
