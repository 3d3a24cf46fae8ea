"""ID cards: is this an image of a good card of this person, and does its issuer stand by it?"""

import enum
from dataclasses import dataclass, field
from typing import Protocol

from dojang.kernel.secret import Secret


@dataclass(frozen=True)
class CardAsked:
    """An image (JPEG) and the person whose card it must be."""

    image: bytes = field(repr=False)
    name: str = field(repr=False)
    resident_number: Secret[str]


class CardVerdict(enum.StrEnum):
    """`passed`, or the one reason why not."""

    PASSED = "passed"
    GLARE = "glare"
    BLURRED = "blurred"
    EXPIRED = "expired"
    MISMATCH = "mismatch"
    """Another person's card."""
    COPY = "copy"
    """A photograph of a screen or of a printed copy."""
    LOST = "lost"
    """The issuer does not know it, or has it reported as lost."""


class IdCards(Protocol):
    def check(self, asked: CardAsked) -> CardVerdict:
        """Read the card and ask its issuer. Raises GatewayDown: then nothing is known."""
