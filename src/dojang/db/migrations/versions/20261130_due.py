"""what is open among the orders has a table of its own, and no index is over an order's state"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_due"
down_revision = "20261130_sweeps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "transfer_due",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_transfer_due")),
        sa.CheckConstraint(
            "state IN ('waiting', 'authorised', 'pending')", name=op.f("ck_transfer_due_state")
        ),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO transfer_due (order_id, customer_id, state, at)"
        " SELECT id, customer_id, state, CASE state WHEN 'waiting' THEN expires_at"
        " WHEN 'authorised' THEN coalesce(authorised_at, created_at)"
        " ELSE CASE WHEN ended_why IS NULL THEN due_at ELSE created_at END END"
        " FROM transfer_order WHERE state IN ('waiting', 'authorised', 'pending')"
    )
    op.create_index("ix_transfer_due_state", "transfer_due", ["state", "at"])
    op.create_index("ix_transfer_due_customer_id", "transfer_due", ["customer_id"])
    for name in ("waiting", "authorised", "pending"):
        op.drop_index(f"ix_transfer_order_{name}", table_name="transfer_order")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE transfer_order SET (fillfactor = 60)")
