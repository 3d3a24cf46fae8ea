"""The tree over the log: built behind the leaves, signed, and asked for proofs.

`publish` is the work of a background task in every process of the bank. Leaves are contiguous once
they are committed, so whoever builds, builds the same tree; the row of the cursor keeps two from
writing the same rows at once. A customer's transaction never waits for any of it.
"""

import threading
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dojang.certificates import store as certificates
from dojang.crypto import merkle, tree_heads
from dojang.crypto.tree_heads import LogProof, TreeHead
from dojang.db import Database, Tx, log
from dojang.kernel.clock import Clock
from dojang.kernel.problem import Malformed
from dojang.transparency import naming, store
from dojang.transparency.keep import Keep, Kept
from dojang.transparency.model import (
    ENTRIES_MAX,
    LOG_KEY,
    Extension,
    IssueOf,
    IssuePage,
    LogTooShort,
    Rewritten,
)
from dojang.transparency.tiles import TILE, Missing, Nodes, grown
from dojang.vault import KeyKind, Vault, ensure

BATCH: Final = 64 * TILE
"""Leaves put under tiles in one transaction: 512 KiB of hashes."""


class Transparency:
    """Signs heads, proves leaves. Opens its own transactions and touches the vault."""

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, *, name: str, keep: Keep | None
    ) -> None:
        """`name` is for a log that is founded now; one that has a name keeps it.

        Raises `Rewritten` where the log does not continue the head that was kept aside, and
        `OtherLog` where the two are not of one log.
        """
        ensure(vault, LOG_KEY, KeyKind.EC_P256)
        self._db = db
        self._vault = vault
        self._clock = clock
        self._keep = keep
        self._mutex = threading.Lock()
        self.key: Final = vault.public_key(LOG_KEY).public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        with db.transaction() as tx:
            store.begin(tx)
        kept = None if keep is None else keep.read()
        with db.snapshot() as tx:
            self.name: Final = naming.found(tx, kept, self.key, else_=name)
        self._kept = None if kept is None else kept.head
        if self._kept is not None:
            self._draw(self._build())
        with db.transaction() as tx:
            naming.keep(tx, self.name)
        if kept is None and keep is not None:
            keep.write(Kept(self.name, self.key, None))
        if self._kept is not None:
            self.publish()

    def publish(self) -> TreeHead | None:
        """Build and sign up to now; None where nothing was new, or another process was quicker.

        Raises `Rewritten`: nothing is signed any more until somebody has looked.
        """
        with self._mutex:
            size = self._build()
            drawn = self._draw(size)
            if drawn is None:
                return None
            head = self._signed(size, *drawn)
            if not self._store(head):
                return None
            self._remember(head)
            return head

    def head_of(self, size: int) -> TreeHead:
        """The head over so many leaves. Raises LookupError where none was signed."""
        with self._db.snapshot() as tx:
            found = store.of_size(tx, self.name, size)
        if found is None:
            raise LookupError(size)
        return found

    def stamp(self, size: int) -> bytes:
        """The time-stamp token on the head over so many leaves. Raises LookupError."""
        with self._db.snapshot() as tx:
            found = store.stamp(tx, size)
        if found is None:
            raise LookupError(size)
        return found

    def head(self) -> TreeHead:
        """The newest signed head; the first one is made when it is asked for."""
        with self._db.snapshot() as tx:
            found = store.newest(tx, self.name)
        if found is None:
            self.publish()
            with self._db.snapshot() as tx:
                found = store.newest(tx, self.name)
        if found is None:
            raise LookupError("the log has no leaf yet")
        return found

    def prove(self, idx: int) -> LogProof:
        """The leaf opened, with its path to the newest head; to a new one if it is so young.

        Raises LookupError for no such leaf.
        """
        if idx < 0 or not self._covers(idx + 1):
            raise LookupError(idx)
        return proof_of(self._db, self.name, idx)

    def inclusion(self, index: int, size: int) -> tuple[bytes, list[bytes]]:
        """The hash of a leaf and its path in the tree of `size`. Raises LogTooShort, Malformed."""
        with self._db.snapshot() as tx:
            self._bounded(tx, size)
            if not 0 <= index < size:
                raise Malformed
            nodes = Nodes(_Reading(tx), size)
            return nodes.hash(index, index + 1), merkle.inclusion_path(index, size, nodes.hash)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """PROOF(first, D_second). Raises LogTooShort, Malformed."""
        with self._db.snapshot() as tx:
            self._bounded(tx, second)
            if not 0 <= first <= second:
                raise Malformed
            return merkle.consistency_path(first, second, Nodes(_Reading(tx), second).hash)

    def extension(self, since: int) -> Extension:
        """The newest head, and how it continues the tree of `since` leaves.

        Without a path where the log is not longer than that: then the head speaks for itself.
        """
        head = self.head()
        if not 0 < since < head.size:
            return Extension(head, ())
        with self._db.snapshot() as tx:
            nodes = Nodes(_Reading(tx), head.size)
            return Extension(head, tuple(merkle.consistency_path(since, head.size, nodes.hash)))

    def entries(self, start: int, end: int) -> list[bytes]:
        """Hashes of leaves under the newest head, at most 256. Raises LogTooShort, Malformed."""
        with self._db.snapshot() as tx:
            self._bounded(tx, end)
            if not 0 <= start < end:
                raise Malformed
            return store.hashes(tx, 0, start, min(end, start + ENTRIES_MAX))

    def issues(self, customer_id: str, *, after: int, limit: int) -> IssuePage:
        """Every certificate ever given out in this customer's name, oldest first, proved."""
        with self._db.snapshot() as tx:
            found = log.issues(tx.connection, customer_id, after=after, limit=limit + 1)
        if found:
            self._covers(found[-1].idx + 1)
        head = self.head()
        with self._db.snapshot() as tx:
            nodes = Nodes(_Reading(tx), head.size)
            states = {one.id: one.state for one in certificates.of_customer(tx, customer_id)}
            issues = []
            for leaf in found[:limit]:
                credential = str(leaf.fields()["credential_id"])
                proof = _proof(tx, leaf.idx, head, nodes)
                issues.append(IssueOf(proof, credential, states[credential].value))
        following = issues[-1].proof.index if len(found) > limit else None
        return IssuePage(tuple(issues), head, following)

    def rebuild(self) -> int:
        """Forget all tiles and make them again from the leaves; how many leaves they cover."""
        with self._mutex:
            with self._db.transaction() as tx:
                store.hold(tx)
                store.forget_tiles(tx)
            self._build()
            with self._db.snapshot() as tx:
                return store.built(tx)

    def _covers(self, size: int) -> bool:
        """Is there a head over so many leaves, perhaps one made now?"""
        if self._newest_size() >= size:
            return True
        self.publish()
        return self._newest_size() >= size

    def _newest_size(self) -> int:
        with self._db.snapshot() as tx:
            found = store.newest(tx, self.name)
        return 0 if found is None else found.size

    def _bounded(self, tx: Tx, size: int) -> None:
        newest = store.newest(tx, self.name)
        known = 0 if newest is None else newest.size
        if size > known:
            raise LogTooShort(size=known)

    def _build(self) -> int:
        """Put whole tiles over what is there; how many leaves there were."""
        while True:
            with self._db.snapshot() as tx:
                size, built = store.log_size(tx), store.built(tx)
                end = min(size // TILE * TILE, built + BATCH)
                rows = _grown(tx, built, end)
            if not rows:
                return size
            with self._db.transaction() as tx:
                if store.hold(tx) == built:
                    store.add_tiles(tx, rows, covered=end)

    def _draw(self, size: int) -> tuple[bytes, int] | None:
        """Root and time of a new head, after the heads before it were found to be its beginning."""
        with self._db.snapshot() as tx:
            nodes = Nodes(_Reading(tx), size)
            newest = store.newest(tx, self.name)
            for before in (newest, self._kept):
                if before is not None and not _continues(nodes, size, before):
                    raise Rewritten(before.size, size)
            if size == 0 or (newest is not None and newest.size == size):
                return None
            at = self._clock.now()
            return nodes.root(), at if newest is None else max(at, newest.at)

    def _signed(self, size: int, root: bytes, at: int) -> TreeHead:
        bare = TreeHead(log=self.name, size=size, root=root, at=at, signature=b"")
        signature = self._vault.sign(LOG_KEY, tree_heads.signed_bytes(bare))
        return TreeHead(log=self.name, size=size, root=root, at=at, signature=signature)

    def _store(self, head: TreeHead) -> bool:
        with self._db.transaction() as tx:
            store.hold(tx)
            newest = store.newest(tx, self.name)
            if newest is not None and newest.size >= head.size:
                return False
            store.add_head(tx, head)
            return True

    def _remember(self, head: TreeHead) -> None:
        self._kept = head
        if self._keep is not None:
            self._keep.write(Kept(self.name, self.key, head))


def proof_of(db: Database, name: str, idx: int) -> LogProof:
    """As `Transparency.prove`, under the newest head there is: nothing is signed for it."""
    with db.snapshot() as tx:
        head = store.newest(tx, name)
        if head is None or not 0 <= idx < head.size:
            raise LookupError(idx)
        return _proof(tx, idx, head, Nodes(_Reading(tx), head.size))


def stamped_proof_of(db: Database, name: str, idx: int) -> tuple[LogProof, bytes | None]:
    """As `proof_of`, under the newest head with a time-stamp where one covers the leaf.

    With that stamp's token. Raises LookupError.
    """
    with db.snapshot() as tx:
        size = store.newest_stamped(tx)
        head = None if size is None or size <= idx else store.of_size(tx, name, size)
        token = None if head is None else store.stamp(tx, head.size)
        head = head or store.newest(tx, name)
        if head is None or not 0 <= idx < head.size:
            raise LookupError(idx)
        return _proof(tx, idx, head, Nodes(_Reading(tx), head.size)), token


class _Reading:
    """Hashes out of one snapshot, all that were asked for or none."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def __call__(self, level: int, first: int, end: int) -> list[bytes]:
        found = store.hashes(self._tx, level, first, end)
        if len(found) != end - first:
            raise Missing(f"level {level}, {first}..{end}")
        return found


def _proof(tx: Tx, idx: int, head: TreeHead, nodes: Nodes) -> LogProof:
    body = store.body(tx, idx)
    if body is None:
        raise Missing(f"leaf {idx}")
    return LogProof(idx, body, tuple(merkle.inclusion_path(idx, head.size, nodes.hash)), head)


def _continues(nodes: Nodes, size: int, before: TreeHead) -> bool:
    """Is the tree of `before` the beginning of this one?"""
    return before.size <= size and nodes.hash(0, before.size) == before.root


def _grown(tx: Tx, built: int, end: int) -> list[tuple[int, int, bytes]]:
    """The rows of every level that leaves built..end-1 complete. Both are whole tiles."""
    rows: list[tuple[int, int, bytes]] = []
    level, first, fresh = 0, built, _Reading(tx)(0, built, end) if end > built else []
    while fresh:
        begin = first // TILE * TILE
        stop = (first + len(fresh)) // TILE * TILE
        if stop <= begin:
            break
        whole = [*_Reading(tx)(level, begin, first), *fresh[: stop - first]]
        above = grown(level, begin, whole)
        rows += above
        level, first, fresh = level + 1, begin // TILE, [row[2] for row in above]
    return rows
