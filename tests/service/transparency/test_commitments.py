"""What a leaf commits to is compared: account numbers, policies; what none commits to is said."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from dojang import policy
from dojang.db import Event
from dojang.ledger import numbering, tables
from dojang.policy.tables import policy_version


@dataclass(frozen=True, kw_only=True)
class OpenedBefore(Event):
    """As an account was logged before its number was committed to."""

    kind: ClassVar[str] = "account.opened"
    account_id: str


@dataclass(frozen=True, kw_only=True)
class AdoptedBefore(Event):
    kind: ClassVar[str] = "policy.adopted"
    version: int
    profile: str
    effective_at: int


def exchanged(books, tampering, other):
    """The numbers of two accounts, each given to the other."""
    with books.db.snapshot() as tx:
        asked = tables.account.select().where(tables.account.c.id.in_([books.mine, other]))
        numbers = {row.id: row.number for row in tx.execute(asked)}
    put = "UPDATE account SET number = :n WHERE id = :i"
    tampering(put, n="x", i=other)
    tampering(put, n=numbers[other], i=books.mine)
    tampering(put, n=numbers[books.mine], i=other)


def opened_at(books, account):
    return next(leaf.idx for leaf in books.leaves() if leaf.fields().get("account_id") == account)


def test_two_numbers_exchanged_are_both_named(books, tampering):
    exchanged(books, tampering, books.theirs)

    found = {(opened_at(books, one), "rows") for one in (books.mine, books.theirs)}
    assert set(books.findings()) == found


def test_a_number_whose_salt_is_gone_is_named(books, tampering):
    tampering("DELETE FROM log_opening WHERE idx = :i", i=opened_at(books, books.mine))

    assert books.findings() == [(opened_at(books, books.mine), "rows")]


@pytest.mark.parametrize("change", ["body = body || :b", "effective_at = 1", "profile = 'x'"])
def test_an_edited_policy_is_named_by_its_leaf(books, owner, change):
    with owner.transaction() as tx:
        row = tx.execute(policy_version.select()).one()
        values = {
            "body = body || :b": {"body": row.body + b" "},
            "effective_at = 1": {"effective_at": 1},
            "profile = 'x'": {"profile": "x"},
        }[change]
        tx.execute(policy_version.update().values(values))

    assert [about for _, about in books.findings()] == ["rows"]


def test_a_policy_without_a_leaf_is_named(books, owner):
    with owner.transaction() as tx:
        row = tx.execute(policy_version.select()).one()._asdict()
        tx.execute(policy_version.insert(), {**row, "version": 2})

    assert (-1, "left_over") in books.findings()


@pytest.fixture
def before(books, owner, entropy):
    """A third account and a second policy, both logged as in earlier days."""
    with owner.transaction() as tx:
        row = tx.execute(tables.account.select().where(tables.account.c.id == books.mine)).one()
        nothing = {"posted": 0, "held": 0, "version": 0, "used_day": 0, "used": 0}
        mine = {"id": "old", "customer_id": "c3", "number": "110111111111", **nothing}
        tx.execute(tables.account.insert(), {**row._asdict(), **mine})
        tx.emit(OpenedBefore(subject="c3", account_id="old"))
        rules = tx.execute(policy_version.select()).one()._asdict()
        tx.execute(policy_version.insert(), {**rules, "version": 2})
        told = {name: rules[name] for name in ("profile", "effective_at")}
        tx.emit(AdoptedBefore(subject="", version=2, **told))
    return books


def committed(books, entropy):
    numbering.commit_what_stood(books.db, entropy)
    with books.db.transaction() as tx:
        policy.commit_what_stood(tx)


def test_what_no_leaf_commits_to_is_said_and_is_no_finding(before):
    audited = before.audited()

    assert audited.findings == []
    assert audited.notes == [
        "1 account numbers: adopted before digests were kept, not compared",
        "1 caps of accounts: opened before the log told of caps, not compared",
        "1 policies: adopted before digests were kept, not compared",
    ]


def test_at_the_next_start_it_is_committed_to_once(before, entropy):
    committed(before, entropy)
    size = len(before.leaves())

    committed(before, entropy)

    assert len(before.leaves()) == size
    assert before.audited().findings == []
    assert before.audited().notes == [
        "1 caps of accounts: opened before the log told of caps, not compared"
    ]


def test_from_then_on_it_is_compared(before, entropy, tampering):
    committed(before, entropy)

    exchanged(before, tampering, "old")
    tampering("UPDATE policy_version SET effective_at = 5 WHERE version = 2")

    says = [one.says for one in before.audited().findings]
    assert "account old: its number is not the one logged" in says
    assert "policy 2 is not the one that was logged" in says
