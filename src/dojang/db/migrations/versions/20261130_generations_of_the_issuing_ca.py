"""generations of the issuing CA: each has a list of everything that it ended"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_generations"
down_revision = "20261129_identified"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What is there is of the first."""
    generation = sa.Column("generation", _INT, nullable=False, server_default="1")
    op.add_column("status_entry", generation)
    op.create_index(
        "ix_status_entry_generation", "status_entry", ["generation", "change", "serial"]
    )
