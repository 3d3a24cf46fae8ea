"""The purpose of a limited account was shown: from now on it is an account like any other."""

from dojang.db.database import Tx
from dojang.ledger import accounts
from dojang.opening.events import PurposeShown


def purpose_shown(tx: Tx, number: str) -> bool:
    """Lift the day's cap of the account with this number. False where there is none to lift."""
    found = accounts.by_number(tx, number.replace("-", ""))
    if found is None or found[0].day_cap is None:
        return False
    account, customer_id = found
    accounts.lift_day_cap(tx, customer_id, account.id)
    tx.emit(PurposeShown(subject=customer_id, account_id=account.id))
    return True
