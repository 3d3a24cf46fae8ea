"""One at a time: an embedded database has one process, and a bank is set up by one of many."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from dojang.db.database import Database

SETTING_UP: Final = 0x646F6A616E67
"""The advisory lock of whoever migrates or founds the bank ("dojang" in ASCII)."""
WAIT: Final = "60s"


class InUse(Exception):
    """Another process has this database file. One process serves it; several need PostgreSQL."""


class Ownership:
    """A lock on `FILE.owner`, held as long as this lives. It dies with the process, kill -9 too."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    @classmethod
    def of(cls, database: Database) -> "Ownership | None":
        """Own the file of an embedded database; None where there is none. Raises InUse."""
        path = database.url.database
        if not database.embedded or not path or path == ":memory:":
            return None
        file = Path(f"{path}.owner").open("a+", encoding="ascii")  # noqa: SIM115 - held on to
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "unknown"
            file.close()
            raise InUse(
                f"{path} is in use by the process {other}: end it, or use another folder; "
                "several processes share a PostgreSQL"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        return cls(file)

    def give_up(self) -> None:
        """Let another process have it. Safe to call twice."""
        self._file.close()


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
