"""Which lines of a statement are wanted. Pure; the bounds are those of the columns themselves."""

from dataclasses import dataclass, fields
from typing import Final, Literal

from dojang.kernel.letters import lowered

ALL: Final = 2**53
ESCAPE: Final = "\\"
PERIOD: Final = frozenset({"since", "until"})
"""What bounds a statement and leaves nothing out between its bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`since` <= at < `until` (instants); `least` and `most` are amounts without their sign.

    `text` is looked for in the other side's name and in the memo.
    """

    text: str = ""
    since: int = 0
    until: int = ALL
    least: int = 0
    most: int = ALL
    way: Literal["in", "out", "both"] = "both"

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The names of what may leave lines out within the period; whole statements have none."""
        return tuple(
            one.name
            for one in fields(self)
            if one.name not in PERIOD and getattr(self, one.name) != one.default
        )

    @property
    def exact(self) -> str:
        """For LIKE with `ESCAPE`: the text anywhere, its own wildcards taken literally."""
        text = self.text.strip()
        for special in (ESCAPE, "%", "_"):
            text = text.replace(special, ESCAPE + special)
        return f"%{text}%"

    @property
    def pattern(self) -> str:
        """As `exact`, for what was lowered: what a database takes for small letters is its own."""
        return lowered(self.exact)

    @property
    def sides(self) -> tuple[int, int]:
        """Between which signed amounts a line of this way lies."""
        return (-ALL if self.way != "in" else 1, ALL if self.way != "out" else -1)


EVERY: Final = Wanted()
