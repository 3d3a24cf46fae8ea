"""The versions of the policy, in the order in which they take effect."""

from typing import Final

from sqlalchemy import Column

from dojang.db.schema import Blob, Int, Str, table

policy_version: Final = table(
    "policy_version",
    Column("version", Int, primary_key=True, autoincrement=False),
    Column("profile", Str, nullable=False),
    Column("effective_at", Int, nullable=False),
    Column("body", Blob, nullable=False),
)
