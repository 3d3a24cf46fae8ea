"""Statements of hot paths, compiled once for each dialect and then handed straight to the driver.

SQLAlchemy looks a statement up in its cache, collects its parameters, sets up result types and
describes the columns at every call; for a small statement that costs more than the database does.
Here the finished SQL and the row's shape are kept, and PostgreSQL is asked by `direct`. It fits our
column types (Int, Str, Blob), which need no conversion on either driver. What the driver raises is
raised as SQLAlchemy's own errors.
"""

import re
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Dialect, Row, literal_column
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.sql import Executable
from sqlalchemy.sql.visitors import replacement_traverse

_WORD: Final = re.compile("[A-Za-z_]+", re.ASCII)
Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Rows:
    """What a statement gave: named tuples (read like SQLAlchemy's Row), and how many it touched."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Row[Any]], rowcount: int) -> None:
        self._rows = rows
        self.rowcount: Final = rowcount

    def __iter__(self) -> Iterator[Row[Any]]:
        return iter(self._rows)

    def all(self) -> list[Row[Any]]:
        return self._rows

    def scalars(self) -> list[Any]:
        """The first column."""
        return [row[0] for row in self._rows]

    def one_or_none(self) -> Row[Any] | None:
        """The only row. A statement of a hot path asks for at most one by a unique key."""
        assert len(self._rows) <= 1, "a unique key has found several rows"
        return self._rows[0] if self._rows else None

    def one(self) -> Row[Any]:
        """Raises NoResultFound."""
        found = self.one_or_none()
        if found is None:
            raise NoResultFound
        return found

    def scalar(self) -> Any:
        """The first column of the first row, None without one."""
        return self._rows[0][0] if self._rows else None


class Prepared:
    """One statement. Called with a connection and its parameters (a list of them: many times)."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str], dict[str, Any]]] = {}
        self._shape: Any = None
        self._gives: bool | None = None

    def __call__(self, connection: Connection, params: Params = None) -> Rows:
        """Inside a transaction that SQLAlchemy has begun. Raises its DBAPIError."""
        made = self._compiled.get(connection.dialect.name)
        if made is None:
            made = self._compiled[connection.dialect.name] = self._compile(connection)
        sql, order, constants = made
        each = [params] if isinstance(params, Mapping) else [{}] if params is None else params
        bound = [_bound(order, constants, one) for one in each]
        with told_as_ours(connection, sql):
            if connection.dialect.name == "sqlite":
                return self._embedded(connection, sql, bound)
            return self._directly(connection, sql, bound)

    def _embedded(self, connection: Connection, sql: str, bound: Sequence[tuple[Any, ...]]) -> Rows:
        cursor: Any = connection.connection.cursor()
        try:
            if len(bound) == 1:
                cursor.execute(sql, bound[0])
            else:
                cursor.executemany(sql, bound)
            if self._gives is None:
                self._gives = bool(cursor.description)
            if self._gives and self._shape is None:
                self._shape = _shape([column[0] for column in cursor.description])
            rows = [self._shape._make(row) for row in cursor.fetchall()] if self._gives else []
            return Rows(rows, cursor.rowcount)
        finally:
            cursor.close()

    def _directly(self, connection: Connection, sql: str, bound: Sequence[tuple[Any, ...]]) -> Rows:
        direct = direct_of(connection)
        rows: list[Any] = []
        touched = 0
        for one in bound:
            result = direct(sql, one)
            touched += result.command_tuples or 0
            if result.nfields:
                if self._shape is None:
                    self._shape = _shape(direct.names(result))
                rows = direct.rows(result, self._shape._make)
        return Rows(rows, touched)

    def _compile(self, connection: Connection) -> tuple[str, list[str], dict[str, Any]]:
        dialect = _numbering(connection.dialect)
        compiled: Any = _spelled(self._statement).compile(dialect=dialect)
        assert not compiled.post_compile_params, "a list of values cannot be prepared"
        return str(compiled), list(compiled.positiontup), dict(compiled.params)


def _spelled(statement: Executable) -> Any:
    """The statement with its constant words written out.

    A planner takes a partial index only where the query says the same as the index: of a parameter
    it does not know what will be in it.
    """

    def written(one: Any, **_more: Any) -> Any:
        known = isinstance(one, BindParameter) and one.unique and not one.expanding
        if known and isinstance(one.value, str) and _WORD.fullmatch(one.value):
            return literal_column(f"'{one.value}'", one.type)
        return None

    spelled: Any = replacement_traverse
    return spelled(statement, {}, written)


def direct_of(connection: Connection) -> Any:
    """How statements are run on a connection to PostgreSQL (`direct.Direct`)."""
    raw: Any = connection.connection.driver_connection
    return raw.direct


@contextmanager
def told_as_ours(connection: Connection, sql: str) -> Iterator[None]:
    """What the driver raises is raised as SQLAlchemy's DBAPIError."""
    driver: Any = connection.dialect.dbapi
    try:
        yield
    except driver.Error as error:
        base = driver.Error
        raise DBAPIError.instance(sql, None, error, base, hide_parameters=True) from error


def _shape(names: Sequence[str]) -> Any:
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 - made of what the database says


def _numbering(dialect: Dialect) -> Dialect:
    """The same with parameters by their position: `?`, or `$1` and so on."""
    kind: Any = type(dialect)
    made: Dialect = kind(paramstyle="qmark" if dialect.name == "sqlite" else "numeric_dollar")
    return made


def _bound(
    order: list[str], constants: dict[str, Any], params: Mapping[str, Any]
) -> tuple[Any, ...]:
    """The parameters in their order. One that is not given is a constant of the statement."""
    return tuple([params[n] if n in params else constants[n] for n in order])
