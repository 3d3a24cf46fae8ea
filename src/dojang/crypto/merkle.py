"""The Merkle tree of RFC 9162 section 2.1: roots, proofs, and whether a proof holds.

A proof is a list of hashes of subtrees. Which subtrees is a pure question of numbers, answered by
`inclusion_ranges` and `consistency_ranges` as half-open ranges of leaves; where their hashes come
from (a list in a test, stored tiles in the bank) is the caller's affair.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
PATH_MAX: Final = 128
"""No proof over a 64-bit size is longer."""

Range = tuple[int, int]
Hashes = Callable[[int, int], bytes]
"""(start, end) -> the root over the leaves start..end-1."""


class BadProof(Exception):
    """The proof does not show what it should. Whoever sent it is wrong, or lies."""


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes (2.1.1)."""
    tree = Frontier()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


@dataclass
class Frontier:
    """A tree that only grows: the roots of its complete subtrees, largest first."""

    size: int = 0
    _peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        joined, size = leaf, self.size
        while size & 1:
            joined = node_hash(self._peaks.pop(), joined)
            size >>= 1
        self._peaks.append(joined)
        self.size += 1

    def root(self) -> bytes:
        return fold(self._peaks)


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over neighbouring complete subtrees, each smaller than the one before."""
    if not peaks:
        return EMPTY_ROOT
    joined = peaks[-1]
    for peak in reversed(peaks[:-1]):
        joined = node_hash(peak, joined)
    return joined


def peaks(start: int, end: int) -> list[Range]:
    """The complete subtrees that make up start..end, where `start` is a place a subtree begins."""
    found = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        found.append((start, start + width))
        start += width
    return found


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees of PATH(index, D_size), leaf side first (2.1.3.1). Raises IndexError."""
    if not 0 <= index < size:
        raise IndexError("no such leaf in a tree of this size")
    found: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The subtrees of PROOF(first, D_second) (2.1.4.1); none from or to an equal or empty tree.

    Raises IndexError when the first tree is the larger one.
    """
    if not 0 <= first <= second:
        raise IndexError("the first tree is the smaller one")
    if first in {0, second}:
        return []
    found: list[Range] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, end))
    return found[::-1]


def inclusion_path(index: int, size: int, hashes: Hashes) -> list[bytes]:
    return [hashes(start, end) for start, end in inclusion_ranges(index, size)]


def consistency_path(first: int, second: int, hashes: Hashes) -> list[bytes]:
    return [hashes(start, end) for start, end in consistency_ranges(first, second)]


def check_inclusion(
    *, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> None:
    """Is `leaf` (its hash) the one at `index` under `root`? (2.1.3.2). Raises `BadProof`."""
    if not 0 <= index < size:
        raise BadProof("the tree has no such leaf")
    place, last, joined = index, size - 1, leaf
    for step in _steps(path):
        if last == 0:
            raise BadProof("the path is longer than the tree is high")
        if place & 1 or place == last:
            joined = node_hash(step, joined)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            joined = node_hash(joined, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise BadProof("the path ends below the root")
    if joined != root:
        raise BadProof("the path leads to another root")


def check_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """Does the second tree begin with the first one? (2.1.4.2). Raises `BadProof`.

    Any tree begins with the empty one. A second tree that is smaller never does.
    """
    if not 0 <= first <= second:
        raise BadProof("the second tree is smaller")
    if first in {0, second}:
        said = EMPTY_ROOT if first == 0 else second_root
        if path or first_root != said:
            raise BadProof("equal trees have equal roots and no path")
        return
    steps = _steps(path)
    if first & (first - 1) == 0:
        steps = [first_root, *steps]
    if not steps:
        raise BadProof("the path is missing")
    _climb(first, second, steps, (first_root, second_root))


def _climb(first: int, second: int, steps: Sequence[bytes], roots: tuple[bytes, bytes]) -> None:
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise BadProof("the path is longer than the tree is high")
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise BadProof("the path ends below the root")
    if (old, new) != roots:
        raise BadProof("the path leads to another root")


def _steps(path: Sequence[bytes]) -> list[bytes]:
    if len(path) > PATH_MAX or any(len(step) != HASH_BYTES for step in path):
        raise BadProof("not a path of hashes")
    return list(path)


def _split(size: int) -> int:
    """The largest power of two below `size` (2.1.1)."""
    return 1 << ((size - 1).bit_length() - 1)
