"""joint certificates of another CA: R enclosed for it, and whether it heard of an end"""

import sqlalchemy as sa
from alembic import op


revision = "20261129_joint_external"
down_revision = "20261129_postings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("joint_request", sa.Column("enclosed", sa.LargeBinary(), nullable=True))
    op.add_column(
        "joint_certificate",
        sa.Column("told_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    )
