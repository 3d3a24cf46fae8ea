"""Somebody with the database's superuser rights and the log's key: rewrites history, neatly."""

import hashlib

from sqlalchemy import text

from dojang.crypto import merkle
from dojang.db import Database, guards, log
from dojang.transparency import Keep, Transparency


def unguard(db: Database) -> None:
    """What keeps history from being touched is no obstacle to a superuser."""
    dialect = "sqlite" if db.embedded else "postgresql"
    with db.transaction() as tx:
        for statement in guards.dropped(dialect):
            tx.execute(text(statement))


def rewrite(db: Database, idx: int, body: bytes) -> None:
    """Put another body in the place of a leaf and make the chain fit again, to its end."""
    with db.transaction() as tx:
        leaves = log.read(tx.connection, 0, 1_000_000)
        head = log.EMPTY_HEAD
        for leaf in leaves:
            said = body if leaf.idx == idx else leaf.body
            digest = merkle.leaf_hash(said)
            head = hashlib.sha256(head + digest).digest()
            if leaf.idx >= idx:
                tx.execute(
                    text("UPDATE log SET body = :b, leaf = :l, chain = :c WHERE idx = :i"),
                    {"b": said, "l": digest, "c": head, "i": leaf.idx},
                )
        tx.execute(text("UPDATE log_head SET head = :h"), {"h": head})


def forget_what_was_signed(db: Database, keep: Keep) -> None:
    with db.transaction() as tx:
        for table in ("log_sth", "log_tile"):
            tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - two names of ours
        tx.execute(text("UPDATE cursor SET next_idx = 0 WHERE name = 'tree'"))
    keep.path.unlink(missing_ok=True)


def sign_everything_anew(db: Database, tree: Transparency, keep: Keep) -> Transparency:
    """A tree over the new history by the same key: nothing in the database betrays it."""
    forget_what_was_signed(db, keep)
    fresh = Transparency(db, tree._vault, tree._clock, name=tree.name, keep=keep)
    fresh.publish()
    return fresh
