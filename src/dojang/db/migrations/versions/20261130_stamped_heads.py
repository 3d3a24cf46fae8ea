"""signed tree heads are time-stamped; those of before stay as they are"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_stamped_heads"
down_revision = "20261130_met"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_sth_stamp",
        sa.Column("size", _INT, autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_sth_stamp")),
        sqlite_strict=True,
    )
