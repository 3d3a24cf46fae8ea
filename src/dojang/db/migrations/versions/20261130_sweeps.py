"""what the jobs of each minute look for is found by an index, however much lies behind"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_sweeps"
down_revision = "20261130_erasing"
branch_labels = None
depends_on = None

_PARTIAL = {
    "ix_transfer_order_waiting": ("transfer_order", "expires_at", "state = 'waiting'"),
    "ix_signing_key_enrolling": ("signing_key", "created_at", "state = 'enrolling'"),
    "ix_joint_exchange_unconfirmed": ("joint_exchange", "certificate_id", "confirmed_at IS NULL"),
}


def upgrade() -> None:
    op.create_index("ix_joint_request_step", "joint_request", ["step", "expires_at"])
    op.create_index("ix_sms_code_sent_at", "sms_code", ["sent_at"])
    for name, (table, column, where) in _PARTIAL.items():
        said = sa.text(where)
        op.create_index(name, table, [column], postgresql_where=said, sqlite_where=said)
