"""Who is told, who tells, and how long a message that nobody takes is tried again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from dojang.db import Tx
from dojang.kernel.clock import HOUR, SECOND, Instant
from dojang.kernel.phone_numbers import PhoneNumber

FIRST_WAIT: Final = 5 * SECOND
LONGEST_WAIT: Final = HOUR
ATTEMPTS_MAX: Final = 24
"""With the waits doubling up to an hour: most of a day, then the message is given up."""


@dataclass(frozen=True)
class Recipient:
    """Where a customer is reached, read at the moment of sending and kept nowhere."""

    phone: PhoneNumber = field(repr=False)
    locale: str


Recipients = Callable[[Tx, str], Recipient | None]
"""The customer with this id, or None for nobody who can be told."""


FormerRecipients = Callable[[Tx, str, Instant], Recipient | None]
"""The number that this customer's leaf of this moment took off the file, if it did."""


def nobody(_tx: Tx, _customer_id: str, _at: Instant) -> None:
    """No former number."""


@dataclass(frozen=True)
class Sender:
    """The bank as a text message names it. `hotline` is the number to call."""

    name_ko: str
    name_en: str
    hotline: str


@dataclass(frozen=True)
class Late:
    """A message the gateway did not take: of this leaf, tried so often, next at."""

    idx: int
    attempts: int
    next_at: Instant
    given_up: bool


def next_attempt(attempts: int, now: Instant) -> Instant | None:
    """When to try again after so many failures; None when it is enough."""
    if attempts >= ATTEMPTS_MAX:
        return None
    return Instant(now + min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT))
