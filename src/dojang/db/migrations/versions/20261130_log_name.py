"""the log's name is kept; a log of before takes the one its kept head has, at its next start"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_log_name"
down_revision = "20261130_due"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_name",
        sa.Column("one", _INT, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_log_name")),
        sa.CheckConstraint("one = 1", name=op.f("ck_log_name_single")),
        sqlite_strict=True,
    )
