"""What the worker does: end journeys nobody came back to, erase pictures whose time is over."""

from dojang.db.database import Database
from dojang.opening import journeys, store


def sweep(db: Database) -> int:
    """How many were ended and erased."""
    with db.transaction() as tx:
        return journeys.end_late(tx) + store.erase_due(tx)
