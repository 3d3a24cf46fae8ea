"""What commands read and write, and what they say where a file or a database cannot be used."""

import sqlite3
import sys
from pathlib import Path
from typing import Any, Final

from dojang.kernel.start import CannotStart

FILE_BYTES_MAX: Final = 16 * 1024 * 1024


class Unusable(Exception):
    """A file or folder that a command was given. The message is one line: which, and why not."""


def read(path: Path, *, bytes_max: int = FILE_BYTES_MAX) -> bytes:
    """A file whole. Raises `Unusable` where that cannot be, or where it is larger."""
    try:
        with path.open("rb") as file:
            content = file.read(bytes_max + 1)
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror}") from None
    if len(content) > bytes_max:
        raise Unusable(f"{path}: larger than anything this reads")
    return content


def write(path: Path, content: bytes | str) -> None:
    """A file whole, text as UTF-8. Raises `Unusable` where it cannot be written."""
    try:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise Unusable(f"{path}: not written: {error.strerror}") from None


def folder(path: Path) -> None:
    """Make it where it is not there. Raises `Unusable` where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Unusable(f"{path}: a folder is needed, and this is a file") from None
    except OSError as error:
        raise Unusable(f"{path}: no folder can be made: {error.strerror}") from None


def there(database: str) -> None:
    """Raises `Unusable` where an embedded database is not: opening would make an empty one."""
    from dojang.db.database import missing

    file = missing(database)
    if file is not None:
        raise Unusable(f"{file}: no bank's database is there; `dojang migrate` makes one")


def told(error: Exception) -> tuple[str, str] | None:
    """What is wrong, in one line of two parts; None where the fault is ours and wants a traceback.

    No statement and no value of a row is in it: the database's own words come without their detail.
    """
    if isinstance(error, CannotStart):
        return "settings:", str(error)
    if isinstance(error, Unusable):
        return "not usable:", str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return "not usable:", f"{error.filename}: {error.strerror}"
    if (words := _of_a_database(error)) is not None:
        return "the database cannot be used:", words
    return None


def _of_a_database(error: Exception) -> str | None:
    """Only what a damaged, missing or refusing database says; a broken constraint is our fault."""
    if isinstance(error, sqlite3.DatabaseError):
        return None if isinstance(error, sqlite3.IntegrityError) else _first_line(error)
    sqlalchemy: Any = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is None or not isinstance(error, sqlalchemy.SQLAlchemyError):
        psycopg: Any = sys.modules.get("psycopg")
        away = psycopg is not None and isinstance(error, psycopg.OperationalError)
        return _first_line(error) if away else None
    if isinstance(error, sqlalchemy.IntegrityError | sqlalchemy.DataError):
        return None
    if isinstance(error, sqlalchemy.DBAPIError):
        return _first_line(error.orig)
    is_address = isinstance(error, sqlalchemy.ArgumentError)
    return "its address in the settings is none" if is_address else None


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
