"""the log's last word about a customer's certificates is found by an index"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_standings"
down_revision = "20261130_stamped_heads"
branch_labels = None
depends_on = None

_STANDINGS = sa.text(
    "kind IN ('certificate.issued', 'certificate.locked', 'certificate.reissued',"
    " 'certificate.released', 'certificate.revoked', 'certificate.suspended')"
)


def upgrade() -> None:
    op.create_index(
        "ix_log_standings",
        "log",
        ["subject", "idx"],
        sqlite_where=_STANDINGS,
        postgresql_where=_STANDINGS,
    )
