"""Automated calls (ARS): the bank rings a number on file, speaks, and takes two digits."""

from dataclasses import dataclass
from typing import Protocol

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


class ArsGateway(Protocol):
    def place(self, call: Call) -> None:
        """Ring. What is keyed comes back through the bank's `ars answered` door. GatewayDown."""

    def hang_up(self, call_id: str) -> None:
        """End a call that is no longer wanted; nothing happens for an unknown one."""
