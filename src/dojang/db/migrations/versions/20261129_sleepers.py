"""sleepers are found by one index, and unfinished enrolments by another"""

import sqlalchemy as sa
from alembic import op


revision = "20261129_sleepers"
down_revision = "20261129_status"
branch_labels = None
depends_on = None

_LIVING = sa.text("state IN ('ACTIVE', 'LOCKED', 'SUSPENDED_COPY', 'SUSPENDED_LOSS')")
_ENROLLING = sa.text("state = 'ENROLLING'")


def upgrade() -> None:
    op.drop_index("ix_credential_last_used_at", table_name="credential")
    op.create_index(
        "ix_credential_dormancy",
        "credential",
        ["dormancy_noticed_days", "last_used_at", "id"],
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )
    op.create_index(
        "ix_credential_enrolling",
        "credential",
        ["opened_at", "id"],
        sqlite_where=_ENROLLING,
        postgresql_where=_ENROLLING,
    )
