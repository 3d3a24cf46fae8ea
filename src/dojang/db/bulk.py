"""Many rows in one statement: the batches of the ledger and of the log.

SQLite takes them by `executemany`, which costs it nothing; PostgreSQL takes one statement with one
array a column (`unnest`), so that a batch is one round trip. The arrays are packed by `arrays`.
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
from sqlalchemy.exc import IntegrityError

from dojang.db.arrays import Blobs, Ints, Packed, Texts
from dojang.db.prepared import Prepared, Rows, direct_of, told_as_ours

_ARRAYS: Final[Mapping[type, tuple[str, Callable[[Sequence[Any]], Packed]]]] = {
    BigInteger: ("bigint[]", Ints.of),
    Text: ("text[]", Texts.of),
    LargeBinary: ("bytea[]", Blobs.of),
}


class _Many:
    """A statement over rows, each a tuple of the values of `columns`."""

    def __init__(self, sqlite: str, postgresql: str, columns: Sequence[Column[Any]]) -> None:
        self._sqlite = sqlite
        self._postgresql = postgresql
        self._packed = [_array(one)[1] for one in columns]

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """How many rows were touched. Raises SQLAlchemy's DBAPIError."""
        if not rows:
            return 0
        if connection.dialect.name != "sqlite":
            with told_as_ours(connection, self._postgresql):
                result = direct_of(connection)(self._postgresql, self._arrays(rows))
                return int(result.command_tuples)
        cursor: Any = connection.connection.cursor()
        try:
            with told_as_ours(connection, self._sqlite):
                cursor.executemany(self._sqlite, rows)
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def send(
        self,
        connection: Connection,
        rows: Sequence[tuple[Any, ...]],
        *,
        unless_all: type[Exception] | None = None,
        unless_new: type[Exception] | None = None,
    ) -> None:
        """The same without waiting, on PostgreSQL: it is heard of before the commit at the latest.

        `unless_all` is raised where not every row was touched, `unless_new` where a key was there
        already; on SQLite here, on PostgreSQL by whatever waits next.
        """
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            try:
                _all(self(connection, rows), len(rows), unless_all)
            except IntegrityError as error:
                if unless_new is None:
                    raise
                raise unless_new from error
            return
        driver: Any = connection.dialect.dbapi

        def seen(result: Any) -> None:
            _all(int(result.command_tuples), len(rows), unless_all)

        def failed(error: Exception) -> Exception:
            if unless_new is None or not isinstance(error, driver.IntegrityError):
                return error
            return unless_new()

        with told_as_ours(connection, self._postgresql):
            direct_of(connection).send(self._postgresql, self._arrays(rows), seen, failed)

    def _arrays(self, rows: Sequence[tuple[Any, ...]]) -> list[Packed]:
        columns = zip(*rows, strict=True)
        return [of(values) for of, values in zip(self._packed, columns, strict=True)]


def _all(touched: int, wanted: int, otherwise: type[Exception] | None) -> None:
    if otherwise is not None and touched != wanted:
        raise otherwise


class InsertMany(_Many):
    """Insert rows, each a tuple in the order of the table's columns (or of those named).

    `replacing` names the key of rows whose other columns are written over where they are there
    already; no two rows of one call may then have the same key.
    """

    def __init__(
        self, table: Table, columns: Sequence[str] = (), *, replacing: str | None = None
    ) -> None:
        chosen = [table.c[name] for name in columns] if columns else list(table.c)
        names = ", ".join(f'"{one.name}"' for one in chosen)
        marks = ", ".join("?" for _ in chosen)
        over = "" if replacing is None else _written_over(chosen, replacing)
        super().__init__(
            f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}){over}',  # noqa: S608 - names of our own tables
            f'INSERT INTO "{table.name}" ({names}) '  # noqa: S608 - the same
            f"SELECT * FROM unnest({_unnested(chosen)}){over}",
            chosen,
        )


class UpdateMany(_Many):
    """Put `columns` of the rows named by `keys`: tuples of the new values, then those of the keys,
    then those of `was`, which the row must still have, or it is passed over.

    `raised` names a counter of the row that goes up by one. `among` is a condition of ours on the
    row as it stands, in SQL that both databases read alike.
    """

    def __init__(
        self,
        table: Table,
        keys: Sequence[str],
        columns: Sequence[str],
        *,
        was: Sequence[str] = (),
        raised: str | None = None,
        among: str = "",
    ) -> None:
        chosen = [table.c[name] for name in (*columns, *keys, *was)]
        names = ", ".join([*(f'"{n}"' for n in (*columns, *keys)), *(f'"was_{n}"' for n in was)])
        more = "" if raised is None else f', "{raised}" = "{table.name}"."{raised}" + 1'
        puts = ", ".join(f'"{name}" = ?' for name in columns)
        takes = ", ".join(f'"{name}" = n."{name}"' for name in columns)
        still = f" AND {among}" if among else ""
        equal = " AND ".join(f'"{name}" = ?' for name in (*keys, *was))
        joined = " AND ".join(
            [f'"{table.name}"."{name}" = n."{name}"' for name in keys]
            + [f'"{table.name}"."{name}" = n."was_{name}"' for name in was]
        )
        super().__init__(
            f'UPDATE "{table.name}" SET {puts}{more} WHERE {equal}{still}',  # noqa: S608 - names of our own tables
            f'UPDATE "{table.name}" SET {takes}{more} '  # noqa: S608 - the same
            f"FROM unnest({_unnested(chosen)}) AS n({names}) WHERE {joined}{still}",
            chosen,
        )


class DeleteMany(_Many):
    """Delete the rows named by `keys`, each a tuple of theirs. `among` as in UpdateMany."""

    def __init__(self, table: Table, keys: Sequence[str], *, among: str) -> None:
        chosen = [table.c[name] for name in keys]
        names = ", ".join(f'"{name}"' for name in keys)
        equal = " AND ".join(f'"{name}" = ?' for name in keys)
        joined = " AND ".join(f'"{table.name}"."{name}" = n."{name}"' for name in keys)
        super().__init__(
            f'DELETE FROM "{table.name}" WHERE {equal} AND {among}',  # noqa: S608 - names of our own tables
            f'DELETE FROM "{table.name}" '  # noqa: S608 - the same
            f"USING unnest({_unnested(chosen)}) AS n({names}) WHERE {joined} AND {among}",
            chosen,
        )


PLANNED_FOR: Final = 12
"""Of so many values at least PostgreSQL is told, the last one again and again: it takes a list that
it does not know for ten, and plans a shorter one anew each time, which costs more than the answer.
"""


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
        every = [*values, *([*values[-1:]] * (PLANNED_FOR - len(values)))]
        return self._postgresql(connection, {"among": Texts.of(every), **(params or {})})


def _written_over(columns: Sequence[Column[Any]], key: str) -> str:
    puts = ", ".join(f'"{one.name}" = excluded."{one.name}"' for one in columns if one.name != key)
    return f' ON CONFLICT ("{key}") DO UPDATE SET {puts}'


def _unnested(columns: Sequence[Column[Any]]) -> str:
    return ", ".join(f"${n}::{_array(one)[0]}" for n, one in enumerate(columns, 1))


def _array(one: Column[Any]) -> tuple[str, Callable[[Sequence[Any]], Packed]]:
    """The type of an array of such a column's values, and what packs one."""
    kind = type(one.type)
    return next(found for base, found in _ARRAYS.items() if issubclass(kind, base))
