"""One at a time: an embedded database has one process, and a bank is set up by one of many."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dojang.db.database import Database

SETTING_UP: Final = 0x646F6A616E67
"""The advisory lock of whoever migrates or founds the bank ("dojang" in ASCII)."""
WAIT: Final = "60s"


class InUse(Exception):
    """Another process has this database file. One process serves it; several need PostgreSQL."""


class Ownership:
    """A lock on `FILE.owner` that belongs to this process and dies with it, by kill -9 too.

    A POSIX lock: the same process may open its own bank twice, another process may not.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def of(cls, database: Database) -> "Ownership | None":
        """Own the file of an embedded database; None where there is none. Raises InUse."""
        path = database.url.database
        if not database.embedded or not path or path == ":memory:":
            return None
        descriptor = os.open(f"{path}.owner", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            other = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise InUse(
                f"database: {path} is in use by the process {other}: end it, or use another "
                "folder; several processes share a PostgreSQL"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def give_up(self) -> None:
        """Let another process have it. Once."""
        os.close(self._descriptor)


@contextmanager
def setting_up(database: Database) -> Iterator[None]:
    """Whoever else sets up this bank waits here: two first starts do not make two of anything.

    On PostgreSQL an advisory lock in a transaction of its own, which a lost connection gives back.
    An embedded database has one owner anyway.
    """
    if database.embedded:
        yield
        return
    with database.engine.connect() as connection, connection.begin():
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = '{WAIT}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SETTING_UP})")
        yield
