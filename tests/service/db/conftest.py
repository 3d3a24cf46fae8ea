"""A migrated database on PostgreSQL, and what an examination says of it after an attack."""

from collections.abc import Callable, Iterator

import pytest
from tests.postgresql import APP, OWNER, READER, Cluster, as_role

from dojang.db import Database, intact, roles
from dojang.db.migrate import migrate
from dojang.kernel.clock import SystemClock

CLOCK = SystemClock()


@pytest.fixture(scope="module")
def template(cluster: Cluster) -> Iterator[str]:
    """The name of a database as `dojang migrate --as OWNER` leaves it, to be copied."""
    with cluster.fresh_database() as url:
        owner = Database(as_role(url, OWNER), CLOCK)
        migrate(owner)
        roles.grant(owner, app=APP, reader=READER)
        owner.close()
        yield url.rsplit("/", 1)[1]


@pytest.fixture
def told(cluster: Cluster, template: str) -> Iterator[Callable[..., list[str]]]:
    """What an examination says after these statements of an administrator, which are undone."""
    address = f"postgresql+psycopg://dojang@127.0.0.1:{cluster.port}/{template}"
    admin = Database(address, CLOCK)

    def after(*statements: str) -> list[str]:
        with admin.engine.connect() as connection, connection.begin() as undone:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))
            connection.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {APP}")
            said = intact.refused(connection)
            undone.rollback()
        return said

    yield after
    admin.close()
