"""An insider gives a customer another floor: it is not asked for, refused, and named."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.service.ledger.asking import code, request, view

from dojang.db import Database
from dojang.transparency import accounting

LOWER = "UPDATE account SET floor = -1000000000 WHERE id = :i"


def lowered(owner: Database, account: str) -> None:
    """As a superuser, who takes the CHECK away first."""
    with owner.transaction() as tx:
        if owner.embedded:
            tx.execute(text("PRAGMA ignore_check_constraints=ON"))
        else:
            tx.execute(text("ALTER TABLE account DROP CONSTRAINT ck_account_customers_floor"))
        tx.execute(text(LOWER), {"i": account})
        if owner.embedded:
            tx.execute(text("PRAGMA ignore_check_constraints=OFF"))


def test_the_database_refuses_a_customer_another_floor(owner, mine) -> None:
    with pytest.raises(DBAPIError, match="ck_account_customers_floor"), owner.transaction() as tx:
        tx.execute(text(LOWER), {"i": mine})


def test_the_bank_s_own_accounts_go_below_it(db, mine) -> None:
    with db.snapshot() as tx:
        row = tx.execute(text("SELECT posted, floor FROM account WHERE id = 'bank:cash_in'")).one()

    assert row.posted == -1_000_000
    assert row.floor < row.posted


def test_a_lowered_floor_lets_nobody_send_more_than_they_have(
    db, owner, ledger, ids, mine, theirs
) -> None:
    lowered(owner, mine)

    codes = [code(ledger, request(ids, mine, theirs, 600_000)) for _ in range(2)]

    assert codes == ["", "insufficient_funds"]
    assert view(db, "c1").balance == 400_000


def test_the_audit_names_the_account(db, owner, ledger, ids, mine, theirs) -> None:
    lowered(owner, mine)

    with db.snapshot() as tx:
        found = list(accounting.balances(tx))

    assert [says for _, says in found] == [f"account {mine}: somebody gave it another floor than 0"]


def test_the_audit_names_the_posting_that_went_below_0(
    db, owner, ledger, ids, mine, theirs
) -> None:
    """All rows agree with each other and with the log; only no customer owes the bank."""
    code(ledger, request(ids, mine, theirs, 900_000))
    lowered(owner, mine)
    with owner.transaction() as tx:
        on = "" if owner.embedded else " ON posting"
        trigger = "guard_posting_update" if owner.embedded else "guard_posting_rows"
        tx.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{on}"))
        for change in (
            "posting SET amount = amount - 500000 WHERE account_id = :i AND version = 1",
            "posting SET balance_after = balance_after - 500000 WHERE account_id = :i",
            "account SET posted = posted - 500000 WHERE id = :i",
        ):
            tx.execute(text(f"UPDATE {change}"), {"i": mine})

    with db.snapshot() as tx:
        found = [says for _, says in accounting.balances(tx)]

    assert f"account {mine}: it is below 0 after posting 2" in found
