# ruff: noqa: S608 - the statements are put together from our own names and numbers
"""Customers with an account and money each, made by the database itself: up to a million."""

from sqlalchemy import text

from dojang.db import Database

ACCOUNT_ID = "01900000-0000-7000-8000-"
CUSTOMER_ID = "01900000-0000-7000-9000-"
"""Followed by twelve digits, from 1: as long as the ids of real ones."""
MONEY = 10**12


def account_id(n: int) -> str:
    return f"{ACCOUNT_ID}{n:012d}"


def customer_id(n: int) -> str:
    return f"{CUSTOMER_ID}{n:012d}"


def populate(db: Database, people: int, *, first: int = 1) -> None:
    """So many customers, from number `first` on; on both databases."""
    n = "lpad(cast(n AS text), 12, '0')" if not db.embedded else "printf('%012d', n)"
    numbers = (
        f"generate_series({first}, {people}) AS n"
        if not db.embedded
        else f"(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s "
        f"WHERE n < {people}) SELECT n FROM s)"
    )
    accounts = (
        "INSERT INTO account (id, customer_id, number, name, kind, currency, posted, held, floor, "
        f"version, status, opened_at) SELECT '{ACCOUNT_ID}' || {n}, '{CUSTOMER_ID}' || {n}, "
        f"'99' || {n}, '입출금통장', 'deposit', 'KRW', {MONEY}, 0, 0, 0, 'open', 0 FROM {numbers}"
    )
    limits = (
        "INSERT INTO limit_profile (customer_id, used_day, used, used_pin_only, version) "
        f"SELECT '{CUSTOMER_ID}' || {n}, 0, 0, 0, 0 FROM {numbers}"
    )
    with db.engine.connect() as connection, connection.begin():
        if not db.embedded:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(accounts))
        connection.execute(text(limits))
    if not db.embedded:
        with db.engine.connect() as plain:
            analyse = plain.execution_options(isolation_level="AUTOCOMMIT")
            analyse.execute(text("SET statement_timeout = 0"))
            analyse.execute(text("VACUUM ANALYZE account, limit_profile"))
            plain.invalidate()
