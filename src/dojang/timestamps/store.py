"""Every statement on the series of serial numbers."""

from typing import Final

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.timestamps.tables import time_stamp_series

Fault = DBAPIError
"""What a lost connection or a full disk raises."""

_S: Final = time_stamp_series.c
_newest: Final = select(func.max(_S.number))
_latest: Final = select(func.max(_S.reserved_until))
_reserve: Final = (
    update(time_stamp_series)
    .where(_S.number == bindparam("series"))
    .values(counted=bindparam("count"), reserved_until=bindparam("until"))
)


def latest(tx: Tx) -> Instant:
    """No stamp has a time of this and later, in any series; 0 before the first."""
    return Instant(tx.execute(_latest).scalar_one() or 0)


def open_series(tx: Tx, certificate: bytes) -> int | None:
    """The number of a series of one's own; None when another process took it just now."""
    number = int(tx.execute(_newest).scalar_one() or 0) + 1
    row = {
        "number": number,
        "opened_at": tx.now,
        "certificate": certificate,
        "counted": 0,
        "reserved_until": 0,
    }
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(time_stamp_series), row)
    except IntegrityError:
        return None
    return number


def reserve(tx: Tx, series: int, *, count: int, until: Instant) -> None:
    """From now on there may be stamps up to these."""
    tx.execute(_reserve, {"series": series, "count": count, "until": until})
