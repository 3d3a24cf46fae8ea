"""The number a customer had before: kept for some days, so that its owner hears of the change.

Whoever takes someone's certificate over by a number of their own would otherwise receive the very
message that should warn the victim.
"""

from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from dojang.customers.tables import former_phone
from dojang.db.database import Tx
from dojang.kernel.clock import DAY, Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.vault.fields import FieldKeys

KEPT_DAYS: Final = 7
"""Longer than a message that nobody takes is tried again."""

PURPOSE: Final = "customer.former_phone"

_left: Final = select(former_phone.c.phone_sealed).where(
    former_phone.c.customer_id == bindparam("b_customer"),
    former_phone.c.left_at == bindparam("b_at"),
)
_stale: Final = delete(former_phone).where(former_phone.c.left_at < bindparam("b_before"))


def leave(tx: Tx, fields: FieldKeys, customer_id: str, phone: PhoneNumber) -> None:
    """This number is on file no more, from this moment on."""
    sealed = fields.seal(PURPOSE, customer_id, phone)
    row = {"customer_id": customer_id, "left_at": tx.now, "phone_sealed": sealed}
    tx.execute(insert(former_phone), row)


def left_at(tx: Tx, fields: FieldKeys, customer_id: str, at: Instant) -> PhoneNumber | None:
    """The number that was left at exactly this moment; None where none was."""
    sealed = tx.execute(_left, {"b_customer": customer_id, "b_at": at}).scalar_one_or_none()
    return None if sealed is None else PhoneNumber(fields.open(PURPOSE, customer_id, sealed))


def forget(tx: Tx) -> int:
    """Drop what was kept long enough. For the worker; how many."""
    return tx.execute(_stale, {"b_before": Instant(tx.now - KEPT_DAYS * DAY)}).rowcount
