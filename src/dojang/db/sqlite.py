"""The embedded database: one file, one writer, WAL, every commit on the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from dojang.db.prepared import told_as_ours
from dojang.kernel.letters import lowered

BUSY_TIMEOUT_MS: Final = 5_000
POOL_SIZE: Final = 16
KEPT_MAX: Final = 16
READING: Final = "read"


class Kept:
    """Open connections, lent for one transaction each; the last one given back goes out first.

    It finds its pages and its prepared statements as it left them: SQLite forgets the pages where
    another connection wrote, and the statements where `query_only` is switched. Taking one from
    SQLAlchemy's pool and giving it back would cost more than a small transaction itself.
    """

    def __init__(self, engine: Engine, *, reading: bool) -> None:
        self._engine = engine
        self._options: Final = {"dojang_begin": READING} if reading else {}
        self._free: list[Connection] = []

    @contextmanager
    def lent(self) -> Iterator[Connection]:
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._engine.connect().execution_options(**self._options)
        try:
            yield connection
        finally:
            if connection.invalidated or len(self._free) >= KEPT_MAX:
                connection.close()
            else:
                self._free.append(connection)

    def close(self) -> None:
        while self._free:
            self._free.pop().close()


class Commits:
    """A number that is another one after every commit of anybody, at the cost of a look at memory.

    (`PRAGMA data_version`: of a connection that commits nothing itself, outside of a transaction.)
    """

    def __init__(self, engine: Engine) -> None:
        self._lent = engine.raw_connection()
        self._raw: Any = self._lent.driver_connection

    def __call__(self) -> int:
        return int(self._raw.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._lent.close()


def compact(made: Engine) -> bool:
    """Write the file anew without anything of deleted rows, and empty the write-ahead log.

    False where somebody else is at work in it: then nothing, or only a part, is done. Safe to
    repeat. (SQLite leaves the bytes of a deleted row where they were until a page is used again.)
    """
    lent = made.raw_connection()
    raw: Any = lent.driver_connection
    try:
        raw.execute("PRAGMA query_only=OFF")
        raw.execute("VACUUM")
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        lent.invalidate()
    return not busy


def engine(url: URL) -> Engine:
    """With the settings that durability stands on. `conditions` looks that they are in force."""
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        url,
        connect_args={"check_same_thread": False, "isolation_level": None},
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE * 2,
        pool_use_lifo=True,
    )
    event.listen(made, "connect", _settings)
    event.listen(made, "begin", _begin)
    return made


def _settings(raw: Any, _record: Any) -> None:
    """SQLite's own lower() knows the letters of ASCII alone. No index of ours rests on it."""
    raw.create_function("lower", 1, _lower, deterministic=True)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _lower(text: str | None) -> str | None:
    return None if text is None else lowered(text)


def _begin(connection: Connection) -> None:
    """Raises SQLAlchemy's OperationalError where another program holds the file for too long."""
    reading = connection.get_execution_options().get("dojang_begin") == READING
    raw: Any = connection.connection.driver_connection
    how = "BEGIN" if reading else "BEGIN IMMEDIATE"
    with told_as_ours(connection, how):
        if connection.info.get("read_only") is not reading:
            raw.execute(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
            connection.info["read_only"] = reading
        raw.execute(how)
