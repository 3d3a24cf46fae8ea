"""What the log is called: fixed at its founding, because every head is signed in that name.

Whoever kept a head, a phone above all, keeps the name with it. The bank's address may change; a log
that took another name with it would be another log, and every head of before a forgery.
"""

from dojang.crypto import tree_heads
from dojang.crypto.tree_heads import BadTreeHead, TreeHead
from dojang.db import Tx
from dojang.transparency import store
from dojang.transparency.keep import Kept
from dojang.transparency.model import OtherLog, Rewritten


def found(tx: Tx, kept: Kept | None, key: bytes, *, else_: str) -> str:
    """The name that the database has; in one of before that of the kept head; `else_` in a new one.

    Raises OtherLog, and Rewritten for a kept head that was changed.
    """
    stored = store.name(tx)
    if kept is not None:
        _is_one_log(kept, key, stored)
    if stored is not None:
        return stored
    name = else_ if kept is None else kept.log
    newest = store.newest(tx, name)
    if newest is not None and not _signed(newest, key):
        raise OtherLog(
            f"the log's heads are not signed as {name} by this vault's key: put back this bank's "
            "own log-head.json and vault, or start once with the `origin` it was founded with"
        )
    return name


def keep(tx: Tx, name: str) -> None:
    """Write it down where nobody has. Raises OtherLog where another process founded another."""
    store.give_name(tx, name)
    if (stored := store.name(tx)) != name:
        raise OtherLog(f"another process has just founded the log as {stored}: start again")


def _is_one_log(kept: Kept, key: bytes, stored: str | None) -> None:
    if stored not in {None, kept.log}:
        raise OtherLog(
            f"the log of the database is {stored}, and log-head.json is of {kept.log}: put back "
            "this bank's own log-head.json, or name this bank's own database"
        )
    if kept.key != key:
        raise OtherLog(
            f"log-head.json of {kept.log} names another key than this vault's: put back this "
            "bank's own vault, or its own log-head.json"
        )
    if kept.head is not None and (kept.head.log != kept.log or not _signed(kept.head, key)):
        raise Rewritten(kept.head.size, 0)


def _signed(head: TreeHead, key: bytes) -> bool:
    try:
        tree_heads.verify(head, key)
    except BadTreeHead:
        return False
    return True
