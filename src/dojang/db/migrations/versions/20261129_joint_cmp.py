"""registrations and exchanges of CMP"""

import sqlalchemy as sa
from alembic import op


revision = "20261129_joint_cmp"
down_revision = "20261129_sleepers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "joint_registration",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("used_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_joint_registration_failures")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_joint_registration")),
        sa.UniqueConstraint("request_id", name=op.f("uq_joint_registration_request_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "joint_exchange",
        sa.Column("transaction_id", sa.LargeBinary(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column(
            "confirmed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_joint_exchange")),
        sqlite_strict=True,
    )
