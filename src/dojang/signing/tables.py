"""Keys, their sealed shares, what is to be signed, ceremonies, changes of a secret."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, UniqueConstraint

from dojang.db.schema import Blob, Int, Str, partial_index, table

signing_data_key: Final = table(
    "signing_data_key",
    Column("id", Str, primary_key=True),
    Column("wrapped", Blob, nullable=False),
    Column("created_at", Int, nullable=False),
)

signing_key: Final = table(
    "signing_key",
    Column("kid", Blob, primary_key=True),
    Column("credential_id", Str, nullable=False, index=True),
    Column("customer_id", Str, nullable=False),
    Column("kind", Str, nullable=False),
    Column("state", Str, nullable=False),
    Column("jkt", Str, nullable=False),
    Column("secrets", Str, nullable=False),
    Column("public_key", Blob, nullable=False),
    Column("tip", Int, nullable=False),
    Column("pending", Blob),
    Column("last_sid", Blob),
    Column("result", Blob),
    Column("stale_told", Int, nullable=False),
    Column("ahead_told", Int, nullable=False),
    Column("created_at", Int, nullable=False),
    CheckConstraint("kind IN ('auth', 'sign')", name="kind"),
    CheckConstraint("state IN ('enrolling', 'active', 'ended')", name="state"),
)

partial_index(
    "uq_signing_key_active",
    signing_key.c.credential_id,
    signing_key.c.kind,
    unique=True,
    where=signing_key.c.state == "active",
)

partial_index(
    "ix_signing_key_enrolling",
    signing_key.c.created_at,
    where=signing_key.c.state == "enrolling",
)

signing_instance: Final = table(
    "signing_instance",
    Column("kid", Blob, primary_key=True),
    Column("m", Str, primary_key=True),
    Column("version", Int, primary_key=True, autoincrement=False),
    Column("gen", Int, nullable=False),
    Column("share", Blob, nullable=False),
    Column("share_before", Blob),
    Column("change_id", Str),
)

signing_session: Final = table(
    "signing_session",
    Column("sid", Blob, primary_key=True),
    Column("kid", Blob, nullable=False),
    Column("rid", Blob, nullable=False),
    Column("body_hash", Blob, nullable=False),
    Column("request_id", Str, nullable=False),
    Column("m", Str, nullable=False),
    Column("version", Int, nullable=False),
    Column("gen", Int, nullable=False),
    Column("blinded", Blob, nullable=False),
    Column("d1", Blob, nullable=False),
    Column("e1", Blob, nullable=False),
    Column("blinded_new", Blob),
    Column("state", Str, nullable=False),
    Column("tries_left", Int, nullable=False),
    Column("expires_at", Int, nullable=False),
    UniqueConstraint("kid", "rid"),
    CheckConstraint("state IN ('open', 'done', 'wrong', 'abandoned')", name="state"),
)

partial_index(
    "uq_signing_session_open",
    signing_session.c.kid,
    unique=True,
    where=signing_session.c.state == "open",
)

signing_request: Final = table(
    "signing_request",
    Column("request_id", Str, primary_key=True),
    Column("kid", Blob, nullable=False, index=True),
    Column("kind", Str, nullable=False),
    Column("message", Blob, nullable=False),
    Column("purpose", Str, nullable=False),
    Column("reference", Str, nullable=False),
    Column("m", Str),
    Column("version", Int),
    Column("expires_at", Int, nullable=False),
    Column("signature", Blob),
    Column("signed_at", Int),
    CheckConstraint("(signature IS NULL) = (signed_at IS NULL)", name="signed"),
)

partial_index(
    "ix_signing_request_waiting",
    signing_request.c.expires_at,
    where=signing_request.c.signature.is_(None),
)

method_change: Final = table(
    "method_change",
    Column("change_id", Str, primary_key=True),
    Column("credential_id", Str, nullable=False, index=True),
    Column("session_id", Str, nullable=False),
    Column("m", Str, nullable=False),
    Column("state", Str, nullable=False),
    Column("expires_at", Int, nullable=False),
    CheckConstraint("state IN ('open', 'done', 'dropped')", name="state"),
)

method_change_key: Final = table(
    "method_change_key",
    Column("change_id", Str, primary_key=True),
    Column("kid", Blob, primary_key=True),
    Column("version", Int, nullable=False),
    Column("granted", Int, nullable=False),
    Column("proved", Int, nullable=False),
    CheckConstraint("proved <= granted", name="order"),
)
