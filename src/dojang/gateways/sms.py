"""Text messages to customers."""

from dataclasses import dataclass
from typing import Protocol

from dojang.kernel.phone_numbers import PhoneNumber


@dataclass(frozen=True)
class Sms:
    """One message. `key` makes sending it twice harmless: the gateway drops a known key."""

    key: str
    to: PhoneNumber
    text: str


class SmsGateway(Protocol):
    def send(self, sms: Sms) -> None:
        """Hand over a message. Raises GatewayDown when it was not taken; send it again then."""


class GatewayDown(Exception):
    """The party outside did not take the request; nothing is known to have happened there."""
