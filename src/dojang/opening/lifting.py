"""The purpose of a limited account was shown: two of the staff make it an account like any other.

One asks, another approves, as where a certificate is ended: the request is its leaf in the log and
nothing else, and lapses by its age.
"""

from typing import Final

from dojang.db import log
from dojang.db.database import Tx
from dojang.kernel.clock import DAY
from dojang.ledger import accounts
from dojang.ledger.views import AccountView
from dojang.opening.events import LiftAsked, PurposeShown

LAPSES_DAYS: Final = 7


class NotLifted(Exception):
    """Nothing was done; why, in a few words."""


def ask(tx: Tx, number: str, *, by: str) -> None:
    """`by` is an account name of the staff. Nothing changes yet. Raises `NotLifted`."""
    account, customer_id = _limited(tx, number)
    tx.emit(LiftAsked(subject=customer_id, account_id=account.id, by=by))


def approve(tx: Tx, number: str, *, by: str, alone: bool = False) -> str:
    """Lift the day's cap, as another of the staff asked; who that was.

    `alone`: where there is one account of the staff only, in a demo. Raises `NotLifted`.
    """
    account, customer_id = _limited(tx, number)
    leaves = log.of_kind(tx.connection, LiftAsked.kind, subject=customer_id)
    young = [leaf.fields() for leaf in leaves if leaf.at >= tx.now - LAPSES_DAYS * DAY]
    asked = [one["by"] for one in young if one["account_id"] == account.id]
    if not asked:
        raise NotLifted(f"nobody asked for it in the last {LAPSES_DAYS} days")
    others = [one for one in asked if alone or one != by]
    if not others:
        raise NotLifted("who asked does not approve: it takes another of the staff")
    accounts.lift_day_cap(tx, customer_id, account.id)
    said = str(others[-1])
    tx.emit(PurposeShown(subject=customer_id, account_id=account.id, by=said, approved_by=by))
    return said


def _limited(tx: Tx, number: str) -> tuple[AccountView, str]:
    found = accounts.by_number(tx, number.replace("-", ""))
    if found is None or found[0].day_cap is None:
        raise NotLifted("there is no limited account with this number")
    return found
