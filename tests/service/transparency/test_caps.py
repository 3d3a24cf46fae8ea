"""An insider lifts a limited account past the four eyes: `dojang log verify` names it."""

import pytest

from dojang.ledger import accounts
from dojang.opening import lifting
from dojang.opening.events import PurposeShown


@pytest.fixture
def limited(books):
    """Of c1, beside the account without a cap."""
    with books.db.transaction() as tx:
        return books.ledger.open_account(
            tx, "c1", name="새 계좌", kind="limited", day_cap=1_000_000
        )


def lift(books, account):
    with books.db.snapshot() as tx:
        number = accounts.owned(tx, "c1", account).number
    with books.db.transaction() as tx:
        lifting.ask(tx, number, by="kim")
    with books.db.transaction() as tx:
        lifting.approve(tx, number, by="lee")


def places(books, account):
    return [leaf.idx for leaf in books.leaves() if leaf.fields().get("account_id") == account]


@pytest.mark.parametrize("cap", [None, 50_000_000, 0])
def test_a_cap_that_was_edited_is_named_by_the_leaf_that_gave_it(books, limited, tampering, cap):
    tampering("UPDATE account SET day_cap = :c WHERE id = :i", c=cap, i=limited)

    audited = books.audited()

    (opened,) = places(books, limited)
    assert [(one.index, one.about) for one in audited.findings] == [(opened, "rows")]
    assert "its cap a day is not the one logged" in audited.findings[0].says


def test_an_account_whose_purpose_was_shown_has_none_and_is_in_order(books, limited):
    lift(books, limited)

    assert books.findings() == []


def test_a_cap_put_back_after_it_was_lifted_is_named(books, limited, tampering):
    lift(books, limited)

    tampering("UPDATE account SET day_cap = 1000000 WHERE id = :i", i=limited)

    opened, _asked, shown = places(books, limited)
    assert books.findings() == [(opened, "rows"), (shown, "rows")]


def test_a_lift_of_one_account_lifts_no_other(books, limited, tampering):
    with books.db.transaction() as tx:
        other = books.ledger.open_account(tx, "c1", name="또 하나", kind="limited", day_cap=7)
    lift(books, limited)

    tampering("UPDATE account SET day_cap = NULL WHERE id = :i", i=other)

    (opened,) = places(books, other)
    assert books.findings() == [(opened, "rows")]


def test_whoever_has_no_cap_is_given_none_by_hand(books, tampering):
    tampering("UPDATE account SET day_cap = 1 WHERE id = :i", i=books.mine)

    (opened,) = places(books, books.mine)
    assert books.findings() == [(opened, "rows")]


def test_a_lift_that_names_no_account_ends_no_audit(books, limited):
    """The leaf itself is named, and what comes after it is still looked at."""
    with books.db.transaction() as tx:
        tx.emit(PurposeShown(subject="c1", account_id=[], by="kim", approved_by="lee"))

    (leaf,) = [leaf.idx for leaf in books.leaves() if leaf.kind == "opening.purpose_shown"]
    assert books.findings() == [(leaf, "body")]
