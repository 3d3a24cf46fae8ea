"""Journeys under way and finished."""

from typing import Final

from sqlalchemy import CheckConstraint, Column

from dojang.db.schema import Blob, Int, Str, table

enrolment: Final = table(
    "enrolment",
    Column("id", Str, primary_key=True),
    Column("token_hash", Blob, nullable=False, unique=True),
    Column("jkt", Str, nullable=False),
    Column("step", Str, nullable=False),
    Column("kind", Str, nullable=False),
    Column("person", Str, nullable=False),
    Column("locale", Str, nullable=False),
    Column("agreed", Str, nullable=False),
    Column("agreed_at", Int, nullable=False),
    Column("expires_at", Int, nullable=False, index=True),
    Column("customer_id", Str, nullable=True, index=True),
    Column("internet_banking_proved", Int, nullable=False),
    Column("claim_sealed", Blob, nullable=True),
    Column("credential_id", Str, nullable=True),
    Column("finished_at", Int, nullable=True),
    CheckConstraint("internet_banking_proved IN (0, 1)", name="proved"),
    CheckConstraint("(step = 'done') = (finished_at IS NOT NULL)", name="finished"),
    CheckConstraint("step <> 'done' OR claim_sealed IS NULL", name="claim_dropped"),
)
