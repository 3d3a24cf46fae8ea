"""What a database must be before a bank runs on it, and what to change where it is not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from dojang.db import intact
from dojang.db.database import Database
from dojang.kernel.clock import SECOND, Clock

SERVER_OLDEST: Final = 150_000
"""PostgreSQL 15: before it, everybody may create in the schema `public`."""


class UnsafeDatabase(Exception):
    """The bank does not start on this database. The message names each reason and its mend."""


@dataclass(frozen=True)
class Found:
    """What an examination saw. `refused` ends the start; `notes` are for an operator to weigh."""

    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rule:
    holds: Callable[[str], bool]
    mend: str


def _is(*wanted: str) -> Callable[[str], bool]:
    return lambda value: value in wanted


def _limited(value: str) -> bool:
    return int(value) > 0


_POSTGRESQL: Final[Mapping[str, _Rule]] = {
    "fsync": _Rule(_is("on"), "set fsync = on: a power cut would lose what was acknowledged"),
    "full_page_writes": _Rule(_is("on"), "set full_page_writes = on: pages may be torn"),
    "synchronous_commit": _Rule(
        _is("on", "remote_apply"),
        "set synchronous_commit = on, for the server and for the app's role",
    ),
    "zero_damaged_pages": _Rule(_is("off"), "set zero_damaged_pages = off: it hides lost rows"),
    "ignore_checksum_failure": _Rule(_is("off"), "set ignore_checksum_failure = off"),
    "session_replication_role": _Rule(
        _is("origin"), "set session_replication_role = origin: the guards of history sleep"
    ),
    "default_transaction_isolation": _Rule(
        _is("read committed"), "set default_transaction_isolation = 'read committed'"
    ),
    "default_transaction_read_only": _Rule(
        _is("off"), "set default_transaction_read_only = off, or connect to the primary"
    ),
    "server_encoding": _Rule(_is("UTF8"), "make the database anew with ENCODING 'UTF8'"),
    "client_encoding": _Rule(_is("UTF8"), "take client_encoding out of the URL and the role"),
    "lock_timeout": _Rule(_limited, "give the app's role a lock_timeout (`dojang database roles`)"),
    "statement_timeout": _Rule(
        _limited, "give the app's role a statement_timeout (`dojang database roles`)"
    ),
    "server_version_num": _Rule(
        lambda value: int(value) >= SERVER_OLDEST, "upgrade to PostgreSQL 15 or newer"
    ),
}
_BY_BYTES: Final = frozenset({"C", "POSIX"})
_TOLD: Final = ("server_version", "synchronous_standby_names", "data_checksums")

_COLLATION: Final = "SELECT datcollate FROM pg_database WHERE datname = current_database()"


def examine(
    database: Database, clock: Clock, *, production: bool, skew_ms_max: int | None = None
) -> Found:
    """Look at the database as this process is connected to it.

    `production` also asks for a role of few rights, history that stands (`intact`) and, with
    `skew_ms_max`, clocks that agree. Raises SQLAlchemy's DBAPIError where nothing answers.
    """
    with database.engine.connect() as connection:
        if database.embedded:
            return _sqlite(connection)
        facts = _settings(connection)
        facts["collation"] = str(connection.exec_driver_sql(_COLLATION).scalar())
        refused = _recovering(connection) + _rules(facts)
        if production:
            refused += intact.refused(connection)
            refused += _clocks(connection, clock, skew_ms_max)
        return Found(tuple(refused), tuple(_notes(facts)), facts)


def refuse_unsafe(
    database: Database, clock: Clock, *, production: bool, skew_ms_max: int | None = None
) -> None:
    """Raises UnsafeDatabase with everything that was found, in one line."""
    try:
        found = examine(database, clock, production=production, skew_ms_max=skew_ms_max)
    except OperationalError as error:
        raise UnsafeDatabase(f"database: no primary answers ({_words(error)})") from None
    if found.refused:
        raise UnsafeDatabase("; ".join(f"database: {one}" for one in found.refused))


def _settings(connection: Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql(
        "SELECT name, setting FROM pg_settings WHERE name = ANY(%(names)s)",
        {"names": [*_POSTGRESQL, *_TOLD]},
    )
    return {row.name: row.setting for row in rows}


def _rules(facts: Mapping[str, str]) -> list[str]:
    return [
        f"{name} is {facts.get(name)}: {rule.mend}"
        for name, rule in _POSTGRESQL.items()
        if name not in facts or not rule.holds(facts[name])
    ]


def _recovering(connection: Connection) -> list[str]:
    standby = connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one()
    return ["this server is a standby: name every host and target_session_attrs=read-write"] * (
        1 if standby else 0
    )


def _clocks(connection: Connection, clock: Clock, skew_ms_max: int | None) -> list[str]:
    if skew_ms_max is None:
        return []
    before = clock.now()
    theirs: Any = connection.exec_driver_sql(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    ).scalar_one()
    after = clock.now()
    apart = max(before - theirs, theirs - after, 0) // (SECOND // 1_000)
    if apart <= skew_ms_max:
        return []
    return [f"its clock is {apart} ms from ours: let both follow the same time servers"]


def _notes(facts: Mapping[str, str]) -> list[str]:
    notes = []
    if not facts.get("synchronous_standby_names"):
        notes.append("no synchronous standby: what is acknowledged lives on one machine")
    if (collation := facts["collation"]) not in _BY_BYTES:
        notes.append(
            f"texts are compared by the rules of {collation} and not by their bytes: a transfer "
            "costs more, and indexes must be made anew when the system's rules change (a database "
            "as `dojang database roles` makes it has C)"
        )
    if facts.get("data_checksums") == "off":
        notes.append("data_checksums is off: damage of a disk is found late (`pg_checksums -e`)")
    return notes


def _sqlite(connection: Connection) -> Found:
    facts = {
        name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar())
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    wanted = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
    refused = [
        f"{name} is {facts[name]}, not {value}: put the file on a local disk that can do it"
        for name, value in wanted.items()
        if facts[name] != value
    ]
    return Found(tuple(refused), (), facts)


def _words(error: OperationalError) -> str:
    """What libpq says, one line: hosts and reasons, no passwords."""
    return " ".join(str(error.orig).split())
