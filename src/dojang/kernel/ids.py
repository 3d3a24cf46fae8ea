"""Identifiers: UUIDv7 (RFC 9562 section 5.7), so that rows made together lie together."""

import base64
import threading
from typing import Final
from uuid import UUID

from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy

COUNTER_BITS: Final = 12


class Ids:
    """Mints ids and tokens from the clock and the chance handed in."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.Lock()
        self._last = 0

    def uuid7(self) -> str:
        """A fresh UUIDv7 in canonical text form, above every one this process minted before.

        The 12 bits of `rand_a` count within a millisecond (RFC 9562 section 6.2, method 1) and
        carry into the next one, so rows sorted by id lie in the order in which they were made,
        also where the clock stands still or steps back.
        """
        with self._lock:
            self._last = max(self._last + 1, self._clock.now() // 1_000 << COUNTER_BITS)
            milliseconds, count = divmod(self._last, 1 << COUNTER_BITS)
        return uuid7(milliseconds, count.to_bytes(2, "big") + self._entropy.bytes(8))

    def token(self) -> str:
        """A 256-bit reference token, base64url without padding."""
        return base64.urlsafe_b64encode(self._entropy.bytes(32)).rstrip(b"=").decode()


def uuid7(milliseconds: int, chance: bytes) -> str:
    """A UUIDv7 from Unix milliseconds and 10 random bytes."""
    value = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(chance[:10], "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(UUID(int=value))


def is_uuid7(text: str) -> bool:
    """True for a canonical lower-case UUIDv7."""
    try:
        value = UUID(text)
    except ValueError:
        return False
    return str(value) == text and value.version == 7
