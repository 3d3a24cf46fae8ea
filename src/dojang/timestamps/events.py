"""What the time-stamping authority writes into the log."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class SeriesOpened(Event):
    """subject: "". A process begins to stamp; its serial numbers begin with this number."""

    kind: ClassVar[str] = "timestamps.series_opened"
    series: int
    certificate: bytes
