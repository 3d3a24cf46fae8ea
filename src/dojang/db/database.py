"""One transaction a use case: opened here, committed durably before anyone is answered."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.engine import URL, make_url

from dojang.db import log
from dojang.db.log import Event
from dojang.kernel.clock import Clock, Instant

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

BUSY_TIMEOUT_MS: Final = 5_000
POOL_SIZE: Final = 16
_READING: Final[Mapping[bool, Mapping[str, Any]]] = {
    True: {"dojang_begin": "read"},
    False: {
        "dojang_begin": "read",
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
    },
}
"""How a snapshot begins, by whether the database is embedded."""


class Tx:
    """A running transaction. Stores take it as their first argument; nothing else touches SQL."""

    def __init__(self, connection: Connection, now: Instant) -> None:
        self.connection = connection
        self.now: Final = now
        self._events: list[Event] = []
        self._afterwards: list[Callable[[], None]] = []

    def execute(self, statement: Executable, params: Params = None) -> CursorResult[Any]:
        result: CursorResult[Any] = self.connection.execute(statement, params)
        return result

    def emit(self, happened: Event) -> None:
        """Put a leaf into the log when this transaction commits, in the order of the calls."""
        self._events.append(happened)

    def next_idx(self) -> int:
        """Which idx the next emitted event will get. Locks the log's head: ask for it last."""
        return log.locked_size(self.connection) + len(self._events)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do this once the commit is durable. It may be lost in a crash: only for waking others."""
        self._afterwards.append(act)

    def seal(self) -> None:
        """Append what was emitted to the log. Done by itself before the commit.

        Early only by whom nothing but the commit is left to.
        """
        if self._events:
            log.append(self.connection, self._events, self.now)
            self._events.clear()

    def _committed(self) -> None:
        for act in self._afterwards:
            act()


class Database:
    """SQLite (embedded) or PostgreSQL, behind two verbs.

    `transaction()` writes: it begins IMMEDIATE on SQLite, appends what was emitted to the log as
    its last act, and is durable when the `with` block ends. `snapshot()` only reads, one snapshot.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock = clock
        self.url = make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._writer = threading.Lock() if self.embedded else nullcontext()
        self._reading: Final = _READING[self.embedded]
        self.engine: Engine
        self._guarded: Callable[[], AbstractContextManager[None]]
        if self.embedded:
            self.engine, self._guarded = _sqlite(url), nullcontext
        else:
            self.engine, self._guarded = _postgresql(self.url)

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Everything or nothing, and durable. Never call a gateway, an HSM or Argon2 inside.

        Raises SQLAlchemy's OperationalError where the database is away or a commit is in doubt:
        then nobody is told of success, and the same request is made again with the same ids.
        """
        with (
            self._guarded(),
            self._writer,
            self.engine.connect() as connection,
            connection.begin(),
        ):
            tx = Tx(connection, self._clock.now())
            yield tx
            tx.seal()
        tx._committed()  # noqa: SLF001

    @contextmanager
    def snapshot(self) -> Iterator[Tx]:
        """Read several rows as of one moment. Writing fails on both databases."""
        with self._guarded(), self.engine.connect() as connection:
            reading = connection.execution_options(**self._reading)
            with reading.begin():
                yield Tx(reading, self._clock.now())

    def close(self) -> None:
        self.engine.dispose()


def _sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "isolation_level": None},
        hide_parameters=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE * 2,
    )

    @event.listens_for(engine, "connect")
    def _settings(raw: Any, _record: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("dojang_begin") == "read"
        raw: Any = connection.connection.driver_connection
        if connection.info.get("read_only") is not reading:
            raw.execute(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
            connection.info["read_only"] = reading
        raw.execute("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> tuple[Engine, Callable[[], AbstractContextManager[None]]]:
    """Its driver is an extra, and 10 MB that an embedded bank does without."""
    from dojang.db import postgresql

    made = postgresql.engine(url)
    return made, postgresql.Outages(made)
