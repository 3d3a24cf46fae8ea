"""What the worker does: forget what people said of themselves in journeys that went nowhere."""

from dojang.customers import SmsCodes, quota
from dojang.db.database import Database
from dojang.enrolment import store


def sweep(db: Database, codes: SmsCodes) -> int:
    """Drop claims of journeys whose time is over, old codes and old counts; how many rows."""
    with db.transaction() as tx:
        return store.forget_claims(tx) + codes.forget(tx) + quota.forget(tx)
