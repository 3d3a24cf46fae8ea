"""Each signed head time-stamped by the bank's own authority, and whether such a stamp holds.

What is stamped is the head as it is given out, a C2SP signed note: so a signed root and its moment
cannot be made later than they say. Behind the signing, outside of every transaction; a customer,
the committer and the signing itself never wait for it.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from dojang.crypto import tree_heads
from dojang.crypto.tree_heads import TreeHead
from dojang.db import Database, Tx
from dojang.kernel.clock import Instant
from dojang.timestamps import TimeStamps, verifying
from dojang.timestamps.model import ACCURACY, BadToken, Stamp
from dojang.transparency import store

PAGE: Final = 50
"""Heads that are stamped at once; the rest the next time."""


class HeadStamps:
    """One in each process; two do no harm. Opens its own transactions and touches the vault."""

    def __init__(self, db: Database, time_stamps: TimeStamps, *, name: str, key: bytes) -> None:
        self._db = db
        self._time_stamps = time_stamps
        self._name = name
        self._key = key

    def catch_up(self) -> int:
        """Stamp the heads above the last one that has a stamp; how many were.

        Where none has, the newest alone: a stamp says nothing of a moment that is long past.
        Raises `TimeNotAvailable`: then the heads wait.
        """
        with self._db.snapshot() as tx:
            waiting = self._waiting(tx)
        made = 0
        for head in waiting:
            token = self._time_stamps.token(digest(head, self._key))
            with self._db.transaction() as tx:
                made += store.add_stamp(tx, head.size, token)
        return made

    def _waiting(self, tx: Tx) -> list[TreeHead]:
        last = store.newest_stamped(tx)
        if last is not None:
            return store.heads(tx, self._name, above=last, page=PAGE)
        newest = store.newest(tx, self._name)
        return [] if newest is None else [newest]


def digest(head: TreeHead, key: bytes) -> bytes:
    """SHA-256 of the head's signed note: what is stamped."""
    return hashlib.sha256(tree_heads.note(head, key)).digest()


def check(token: bytes, head: TreeHead, key: bytes, roots: Sequence[bytes]) -> Stamp:
    """The stamp on this head, by the authority under one of these (DER). Raises `BadToken`."""
    stamp = verifying.by_root(token, digest(head, key), roots)
    if stamp.at < Instant(head.at) - ACCURACY:
        raise BadToken("the stamp is older than the head says to be")
    return stamp
