"""Facts about the tree over a real log: the same on both databases, and never taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from tests.service.transparency.conftest import NAME, Happened

from dojang.crypto import merkle, tree_heads
from dojang.crypto.merkle import BadProof
from dojang.db import Database, log
from dojang.kernel.clock import SECOND, MovableClock
from dojang.kernel.entropy import Entropy
from dojang.kernel.problem import Malformed
from dojang.transparency import Keep, LogTooShort, Rewritten, Transparency, store

Write = Callable[[int], None]
Tamper = Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class Moved(Happened):
    kind: ClassVar[str] = "test.moved"
    phone: log.Personal


def leaves(db: Database) -> list[bytes]:
    with db.snapshot() as tx:
        return [leaf.leaf for leaf in log.read(tx.connection, 0, 100_000)]


def test_a_head_is_the_root_over_all_leaves_and_the_log_keys_signature(
    db: Database, tree: Transparency, write: Write, clock: MovableClock
) -> None:
    write(300)

    head = tree.publish()

    assert head is not None
    assert (head.log, head.at) == (NAME, clock.now())
    assert head.root == merkle.root(leaves(db))
    assert head.size == len(leaves(db))
    tree_heads.verify(head, tree.key)


def test_nothing_is_signed_where_nothing_happened(tree: Transparency, write: Write) -> None:
    write(3)
    first = tree.publish()

    assert tree.publish() is None
    assert tree.head() == first


def test_every_leaf_is_proved_also_one_of_this_moment(
    db: Database, tree: Transparency, write: Write
) -> None:
    write(258)
    tree.publish()
    write(1)

    for idx in (0, 1, 255, 256, 257, len(leaves(db)) - 1):
        proof = tree.prove(idx)

        tree_heads.check(proof, tree.key)
        with db.snapshot() as tx:
            assert proof.body == log.read(tx.connection, idx, 1)[0].body


def test_what_is_not_there_is_not_proved(tree: Transparency, write: Write) -> None:
    write(2)

    for idx in (-1, 1_000):
        with pytest.raises(LookupError):
            tree.prove(idx)


def test_each_head_continues_those_before_it(tree: Transparency, write: Write) -> None:
    heads = []
    for count in (1, 1, 61, 200, 257, 300):
        write(count)
        heads.append(tree.publish())

    for old in heads:
        for new in heads:
            if old.size <= new.size:
                path = tree.consistency(old.size, new.size)
                merkle.check_consistency(
                    first=old.size,
                    second=new.size,
                    first_root=old.root,
                    second_root=new.root,
                    path=path,
                )


def test_proofs_at_any_size_come_from_tiles_as_from_the_leaves(
    db: Database, tree: Transparency, write: Write
) -> None:
    write(1_100)
    tree.publish()
    known = leaves(db)

    for size in (1, 255, 256, 257, 512, 1_000):
        for index in {0, size // 2, size - 1}:
            leaf, path = tree.inclusion(index, size)
            assert leaf == known[index]
            merkle.check_inclusion(
                index=index, size=size, leaf=leaf, path=path, root=merkle.root(known[:size])
            )


def test_questions_out_of_bounds_are_refused(tree: Transparency, write: Write) -> None:
    write(10)
    size = tree.publish().size

    with pytest.raises(LogTooShort):
        tree.inclusion(0, size + 1)
    with pytest.raises(LogTooShort):
        tree.consistency(1, size + 1)
    with pytest.raises(LogTooShort):
        tree.entries(0, size + 1)
    for wrong in (
        lambda: tree.inclusion(size, size),
        lambda: tree.consistency(size, 1),
        lambda: tree.entries(5, 5),
        lambda: tree.entries(6, 5),
    ):
        with pytest.raises(Malformed):
            wrong()


def test_entries_come_256_at_a_time_and_make_the_root(tree: Transparency, write: Write) -> None:
    write(600)
    head = tree.publish()

    found: list[bytes] = []
    while len(found) < head.size:
        page = tree.entries(len(found), head.size)
        assert len(page) <= 256
        found += page

    assert merkle.root(found) == head.root


def test_two_processes_build_one_tree(
    db: Database, opened: Callable[[], Transparency], write: Write
) -> None:
    one, other = opened(), opened()
    for turn in range(6):
        write(130)
        (one, other)[turn % 2].publish()
        (other, one)[turn % 2].publish()

    assert one.head() == other.head()
    assert one.head().root == merkle.root(leaves(db))


def test_tiles_are_made_again_from_the_leaves_as_they_were(
    db: Database, tree: Transparency, write: Write
) -> None:
    write(1_500)
    tree.publish()
    with db.snapshot() as tx:
        before = store.tiles(tx, 1, first=0, page=1_000)
    assert len(before) == 5

    tree.rebuild()

    with db.snapshot() as tx:
        assert store.tiles(tx, 1, first=0, page=1_000) == before


def test_a_clock_that_went_back_makes_no_head_older_than_the_last(
    tree: Transparency, write: Write, clock: MovableClock
) -> None:
    write(1)
    first = tree.publish()
    clock.move(-60 * SECOND)
    write(1)

    assert tree.publish().at == first.at


def test_a_cut_log_is_not_signed_over(tree: Transparency, write: Write, tampering: Tamper) -> None:
    write(20)
    signed = tree.publish()

    tampering("DELETE FROM log WHERE idx >= 15")
    tampering("UPDATE log_head SET size = 15")

    with pytest.raises(Rewritten) as refused:
        tree.publish()
    assert (refused.value.signed, refused.value.found) == (signed.size, 15)


def test_a_restored_backup_is_refused_at_the_start_though_its_own_heads_agree(
    opened: Callable[[], Transparency], write: Write, tampering: Tamper
) -> None:
    """The backup carries its own older heads; the one kept aside says what it lacks."""
    tree = opened()
    write(20)
    old = tree.publish()
    write(30)
    tree.publish()
    tampering("DELETE FROM log_sth WHERE size > :size", size=old.size)
    tampering("DELETE FROM log WHERE idx >= :size", size=old.size)
    tampering("UPDATE log_head SET size = :size", size=old.size)

    with pytest.raises(Rewritten):
        opened()


def test_a_rewritten_leaf_is_not_signed_over(
    opened: Callable[[], Transparency], write: Write, tampering: Tamper
) -> None:
    tree = opened()
    write(40)
    tree.publish()

    tampering("UPDATE log SET leaf = :leaf WHERE idx = 7", leaf=bytes(32))
    write(1)

    with pytest.raises(Rewritten):
        tree.publish()
    with pytest.raises(Rewritten):
        opened()


def test_another_logs_head_kept_aside_is_refused(
    opened: Callable[[], Transparency], write: Write, keep: Keep
) -> None:
    write(3)
    tree = opened()
    tree.publish()
    kept = keep.read()
    content = keep.path.read_text().replace(f'"size": {kept.head.size}', '"size": 2')
    keep.path.write_text(content)

    with pytest.raises(Rewritten):
        opened()


def test_a_deleted_leaf_makes_proofs_fail_not_lie(
    tree: Transparency, write: Write, tampering: Tamper
) -> None:
    """Its hash is gone, so proofs near it fail loudly instead of proving something else."""
    write(40)
    tree.publish()

    tampering("DELETE FROM log WHERE idx = 7")

    with pytest.raises(Exception, match="level 0"):
        tree.prove(6)


def test_an_erased_salt_leaves_the_tree_as_it_was(
    db: Database, owner: Database, tree: Transparency, write: Write, entropy
) -> None:
    phone = log.personal(entropy, "01012345678")
    write(5)
    with db.transaction() as tx:
        tx.emit(Moved(subject="someone", number=1, phone=phone))
    write(5)
    head = tree.publish()
    idx = head.size - 6
    proof = tree.prove(idx)
    with db.snapshot() as tx:
        opening = log.openings(tx.connection, idx)
        leaf = log.read(tx.connection, idx, 1)[0]

    assert b"01012345678" not in leaf.body
    assert log.Personal("01012345678", opening["phone"]).commitment == leaf.fields()["phone"]

    with owner.transaction() as tx:
        tx.execute(log.log_opening.delete().where(log.log_opening.c.idx == idx))

    with db.snapshot() as tx:
        assert log.openings(tx.connection, idx) == {}
        assert log.broken_at(tx.connection) is None
    tree_heads.check(proof, tree.key)
    tree_heads.check(tree.prove(idx), tree.key)


def test_two_commitments_to_one_value_have_nothing_in_common(entropy: Entropy) -> None:
    one, other = log.personal(entropy, "01012345678"), log.personal(entropy, "01012345678")

    assert one.commitment != other.commitment
    assert "01012345678" not in repr(one)


def test_a_proof_of_one_log_is_none_of_another(tree: Transparency, write: Write) -> None:
    write(9)
    proof = tree.prove(4)

    with pytest.raises(BadProof):
        merkle.check_inclusion(
            index=5, size=proof.head.size, leaf=proof.leaf, path=proof.path, root=proof.head.root
        )
