"""Account passwords, passkeys and the challenges that passkeys answer."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, UniqueConstraint

from dojang.db.schema import Blob, Int, Str, table

account_password: Final = table(
    "account_password",
    Column("account_id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False),
    Column("hash", Str, nullable=False),
    Column("taken", Int, nullable=False),
    Column("forgiven", Int, nullable=False),
    Column("taken_at", Int, nullable=False),
    Column("locked_at", Int),
    CheckConstraint("0 <= forgiven AND forgiven <= taken", name="counters"),
)

passkey: Final = table(
    "passkey",
    Column("id", Str, primary_key=True),
    Column("credential_id", Str, nullable=False, index=True),
    Column("customer_id", Str, nullable=False),
    Column("raw_id", Blob, nullable=False),
    Column("public_key", Blob, nullable=False),
    Column("sign_count", Int, nullable=False),
    Column("name", Str, nullable=False),
    Column("created_at", Int, nullable=False),
    Column("last_used_at", Int),
    UniqueConstraint("raw_id"),
)

second_device: Final = table(
    "second_device",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False, index=True),
    Column("raw_id", Blob, nullable=False),
    Column("public_key", Blob, nullable=False),
    Column("sign_count", Int, nullable=False),
    Column("name", Str, nullable=False),
    Column("created_at", Int, nullable=False),
    Column("effective_at", Int),
    Column("last_used_at", Int),
    UniqueConstraint("raw_id"),
)
"""It counts from `effective_at` on; without one its owner has not signed for it yet."""

second_device_challenge: Final = table(
    "second_device_challenge",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False),
    Column("jkt", Str, nullable=False),
    Column("purpose", Str, nullable=False),
    Column("nonce", Blob, nullable=False),
    Column("expires_at", Int, nullable=False, index=True),
    UniqueConstraint("customer_id", "purpose"),
)

passkey_challenge: Final = table(
    "passkey_challenge",
    Column("id", Str, primary_key=True),
    Column("credential_id", Str, nullable=False),
    Column("jkt", Str, nullable=False),
    Column("purpose", Str, nullable=False),
    Column("challenge", Blob, nullable=False),
    Column("expires_at", Int, nullable=False, index=True),
    UniqueConstraint("credential_id", "jkt", "purpose"),
    CheckConstraint("purpose IN ('add', 'login')", name="purpose"),
)
