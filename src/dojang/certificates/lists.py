"""The revocation lists: one of everything and one a shard, complete and as deltas.

A list is true of the moment it is asked for. What was revoked for good is encoded once, into chunks
that only grow in number; a new list is those bytes, what came since, what is suspended now, and a
signature. So the cost of a list is hashing its bytes, and no list is ever held whole.
"""

import hashlib
import threading
from collections.abc import Iterable, Iterator
from typing import Final

from dojang import policy
from dojang.certificates import crl, store_lists
from dojang.certificates.authority import Authority
from dojang.certificates.crl import Title
from dojang.certificates.profiles import EVERYTHING, Addresses, everything_of, generation_of
from dojang.certificates.store_lists import Folded, Listed, ListRow
from dojang.db import Database
from dojang.kernel.clock import SECOND, Instant
from dojang.vault import Vault

ATTEMPTS: Final = 5
FOLD_ENTRIES: Final = 256
"""So many entries behind the last chunk make the next one."""
PAGE_ENTRIES: Final = 4_096
CHUNKS_AT_ONCE: Final = 32
DELTA_ENTRIES_MAX: Final = 20_000
"""Who is further behind fetches the complete list."""


class Busy(Exception):
    """Other processes kept taking the next number. Ask again."""


class Lists:
    """The lists of the issuing CA, each signed by the generation that its number names.

    Not inside a transaction: they sign.
    """

    def __init__(self, db: Database, vault: Vault, authority: Authority) -> None:
        self._db = db
        self._vault = vault
        self._authority = authority
        self._mutex = threading.Lock()

    def complete(self, scope: int = EVERYTHING) -> ListRow:
        """The stored one while nothing changed in the scope and half of its life is left.

        Raises `Busy` when other processes were faster several times in a row.
        """
        with self._mutex:
            for _ in range(ATTEMPTS):
                current = self._current(scope)
                if current is not None:
                    return current
        raise Busy

    def delta(self, scope: int = EVERYTHING) -> ListRow | None:
        """What brings every complete list that is still valid up to date; None: too much."""
        complete = self.complete(scope)
        with self._db.snapshot() as tx:
            base = store_lists.oldest_valid(tx, scope) or complete
            made = store_lists.numbered(tx, scope, complete.number, base.number)
            if made is not None:
                return made
            page = DELTA_ENTRIES_MAX + 1
            changed = store_lists.between(
                tx, scope, after=base.changes, through=complete.changes, page=page
            )
        if len(changed) > DELTA_ENTRIES_MAX:
            return None
        title = _titled(complete, base.number)
        entries = crl.entries({one.serial: one for one in changed}.values())
        made = self._signed(title, complete.changes, Folded(), entries)
        with self._db.transaction() as tx:
            store_lists.add(tx, made)
        return made

    def knows(self, scope: int) -> bool:
        """Whether there is such a list: nobody makes us sign one of nothing."""
        first = everything_of(generation_of(scope))
        if not self._authority.has(generation_of(scope)):
            return False
        if scope <= first + self._authority.plan.crl_shards:
            return True
        with self._db.snapshot() as tx:
            return store_lists.newest(tx, scope) is not None

    def parts(self, made: ListRow) -> Iterator[bytes]:
        """The list, piece by piece. Chunks never change, so each page has its own snapshot."""
        yield made.head
        yield from self._chunks(made.scope, made.chunks)
        yield made.rest
        yield made.foot

    def _current(self, scope: int) -> ListRow | None:
        while self._fold(scope):
            pass
        with self._db.snapshot() as tx:
            newest = store_lists.newest(tx, scope)
            changes = store_lists.last_change(tx, scope)
            now = Instant(tx.now - tx.now % SECOND)
            if newest is not None and _still_true(newest, changes, now):
                return newest
            seconds = policy.current(tx).status.crl_seconds
            end = store_lists.folded(tx, scope)
            listed = store_lists.unfolded(tx, scope, end, page=PAGE_ENTRIES)
            listed += store_lists.held(tx, scope)
        title = Title(
            scope=scope,
            number=1 if newest is None else newest.number + 1,
            base=0,
            this_update=now,
            next_update=Instant(now + seconds * SECOND),
        )
        made = self._signed(title, changes, end, crl.entries(listed))
        with self._db.transaction() as tx:
            return made if store_lists.add(tx, made) else None

    def _fold(self, scope: int) -> bool:
        """Make a chunk of what waits, if it is enough for one; whether there may be more."""
        with self._db.snapshot() as tx:
            end = store_lists.folded(tx, scope)
            waiting = store_lists.unfolded(tx, scope, end, page=PAGE_ENTRIES)
        if len(waiting) < FOLD_ENTRIES:
            return False
        content = crl.entries(waiting)
        with self._db.transaction() as tx:
            store_lists.add_chunk(tx, scope, _behind(end, waiting[-1], len(content)), content)
        return len(waiting) == PAGE_ENTRIES

    def _signed(self, title: Title, changes: int, end: Folded, rest: bytes) -> ListRow:
        by = self._authority.numbered(generation_of(title.scope))
        at = Addresses.under(self._authority.plan.base_url, by.generation)
        size = end.bytes_through + len(rest)
        around = crl.frame(by.signer, at, title, size)
        chunks = self._chunks(title.scope, end.chunks)
        digest = _sha256(around.before, chunks, rest, around.after)
        signature = self._vault.sign_digest(by.key_label, digest)
        head, foot = crl.wrapped(around, size, by.signer.algorithm, signature)
        return ListRow(
            scope=title.scope,
            number=title.number,
            base=title.base,
            changes=changes,
            this_update=title.this_update,
            next_update=title.next_update,
            head=head,
            chunks=end.chunks,
            rest=rest,
            foot=foot,
        )

    def _chunks(self, scope: int, last: int) -> Iterator[bytes]:
        for after in range(0, last, CHUNKS_AT_ONCE):
            with self._db.snapshot() as tx:
                page = store_lists.chunks(tx, scope, after=after, last=last, page=CHUNKS_AT_ONCE)
            yield from page


def _titled(complete: ListRow, base: int) -> Title:
    """A delta has number and times of the complete list of its moment (RFC 5280 5.2.3)."""
    return Title(
        scope=complete.scope,
        number=complete.number,
        base=base,
        this_update=complete.this_update,
        next_update=complete.next_update,
    )


def _behind(end: Folded, last: Listed, size: int) -> Folded:
    return Folded(end.chunks + 1, last.change, last.serial, end.bytes_through + size)


def _still_true(newest: ListRow, changes: int, now: Instant) -> bool:
    half = (newest.next_update - newest.this_update) // 2
    fresh = newest.this_update <= now < newest.next_update - half
    return newest.changes >= changes and fresh


def _sha256(before: bytes, chunks: Iterable[bytes], rest: bytes, after: bytes) -> bytes:
    """The digest that the issuing key (P-256, SHA-256) signs."""
    digest = hashlib.sha256(before)
    for chunk in chunks:
        digest.update(chunk)
    digest.update(rest)
    digest.update(after)
    return digest.digest()
