"""Facts about the audit: what is whole is called whole, and what a superuser touched is named.

A bank with money moved, held, posted, voided, expired and refused; every test touches one thing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cbor2
from sqlalchemy import Table
from tests.attacks import insider
from tests.service.transparency.books import Books
from tests.service.transparency.conftest import NAME

from dojang.crypto import merkle
from dojang.db import Database
from dojang.ledger import tables
from dojang.transparency import Kept
from dojang.transparency.audit import audit

Tamper = Callable[..., None]


@contextmanager
def put_back(owner: Database, of: Table) -> Iterator[None]:
    """The rows of a table as they were before, whatever is done to them inside."""
    keys = list(of.primary_key.columns)
    with owner.snapshot() as tx:
        before = [row._asdict() for row in tx.execute(of.select())]
    yield
    with owner.transaction() as tx:
        for row in before:
            mine = [key == row[key.name] for key in keys]
            tx.execute(of.update().where(*mine).values(row))


def test_a_bank_that_nobody_touched_is_whole(books: Books) -> None:
    result = books.audited()

    assert result.findings == []
    assert result.leaves == len(books.leaves())
    assert result.root == books.tree.head().root
    assert result.heads == 3
    assert result.rows["transfer"] > 28
    assert result.rows["hold"] == 5


def test_a_flipped_body_is_named_and_told_from_a_changed_hash(
    books: Books, tampering: Tamper
) -> None:
    body = bytearray(books.leaves()[9].body)
    body[-1] ^= 1

    tampering("UPDATE log SET body = :b WHERE idx = 9", b=bytes(body))

    assert (9, "body") in books.findings()
    assert {index for index, _ in books.findings()} == {9}


def test_a_dropped_leaf_is_named(books: Books, tampering: Tamper) -> None:
    tampering("DELETE FROM log WHERE idx = 12")

    assert (12, "missing") in books.findings()


def test_two_leaves_that_changed_places_are_both_named(books: Books, tampering: Tamper) -> None:
    one, other = books.leaves()[20], books.leaves()[30]
    for place, leaf in ((20, other), (30, one)):
        tampering(
            "UPDATE log SET body = :b, leaf = :l WHERE idx = :i", b=leaf.body, l=leaf.leaf, i=place
        )

    found = books.findings()

    assert {(20, "place"), (30, "place"), (20, "chain"), (30, "chain")} <= set(found)


def test_a_leaf_put_behind_the_end_is_named(books: Books, tampering: Tamper) -> None:
    last = books.leaves()[-1]
    tampering(
        "INSERT INTO log (idx, at, kind, subject, body, leaf, chain) "
        "VALUES (:i, 0, 'test.forged', '', :b, :l, :c)",
        i=last.idx + 1,
        b=cbor2.dumps({"idx": last.idx + 1, "at": 0, "kind": "test.forged", "subject": ""}),
        l=bytes(32),
        c=bytes(32),
    )

    assert (last.idx + 1, "chain") in books.findings()
    assert (last.idx + 1, "head") in books.findings()


def test_a_fork_with_a_fitting_chain_is_named_by_the_heads(books: Books, owner: Database) -> None:
    """Every leaf behind it fits; only what was signed says where the history parted."""
    victim = books.leaves()[15]
    forged = cbor2.dumps({**victim.fields(), "subject": victim.subject}, canonical=True)
    assert forged == victim.body
    forged = cbor2.dumps({**victim.fields(), "extra": 1}, canonical=True)

    insider.rewrite(owner, 15, forged)

    found = books.audited().findings
    assert [(one.about, one.index <= 15) for one in found] == [("root", True)]
    assert "are not those that were signed" in found[0].says


def test_a_fork_with_its_heads_forgotten_is_named_by_the_head_kept_outside(
    books: Books, owner: Database
) -> None:
    victim = books.leaves()[15]
    kept = books.keep.read()
    forged = cbor2.dumps({**victim.fields(), "extra": 1}, canonical=True)
    insider.rewrite(owner, 15, forged)
    insider.forget_what_was_signed(owner, books.keep)
    books.keep.write(kept)

    assert [one.about for one in books.audited().findings] == ["root"]


def test_a_cut_log_is_named_by_the_heads_it_lacks(books: Books, tampering: Tamper) -> None:
    size = len(books.leaves())
    last = books.leaves()[size - 4]
    tampering("DELETE FROM log WHERE idx >= :i", i=size - 3)
    tampering("UPDATE log_head SET size = :s, head = :h", s=size - 3, h=last.chain)

    assert (size - 3, "cut") in books.findings()


def test_a_head_that_the_log_did_not_sign_is_named(books: Books, tampering: Tamper) -> None:
    tampering("UPDATE log_sth SET root = :r WHERE size = :s", r=bytes(32), s=books.tree.head().size)

    assert (books.tree.head().size - 1, "signature") in books.findings()


def test_a_touched_tile_is_named_by_its_first_leaf(
    books: Books, write: Callable[[int], None], tampering: Tamper
) -> None:
    write(600)
    books.tree.publish()
    tampering("UPDATE log_tile SET hash = :h WHERE level = 1 AND n = 1", h=bytes(32))

    assert books.findings() == [(256, "tile")]


def test_an_edited_balance_names_the_account_at_its_last_posting(
    books: Books, tampering: Tamper
) -> None:
    tampering("UPDATE account SET posted = posted + 1000000 WHERE id = :i", i=books.mine)

    found = books.audited().findings

    assert [one.about for one in found] == ["balance"]
    assert books.mine in found[0].says
    assert books.leaves()[found[0].index].kind == "transfer.posted"


def test_an_edited_transfer_is_named_by_its_leaf(
    books: Books, owner: Database, tampering: Tamper
) -> None:
    leaf = books.of(books.moved)

    for change in (
        "amount = amount + 1",
        "kst_day = kst_day - 1",
        "subject = 'c2'",
        "created_at = created_at - 1",
        "log_idx = log_idx + 1",
        "auth_id = 'forged'",
        "debit = credit, credit = debit",
        "dv = dv + 1",
    ):
        with put_back(owner, tables.transfer):
            tampering(f"UPDATE transfer SET {change} WHERE id = :i", i=books.moved)  # noqa: S608
            assert leaf in {index for index, _ in books.findings()}, change
    assert books.findings() == []


def test_an_edited_posting_is_named_by_its_leaf(
    books: Books, owner: Database, tampering: Tamper
) -> None:
    leaf = books.of(books.moved)
    one = "WHERE transfer_id = :i AND account_id = :a"

    for change in ("amount = amount - 1", "balance_after = balance_after - 1"):
        with put_back(owner, tables.posting):
            statement = f"UPDATE posting SET {change} {one}"  # noqa: S608
            tampering(statement, i=books.moved, a=books.theirs)
            assert leaf in {index for index, _ in books.findings()}, change
    assert books.findings() == []


def test_a_deleted_transfer_is_named_by_its_leaf(books: Books, tampering: Tamper) -> None:
    leaf = books.of(books.moved)
    for table in ("posting", "narration"):
        tampering(f"DELETE FROM {table} WHERE transfer_id = :i", i=books.moved)  # noqa: S608
    tampering("DELETE FROM transfer WHERE id = :i", i=books.moved)

    assert (leaf, "rows") in books.findings()


def test_a_transfer_without_a_leaf_is_found(books: Books, tampering: Tamper) -> None:
    tampering(
        "INSERT INTO transfer SELECT '01900000-dead', kind, subject, ref, req_hash, debit, credit,"
        " amount, kst_day, expires_at, status, reason, figures, NULL, log_idx, dv, cv, created_at"
        " FROM transfer WHERE id = :i",
        i=books.moved,
    )

    found = books.audited().findings

    assert (books.of(books.moved), "left_over") in {(one.index, one.about) for one in found}
    assert any("01900000-dead" in one.says for one in found)


def test_money_made_by_hand_in_all_tables_that_agree_has_no_leaf(
    books: Books, tampering: Tamper
) -> None:
    """Transfer, postings and balances, all consistent: the ledger alone would believe it."""
    tampering(
        "INSERT INTO transfer SELECT '01900000-dead', kind, subject, ref, req_hash, debit, credit,"
        " amount, kst_day, expires_at, status, reason, figures, NULL, log_idx,"
        " (SELECT version + 1 FROM account WHERE id = debit),"
        " (SELECT version + 1 FROM account WHERE id = credit), created_at"
        " FROM transfer WHERE id = :i",
        i=books.moved,
    )
    for account, amount in ((books.mine, -300), (books.theirs, 300)):
        tampering(
            "INSERT INTO posting SELECT id, version + 1, '01900000-dead', :n, posted + :n"
            " FROM account WHERE id = :a",
            a=account,
            n=amount,
        )
        tampering(
            "UPDATE account SET posted = posted + :n, version = version + 1 WHERE id = :a",
            a=account,
            n=amount,
        )

    assert any("01900000-dead has no leaf" in one.says for one in books.audited().findings)


def test_an_edited_hold_is_named_by_its_leaf(
    books: Books, owner: Database, tampering: Tamper
) -> None:
    for change in ("amount = amount + 1", "state = 'open', resolved_by = NULL, posted = NULL"):
        with put_back(owner, tables.hold):
            tampering(f"UPDATE hold SET {change} WHERE state = 'posted'")  # noqa: S608
            assert "rows" in {about for _, about in books.findings()}, change
    assert books.findings() == []


def test_held_money_that_no_open_hold_holds_is_found(books: Books, tampering: Tamper) -> None:
    tampering("UPDATE account SET held = held + 5 WHERE id = :i", i=books.mine)

    assert [one.about for one in books.audited().findings] == ["balance"]


def test_an_account_given_to_somebody_else_is_named(books: Books, tampering: Tamper) -> None:
    tampering("UPDATE account SET customer_id = 'thief' WHERE id = :i", i=books.mine)

    assert any(about == "rows" for _, about in books.findings())


def test_a_key_of_somebody_else_makes_every_head_a_finding(books: Books) -> None:
    other = bytes.fromhex(
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )

    found = audit(books.db, Kept(NAME, other, None), told=lambda _what, _done, _of: None)

    assert {one.about for one in found.findings} == {"signature"}


def test_findings_are_bounded(books: Books, tampering: Tamper) -> None:
    tampering("UPDATE log SET body = :b", b=b"\x00")

    assert len(books.audited().findings) <= 100


def test_an_audit_is_repeatable_and_writes_nothing(books: Books) -> None:
    first, second = books.audited(), books.audited()

    assert first == second
    assert books.tree.head().root == merkle.root([leaf.leaf for leaf in books.leaves()])
