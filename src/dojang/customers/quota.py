"""So many uses in a rolling window: codes to a number, attempts and reports from a source."""

import json

from dojang.customers import store
from dojang.db.database import Tx
from dojang.kernel.clock import DAY, SECOND, Instant


def admitted(uses: list[int], now: Instant, *, limit: int, seconds: int) -> list[int] | None:
    """The uses to remember with this one added, or None where it is one too many."""
    recent = [at for at in uses if at > now - seconds * SECOND]
    return None if len(recent) >= limit else [*recent, now]


def wait_seconds(uses: list[int], now: Instant, *, limit: int, seconds: int) -> int:
    """How long until one more is admitted, rounded up; the whole window where none ever is."""
    recent = sorted(at for at in uses if at > now - seconds * SECOND)
    if len(recent) < limit:
        return 0
    leaves = recent[-limit] if limit else now
    return -((now - leaves - seconds * SECOND) // SECOND)


def wait(tx: Tx, kind: str, key: bytes, *, limit: int, seconds: int) -> int:
    """How many seconds until `take` will count one more of these."""
    uses = json.loads(store.uses_of(tx, kind, key))
    return wait_seconds(uses, tx.now, limit=limit, seconds=seconds)


def take(tx: Tx, kind: str, key: bytes, *, limit: int, seconds: int) -> bool:
    """Count one use. False, and nothing counted, above the limit.

    `key` is a keyed hash (of a number, an address), never the thing itself. The row is locked, so
    that two at the same moment cannot both be the last one.
    """
    uses = json.loads(store.uses_of(tx, kind, key))
    kept = admitted(uses, tx.now, limit=limit, seconds=seconds)
    if kept is None:
        return False
    store.set_uses(tx, kind, key, json.dumps(kept, separators=(",", ":")))
    return True


def forget(tx: Tx) -> int:
    """Drop rows no window reaches any more (the longest is a day). For the worker."""
    return store.forget_quotas(tx, Instant(tx.now - 2 * DAY))
