"""What the log over all logs is asked, and how it refuses.

LogTooShort   404, the caller names a tree larger than the newest signed one
OtherLog      database, kept head and key are not of one log: nothing is signed
Rewritten     a fault of ours, and an alarm: what is stored is not what was promised
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from dojang.crypto.tree_heads import LogProof, TreeHead
from dojang.kernel.problem import NotFound

LOG_KEY: Final = "log"
"""The vault's label of the key that signs tree heads: EC P-256."""
ENTRIES_MAX: Final = 256
ISSUES_MAX: Final = 50


class LogTooShort(NotFound):
    code: ClassVar[str] = "log_too_short"
    title = "The log has not grown to this size yet."


class Rewritten(Exception):
    """The log does not continue a head that was signed: a fault of ours, and an alarm.

    `signed` is the size of that head, `found` how many leaves there are.
    """

    def __init__(self, signed: int, found: int) -> None:
        self.signed = signed
        self.found = found
        what = "is shorter" if found < signed else "differs"
        super().__init__(f"a head over {signed} leaves was signed; the log of {found} {what}")


class OtherLog(Exception):
    """Database, kept head and key are not of one log. The message says what to do."""


@dataclass(frozen=True)
class Extension:
    """The newest head, and the proof that it continues the tree somebody knows."""

    head: TreeHead
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class IssueOf:
    """A certificate that was given out, its leaf proved; `state` is the credential's today."""

    proof: LogProof
    credential_id: str
    state: str


@dataclass(frozen=True)
class IssuePage:
    issues: tuple[IssueOf, ...]
    head: TreeHead
    next: int | None
    """Ask with `after` this for the page that follows; None at the end."""


def log_name(origin: str) -> str:
    """How a log is named that is founded at this address: the address without its scheme.

    A log that has a name keeps it, whatever the address becomes.
    """
    return origin.partition("://")[2] + "/log"
