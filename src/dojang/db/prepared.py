"""Statements of hot paths, compiled once for each dialect and then handed straight to the driver.

SQLAlchemy looks a statement up in its cache, collects its parameters, sets up result types and
describes the columns at every call; for a small statement that costs more than the database does.
Here the finished SQL and the row's shape are kept. It fits our column types (Int, Str, Blob), which
need no conversion on either driver. What the driver raises is raised as SQLAlchemy's own errors.
"""

import re
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Row, literal_column
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
        self._compiled: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}
        self._shape: Any = None
        self._gives: bool | None = None

    def __call__(self, connection: Connection, params: Params = None) -> Rows:
        """Inside a transaction that SQLAlchemy has begun. Raises its DBAPIError."""
        made = self._compiled.get(connection.dialect.name)
        if made is None:
            made = self._compiled[connection.dialect.name] = self._compile(connection)
        sql, order, constants = made
        cursor: Any = connection.connection.cursor()
        try:
            if params is None or isinstance(params, Mapping):
                cursor.execute(sql, _bound(order, constants, params or {}))
            else:
                cursor.executemany(sql, [_bound(order, constants, one) for one in params])
            if self._gives is None:  # asked once: psycopg describes every column at every look
                self._gives = bool(cursor.description)
            rows = self._named(cursor) if self._gives else []
            return Rows(rows, cursor.rowcount)
        except _error_of(connection) as error:
            base = _error_of(connection)
            raise DBAPIError.instance(sql, None, error, base, hide_parameters=True) from error
        finally:
            cursor.close()

    def _named(self, cursor: Any) -> list[Any]:
        if self._shape is None:
            names = [column[0] for column in cursor.description]
            self._shape = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - made of what the database says
        return [self._shape._make(row) for row in cursor.fetchall()]

    def _compile(self, connection: Connection) -> tuple[str, list[str] | None, dict[str, Any]]:
        compiled: Any = _spelled(self._statement).compile(dialect=connection.dialect)
        assert not compiled.post_compile_params, "a list of values cannot be prepared"
        order = list(compiled.positiontup) if compiled.positional else None
        return str(compiled), order, dict(compiled.params)


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


def _error_of(connection: Connection) -> type[Exception]:
    """The root of what this driver raises (PEP 249)."""
    driver: Any = connection.dialect.dbapi
    root: type[Exception] = driver.Error
    return root


def _bound(
    order: list[str] | None, constants: dict[str, Any], params: Mapping[str, Any]
) -> tuple[Any, ...] | dict[str, Any]:
    """The parameters as this driver takes them: in their order, or by their names.

    A parameter that is not given is a constant of the statement.
    """
    if order is None:
        return {**constants, **params}
    return tuple([params[n] if n in params else constants[n] for n in order])
