"""One transaction a use case: opened here, committed durably before anyone is answered."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Engine, Executable
from sqlalchemy.engine import URL, make_url

from dojang.db import log, sqlite
from dojang.db.log import Event
from dojang.kernel.clock import Clock, Instant

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_READING: Final[Mapping[str, Any]] = {
    "dojang_begin": "read",
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}


class Tx:
    """A running transaction. Stores take it as their first argument; nothing else touches SQL."""

    def __init__(self, connection: Connection, now: Instant) -> None:
        self.connection = connection
        self.now: Final = now
        self.known: Final[dict[Any, Any]] = {}
        """What was read once and holds until the end of this transaction, by who read it."""
        self._events: list[Event] = []
        self._afterwards: list[Callable[[], None]] = []
        self._head: log.Head | None = None

    def execute(self, statement: Executable, params: Params = None) -> CursorResult[Any]:
        result: CursorResult[Any] = self.connection.execute(statement, params)
        return result

    def emit(self, happened: Event) -> None:
        """Put a leaf into the log when this transaction commits, in the order of the calls."""
        self._events.append(happened)

    def next_idx(self) -> int:
        """Which idx the next emitted event will get. Locks the log's head: ask for it last."""
        if self._head is None:
            self._head = log.locked_head(self.connection)
        return self._head.size + len(self._events)

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do this once the commit is durable. It may be lost in a crash: only for waking others."""
        self._afterwards.append(act)

    def seal(self) -> None:
        """Append what was emitted to the log. Done by itself before the commit.

        Early only by whom nothing but the commit is left to.
        """
        if self._events:
            log.append(self.connection, self._events, self.now, self._head)
            self._events.clear()
            self._head = None

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
        self.engine: Engine
        self._kept: tuple[sqlite.Kept, ...] = ()
        self._at_close: list[Callable[[], None]] = []
        self._lent: Callable[[], AbstractContextManager[Connection]]
        self._lent_to_read: Callable[[], AbstractContextManager[Connection]]
        self._guarded: Callable[[], AbstractContextManager[None]]
        if self.embedded:
            self.engine, self._guarded = sqlite.engine(self.url), nullcontext
            writing = sqlite.Kept(self.engine, reading=False)
            reading = sqlite.Kept(self.engine, reading=True)
            self._kept = (writing, reading)
            self._lent, self._lent_to_read = writing.lent, reading.lent
        else:
            self.engine, self._guarded = _postgresql(self.url)
            self._lent, self._lent_to_read = self.engine.connect, self._to_read

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Everything or nothing, and durable. Never call a gateway, an HSM or Argon2 inside.

        Raises SQLAlchemy's OperationalError where the database is away or a commit is in doubt:
        then nobody is told of success, and the same request is made again with the same ids.
        """
        with self._guarded(), self._writer, self._lent() as connection, connection.begin():
            tx = Tx(connection, self._clock.now())
            yield tx
            tx.seal()
        tx._committed()  # noqa: SLF001

    @contextmanager
    def snapshot(self) -> Iterator[Tx]:
        """Read several rows as of one moment. Writing fails on both databases."""
        with self._guarded(), self._lent_to_read() as connection, connection.begin():
            yield Tx(connection, self._clock.now())

    def commits(self) -> Callable[[], int] | None:
        """Where the database is embedded: gives another number after every commit of anybody.

        For who must know that nothing has changed, many times a second; for one thread.
        """
        if not self.embedded:
            return None
        made = sqlite.Commits(self.engine)
        self.at_close(made.close)
        return made

    def compact(self) -> bool | None:
        """Embedded: leave nothing of deleted rows in the file; False where it is busy.

        None on a server, which does so by itself, in its own time (VACUUM).
        """
        return sqlite.compact(self.engine) if self.embedded else None

    def close(self) -> None:
        for kept in self._kept:
            kept.close()
        self.engine.dispose()
        while self._at_close:
            self._at_close.pop()()

    def at_close(self, act: Callable[[], None]) -> None:
        """Do this when the database is closed, the last named first."""
        self._at_close.append(act)

    @contextmanager
    def _to_read(self) -> Iterator[Connection]:
        """PostgreSQL: one snapshot, and no writing in it."""
        with self.engine.connect() as connection:
            yield connection.execution_options(**_READING)


def missing(url: str) -> Path | None:
    """The file of an embedded database that is not there yet: opening it would make it.

    Raises SQLAlchemy's ArgumentError for what is no URL.
    """
    named = make_url(url)
    file = Path(named.database or "")
    return file if named.get_backend_name() == "sqlite" and not file.is_file() else None


def _postgresql(url: URL) -> tuple[Engine, Callable[[], AbstractContextManager[None]]]:
    """Its driver is an extra, and 10 MB that an embedded bank does without."""
    from dojang.db import postgresql

    made = postgresql.engine(url)
    return made, postgresql.Outages(made)
