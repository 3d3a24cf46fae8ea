"""passkeys on a second device stand for the call of an order"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_second_devices"
down_revision = "20261130_generations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "second_device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("raw_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", instant, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("effective_at", instant, nullable=True),
        sa.Column("last_used_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_device")),
        sa.UniqueConstraint("raw_id", name=op.f("uq_second_device_raw_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_second_device_customer_id"), "second_device", ["customer_id"])
    op.create_table(
        "second_device_challenge",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("jkt", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_device_challenge")),
        sa.UniqueConstraint(
            "customer_id", "purpose", name=op.f("uq_second_device_challenge_customer_id_purpose")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_second_device_challenge_expires_at"), "second_device_challenge", ["expires_at"]
    )
    op.add_column("transfer_order", sa.Column("device_at", instant, nullable=True))
