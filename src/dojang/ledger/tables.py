"""Accounts, limits, transfers, holds, postings. `transfer` and `posting` are only added to."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    text,
)

from dojang.db.schema import Blob, Int, Str, partial_index, table

account: Final = table(
    "account",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, index=True),
    Column("number", Str, unique=True),
    Column("name", Str, nullable=False),
    Column("kind", Str, nullable=False),
    Column("currency", Str, nullable=False),
    Column("posted", Int, nullable=False),
    Column("held", Int, nullable=False),
    Column("floor", Int, nullable=False),
    Column("version", Int, nullable=False),
    Column("status", Str, nullable=False),
    Column("day_cap", Int),
    Column("used_day", Int, nullable=False),
    Column("used", Int, nullable=False),
    Column("opened_at", Int, nullable=False),
    CheckConstraint("held >= 0", name="held_not_negative"),
    CheckConstraint("customer_id IS NULL OR floor = 0", name="customers_floor"),
    CheckConstraint("posted - held >= floor", name="not_below_floor"),
    CheckConstraint("status IN ('open', 'closed')", name="status"),
    CheckConstraint("used >= 0 AND day_cap >= 0", name="used"),
)
"""`customer_id` and `number` are NULL for the bank's own; `day_cap` is for limited accounts."""

limit_profile: Final = table(
    "limit_profile",
    Column("customer_id", Str, primary_key=True),
    Column("per_transfer", Int),
    Column("per_day", Int),
    Column("used_day", Int, nullable=False),
    Column("used", Int, nullable=False),
    Column("used_pin_only", Int, nullable=False),
    Column("used_unregistered", Int, nullable=False),
    Column("designated", Int, nullable=False),
    Column("version", Int, nullable=False),
    CheckConstraint("per_transfer >= 0", name="per_transfer"),
    CheckConstraint("per_day >= 0", name="per_day"),
    CheckConstraint("used >= used_pin_only AND used_pin_only >= 0", name="used"),
    CheckConstraint(
        "used >= used_unregistered AND used_unregistered >= 0", name="used_unregistered"
    ),
)
"""One row a customer, locked before the accounts. NULL limits: those of the policy.

`designated` is 1 where the customer designates payees: others get little in a day."""

transfer: Final = table(
    "transfer",
    Column("id", Str, primary_key=True),
    Column("kind", Str, nullable=False),
    Column("subject", Str, nullable=False),
    Column("ref", Str),
    Column("req_hash", Blob, nullable=False),
    Column("debit", Str, nullable=False),
    Column("credit", Str, nullable=False),
    Column("amount", Int, nullable=False),
    Column("kst_day", Int, nullable=False),
    Column("expires_at", Int),
    Column("status", Str, nullable=False),
    Column("reason", Str),
    Column("figures", Str),
    Column("auth_id", Str, unique=True),
    Column("log_idx", Int, nullable=False),
    Column("dv", Int),
    Column("cv", Int),
    Column("created_at", Int, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("status IN ('ok', 'rejected')", name="status"),
    CheckConstraint("(status = 'ok') = (reason IS NULL)", name="reason"),
    CheckConstraint(
        "(status = 'ok' AND kind IN ('transfer', 'post')) = (dv IS NOT NULL AND cv IS NOT NULL)",
        name="versions",
    ),
    CheckConstraint("kind IN ('transfer', 'hold', 'post', 'void', 'expire')", name="kind"),
    CheckConstraint("(kind = 'hold') = (expires_at IS NOT NULL)", name="expires_at"),
    CheckConstraint("(kind IN ('post', 'void', 'expire')) = (ref IS NOT NULL)", name="ref"),
    partial_index(
        "uq_transfer_ref_ok",
        "ref",
        unique=True,
        where=text("status = 'ok' AND ref IS NOT NULL"),
    ),
)
"""One row an outcome. `dv`, `cv` are the versions it gave to the debited and credited account;
`ref` and `expires_at` are for holds: `ref` is the hold that a row resolves, at most once."""

hold: Final = table(
    "hold",
    Column("id", Str, ForeignKey("transfer.id"), primary_key=True),
    Column("debit", Str, ForeignKey("account.id"), nullable=False),
    Column("amount", Int, nullable=False),
    Column("expires_at", Int, nullable=False),
    Column("pin_only", Int, nullable=False),
    Column("registered", Int, nullable=False),
    Column("state", Str, nullable=False),
    Column("resolved_by", Str),
    Column("posted", Int),
    CheckConstraint("state IN ('open', 'posted', 'voided', 'expired')", name="state"),
    CheckConstraint("(state = 'open') = (resolved_by IS NULL)", name="resolved_by"),
    CheckConstraint("(state = 'posted') = (posted IS NOT NULL)", name="posted"),
)
"""What stands of a hold now. Its facts are in its `transfer` row, which nobody can change;
`debit`, `amount` and `expires_at` are here once more to find the open ones by."""

partial_index(
    "ix_hold_open",
    hold.c.debit,
    hold.c.expires_at,
    where=hold.c.state == "open",
)
partial_index(
    "ix_hold_due",
    hold.c.expires_at,
    where=hold.c.state == "open",
)

posting: Final = table(
    "posting",
    Column("account_id", Str, nullable=False),
    Column("version", Int, nullable=False),
    Column("transfer_id", Str, nullable=False, index=True),
    Column("amount", Int, nullable=False),
    Column("balance_after", Int, nullable=False),
    PrimaryKeyConstraint("account_id", "version"),
    ForeignKeyConstraint(["account_id"], ["account.id"]).ddl_if(dialect="sqlite"),
    ForeignKeyConstraint(["transfer_id"], ["transfer.id"]).ddl_if(dialect="sqlite"),
    CheckConstraint("amount <> 0", name="amount"),
)
"""What PostgreSQL asks of a posting instead of foreign keys: `guards`."""

narration: Final = table(
    "narration",
    Column("transfer_id", Str, primary_key=True),
    Column("payer", Str, nullable=False),
    Column("payee", Str, nullable=False),
    Column("memo", Str, nullable=False),
    ForeignKeyConstraint(["transfer_id"], ["transfer.id"]).ddl_if(dialect="sqlite"),
)
"""The words of a transfer, apart from the history so that personal data can be erased. Nobody
reads them but beside their transfer, which is why PostgreSQL is not asked to look for it."""
