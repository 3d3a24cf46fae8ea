"""a customer's row says whether a phone was all that was shown, and when checks were passed

Of those who were customers before, enrolments and openings say it.
"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_met"
down_revision = "20261130_protections"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("customer", sa.Column("met_by_phone_at", instant, nullable=True))
    op.add_column("customer", sa.Column("checked_at", instant, nullable=True))
    op.execute(
        "UPDATE customer SET met_by_phone_at = created_at WHERE id IN"
        " (SELECT customer_id FROM enrolment WHERE person = 'first_time')"
    )
    op.execute(
        "UPDATE customer SET checked_at = (SELECT min(opening.ended_at) FROM opening"
        " WHERE opening.customer_id = customer.id AND opening.goal = 'account'"
        " AND opening.ended = 'done')"
    )
