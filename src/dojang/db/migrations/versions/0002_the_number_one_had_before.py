"""the number one had before"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_phone",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("left_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_former_phone_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "left_at", name=op.f("pk_former_phone")),
        sqlite_strict=True,
    )
