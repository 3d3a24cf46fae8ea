"""Named places in a batch where a test, or the environment, lets the process die."""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Final

Failpoint = Callable[[str], None]

NAMES: Final = (
    "before_transaction",
    "after_locks",
    "after_known",
    "after_apply",
    "after_accounts",
    "after_transfers",
    "after_postings",
    "after_writes",
    "after_log",
    "before_commit",
    "after_commit",
    "before_answer",
)
"""In the order in which a batch passes them. `after_writes`: also what the admission wrote."""

VARIABLE: Final = "DOJANG_FAILPOINT"


def nowhere(_name: str) -> None:
    """No failpoint."""


def armed(environment: Mapping[str, str] = os.environ) -> Failpoint:
    """What the environment asks for: `name`, or `name:n` for the n-th time that it is passed.

    There the process kills itself as `kill -9` would: nothing is flushed, closed or told. Raises
    ValueError for a name that there is not, so that no test believes in a place that never comes.
    """
    wanted, _, nth = environment.get(VARIABLE, "").partition(":")
    if not wanted:
        return nowhere
    if wanted not in NAMES:
        raise ValueError(f"{VARIABLE}: one of {', '.join(NAMES)}")
    left = int(nth or 1)

    def die(name: str) -> None:
        nonlocal left
        if name == wanted:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return die
