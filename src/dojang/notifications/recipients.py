"""Where customers are reached: the number on file, opened for the moment of sending."""

from dojang.customers import Customers
from dojang.db import Tx
from dojang.notifications.model import Recipient, Recipients


def on_file(customers: Customers) -> Recipients:
    """Look a customer up by id; None for one the bank does not know."""

    def recipient(tx: Tx, customer_id: str) -> Recipient | None:
        try:
            known = customers.by_id(tx, customer_id)
        except LookupError:
            return None
        return Recipient(known.phone, known.locale)

    return recipient
