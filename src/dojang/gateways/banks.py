"""Other banks: who holds an account there, and the interbank switch that takes money to them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class OtherBank:
    """`code` is the three-digit bank code of the switch."""

    code: str
    name_ko: str
    name_en: str


class InterbankSwitch(Protocol):
    def banks(self) -> tuple[OtherBank, ...]:
        """Every bank that can be paid, without our own."""

    def holder(self, bank: str, account: str) -> str | None:
        """The name of the holder, or None where there is no such account. Raises GatewayDown."""
