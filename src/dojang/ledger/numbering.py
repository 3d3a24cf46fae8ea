"""At the start after an upgrade: accounts whose leaf names no number get one that does.

By the number alone an account is found when money is sent to it. Two numbers exchanged by hand
would send one customer's money to another, so the log commits to each, salted.
"""

from typing import Final

from dojang.db import Database, log
from dojang.kernel.entropy import Entropy
from dojang.ledger import accounts_store
from dojang.ledger.events import AccountNumbered, AccountOpened

PAGE: Final = 500


def commit_what_stood(db: Database, entropy: Entropy) -> int:
    """How many were committed to, as they are found. What a crash left open is done at the next."""
    with db.snapshot() as tx:
        if accounts_store.committed(tx) >= accounts_store.numbered(tx):
            return 0
        told = {
            leaf.fields()["account_id"]
            for page in log.pages_of(tx.connection, AccountNumbered.kind, PAGE)
            for leaf in page
        }
        bare = [
            (leaf.subject, leaf.fields()["account_id"])
            for page in log.pages_of(tx.connection, AccountOpened.kind, PAGE)
            for leaf in page
            if "number" not in leaf.fields()
        ]
    due = [one for one in bare if one[1] not in told]
    for start in range(0, len(due), PAGE):
        with db.transaction() as tx:
            for subject, account_id in due[start : start + PAGE]:
                found = accounts_store.owned(tx, subject, account_id)
                if found is not None and found.number is not None:  # of who was not erased
                    number = log.personal(entropy, found.number)
                    numbered = AccountNumbered(
                        subject=subject, account_id=account_id, number=number
                    )
                    tx.emit(numbered)
    return len(due)
