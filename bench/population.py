# ruff: noqa: S608 - the statements are put together from our own names and numbers
"""Customers with an account and money each, made by the database itself: up to a million."""

from sqlalchemy import Table, text

from dojang.db import Database
from dojang.ledger.tables import account, limit_profile

ACCOUNT_ID = "01900000-0000-7000-8000-"
CUSTOMER_ID = "01900000-0000-7000-9000-"
"""Followed by twelve digits, from 1: as long as the ids of real ones."""
MONEY = 10**12


def account_id(n: int) -> str:
    return f"{ACCOUNT_ID}{n:012d}"


def customer_id(n: int) -> str:
    return f"{CUSTOMER_ID}{n:012d}"


def populate(db: Database, people: int) -> None:
    """So many customers, numbered from 1; on both databases."""
    n = "printf('%012d', n)" if db.embedded else "lpad(cast(n AS text), 12, '0')"
    own = {
        "id": f"'{ACCOUNT_ID}' || {n}",
        "customer_id": f"'{CUSTOMER_ID}' || {n}",
        "number": f"'99' || {n}",
        "name": "'입출금통장'",
        "kind": "'deposit'",
        "currency": "'KRW'",
        "posted": str(MONEY),
        "status": "'open'",
    }
    with db.engine.connect() as connection, connection.begin():
        if not db.embedded:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(_filling(account, own, people, embedded=db.embedded))
        theirs = {"customer_id": own["customer_id"]}
        connection.execute(_filling(limit_profile, theirs, people, embedded=db.embedded))
    if not db.embedded:
        with db.engine.connect() as plain:
            analyse = plain.execution_options(isolation_level="AUTOCOMMIT")
            analyse.execute(text("SET statement_timeout = 0"))
            analyse.execute(text("VACUUM ANALYZE account, limit_profile"))
            plain.invalidate()


def _filling(into: Table, said: dict[str, str], people: int, *, embedded: bool):
    """Columns that are not said: NULL where they may be, else 0."""
    values = {column.name: "NULL" if column.nullable else "0" for column in into.columns} | said
    numbers = f"generate_series(1, {people}) AS n"
    if embedded:
        counting = f"SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {people}"
        numbers = f"(WITH RECURSIVE s(n) AS ({counting}) SELECT n FROM s)"
    return text(
        f"INSERT INTO {into.name} ({', '.join(values)}) "
        f"SELECT {', '.join(values.values())} FROM {numbers}"
    )
