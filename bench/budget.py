"""The time of a quick run: a part that would not end within it is not begun, and is named."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

QUICK_SECONDS = 48.0
"""Of the fifty that are promised: the others go by until this clock is started."""
ENDING_SECONDS = 4.0
"""For what is left when the last part has ended: servers to stop, the table."""


@dataclass
class Budget:
    """So many seconds on the clock; infinitely many for a whole run.

    A machine that took longer than expected for the parts so far will for the next one, too.
    """

    seconds: float = math.inf
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._begun = self.clock()
        self._expected = 0.0

    @property
    def spent(self) -> float:
        return self.clock() - self._begun

    def fits(self, expected: float) -> bool:
        """Whether a part that takes so many seconds of a quiet machine still ends in time."""
        pace = max(1.0, self.spent / self._expected) if self._expected else 1.0
        return self.spent + expected * pace + ENDING_SECONDS <= self.seconds

    def took(self, expected: float) -> None:
        """A part of so many expected seconds has ended."""
        self._expected += expected
