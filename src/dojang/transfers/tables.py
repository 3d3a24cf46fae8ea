"""Orders and the calls made for them."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

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
    Column("sms_at", Int),
    Column("registered", Int, nullable=False),
    Column("hold_why", Str),
    Column("hold_seconds", Int),
    Column("cancel_before_seconds", Int),
    Column("due_at", Int),
    Column("cancellable_until", Int),
    Column("hold_until", Int),
    Column("ended_why", Str),
    Column("post_attempts", Int, nullable=False),
    Column("device_at", Int),
    Column("seal", Blob),
    CheckConstraint(
        "state IN ('waiting', 'authorised', 'pending', 'posted', 'rejected', 'expired',"
        " 'cancelled')",
        name="state",
    ),
    CheckConstraint(
        "CASE WHEN state IN ('authorised', 'pending', 'posted', 'rejected')"
        " THEN signature IS NOT NULL"
        " WHEN state = 'waiting' THEN signature IS NULL"
        " ELSE (signature IS NULL) = (due_at IS NULL) END",
        name="signed",
    ),
    CheckConstraint("state <> 'pending' OR due_at IS NOT NULL", name="pending"),
    CheckConstraint("amount > 0 AND fee >= 0", name="amounts"),
    CheckConstraint("ars_tries_left >= 0", name="ars_tries"),
)

Index("ix_transfer_order_customer", transfer_order.c.customer_id, transfer_order.c.created_at)
# No index is over `state` or what else posting changes: `transfer_due` leads to what is open.

transfer_due: Final = table(
    "transfer_due",
    Column("order_id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False, index=True),
    Column("state", Str, nullable=False),
    Column("at", Int, nullable=False),
    CheckConstraint("state IN ('waiting', 'authorised', 'pending')", name="state"),
)
"""Of each order about which something is to be done: its state, and when it is looked at next."""

Index("ix_transfer_due_state", transfer_due.c.state, transfer_due.c.at)

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

safeguard: Final = table(
    "safeguard",
    Column("customer_id", Str, nullable=False),
    Column("name", Str, nullable=False),
    Column("value", Int, nullable=False),
    Column("later", Int),
    Column("later_at", Int, index=True),
    PrimaryKeyConstraint("customer_id", "name"),
    CheckConstraint("(later IS NULL) = (later_at IS NULL)", name="later"),
)
"""What a customer chose to put between a signature and the money. From `later_at` on: `later`."""

designated_payee: Final = table(
    "designated_payee",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False),
    Column("bank", Str, nullable=False),
    Column("account", Str, nullable=False),
    Column("holder", Str, nullable=False),
    Column("added_at", Int, nullable=False),
    Column("effective_at", Int, nullable=False),
    UniqueConstraint("customer_id", "bank", "account"),
)

protection: Final = table(
    "protection",
    Column("customer_id", Str, primary_key=True),
    Column("version", Int, nullable=False),
    Column("chosen", Blob, nullable=False),
    Column("seal", Blob, nullable=False),
)
"""Names everything a customer chose: its digest, under a seal. None: they never chose anything,
and the log has no leaf of it."""
