"""The time-stamping authority (RFC 3161): who holds these bytes held them at this moment."""

from dojang.timestamps.model import TimeNotAvailable
from dojang.timestamps.service import TimeStamps

__all__ = ["TimeNotAvailable", "TimeStamps"]
