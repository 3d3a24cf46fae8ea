"""Faces: is the living person before the camera the one on the ID card?"""

import enum
from dataclasses import dataclass, field
from typing import Protocol

from dojang.kernel.secret import Secret


@dataclass(frozen=True)
class FaceAsked:
    """Two images (JPEG): the card that was accepted before, and the face now."""

    card: bytes = field(repr=False)
    face: bytes = field(repr=False)
    resident_number: Secret[str]


class FaceVerdict(enum.StrEnum):
    """`passed`, or the one reason why not."""

    PASSED = "passed"
    MISMATCH = "mismatch"
    NOT_LIVE = "not_live"
    """A picture of a face, not a face."""
    TOO_DARK = "too_dark"


class Faces(Protocol):
    def compare(self, asked: FaceAsked) -> FaceVerdict:
        """Raises GatewayDown: then nothing is known."""
