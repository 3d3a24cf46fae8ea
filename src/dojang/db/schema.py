"""The one MetaData and the column types that mean the same on SQLite (STRICT) and PostgreSQL."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    event,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Int: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit integers: instants in microseconds, money in won, counters, booleans as 0 and 1."""

Str: Final = Text()
Blob: Final = LargeBinary()


def table(name: str, *parts: Any) -> Table:
    """A table of ours: STRICT on SQLite. CHECKs go on the table, never on a column."""
    return Table(name, metadata, *parts, sqlite_strict=True)


_WHERE: Final = "where"


def partial_index(
    name: str,
    *columns: ColumnElement[Any] | str,
    where: ColumnElement[bool] | TextClause,
    unique: bool = False,
) -> Index:
    """An index of the rows that `where` says, on both databases.

    SQLAlchemy loads a whole dialect to look at an option of it, so a bank on SQLite would hold
    PostgreSQL's in memory; the options are set when tables are made, which a server never does.
    """
    return Index(name, *columns, unique=unique, info={_WHERE: where})


@event.listens_for(metadata, "before_create")
def _say_where(*_: Any, **__: Any) -> None:
    for one in metadata.tables.values():
        for index in one.indexes:
            if _WHERE in index.info:
                index.dialect_kwargs["sqlite_where"] = index.info[_WHERE]
                index.dialect_kwargs["postgresql_where"] = index.info[_WHERE]
