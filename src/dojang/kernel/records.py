"""The server's own record: one JSON object a line on standard error, without personal data.

An exception is recorded by its kind and the places it came through, never by its words or by
local variables: both may hold what a customer typed.
"""

import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

import structlog

TRAIL_MAX: Final = 20


def recorder() -> Any:
    """A logger that writes to standard error."""
    return structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _plain_errors,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def trail(error: BaseException) -> list[str]:
    """Where an exception came through, outermost first: `file:line function`."""
    frames = traceback.extract_tb(error.__traceback__)[-TRAIL_MAX:]
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]


def _plain_errors(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["trail"] = trail(error)
        cause = error.__cause__ or error.__context__
        if cause is not None:
            event["cause"] = type(cause).__name__
            event["cause_trail"] = trail(cause)
    return event
