"""everything a customer chose for protection is named by one sealed row

The rows of before are sealed at the first start, once (`transfers.sealing`).
"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_protections"
down_revision = "20261130_second_devices"
branch_labels = None
depends_on = None

_CHOICES = sa.text(
    "kind IN ('limits.changed', 'payee.designated', 'payee.removed', 'protections.sealed',"
    " 'safeguards.changed', 'second_device.added', 'second_device.removed')"
)
_STOPS = sa.text("kind = 'transfer.stopped'")


def upgrade() -> None:
    instant = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "protection",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("version", instant, nullable=False),
        sa.Column("chosen", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_protection")),
        sqlite_strict=True,
    )
    for name, where in (("ix_log_choices", _CHOICES), ("ix_log_stops", _STOPS)):
        op.create_index(name, "log", ["subject"], sqlite_where=where, postgresql_where=where)
