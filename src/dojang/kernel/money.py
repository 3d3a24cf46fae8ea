"""Money: whole won, never a float."""

from typing import Final, NewType

Won = NewType("Won", int)
"""An amount in KRW. Postings may be negative; amounts of orders never are."""

AMOUNT_MAX: Final = Won(10**15)


def won(amount: Won) -> str:
    """For people: 1234567 -> '1,234,567'."""
    return f"{amount:,}"
