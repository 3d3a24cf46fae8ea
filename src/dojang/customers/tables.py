"""Tables of this domain. Personal values are sealed, or kept as keyed hashes to look them up."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index

from dojang.db.schema import Blob, Int, Str, table

customer: Final = table(
    "customer",
    Column("id", Str, primary_key=True),
    Column("subject_id", Str, nullable=False, unique=True),
    Column("ci_index", Blob, nullable=False, unique=True),
    Column("person_index", Blob, nullable=False, index=True),
    Column("phone_index", Blob, nullable=False),
    Column("name_sealed", Blob, nullable=False),
    Column("birth_date_sealed", Blob, nullable=False),
    Column("resident_number_sealed", Blob, nullable=False),
    Column("phone_sealed", Blob, nullable=False),
    Column("phone_since", Int, nullable=False),
    Column("carrier", Str, nullable=False),
    Column("locale", Str, nullable=False),
    Column("created_at", Int, nullable=False),
    Column("met_by_phone_at", Int, nullable=True),
    Column("checked_at", Int, nullable=True),
)

former_phone: Final = table(
    "former_phone",
    Column("customer_id", Str, ForeignKey("customer.id"), primary_key=True),
    Column("left_at", Int, primary_key=True, autoincrement=False),
    Column("phone_sealed", Blob, nullable=False),
)
"""Numbers that were on file, kept for some days: the owner of one is told that it was changed."""

internet_banking_id: Final = table(
    "internet_banking_id",
    Column("login_index", Blob, primary_key=True),
    Column("customer_id", Str, ForeignKey("customer.id"), nullable=False, index=True),
    Column("password_hash", Str, nullable=False),
    Column("created_at", Int, nullable=False),
)

internet_banking_tries: Final = table(
    "internet_banking_tries",
    Column("login_index", Blob, primary_key=True),
    Column("wrong", Int, nullable=False),
    Column("last_at", Int, nullable=False),
    CheckConstraint("wrong >= 0", name="wrong"),
)
"""Also of ids that do not exist: otherwise counting would tell which ones do."""

consent: Final = table(
    "consent",
    Column("customer_id", Str, ForeignKey("customer.id"), primary_key=True),
    Column("enrolment_id", Str, primary_key=True),
    Column("code", Str, primary_key=True),
    Column("version", Int, nullable=False),
    Column("agreed_at", Int, nullable=False),
)

sms_code: Final = table(
    "sms_code",
    Column("id", Str, primary_key=True),
    Column("bound_to", Str, nullable=False),
    Column("purpose", Str, nullable=False),
    Column("mac", Blob, nullable=False),
    Column("sent_at", Int, nullable=False, index=True),
    Column("expires_at", Int, nullable=False),
    Column("tries_left", Int, nullable=False),
    Column("state", Str, nullable=False),
    CheckConstraint("tries_left >= 0", name="tries_left"),
    CheckConstraint("state IN ('open', 'used', 'replaced', 'unsent')", name="state"),
    Index("ix_sms_code_bound", "bound_to", "purpose"),
)

session: Final = table(
    "session",
    Column("id", Str, primary_key=True),
    Column("request_id", Str, nullable=False, unique=True),
    Column("token_hash", Blob, nullable=True, unique=True),
    Column("customer_id", Str, nullable=False, index=True),
    Column("credential_id", Str, nullable=False, index=True),
    Column("jkt", Str, nullable=False),
    Column("method", Str, nullable=False),
    Column("created_at", Int, nullable=False),
    Column("last_used_at", Int, nullable=False),
    Column("ended_at", Int, nullable=True),
    Column("identified_at", Int, nullable=True),
)
"""Granted by a signature (no token yet), claimed by the same phone (a token's hash)."""

loss_report: Final = table(
    "loss_report",
    Column("receipt", Str, primary_key=True),
    Column("at", Int, nullable=False),
    Column("person_index", Blob, nullable=False, index=True),
    Column("phone_index", Blob, nullable=True),
    Column("account_sealed", Blob, nullable=True),
    Column("settled_at", Int, nullable=True, index=True),
    Column("customer_id", Str, nullable=True),
)
"""Written the same way for everyone; who was meant is found out after the answer has gone."""

quota: Final = table(
    "quota",
    Column("kind", Str, primary_key=True),
    Column("key", Blob, primary_key=True),
    Column("uses", Str, nullable=False),
    Column("last_at", Int, nullable=False, index=True),
)
"""When so many things were done lately by one number or source: a short JSON list of instants."""
