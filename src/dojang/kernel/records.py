"""The server's own record: one JSON object a line on standard error, without personal data.

An exception is recorded by its kind and the places it came through, never by its words or by
local variables: both may hold what a customer typed.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any, Final, TextIO

from dojang.kernel.clock import SystemClock, utc

TRAIL_MAX: Final = 20


class Record:
    """Writes lines; from any thread, each line in one piece."""

    def __init__(self, out: TextIO) -> None:
        self._out: Final = out

    def warning(self, event: str, **fields: object) -> None:
        """Something that passes by itself."""
        self._line("warning", event, fields)

    def fault(self, event: str, error: BaseException, **fields: object) -> None:
        """Something that somebody should look at; of the exception, what `told` says."""
        self._line("error", event, fields | told(error))

    def _line(self, level: str, event: str, fields: dict[str, Any]) -> None:
        at = utc(SystemClock().now()).isoformat(timespec="microseconds").replace("+00:00", "Z")
        line = {**fields, "event": event, "level": level, "timestamp": at}
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()


def recorder() -> Record:
    """A record on standard error."""
    return Record(sys.stderr)


def told(error: BaseException) -> dict[str, Any]:
    """An exception without its words."""
    cause = error.__cause__ or error.__context__
    behind = {} if cause is None else {"cause": type(cause).__name__, "cause_trail": trail(cause)}
    return {"error": type(error).__name__, "trail": trail(error), **behind}


def trail(error: BaseException) -> list[str]:
    """Where an exception came through, outermost first: `file:line function`."""
    frames = traceback.extract_tb(error.__traceback__)[-TRAIL_MAX:]
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
