"""Which serial numbers were given out, and up to which moment, a row for each run of a process."""

from typing import Final

from sqlalchemy import CheckConstraint, Column

from dojang.db.schema import Blob, Int, table

time_stamp_series: Final = table(
    "time_stamp_series",
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("opened_at", Int, nullable=False),
    Column("certificate", Blob, nullable=False),
    Column("counted", Int, nullable=False),
    Column("reserved_until", Int, nullable=False),
    CheckConstraint("number > 0 AND counted >= 0", name="counts"),
)
"""`certificate` is the SHA-256 of the certificate; no stamp of the series has a serial number of
`counted` and more or a time of `reserved_until` and later."""
