"""Has every account the day's cap that the log gave it, until its purpose was shown?

Who lifts a limited account by editing its row is named by the index of the leaf that opened it.
"""

from collections.abc import Iterator, Sequence

from dojang.db import Tx, log
from dojang.transparency import audit_store as store
from dojang.transparency import erased
from dojang.transparency.leaves import OPENED, SHOWN, Fields, Found, read


def unlike(tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
    """Of the accounts that these leaves opened or lifted, those with another cap than they say.

    An account that the log opened before it told of caps is held to it only where it was lifted.
    """
    mine = [leaf for leaf in leaves if _says_a_cap(leaf)]
    subjects = sorted({leaf["subject"] for leaf in mine})
    shown = [read(one.body) for one in log.of_kind_among(tx.connection, SHOWN, subjects)]
    lifted = {one["account_id"] for one in shown if one is not None}
    gone = erased.since(tx, subjects)
    rows = store.owners(tx, [leaf["account_id"] for leaf in mine])
    for leaf in mine:
        row = rows.get(leaf["account_id"])
        if row is None or leaf["idx"] < gone.get(leaf["subject"], -1):
            continue
        cap = None if leaf["account_id"] in lifted else leaf["day_cap"]
        if row.day_cap != cap:
            yield leaf["idx"], f"account {row.id}: its cap a day is not the one logged"


def _says_a_cap(leaf: Fields) -> bool:
    return leaf["kind"] == SHOWN or (leaf["kind"] == OPENED and "day_cap" in leaf)
