"""Facts about the tree: the published roots and proofs, every small tree, and every lie."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dojang.crypto import merkle
from dojang.crypto.merkle import BadProof

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "merkle.json").read_text())
SIZES = range(257)
LEAVES = [merkle.leaf_hash(n.to_bytes(2, "big")) for n in SIZES]


def by_definition(start: int, end: int) -> bytes:
    """MTH exactly as RFC 9162 2.1.1 defines it, with what was computed before kept."""
    if (start, end) not in _KNOWN:
        if end == start:
            _KNOWN[(start, end)] = merkle.EMPTY_ROOT
        elif end - start == 1:
            _KNOWN[(start, end)] = LEAVES[start]
        else:
            half = 1
            while half * 2 < end - start:
                half *= 2
            left, right = by_definition(start, start + half), by_definition(start + half, end)
            _KNOWN[(start, end)] = merkle.node_hash(left, right)
    return _KNOWN[(start, end)]


_KNOWN: dict[tuple[int, int], bytes] = {}


def test_the_roots_published_with_certificate_transparency_are_reproduced() -> None:
    published = VECTORS["published"]
    leaves = [merkle.leaf_hash(bytes.fromhex(body)) for body in published["bodies"]]

    made = [merkle.root(leaves[:size]).hex() for size in range(len(leaves) + 1)]

    assert made == published["roots"]


@pytest.mark.parametrize("one", VECTORS["published"]["inclusion"])
def test_the_published_inclusion_proofs_are_reproduced(one: dict[str, object]) -> None:
    bodies = VECTORS["published"]["bodies"]
    leaves = [merkle.leaf_hash(bytes.fromhex(body)) for body in bodies]

    made = merkle.inclusion_path(one["index"], one["size"], lambda a, b: merkle.root(leaves[a:b]))

    assert [step.hex() for step in made] == one["path"]


@pytest.mark.parametrize("one", VECTORS["published"]["consistency"])
def test_the_published_consistency_proofs_are_reproduced(one: dict[str, object]) -> None:
    bodies = VECTORS["published"]["bodies"]
    leaves = [merkle.leaf_hash(bytes.fromhex(body)) for body in bodies]

    made = merkle.consistency_path(
        one["first"], one["second"], lambda a, b: merkle.root(leaves[a:b])
    )

    assert [step.hex() for step in made] == one["path"]


def test_every_root_up_to_256_leaves_is_the_one_of_the_definition() -> None:
    for size in SIZES:
        assert merkle.root(LEAVES[:size]) == by_definition(0, size)


def test_every_leaf_of_every_tree_up_to_256_is_proved_and_at_no_other_place() -> None:
    for size in SIZES:
        root = by_definition(0, size)
        for index in range(size):
            path = merkle.inclusion_path(index, size, by_definition)

            _include(index, size, LEAVES[index], path, root)
            with pytest.raises(BadProof):
                _include(index, size, LEAVES[index ^ 1], path, root)


def test_every_pair_of_trees_up_to_256_is_consistent_and_with_no_other_root() -> None:
    for second in SIZES:
        new = by_definition(0, second)
        for first in range(second + 1):
            path = merkle.consistency_path(first, second, by_definition)

            _continue(first, second, by_definition(0, first), new, path)
            if 0 < first < second:
                with pytest.raises(BadProof):
                    _continue(first, second, by_definition(0, first - 1), new, path)


@settings(max_examples=150)
@given(st.data())
def test_a_proof_with_anything_changed_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 256))
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(index, size, by_definition)
    root = by_definition(0, size)
    step = data.draw(st.integers(0, len(path) - 1))
    flipped = [*path[:step], _flip(path[step], data.draw(st.integers(0, 255))), *path[step + 1 :]]

    for wrong in (flipped, path[:-1], [*path, root], path[1:], [*path[:step], b"short"]):
        with pytest.raises(BadProof):
            _include(index, size, LEAVES[index], wrong, root)
    elsewhere = data.draw(st.integers(0, size - 1).filter(lambda other: other != index))
    with pytest.raises(BadProof):
        _include(elsewhere, size, LEAVES[index], path, root)


@settings(max_examples=150)
@given(st.data())
def test_a_rewritten_past_has_no_consistency_proof(data: st.DataObject) -> None:
    second = data.draw(st.integers(2, 256))
    first = data.draw(st.integers(1, second - 1))
    touched = data.draw(st.integers(0, first - 1))
    forged = [*LEAVES[:touched], merkle.leaf_hash(b"another"), *LEAVES[touched + 1 :]]

    def hashes(start: int, end: int) -> bytes:
        return merkle.root(forged[start:end])

    path = merkle.consistency_path(first, second, hashes)

    for honest_path in (path, merkle.consistency_path(first, second, by_definition)):
        with pytest.raises(BadProof):
            _continue(first, second, by_definition(0, first), hashes(0, second), honest_path)


@pytest.mark.parametrize(("first", "second"), [(3, 2), (-1, 4)])
def test_a_tree_that_shrank_is_no_continuation(first: int, second: int) -> None:
    with pytest.raises(BadProof):
        _continue(first, second, LEAVES[0], LEAVES[0], [])


def test_equal_sizes_with_different_roots_are_a_fork() -> None:
    with pytest.raises(BadProof):
        _continue(5, 5, by_definition(0, 5), by_definition(0, 6), [])


def test_a_tree_begins_with_the_empty_one_and_with_itself() -> None:
    _continue(0, 5, merkle.EMPTY_ROOT, by_definition(0, 5), [])
    _continue(5, 5, by_definition(0, 5), by_definition(0, 5), [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_there_is_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_path(index, size, by_definition)
    with pytest.raises(BadProof):
        _include(index, size, LEAVES[0], [], LEAVES[0])


def _include(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> None:
    merkle.check_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)


def _continue(first: int, second: int, old: bytes, new: bytes, path: list[bytes]) -> None:
    merkle.check_consistency(first=first, second=second, first_root=old, second_root=new, path=path)


def _flip(step: bytes, bit: int) -> bytes:
    changed = bytearray(step)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)
