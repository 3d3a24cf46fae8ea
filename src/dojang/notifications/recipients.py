"""Where customers are reached: the number on file, opened for the moment of sending."""

from dojang.customers import Customers
from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.notifications.model import FormerRecipients, Recipient, Recipients


def on_file(customers: Customers) -> Recipients:
    """Look a customer up by id; None for one the bank does not know."""

    def recipient(tx: Tx, customer_id: str) -> Recipient | None:
        try:
            known = customers.by_id(tx, customer_id)
        except LookupError:
            return None
        return Recipient(known.phone, known.locale)

    return recipient


def left_behind(customers: Customers) -> FormerRecipients:
    """Whom a customer's leaf of this moment is told as well: the number replaced just then."""

    def former(tx: Tx, customer_id: str, at: Instant) -> Recipient | None:
        phone = customers.phone_left_at(tx, customer_id, at)
        return None if phone is None else Recipient(phone, customers.by_id(tx, customer_id).locale)

    return former
