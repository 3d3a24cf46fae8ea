"""What the clients saw, on one monotonic clock."""

import struct
from dataclasses import dataclass, field
from typing import Any

Said = tuple[Any, ...]
"""An answer of the bank as plain values: see `application.told`."""


@dataclass(slots=True)
class Asked:
    """One id, however often and to however many processes it was sent."""

    request: dict[str, Any]
    asked_at: float
    said: list[Any] | None = None
    acked_at: float = 0.0
    """When the first answer had arrived."""

    @property
    def id(self) -> str:
        found: str = self.request["id"]
        return found


@dataclass(frozen=True, slots=True)
class Read:
    """One snapshot of all accounts: from when to when it was asked, and what it showed.

    `size` is the log's size in that snapshot, `now` the bank's clock.
    """

    from_: float
    to: float
    size: int
    now: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class Differs:
    """An id that was answered in two ways."""

    id: str
    first: list[Any]
    then: list[Any]


@dataclass
class History:
    """Everything asked, read and answered. `accounts` gives the order inside a read."""

    accounts: tuple[str, ...]
    asked: dict[str, Asked] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    differing: list[Differs] = field(default_factory=list)
    acks: dict[int, list[float]] = field(default_factory=lambda: {0: [], 1: []})
    """By process: when each answer to a request arrived, in order."""
    errors: dict[str, int] = field(default_factory=dict)
    answered: int = 0
    """Ids that have an outcome."""
    resent: int = 0
    raced: int = 0
    changed: int = 0
    holds: list[dict[str, Any]] = field(default_factory=list)
    """The requests that asked for a hold, in order."""
    stuck: list[int] = field(default_factory=list)
    """Clients who still waited when the quiet time was over."""

    def tell(self, asked: Asked, said: list[Any], at: float) -> None:
        """Note an answer. The first one counts; every other must be the same."""
        if asked.said is None:
            asked.said, asked.acked_at = said, at
            self.answered += 1
        elif asked.said != said:
            self.differing.append(Differs(asked.id, asked.said, said))

    def saw(self, from_: float, to: float, answer: dict[str, Any]) -> None:
        flat = [figure for account in self.accounts for figure in answer["read"][account]]
        packed = struct.pack(f"<{len(flat)}q", *flat)
        self.reads.append(Read(from_, to, answer["size"], answer["now"], packed))

    def shown(self, read: Read) -> list[tuple[int, int, int]]:
        """(posted, held, version) of each account."""
        flat = struct.unpack(f"<{len(self.accounts) * 3}q", read.packed)
        return [flat[n : n + 3] for n in range(0, len(flat), 3)]  # type: ignore[misc]
