"""Automated calls (ARS): the bank rings a number on file, speaks, and takes two digits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber


@dataclass(frozen=True)
class Call:
    """One call. `prompt` is what is spoken; the digits to key are only on the customer's screen."""

    id: str
    to: PhoneNumber
    prompt: str
    locale: str
    rings_until: Instant


@dataclass(frozen=True)
class Heard:
    """What the bank made of the keyed digits. Only after `wrong` does the call go on."""

    heard: Literal["passed", "wrong", "fraud_reported", "over"]
    tries_left: int


Door = Callable[[str, str], Heard]
"""The bank's `ars answered` door: (call id, keyed digits) -> what was heard."""


class ArsGateway(Protocol):
    def place(self, call: Call) -> None:
        """Ring. What is keyed comes back through the bank's `ars answered` door. GatewayDown."""

    def hang_up(self, call_id: str) -> None:
        """End a call that is no longer wanted; nothing happens for an unknown one."""
