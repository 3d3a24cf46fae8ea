"""Banks that are made once and copied: on SQLite a folder, on PostgreSQL a database as well."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url
from tests.forked import Forked
from tests.postgresql import Cluster

from dojang import demo_folder
from dojang.journey.books import Books
from dojang.journey.served import Served, free_port, served


class ServerBooks(Books):
    """The same books on PostgreSQL: its SQL is the same, only the marks of parameters are not."""

    def __init__(self, url: str) -> None:
        self._address = make_url(url).set(drivername="postgresql").render_as_string()

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with psycopg.connect(self._address) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield _Questions(connection)


class _Questions:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: tuple[object, ...] = ()) -> psycopg.Cursor:
        return self._connection.execute(sql.replace("?", "%s"), values)


@dataclass(frozen=True)
class Home:
    """A bank's folder and, on PostgreSQL, the cluster and the name of its database.

    Copies are served on one port, one at a time: a phone knows the log by the bank's address.
    """

    folder: Path
    port: int
    cluster: Cluster | None = None
    database: str = ""

    @property
    def url(self) -> str:
        assert self.cluster is not None, "SQLite lies in the folder"
        return f"postgresql+psycopg://dojang@127.0.0.1:{self.cluster.port}/{self.database}"

    @classmethod
    def empty(cls, folder: Path, cluster: Cluster | None) -> "Home":
        name = f"home_{secrets.token_hex(4)}"
        if cluster is not None:
            cluster.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return cls(folder, free_port(), cluster, name)

    def copy(self, folder: Path) -> "Home":
        """As it stands now; nobody may be in it."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        name = f"home_{secrets.token_hex(4)}"
        if self.cluster is not None:
            self.cluster.run(f"CREATE DATABASE {name} TEMPLATE {self.database}")
        return Home(folder, self.port, self.cluster, name)

    @contextmanager
    def served(self) -> Iterator[Served]:
        """The bank of this home, in a process of its own."""
        environment = {} if self.cluster is None else {demo_folder.DATABASE: self.url}
        with served(
            self.folder / "bank", port=self.port, environment=environment, by=Forked
        ) as bank:
            yield bank

    def books(self) -> Books:
        return Books(self.folder / "bank") if self.cluster is None else ServerBooks(self.url)
