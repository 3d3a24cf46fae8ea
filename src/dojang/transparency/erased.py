"""Whom the bank erased, as the log says: what of theirs is gone is not missing, and must be gone.

Only a leaf `customer.erased` makes the difference, and only for what stood before it. The leaf is
held to the log itself: somebody asked for it, and it was not before its time.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from dojang import policy
from dojang.db import Tx
from dojang.kernel import four_eyes
from dojang.kernel.clock import years_after
from dojang.transparency import erased_store as store
from dojang.transparency.leaves import ERASE_ASKED, Fields, Found, read

ENDED: Final = "certificate.revoked"
SALTED: Final = {
    "account.opened": "number",
    "account.numbered": "number",
    "customer.phone_changed": "phone",
}
"""The field of each kind of leaf that holds a commitment to a personal value."""


def since(tx: Tx, subjects: Sequence[str]) -> dict[str, int]:
    """Of these customers, those who were erased, and the index of the leaf that says so."""
    return store.erased(tx, sorted(set(subjects)))


def salts(tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
    """Each commitment has its salt, until its customer is erased and it must have none."""
    mine = [leaf for leaf in leaves if SALTED.get(leaf["kind"], "") in leaf]
    there = store.opened(tx, [leaf["idx"] for leaf in mine])
    gone = since(tx, [leaf["subject"] for leaf in mine])
    for leaf in mine:
        name = SALTED[leaf["kind"]]
        erased = leaf["idx"] < gone.get(leaf["subject"], -1)
        if not erased and leaf["idx"] not in there:
            yield leaf["idx"], f"{_whose(leaf)}: the salt of its {name} is gone"
        if erased and leaf["idx"] in there:
            yield leaf["idx"], f"{_whose(leaf)}: erased, and the salt of its {name} is there"


def said(tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
    """What the leaves that say so are worth: asked for, due, and done."""
    for leaf in leaves:
        index, who = leaf["idx"], f"customer {leaf['subject']} was erased"
        if not _asked(tx, leaf):
            yield index, f"{who}, and nobody had asked for it"
        if store.left(tx, leaf["subject"]):
            yield index, f"{who}, and is there"
        if store.last_standing(tx, leaf["subject"], before=index) not in {None, ENDED}:
            yield index, f"{who} with a certificate that had not ended"
        years = policy.in_force(tx, leaf["at"]).life.records_years
        if years_after(store.last_at(tx, leaf["subject"], before=index), years) > leaf["at"]:
            yield index, f"{who} before the time"


def _asked(tx: Tx, leaf: Fields) -> bool:
    since = four_eyes.open_since(leaf["at"])
    found = store.of_kind(tx, ERASE_ASKED, leaf["subject"], before=leaf["idx"])
    asked = [read(body) for at, body in found if at >= since]
    return any(one is not None and one["by"] == leaf["by"] for one in asked)


def _whose(leaf: Fields) -> str:
    return f"account {leaf['account_id']}" if "account_id" in leaf else f"leaf {leaf['idx']}"
