"""What this room writes into the log it reads; no text is ever made of it."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class NotificationGivenUp(Event):
    """Nobody took the message about leaf `about` in `attempts` attempts."""

    kind: ClassVar[str] = "notification.given_up"
    about: int
    attempts: int
