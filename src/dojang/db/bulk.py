"""Many rows in one statement: the batches of the ledger and of the log.

SQLite takes them by `executemany`, which costs it nothing; PostgreSQL takes one statement with one
array a column (`unnest`), so that a batch is one round trip. The arrays go in the binary format:
the text format looks at every element with a regular expression.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Executable,
    LargeBinary,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError

from dojang.db.prepared import Prepared, Rows

_ARRAYS: Final = {BigInteger: "bigint[]", Text: "text[]", LargeBinary: "bytea[]"}


class InsertMany:
    """Insert rows, each a tuple in the order of the table's columns (or of those named)."""

    def __init__(self, table: Table, columns: Sequence[str] = ()) -> None:
        chosen = [table.c[name] for name in columns] if columns else list(table.c)
        names = ", ".join(f'"{one.name}"' for one in chosen)
        marks = ", ".join("?" for _ in chosen)
        arrays = ", ".join(f"%b::{_array(one)}" for one in chosen)
        self._sqlite: Final = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - names of our own tables
        self._postgresql: Final = (
            f'INSERT INTO "{table.name}" ({names}) SELECT * FROM unnest({arrays})'  # noqa: S608 - the same
        )

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """How many were written. Raises SQLAlchemy's DBAPIError."""
        return _many(connection, self._sqlite, self._postgresql, rows)


class UpdateMany:
    """Put `columns` of the rows named by `keys`: tuples of the new values, then those of the keys.

    `raised` names a counter of the row that goes up by one. `among` is a condition of ours on the
    row as it stands, in SQL that both databases read alike.
    """

    def __init__(
        self,
        table: Table,
        keys: Sequence[str],
        columns: Sequence[str],
        *,
        raised: str | None = None,
        among: str = "",
    ) -> None:
        chosen = [table.c[name] for name in (*columns, *keys)]
        names = ", ".join(f'"{one.name}"' for one in chosen)
        arrays = ", ".join(f"%b::{_array(one)}" for one in chosen)
        more = "" if raised is None else f', "{raised}" = "{table.name}"."{raised}" + 1'
        puts = ", ".join(f'"{name}" = ?' for name in columns)
        takes = ", ".join(f'"{name}" = n."{name}"' for name in columns)
        still = f" AND {among}" if among else ""
        equal = " AND ".join(f'"{name}" = ?' for name in keys)
        joined = " AND ".join(f'"{table.name}"."{name}" = n."{name}"' for name in keys)
        self._sqlite: Final = f'UPDATE "{table.name}" SET {puts}{more} WHERE {equal}{still}'  # noqa: S608 - names of our own tables
        self._postgresql: Final = (
            f'UPDATE "{table.name}" SET {takes}{more} FROM unnest({arrays}) AS n({names}) '  # noqa: S608 - the same
            f"WHERE {joined}{still}"
        )

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """How many were changed. Raises SQLAlchemy's DBAPIError."""
        return _many(connection, self._sqlite, self._postgresql, rows)


class Among:
    """A prepared statement about the rows whose `text` column is one of many values.

    `build` is given that condition and makes the statement.
    """

    def __init__(
        self, text: Column[str], build: Callable[[ColumnElement[bool]], Executable]
    ) -> None:
        values: Any = select(column("value")).select_from(func.json_each(bindparam("among")))
        self._sqlite: Final = Prepared(build(text.in_(values)))
        many: Any = bindparam("among", type_=ARRAY(Text))
        self._postgresql: Final = Prepared(build(text == any_(many)))

    def __call__(
        self, connection: Connection, values: Sequence[str], params: Mapping[str, Any] | None = None
    ) -> Rows:
        """Inside a transaction. No values: the database is asked all the same."""
        if connection.dialect.name == "sqlite":
            return self._sqlite(connection, {"among": json.dumps(values), **(params or {})})
        return self._postgresql(connection, {"among": list(values), **(params or {})})


def _many(
    connection: Connection, sqlite: str, postgresql: str, rows: Sequence[tuple[Any, ...]]
) -> int:
    if not rows:
        return 0
    cursor: Any = connection.connection.cursor()
    embedded = connection.dialect.name == "sqlite"
    driver: Any = connection.dialect.dbapi
    try:
        if embedded:
            cursor.executemany(sqlite, rows)
        else:
            cursor.execute(postgresql, [list(values) for values in zip(*rows, strict=True)])
        return int(cursor.rowcount)
    except driver.Error as error:
        sql = sqlite if embedded else postgresql
        raise DBAPIError.instance(sql, None, error, driver.Error, hide_parameters=True) from error
    finally:
        cursor.close()


def _array(one: Column[Any]) -> str:
    kind = type(one.type)
    return next(name for base, name in _ARRAYS.items() if issubclass(kind, base))
