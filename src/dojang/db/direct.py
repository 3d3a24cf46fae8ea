"""Statements of hot paths on PostgreSQL: prepared once a connection, then one call of libpq each.

A cursor of psycopg looks at each call for the statement among those it has prepared, waits through
a generator, and reads texts; that is two thirds of what a small statement costs us, and half of
what it costs the server is the asking around it. Here the answer comes in binary, by psycopg's own
loaders. Which transaction is begun, and how, is still said by the connection.
"""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

Value = str | int | bytes | None
"""What a parameter of ours can be; an array is packed already (`arrays`)."""

_DONE: Final = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})
_TEXT, _BINARY = 0, 1


class Direct:
    """The statements of one connection."""

    def __init__(self, connection: "psycopg.Connection[Any]", *, pooled: bool) -> None:
        """`pooled`: each transaction may meet another process, which has prepared nothing."""
        self._connection = connection
        self._libpq = connection.pgconn
        self._pooled = pooled
        self._prepared: dict[str, bytes] = {}
        self._numbers = itertools.count()
        self._loading = Transformer(connection)

    def __call__(self, sql: str, values: Sequence[Value]) -> pq.abc.PGresult:
        """Run it, `$1` and so on in it, in the transaction that is begun or begins now.

        Raises psycopg's errors.
        """
        if self._libpq.transaction_status == pq.TransactionStatus.IDLE:
            self._begin()
        sent: Any
        sent, formats = _sent(values)
        if self._pooled:
            return self._done(self._libpq.exec_params(sql.encode(), sent, None, formats, _BINARY))
        name = self._prepared.get(sql) or self._prepare(sql)
        return self._done(self._libpq.exec_prepared(name, sent, formats, _BINARY))

    def say(self, sql: bytes) -> None:
        """Run words without parameters, several statements perhaps. Raises psycopg's errors."""
        self._done(self._libpq.exec_(sql))

    def forget(self) -> None:
        """Prepare anew, and under new names: psycopg is about to throw away everything."""
        self._prepared.clear()

    def rows(self, result: pq.abc.PGresult, made: Callable[[Sequence[Any]], Any]) -> list[Any]:
        """Every row, through `made`."""
        self._loading.set_pgresult(result, format=pq.Format.BINARY)
        return self._loading.load_rows(0, result.ntuples, made)

    def names(self, result: pq.abc.PGresult) -> list[str]:
        """Of the columns."""
        return [(result.fname(n) or b"").decode() for n in range(result.nfields)]

    def _prepare(self, sql: str) -> bytes:
        name = b"dojang_%d" % next(self._numbers)
        self._done(self._libpq.prepare(name, sql.encode()))
        self._prepared[sql] = name
        return name

    def _begin(self) -> None:
        """As psycopg would before the first statement of a transaction."""
        how = self._connection
        if not how.autocommit:
            self.say(_beginning(how.isolation_level, bool(how.read_only)))

    def _done(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in _DONE:
            return result
        fault = errors.error_from_result(result)
        if fault.sqlstate is None and self._libpq.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError("the connection to the server was lost")
        raise fault


def _sent(values: Sequence[Value]) -> tuple[list[bytes | None], list[int]]:
    """The parameters and their formats. The server knows their types by the statement."""
    sent: list[bytes | None] = []
    formats = []
    for one in values:
        if isinstance(one, str | int):
            sent.append(str(one).encode())
            formats.append(_TEXT)
        else:
            assert one is None or isinstance(one, bytes), "this is no parameter of a prepared one"
            sent.append(one)
            formats.append(_BINARY)
    return sent, formats


@functools.cache
def _beginning(level: "psycopg.IsolationLevel | None", reading: bool) -> bytes:  # noqa: FBT001 - a key of the cache
    words = "BEGIN"
    if level is not None:
        words += " ISOLATION LEVEL " + level.name.replace("_", " ")
    return (words + (" READ ONLY" if reading else "")).encode()
