"""a session knows when its owner was identified again"""

import sqlalchemy as sa
from alembic import op


revision = "20261129_identified"
down_revision = "20261129_order_seals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("session", sa.Column("identified_at", instant, nullable=True))
