"""The three roles of a database on PostgreSQL: how they are made, and given their rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import column, inspect, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from dojang.db import rights
from dojang.db.database import Database
from dojang.db.rights import quoted

LOCK_TIMEOUT: Final = "5s"
STATEMENT_TIMEOUT: Final = "15s"
IDLE_TIMEOUT: Final = "30s"
READER_TIMEOUT: Final = "10min"
_NO_RIGHTS: Final = "42501"
NOBODY_SPECIAL: Final = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
OF_A_BANK: Final = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"
"""How a bank's database is made: texts are in the order of their bytes. Ids need no other, SQLite
has the same, and an upgrade of the system's library never leaves an index in the wrong order."""


@dataclass(frozen=True)
class Roles:
    """How the roles are called in one database."""

    owner: str
    app: str
    reader: str | None


def creation(database: str, roles: Roles) -> list[str]:
    """What an administrator of the server runs once, before the first `dojang migrate`.

    No passwords: those are the administrator's to set, or certificates to map. The limits of time
    stand on the roles because a pooler passes none on that a client asks for.
    """
    everyone = [roles.owner, roles.app, *([roles.reader] if roles.reader else [])]
    name = quoted(database)
    made = [f"CREATE ROLE {quoted(one)} {NOBODY_SPECIAL}" for one in everyone]
    made += [
        f"CREATE DATABASE {name} OWNER {quoted(roles.owner)} {OF_A_BANK}",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {', '.join(quoted(one) for one in everyone[1:])}",
    ]
    settings = {
        "lock_timeout": LOCK_TIMEOUT,
        "statement_timeout": STATEMENT_TIMEOUT,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT,
    }
    made += [_set(roles.app, name, key, value) for key, value in settings.items()]
    if roles.reader:
        made.append(_set(roles.reader, name, "default_transaction_read_only", "on"))
        made.append(_set(roles.reader, name, "statement_timeout", READER_TIMEOUT))
    return made


def named_in(url: str, *, owner: str, reader: str | None) -> tuple[str, Roles] | None:
    """The database of a URL and its roles, the URL's user being the app; None for SQLite."""
    parts = make_url(url)
    if is_embedded(url) or not parts.username or not parts.database:
        return None
    return parts.database, Roles(owner=owner, app=parts.username, reader=reader)


class NotOwner(Exception):
    """The role that serves the bank tried what only the owner of the tables may."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Raises NotOwner where PostgreSQL says that the connected role may not."""
    try:
        yield
    except ProgrammingError as wrong:
        if getattr(wrong.orig, "sqlstate", None) != _NO_RIGHTS:
            raise
        raise NotOwner(
            "the role that serves the bank may not; name the owner of the tables: --as"
        ) from None


def is_embedded(url: str) -> bool:
    """Whether it is a file, which knows no roles."""
    return make_url(url).get_backend_name() == "sqlite"


def as_role(url: str, role: str) -> str:
    """The same database as somebody else, whose password is not in the URL."""
    return make_url(url).set(username=role, password=None).render_as_string(hide_password=False)


def grant(database: Database, *, app: str, reader: str | None) -> None:
    """Give app and reader their rights on the tables as they are now. As the tables' owner.

    A reader that nobody made is passed over.
    """
    with database.engine.connect() as connection, connection.begin():
        known = table("pg_roles", column("rolname"))
        there = set(connection.execute(select(known.c.rolname)).scalars())
        names = inspect(connection).get_table_names(schema="public")
        shown_to = reader if reader in there else None
        for statement in rights.grants(names, app=app, reader=shown_to):
            connection.exec_driver_sql(statement)


def _set(role: str, database: str, key: str, value: str) -> str:
    return f"ALTER ROLE {quoted(role)} IN DATABASE {database} SET {key} = '{value}'"
