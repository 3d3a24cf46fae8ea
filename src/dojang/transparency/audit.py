"""The whole log once more from its first byte: leaves, chain, tiles, heads, and the bank's rows.

One pass over the leaves in pages, in one snapshot, with memory that does not grow with the log.
What does not fit is named by the index of its leaf. A leaf whose body was changed is told from one
whose hash was changed too: the stored hash is what later leaves and heads were built on.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dojang.crypto import merkle, tree_heads
from dojang.crypto.tree_heads import BadTreeHead, TreeHead
from dojang.db import Database, Tx
from dojang.db.log import EMPTY_HEAD, Leaf
from dojang.timestamps.model import BadToken
from dojang.transparency import accounting, audit_store, leaves, stamping, standings, store
from dojang.transparency.keep import Kept
from dojang.transparency.tiles import TILE

FINDINGS_MAX: Final = 100
HEADS_PAGE: Final = 1_000
_UNREAD: Final = frozenset({"missing", "body", "place"})

Told = Callable[[str, int, int], None]
"""(what is looked at, how far, of how many)."""
Compare = Callable[[Tx, Sequence[leaves.Fields]], Iterator[leaves.Found]]
"""What another part of the house has to say of a page of leaves."""


@dataclass(frozen=True)
class Finding:
    """`index` is the leaf's, -1 where something has none. `about` is a code, `says` the words."""

    index: int
    about: str
    says: str


@dataclass
class Audit:
    """What was looked at, and what does not fit: at most a hundred findings, by index."""

    leaves: int = 0
    heads: int = 0
    stamps: int = 0
    """Heads with a time-stamp; checked where a root is known."""
    stamped_late_us: int = 0
    """How long after it was signed a head was stamped, at the most."""
    tiles: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    root: bytes = merkle.EMPTY_ROOT
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What could not be compared, and is no finding."""

    @property
    def whole(self) -> bool:
        return not self.findings

    def found(self, index: int, about: str, says: str) -> None:
        """One finding a leaf and subject; more of the same say nothing new."""
        subject = (index, about if index >= 0 else says)
        known = any(
            (one.index, one.about if index >= 0 else one.says) == subject for one in self.findings
        )
        if not known and len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(index, about, says))


def audit(
    db: Database,
    kept: Kept,
    *,
    told: Told,
    roots: Sequence[bytes] = (),
    unsigned: Compare = lambda _tx, _leaves: iter(()),
) -> Audit:
    """Verify everything in one snapshot, by what was kept outside of the database.

    `roots` (DER) are whose authority stamped the heads; none: the stamps are counted only.
    `unsigned` tells which leaves took money that its owner did not sign for.
    """
    result = Audit()
    with db.snapshot() as tx:
        _Walk(tx, result, kept, told, roots, unsigned).walk()
    result.findings.sort(key=lambda one: one.index)
    return result


class _Walk:
    """One audit under way."""

    def __init__(
        self,
        tx: Tx,
        result: Audit,
        kept: Kept,
        told: Told,
        roots: Sequence[bytes],
        unsigned: Compare,
    ) -> None:
        self._tx = tx
        self._result = result
        self._told = told
        self._unsigned = unsigned
        self._size, self._last = audit_store.head(tx)
        self._chain = EMPTY_HEAD
        self._tree = merkle.Frontier()
        self._tiles = _Tiles(tx, result)
        self._heads = _Heads(tx, result, kept, roots)

    def walk(self) -> None:
        expected = 0
        for page in audit_store.leaf_pages(self._tx):
            readable = []
            for leaf in page:
                if leaf.idx != expected:
                    self._result.found(expected, "missing", "this leaf is gone")
                    self._tiles.off = self._heads.off = True
                said = self._leaf(leaf)
                if said is not None:
                    readable.append(said)
                expected = leaf.idx + 1
            self._result.leaves += len(page)
            for index, says in accounting.page(self._tx, readable, self._result.rows):
                self._result.found(index, "rows", says)
            for index, says in self._unsigned(self._tx, readable):
                self._result.found(index, "unsigned", says)
            self._told("leaves", expected, self._size)
        self._heads.rest(self._tree)
        self._result.root = self._tree.root()
        if (self._size, self._last) != (expected, self._chain):
            self._result.found(min(expected, self._size), "head", "the log does not end here")
        self._books()

    def _leaf(self, leaf: Leaf) -> dict[str, Any] | None:
        """Check one leaf; its event, None where its body cannot be read."""
        self._heads.before(self._tree)
        digest = merkle.leaf_hash(leaf.body)
        if digest != leaf.leaf:
            self._result.found(leaf.idx, "body", "the body is not what was hashed")
        self._chain = hashlib.sha256(self._chain + leaf.leaf).digest()
        if self._chain != leaf.chain:
            self._result.found(leaf.idx, "chain", "it does not follow the leaf before it")
            self._chain = leaf.chain
        self._tree.add(leaf.leaf)
        self._tiles.add(leaf.leaf)
        said = leaves.event_in(leaf.body)
        if said is None:
            self._result.found(leaf.idx, "body", "the body cannot be read")
            return None
        if not leaves.complete(said):
            self._result.found(leaf.idx, "body", "the body lacks what its kind has")
            return None
        shown = (leaf.idx, leaf.at, leaf.kind, leaf.subject)
        if shown != tuple(said.get(name) for name in ("idx", "at", "kind", "subject")):
            self._result.found(leaf.idx, "place", "the leaf says another place, time or kind")
            return None
        return said

    def _books(self) -> None:
        self._told("balances", 0, 1)
        for index, says in accounting.balances(self._tx):
            self._result.found(index, "balance", says)
        self._result.notes += accounting.uncompared(self._tx, self._result.rows)
        for name in [name for name in self._result.rows if name.endswith(".committed")]:
            del self._result.rows[name]
        for one in standings.unlike(self._tx):
            self._result.found(one.idx, "standing", one.says)
        unread = any(one.about in _UNREAD for one in self._result.findings)
        for index, says in accounting.left_over(self._tx, self._result.rows, self._event_at):
            if index >= 0 or not unread:  # what a lost leaf spoke of is no surprise
                self._result.found(index, "left_over", says)
        self._told("balances", 1, 1)

    def _event_at(self, idx: int) -> dict[str, Any]:
        body = store.body(self._tx, idx)
        return (None if body is None else leaves.event_in(body)) or {}


class _Heads:
    """Every signed head against the tree, as it grows past each."""

    def __init__(self, tx: Tx, result: Audit, kept: Kept, roots: Sequence[bytes]) -> None:
        self._tx = tx
        self._roots = roots
        self._result = result
        self._kept = kept
        self._heads = self._merged(tx)
        self._next = next(self._heads, None)
        self._good = 0
        self.off = False

    def before(self, tree: merkle.Frontier) -> None:
        """Look at the heads over exactly the leaves so far."""
        while self._next is not None and self._next.size <= tree.size:
            self._look(self._next, tree)
            self._next = next(self._heads, None)

    def rest(self, tree: merkle.Frontier) -> None:
        """After the last leaf."""
        self.before(tree)
        while self._next is not None:
            self._result.heads += 1
            self._result.found(tree.size, "cut", f"a head over {self._next.size} leaves was signed")
            self._next = next(self._heads, None)
        for size in store.sizes_stamped_in_vain(self._tx):
            self._result.found(size - 1, "stamp", f"a time-stamp of no head, over {size} leaves")

    def _look(self, head: TreeHead, tree: merkle.Frontier) -> None:
        self._result.heads += 1
        try:
            tree_heads.verify(head, self._kept.key, log=self._kept.log)
        except BadTreeHead:
            says = f"the head over {head.size} leaves is not signed by the log's key"
            self._result.found(head.size - 1, "signature", says)
            return
        self._look_at_stamp(head)
        if self.off:
            return
        if head.size == tree.size and head.root == tree.root():
            self._good = head.size
            return
        says = f"leaves {self._good} to {head.size - 1} are not those that were signed"
        self._result.found(self._good, "root", says)
        self.off = True

    def _look_at_stamp(self, head: TreeHead) -> None:
        token = store.stamp(self._tx, head.size)
        if token is None:
            return
        self._result.stamps += 1
        if not self._roots:
            return
        try:
            stamp = stamping.check(token, head, self._kept.key, self._roots)
        except BadToken as wrong:
            says = f"the time-stamp of the head over {head.size} leaves does not hold: {wrong}"
            self._result.found(head.size - 1, "stamp", says)
            return
        late = stamp.at - head.at
        self._result.stamped_late_us = max(self._result.stamped_late_us, late)

    def _merged(self, tx: Tx) -> Iterator[TreeHead]:
        """The stored heads by size, with the one that was kept aside in its place."""
        above, waiting = -1, self._kept.head
        while page := store.heads(tx, self._kept.log, above=above, page=HEADS_PAGE):
            for head in page:
                if waiting is not None and waiting.size <= head.size:
                    if waiting != head:
                        yield waiting
                    waiting = None
                yield head
            above = page[-1].size
        if waiting is not None:
            yield waiting


class _Tiles:
    """Every stored tile hash, made again from the leaves."""

    def __init__(self, tx: Tx, result: Audit) -> None:
        self._tx = tx
        self._result = result
        self._covered = store.built(tx)
        self._open: list[list[bytes]] = []
        self._stored: list[Iterator[bytes]] = []
        self._leaves = 0
        self.off = False

    def add(self, leaf: bytes) -> None:
        self._leaves += 1
        if not self.off and self._leaves <= self._covered:
            self._put(0, leaf)

    def _put(self, level: int, digest: bytes) -> None:
        if level == len(self._open):
            self._open.append([])
            self._stored.append(self._rows(level + 1))
        self._open[level].append(digest)
        if len(self._open[level]) < TILE:
            return
        made = merkle.root(self._open[level])
        self._open[level].clear()
        self._result.tiles += 1
        if next(self._stored[level], None) != made:
            first = self._leaves - TILE ** (level + 1)
            says = f"the stored hash over leaves {first} to {self._leaves - 1} is another"
            self._result.found(first, "tile", says)
        self._put(level + 1, made)

    def _rows(self, level: int) -> Iterator[bytes]:
        first = 0
        while page := store.tiles(self._tx, level, first=first, page=HEADS_PAGE):
            for n, digest in page:
                while first < n:
                    first += 1
                    yield b""
                first = n + 1
                yield digest
