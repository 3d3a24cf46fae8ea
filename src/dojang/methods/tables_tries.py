"""How many tries are left, by certificate and secret. One row guards every key and channel."""

from typing import Final

from sqlalchemy import CheckConstraint, Column

from dojang.db.schema import Int, Str, table

secret_tries: Final = table(
    "secret_tries",
    Column("credential_id", Str, primary_key=True),
    Column("secret", Str, primary_key=True),
    Column("remaining", Int, nullable=False),
    Column("allowed", Int, nullable=False),
    CheckConstraint("0 <= remaining AND remaining <= allowed", name="budget"),
)
