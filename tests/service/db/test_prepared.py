"""Facts about the statements of hot paths: they find what is open among all that ever was."""

import pytest

from dojang.db.prepared import Prepared
from dojang.ledger import holds_store
from dojang.ledger.tables import hold
from dojang.signing import store as signing
from dojang.transfers import store as transfers


def plan(db, prepared):
    with db.transaction() as tx:
        sql, order, _ = prepared._compile(tx.connection)
        given = (None,) * len(order)
        return str(tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all())


@pytest.mark.parametrize(
    ("prepared", "index"),
    [
        (signing._to_begin, "uq_signing_session_open"),
        (signing._expired, "uq_signing_session_open"),
        (holds_store._due, "ix_hold_due"),
        (holds_store._of_account, "ix_hold_open"),
        (holds_store._of_customer, "ix_hold_open"),
        (transfers._due, "ix_transfer_due_state"),
    ],
)
def test_what_is_open_is_found_by_the_index_of_the_open(db, prepared, index):
    """Else a signature would look at all that a key has made, and a balance at all holds."""
    if not db.embedded:
        pytest.skip("PostgreSQL shows plans of parameters from 16 on")

    assert index in plan(db, prepared)


def test_only_words_of_ours_are_written_out(db):
    odd = Prepared(hold.select().where(hold.c.state == "open'; --", hold.c.amount == 7))

    with db.transaction() as tx:
        sql, _, constants = odd._compile(tx.connection)

    assert "--" not in sql
    assert "open'; --" in constants.values()
