"""The only place where time comes from."""

import datetime as dt
import threading
import time
from typing import Final, NewType, Protocol
from zoneinfo import ZoneInfo

Instant = NewType("Instant", int)
"""Microseconds since 1970-01-01T00:00:00Z, as stored, signed and sent."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

SEOUL: Final = ZoneInfo("Asia/Seoul")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Clock(Protocol):
    """Tells the time. Handed in at `app.build()`; tests and the demo move it."""

    def now(self) -> Instant: ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> Instant:
        return Instant(time.time_ns() // 1_000)


class MovableClock:
    """A clock that runs from a chosen instant and can be moved forward or back.

    With `running=False` it stands still between moves, which is what tests want.
    """

    def __init__(self, start: Instant | None = None, *, running: bool = False) -> None:
        self._lock = threading.Lock()
        self._running = running
        base = Instant(time.time_ns() // 1_000)
        self._offset = 0 if start is None else start - base
        self._still = base

    def now(self) -> Instant:
        with self._lock:
            base = time.time_ns() // 1_000 if self._running else self._still
            return Instant(base + self._offset)

    def move(self, microseconds: int) -> Instant:
        """Move by so many microseconds (negative: back) and return the new now."""
        with self._lock:
            self._offset += microseconds
        return self.now()


def utc(instant: Instant) -> dt.datetime:
    """The instant as an aware datetime in UTC."""
    return _EPOCH + dt.timedelta(microseconds=instant)


def instant(moment: dt.datetime) -> Instant:
    """An aware datetime as an instant. Raises ValueError on a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is not an instant")
    return Instant((moment - _EPOCH) // dt.timedelta(microseconds=1))


def seoul_day(now: Instant) -> int:
    """The calendar day in Asia/Seoul as YYYYMMDD: the day that limits are counted in."""
    day = utc(now).astimezone(SEOUL)
    return day.year * 10_000 + day.month * 100 + day.day


def years_after(at: Instant, years: int) -> Instant:
    """The same moment of Seoul's calendar so many years later; after 29 February, 1 March.

    No later than the year 9999.
    """
    moment = utc(at).astimezone(SEOUL)
    year = min(moment.year + years, dt.MAXYEAR)
    try:
        return instant(moment.replace(year=year))
    except ValueError:
        return instant(moment.replace(year=year, month=3, day=1))
