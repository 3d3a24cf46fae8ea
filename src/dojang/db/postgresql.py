"""The engine for PostgreSQL: several hosts, a pooler between, and commits that say what they know.

A commit counts when PostgreSQL says so without a warning. Under synchronous replication a wait
for the standby can be cut short (a cancelled statement, a timeout, an administrator); the server
then answers COMMIT with success and a WARNING, and a failover would lose what was acknowledged.
Here that is `CommitInDoubt`, and the time limit of statements does not run during a commit.
"""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import errors, pq
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError

from dojang.db.direct import Direct

POOL_SIZE: Final = 32
"""Kept open: one for each thread that answers requests. A connection above these is closed when it
comes back, and making one costs more than most requests."""
POOL_ABOVE_MAX: Final = 8
POOL_SECONDS_MAX: Final = 10.0
"""So long a request waits for a free connection before it is told `unavailable`."""

PARAMETERS: Final = {
    "application_name": "dojang",
    "target_session_attrs": "read-write",
    "connect_timeout": "3",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": "-c lock_timeout=5000 -c statement_timeout=15000 -c random_page_cost=1.1",
}
"""What a connection asks for unless the URL says otherwise. A host that vanished without a word is
noticed after some eleven seconds; a host that is a standby is passed over. Pages are as near by
index as in a row: else a statement prepared while a table was small goes on reading all of it."""

COMMIT: Final = b"SET LOCAL statement_timeout = 0; COMMIT"
BARRIER: Final = "SELECT pg_logical_emit_message(true, 'dojang', '')"
"""Writes a few bytes of WAL: a commit after it waits for the standbys like any other."""

_WAITS_FOR_STANDBYS: Final = "SyncRepWaitForLSN"
_MOVED: Final = frozenset({"25006", "25P03", "57P01", "57P02", "57P03"})
"""read_only_sql_transaction (a standby by now), idle_in_transaction_session_timeout, and the three
ways a server says that it goes or comes."""
_OPEN: Final = {pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR}


class CommitInDoubt(psycopg.OperationalError):
    """The primary has committed, but nobody knows whether a standby has it too.

    Not to be told as done: the same request again meets its id, once the standbys have answered.
    """


class Standby(psycopg.OperationalError):
    """This server only follows another one. Nothing about money is read from it."""


class DurableConnection(psycopg.Connection[Any]):
    """A connection whose `commit` says no more than it knows."""

    pooled: bool = False
    """A transaction pooler stands between: each transaction may meet another server process."""
    _cut_short: bool = False
    _greeted: bool = False
    direct: Direct
    """How statements of hot paths are run on it, once it was greeted."""

    def greet(self) -> None:
        """Learn who answers. Raises Standby.

        A pooler gives its clients a process id of its own invention; behind one, statements
        prepared by name would be looked for in a process that never heard of them.
        """
        self.autocommit = True
        row = self.execute("SELECT pg_backend_pid(), pg_is_in_recovery()").fetchone()
        self.autocommit = False
        assert row is not None, "a SELECT without FROM has one row"
        if row[1]:
            self.close()
            raise Standby("this server is a standby")
        self.add_notice_handler(self._noticed)
        self.pooled = row[0] != self.info.backend_pid
        if self.pooled:
            self.prepare_threshold = None
        self.direct = Direct(self, pooled=self.pooled)
        self._greeted = True

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """psycopg's own, which knows nothing of what was sent beside it."""
        if self._greeted:
            self.direct.settle()
        return super().cursor(*args, **kwargs)

    def commit(self) -> None:
        """Durable, also on the standbys that the server waits for. Raises CommitInDoubt."""
        self.direct.settle()
        if self.info.transaction_status is pq.TransactionStatus.INTRANS:
            self._cut_short = False
            self.direct.say(COMMIT)
            if self._cut_short:
                raise CommitInDoubt("the wait for the standbys was cut short")
        super().commit()

    def rollback(self) -> None:
        """As psycopg's, which would also throw away every statement that was prepared."""
        self.direct.abandon()
        if self.info.transaction_status in _OPEN:
            self.direct.say(b"ROLLBACK")
        super().rollback()

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        """psycopg's own step; None is everything, also what it did not prepare.

        It does so after a savepoint was rolled back and after DDL, but not each time: only here is
        known when.
        """
        if name is None:
            self.direct.forget()
        return super()._deallocate(name)

    def set_read_only(self, value: bool | None) -> None:  # noqa: FBT001 - psycopg's signature
        """Not read-only is what a transaction is anyway.

        Said aloud (BEGIN READ WRITE), a standby would refuse it as a feature it has not, which
        nobody could tell from a fault of ours.
        """
        super().set_read_only(value or None)

    def _noticed(self, notice: psycopg.errors.Diagnostic) -> None:
        """The words are the server's language; where they come from and how grave are not."""
        if notice.source_function == _WAITS_FOR_STANDBYS or (
            notice.severity_nonlocalized == "WARNING"
            and "synchronous replication" in (notice.message_primary or "")
        ):
            self._cut_short = True


def engine(url: URL) -> Engine:
    """Connections of the house: our parameters where the URL is silent, no broken one handed out.

    A connection is looked at before it is used (a system call, no round trip): something to read
    on an idle one is its end, or news that a fresh one need not hear.
    """
    ours = {key: value for key, value in PARAMETERS.items() if key not in url.query}
    made = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_ABOVE_MAX,
        pool_timeout=POOL_SECONDS_MAX,
        hide_parameters=True,
        connect_args=ours,
    )
    event.listen(made, "do_connect", _connect)
    event.listen(made.pool, "checkout", _still_there)
    event.listen(made, "begin", _begin)
    return made


class Outages:
    """What a transaction on PostgreSQL is wrapped in: faults of the server get one name.

    A server that is no longer the primary refuses writes as an error of ours (class 25); it is an
    outage, told as OperationalError, and every connection made before it is dropped.
    After a commit in doubt this process does nothing more until a barrier has reached the
    standbys: else the same request, asked again, would be shown what only the primary has.
    """

    def __init__(self, made: Engine) -> None:
        self._engine = made
        self._doubt = False
        self._settling = threading.Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises OperationalError for every outage; other errors pass as they are."""
        try:
            if self._doubt:
                self._settle()
            yield
        except DBAPIError as error:
            if isinstance(error.orig, CommitInDoubt):
                self._doubt = True
            if getattr(error.orig, "sqlstate", None) in _MOVED:
                self._engine.dispose()
            if isinstance(error, OperationalError) or not _is_outage(error):
                raise
            raise OperationalError(None, None, error.orig, hide_parameters=True) from error  # type: ignore[arg-type]

    def _settle(self) -> None:
        with self._settling:
            if self._doubt:
                with self._engine.connect() as connection, connection.begin():
                    connection.exec_driver_sql(BARRIER)
                self._doubt = False


def _is_outage(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in _MOVED or isinstance(error.orig, psycopg.InterfaceError | Standby)


def _connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> DurableConnection:
    made = DurableConnection.connect(*arguments, **parameters)
    try:
        made.greet()
    except BaseException:
        made.close()
        raise
    return made


def _still_there(raw: Any, _record: Any, _proxy: Any) -> None:
    if raw.closed:
        raise InvalidatePoolError
    look = select.poll()
    look.register(raw.fileno(), select.POLLIN)
    if look.poll(0):
        raise InvalidatePoolError


def _begin(connection: Connection) -> None:
    """Behind a pooler a transaction may meet another server than the one that was greeted."""
    raw: Any = connection.connection.driver_connection
    reading = connection.get_execution_options().get("dojang_begin") == "read"
    if not (reading and raw.pooled):
        return
    try:
        row = raw.execute("SELECT pg_is_in_recovery()").fetchone()
    except errors.Error as error:
        raise OperationalError(None, None, error, hide_parameters=True) from error
    if row[0]:
        raise OperationalError(None, None, Standby("this server is a standby"))
