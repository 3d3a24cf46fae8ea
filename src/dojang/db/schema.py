"""The one MetaData and the column types that mean the same on SQLite (STRICT) and PostgreSQL."""

from typing import Any, Final

from sqlalchemy import BigInteger, Integer, LargeBinary, MetaData, Table, Text

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
