"""What the worker does: forget what people said of themselves in journeys that went nowhere."""

from dojang.customers import SmsCodes, quota
from dojang.customers import former_store as former
from dojang.db.database import Database
from dojang.enrolment import store


def sweep(db: Database, codes: SmsCodes) -> int:
    """Drop claims of journeys whose time is over, old codes, counts and numbers; how many."""
    with db.transaction() as tx:
        old = codes.forget(tx) + quota.forget(tx) + former.forget(tx)
        return store.forget_claims(tx) + old
