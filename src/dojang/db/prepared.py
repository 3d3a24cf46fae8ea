"""Statements of hot paths, compiled once for each dialect and then handed straight to the driver.

SQLAlchemy looks a statement up in its cache, collects its parameters and sets up result types at
every call; for a small statement that costs more than the database does. Here only the finished
SQL is kept. It fits our column types (Int, Str, Blob), which need no conversion on either driver.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import CompilerElement

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Prepared:
    """One statement. Called with a connection and its parameters (a list of them: many times)."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}

    def __call__(self, connection: Connection, params: Params = None) -> CursorResult[Any]:
        dialect = connection.dialect.name
        made = self._compiled.get(dialect)
        if made is None:
            made = self._compiled[dialect] = self._compile(connection)
        sql, order, constants = made
        if params is None or isinstance(params, Mapping):
            return connection.exec_driver_sql(sql, _bound(order, constants, params or {}))
        many: Any = [_bound(order, constants, one) for one in params]
        return connection.exec_driver_sql(sql, many)

    def _compile(self, connection: Connection) -> tuple[str, list[str] | None, dict[str, Any]]:
        assert isinstance(self._statement, CompilerElement)
        compiled: Any = self._statement.compile(dialect=connection.dialect)
        assert not compiled.post_compile_params, "a list of values cannot be prepared"
        order = list(compiled.positiontup) if compiled.positional else None
        return str(compiled), order, dict(compiled.params)


def _bound(
    order: list[str] | None, constants: dict[str, Any], params: Mapping[str, Any]
) -> tuple[Any, ...] | dict[str, Any]:
    """The parameters as this driver takes them: in their order, or by their names.

    A parameter that is not given is a constant of the statement.
    """
    if order is None:
        return {**constants, **params}
    return tuple([params[n] if n in params else constants[n] for n in order])
