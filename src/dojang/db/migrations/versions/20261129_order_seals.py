"""what the bank decided about an order is bound by a key

An order of before has no seal: it is refused or, where it is held, voided when it is due.
"""

import sqlalchemy as sa
from alembic import op


revision = "20261129_order_seals"
down_revision = "20261129_joint_external"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transfer_order", sa.Column("seal", sa.LargeBinary()))
