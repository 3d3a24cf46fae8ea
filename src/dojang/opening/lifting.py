"""The purpose of a limited account was shown: two of the staff make it an account like any other.

One asks, another approves, as where a certificate is ended: the request is its leaf in the log and
nothing else, and lapses by its age.
"""

from dataclasses import dataclass

from dojang.db import log
from dojang.db.database import Tx
from dojang.kernel import four_eyes
from dojang.kernel.four_eyes import NotApproved
from dojang.ledger import accounts
from dojang.ledger.views import AccountView
from dojang.opening.events import LiftAsked, PurposeShown


@dataclass(frozen=True)
class Asked:
    """Who of the staff wants the cap lifted."""

    by: str


def of(tx: Tx, number: str) -> AccountView:
    """The limited account of this number, to look at before one says yes. Raises `NotApproved`."""
    return _limited(tx, number)[0]


def ask(tx: Tx, number: str, *, by: str) -> None:
    """`by` is an account name of the staff. Nothing changes yet. Raises `NotApproved`."""
    account, customer_id = _limited(tx, number)
    tx.emit(LiftAsked(subject=customer_id, account_id=account.id, by=by))


def approve(tx: Tx, number: str, *, by: str, alone: bool = False) -> str:
    """Lift the day's cap, as another of the staff asked; who that was.

    `alone`: where there is one account of the staff only, in a demo. Raises `NotApproved`.
    """
    account, customer_id = _limited(tx, number)
    leaves = log.of_kind(tx.connection, LiftAsked.kind, subject=customer_id)
    since = four_eyes.open_since(tx.now)
    young = [leaf.fields() for leaf in leaves if leaf.at >= since]
    asked = [Asked(one["by"]) for one in young if one["account_id"] == account.id]
    said = four_eyes.of_another(asked, by=by, alone=alone).by
    accounts.lift_day_cap(tx, customer_id, account.id)
    tx.emit(PurposeShown(subject=customer_id, account_id=account.id, by=said, approved_by=by))
    return said


def _limited(tx: Tx, number: str) -> tuple[AccountView, str]:
    found = accounts.by_number(tx, number.replace("-", ""))
    if found is None or found[0].day_cap is None:
        raise NotApproved("there is no limited account with this number")
    return found
