"""Statements of hot paths on PostgreSQL: prepared once a connection, then one call of libpq each.

A cursor of psycopg looks at each call for the statement among those it has prepared, waits through
a generator, and reads texts; that is two thirds of what a small statement costs us, and half of
what it costs the server is the asking around it. Here the answer comes in binary, by psycopg's own
loaders. Which transaction is begun, and how, is still said by the connection.

What is only written can be sent without waiting for it (`send`): the server is at it while we make
the next statement, and one wait at the end hears of all (`settle`), in libpq's pipeline mode.
Whatever else is asked of the connection settles first.
"""

import contextlib
import functools
import itertools
import select
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

Value = str | int | bytes | None
"""What a parameter of ours can be; an array is packed already (`arrays`)."""

_DONE: Final = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})
_TEXT, _BINARY = 0, 1
_EITHER: Final = select.POLLIN | select.POLLOUT
Seen = Callable[[pq.abc.PGresult], None]
"""What looks at a result once it is there, and raises where it is not as it should be."""


Failed = Callable[[psycopg.Error], Exception]
"""What is raised for an error of a statement."""
LOST: Final = "the connection to the server was lost"


def _unseen(_result: pq.abc.PGresult) -> None:
    """Done is enough."""


def _itself(error: psycopg.Error) -> Exception:
    return error


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
        self._sent: list[tuple[Seen, Failed]] = []
        self._poll = select.poll()
        self._poll.register(self._libpq.socket, select.POLLIN)

    def __call__(self, sql: str, values: Sequence[Value]) -> pq.abc.PGresult:
        """Run it, `$1` and so on in it, in the transaction that is begun or begins now.

        Raises psycopg's errors, also those of what was sent before.
        """
        if self._pooled:
            return self._at_once(sql, values)
        if sql not in self._prepared:
            self.settle()
            return self._at_once(sql, values)
        if self._sent or self._to_begin():
            found: list[pq.abc.PGresult] = []
            self.send(sql, values, found.append)
            self.settle()
            return found[0]
        sent, formats = _sent(values)
        return self._done(self._libpq.exec_prepared(self._prepared[sql], sent, formats, _BINARY))

    def send(
        self,
        sql: str,
        values: Sequence[Value],
        seen: Seen = _unseen,
        failed: Failed = _itself,
    ) -> None:
        """Have it run and wait for nothing; `settle` hears how it went.

        What has not been prepared yet is run at once.
        """
        if self._pooled or sql not in self._prepared:
            self.settle()
            try:
                result = self._at_once(sql, values)
            except psycopg.Error as error:
                raise failed(error) from error
            seen(result)
            return
        if self._to_begin():
            self._pipelined(_unseen, _itself)
            self._libpq.send_query_params(self._beginning(), None)
        self._pipelined(seen, failed)
        sent, formats = _sent(values)
        self._libpq.send_query_prepared(self._prepared[sql], sent, formats, _BINARY)
        self._libpq.flush()

    def settle(self) -> None:
        """Wait for everything that was sent. Raises the first of what went wrong; nothing that was
        sent after it has happened then, and the transaction can only be rolled back.
        """
        if not self._sent:
            return
        sent, self._sent = self._sent, []
        fault: Exception | None = None
        self._libpq.pipeline_sync()
        for seen, failed in sent:
            result = self._heard()
            self._heard()  # the end of this statement
            if fault is None:
                fault = self._faulted(result, seen, failed)
        self._heard()  # the end of all
        if self._libpq.status == pq.ConnStatus.OK:
            self._libpq.exit_pipeline_mode()
        if fault is not None:
            raise fault

    def abandon(self) -> None:
        """Hear of what was sent, whatever it is: the transaction is about to be rolled back."""
        with contextlib.suppress(Exception):
            self.settle()

    def say(self, sql: bytes) -> None:
        """Run words without parameters, several statements perhaps. Raises psycopg's errors."""
        self.settle()
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

    def _at_once(self, sql: str, values: Sequence[Value]) -> pq.abc.PGresult:
        if self._to_begin():
            self.say(self._beginning())
        sent, formats = _sent(values)
        if self._pooled:
            return self._done(self._libpq.exec_params(sql.encode(), sent, None, formats, _BINARY))
        name = self._prepare(sql)
        return self._done(self._libpq.exec_prepared(name, sent, formats, _BINARY))

    def _prepare(self, sql: str) -> bytes:
        name = b"dojang_%d" % next(self._numbers)
        self._done(self._libpq.prepare(name, sql.encode()))
        self._prepared[sql] = name
        return name

    def _to_begin(self) -> bool:
        """As psycopg would before the first statement of a transaction."""
        idle = self._libpq.transaction_status == pq.TransactionStatus.IDLE
        return idle and not self._connection.autocommit

    def _beginning(self) -> bytes:
        how = self._connection
        return _beginning(how.isolation_level, bool(how.read_only))

    def _pipelined(self, seen: Seen, failed: Failed) -> None:
        if not self._sent:
            self._libpq.enter_pipeline_mode()
        self._sent.append((seen, failed))

    def _heard(self) -> pq.abc.PGresult | None:
        """The next thing the server says. Other threads run while we wait.

        What the line had no room for yet is sent on meanwhile, or each side waits for the other.
        """
        while self._libpq.is_busy():
            unsent = self._libpq.flush()
            self._poll.modify(self._libpq.socket, _EITHER if unsent else select.POLLIN)
            self._poll.poll()
            self._libpq.consume_input()
        return self._libpq.get_result()

    def _faulted(
        self, result: pq.abc.PGresult | None, seen: Seen, failed: Failed
    ) -> Exception | None:
        if result is None:
            return psycopg.OperationalError(LOST)
        try:
            seen(self._done(result))
        except psycopg.Error as error:
            told = failed(error)
            told.__cause__ = None if told is error else error
            return told
        except Exception as error:  # noqa: BLE001 - `settle` raises it, once all was heard
            return error
        return None

    def _done(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in _DONE:
            return result
        fault = errors.error_from_result(result)
        if fault.sqlstate is None and self._libpq.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError(LOST)
        raise fault


def _sent(values: Sequence[Value]) -> tuple[Any, list[int]]:
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
