"""Identity verification by the customer's telecom operator (본인확인)."""

from dataclasses import dataclass
from typing import Protocol

from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret


@dataclass(frozen=True)
class Claim:
    """What a person says of themselves."""

    carrier: str
    name: str
    resident_number: Secret[str]
    phone: PhoneNumber


@dataclass(frozen=True)
class Subscriber:
    """What the operator knows: `ci` 88 characters of base64, `di` 64, one person = one CI."""

    ci: str
    di: str
    sim_changed_at: Instant | None


@dataclass(frozen=True)
class Carrier:
    """A telecom operator that can be asked."""

    code: str
    name_ko: str
    name_en: str


class TelecomIdentity(Protocol):
    def carriers(self) -> tuple[Carrier, ...]:
        """The operators that can be asked."""

    def subscriber(self, claim: Claim) -> Subscriber | None:
        """The subscriber whose four details are exactly these, or None. Raises GatewayDown."""
