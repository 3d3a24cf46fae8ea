"""Look for words in everything that a database holds."""

from typing import Any

Rows = dict[str, list[dict[str, Any]]]


def bytes_of(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode()


def found(everything: Rows, needles: dict[str, bytes]) -> list[tuple[str, str, dict[str, Any]]]:
    """(needle, table.column, the row) wherever one of them stands."""
    return [
        (name, f"{table}.{column}", row)
        for table, rows in everything.items()
        for row in rows
        for column, value in row.items()
        if value is not None
        for name, needle in needles.items()
        if needle in bytes_of(value)
    ]
