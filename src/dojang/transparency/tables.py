"""What stands over the log: hashes of complete subtrees, and the heads that were signed."""

from typing import Final

from sqlalchemy import CheckConstraint, Column

from dojang.db.schema import Blob, Int, Str, table

log_tile: Final = table(
    "log_tile",
    Column("level", Int, primary_key=True, autoincrement=False),
    Column("n", Int, primary_key=True, autoincrement=False),
    Column("hash", Blob, nullable=False),
    CheckConstraint("level >= 1 AND n >= 0", name="place"),
)
"""The root over leaves n * 256^level and following, 256^level of them. Level 0 is `log.leaf`."""

log_name: Final = table(
    "log_name",
    Column("one", Int, primary_key=True, autoincrement=False),
    Column("name", Str, nullable=False),
    CheckConstraint("one = 1", name="single"),
)
"""What every head of this log is signed as: given at the founding, for ever. Only added to."""

log_sth: Final = table(
    "log_sth",
    Column("size", Int, primary_key=True, autoincrement=False),
    Column("root", Blob, nullable=False),
    Column("at", Int, nullable=False),
    Column("signature", Blob, nullable=False),
)
"""Signed tree heads. Given out once, so only added to."""

log_sth_stamp: Final = table(
    "log_sth_stamp",
    Column("size", Int, primary_key=True, autoincrement=False),
    Column("token", Blob, nullable=False),
)
"""An RFC 3161 token over the note of the head over so many leaves. Only added to."""
