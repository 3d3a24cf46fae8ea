"""One won to an account at another bank: whoever sees its sender's name holds that account."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Deposit:
    """One won. `key` makes sending it twice harmless: a known key is dropped there.

    `sender` is what the other bank shows as the sender's name; the code stands at its end.
    """

    key: str
    bank: str
    account: str = field(repr=False)
    sender: str = field(repr=False)


class OneWon(Protocol):
    def holder(self, bank: str, account: str) -> str | None:
        """Whose account it is, or None where there is none. Raises GatewayDown."""

    def send(self, deposit: Deposit) -> None:
        """Hand it over. Raises GatewayDown when it was not taken; send it again then."""
