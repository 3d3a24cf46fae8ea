"""What the bank decides about an order beside the bytes that are signed, bound by a key.

The signature covers payee and amount; whether it is held, until when, and what was shown for it
are the bank's own words in the row. Whoever may write rows has no key outside of the database, so
a row that was changed behind our back no longer fits its seal, and its order moves nothing.
"""

import hmac
from dataclasses import replace
from typing import Any, Final

from dojang.transfers.model import Order
from dojang.vault.fields import FieldKeys

_PURPOSE: Final = "transfer_order"
BROKEN: Final = b""
"""No seal: what it stands on never moves anything."""


class Seals:
    """HMAC-SHA-256 under a key of the vault, made anew with each decision. No database."""

    def __init__(self, fields: FieldKeys) -> None:
        self._fields = fields

    def sealed(self, order: Order) -> Order:
        """A new order with its first seal."""
        return replace(order, seal=self.first(order))

    def first(self, order: Order) -> bytes:
        """The seal of an order that has none. Whether it may be trusted is for the caller."""
        return self._of(order)

    def after(self, order: Order, **decided: Any) -> bytes:
        """The seal of the order with these fields. What did not hold before never does again."""
        return self._of(replace(order, **decided)) if self._fits(order) else BROKEN

    def holds(self, order: Order) -> bool:
        """Whether the row is as it was left at its signature.

        An earlier seal of the same order, put back with its fields, names no time of signature.
        """
        return order.authorised_at is not None and self._fits(order)

    def _fits(self, order: Order) -> bool:
        return order.seal is not None and hmac.compare_digest(order.seal, self._of(order))

    def _of(self, order: Order) -> bytes:
        return self._fields.index(_PURPOSE, _decided(order))


def _decided(order: Order) -> str:
    """One line a field: ids, numbers and names of ours, which hold no line of their own."""
    return "\n".join(
        str(field)
        for field in (
            order.id,
            ",".join(order.needed),
            order.password_at,
            order.ars_at,
            order.sms_at,
            order.device_at,
            order.authorised_at,
            int(order.registered),
            order.hold_why,
            order.hold_seconds,
            order.cancel_before_seconds,
            order.due_at,
            order.cancellable_until,
            order.hold_until,
        )
    )
