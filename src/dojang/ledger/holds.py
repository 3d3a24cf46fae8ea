"""Money set aside, as its owners see it. Every function takes a `tx`.

An open hold whose time is over is shown as expired at once, whether or not anyone has noted it.
"""

from dataclasses import replace
from typing import Final

from dojang.db import Tx
from dojang.ledger import holds_store
from dojang.ledger.model import Hold, HoldState
from dojang.ledger.refusals import HoldNotFound

SHOWN_MAX: Final = 200


def of_customer(tx: Tx, customer_id: str) -> list[Hold]:
    """The customer's open holds, the next to expire first."""
    return holds_store.of_customer(tx, customer_id, SHOWN_MAX)


def of_account(tx: Tx, customer_id: str, account_id: str) -> list[Hold]:
    """The open holds on one account of theirs."""
    return holds_store.of_account(tx, customer_id, account_id, SHOWN_MAX)


def owned(tx: Tx, customer_id: str, hold_id: str) -> Hold:
    """The hold in whatever state it is by now. Raises HoldNotFound."""
    found = holds_store.owned(tx, customer_id, hold_id)
    if found is None:
        raise HoldNotFound
    return replace(found, state=HoldState.EXPIRED) if found.due(tx.now) else found
