"""Orders and the calls made for them."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index

from dojang.db.schema import Blob, Int, Str, table

transfer_order: Final = table(
    "transfer_order",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False),
    Column("credential_id", Str, nullable=False),
    Column("kid", Blob, nullable=False),
    Column("debit", Str, nullable=False),
    Column("credit", Str, nullable=False),
    Column("from_account", Str, nullable=False),
    Column("payee_bank", Str, nullable=False),
    Column("payee_account", Str, nullable=False),
    Column("payee_holder", Str, nullable=False),
    Column("payer", Str, nullable=False),
    Column("amount", Int, nullable=False),
    Column("fee", Int, nullable=False),
    Column("memo", Str, nullable=False),
    Column("tier", Str, nullable=False),
    Column("needed", Str, nullable=False),
    Column("policy_version", Int, nullable=False),
    Column("nonce", Blob, nullable=False),
    Column("origin", Str, nullable=False),
    Column("created_at", Int, nullable=False),
    Column("expires_at", Int, nullable=False),
    Column("message", Blob, nullable=False),
    Column("request_id", Str, nullable=False, unique=True),
    Column("state", Str, nullable=False),
    Column("password_at", Int),
    Column("ars_at", Int),
    Column("ars_tries_left", Int, nullable=False),
    Column("signature", Blob),
    Column("authorised_at", Int),
    CheckConstraint(
        "state IN ('waiting', 'authorised', 'posted', 'rejected', 'expired', 'cancelled')",
        name="state",
    ),
    CheckConstraint(
        "(state IN ('authorised', 'posted', 'rejected')) = (signature IS NOT NULL)", name="signed"
    ),
    CheckConstraint("amount > 0 AND fee >= 0", name="amounts"),
    CheckConstraint("ars_tries_left >= 0", name="ars_tries"),
)

Index(
    "ix_transfer_order_authorised",
    transfer_order.c.authorised_at,
    sqlite_where=transfer_order.c.state == "authorised",
    postgresql_where=transfer_order.c.state == "authorised",
)
Index("ix_transfer_order_customer", transfer_order.c.customer_id, transfer_order.c.created_at)

ars_call: Final = table(
    "ars_call",
    Column("id", Str, primary_key=True),
    Column("order_id", Str, ForeignKey("transfer_order.id"), nullable=False, index=True),
    Column("customer_id", Str, nullable=False),
    Column("number", Str, nullable=False),
    Column("placed_at", Int, nullable=False),
    Column("rings_until", Int, nullable=False),
    Column("state", Str, nullable=False),
    CheckConstraint(
        "state IN ('ringing', 'passed', 'wrong', 'expired', 'fraud_reported')", name="state"
    ),
)
