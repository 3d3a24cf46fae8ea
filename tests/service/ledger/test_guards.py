"""What the database refuses of postings, whoever writes them: each is a side of its transfer."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.service.ledger.asking import one, request

from dojang.db import Database

ADD = (
    "INSERT INTO posting (account_id, version, transfer_id, amount, balance_after) "
    "VALUES (:account, :version, :transfer, :amount, :balance)"
)


@pytest.fixture
def unposted(db: Database, ledger, ids, mine, theirs):
    """A transfer's row, copied under another id: said to be done, and no postings yet."""
    done = one(ledger, request(ids, mine, theirs, 10))
    with db.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO transfer (id, kind, subject, req_hash, debit, credit, amount, "
                "kst_day, status, log_idx, dv, cv, created_at) "
                "SELECT 'copied', kind, subject, req_hash, debit, credit, amount, kst_day, status, "
                "log_idx, dv + 1, cv + 1, created_at FROM transfer WHERE id = :id"
            ),
            {"id": done.id},
        )
    return sides(mine, theirs)


def sides(debit: str, credit: str) -> list[dict[str, object]]:
    """Both postings of it, as they should be: `mine` is at its second version, `theirs` at its
    first.
    """
    return [
        {"account": debit, "version": 3, "transfer": "copied", "amount": -10, "balance": 999_980},
        {"account": credit, "version": 2, "transfer": "copied", "amount": 10, "balance": 20},
    ]


def add(db: Database, rows: list[dict[str, object]]) -> None:
    """In one statement, as the ledger does."""
    places = ", ".join(
        f"(:account{n}, :version{n}, :transfer{n}, :amount{n}, :balance{n})"
        for n in range(len(rows))
    )
    values = {f"{name}{n}": value for n, row in enumerate(rows) for name, value in row.items()}
    with db.transaction() as tx:
        tx.execute(text(ADD.split(" VALUES", maxsplit=1)[0] + " VALUES " + places), values)


def test_both_sides_of_a_transfer_are_taken(db, unposted) -> None:
    add(db, unposted)


@pytest.mark.parametrize("changed", ["account", "version", "transfer", "amount"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_posting_that_its_transfer_does_not_say_is_refused(db, unposted, changed, side) -> None:
    other = {"account": "bank:fee", "version": 9, "transfer": "none", "amount": 7}
    unposted[side][changed] = other[changed]

    with pytest.raises(DBAPIError, match=r"of (its|their) transfer"):
        add(db, unposted)


def test_one_side_alone_is_refused(db: Database, unposted) -> None:
    if db.embedded:
        pytest.skip("SQLite looks at one row at a time")

    with pytest.raises(DBAPIError, match="the two sides"):
        add(db, unposted[:1])
