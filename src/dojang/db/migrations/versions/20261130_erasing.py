"""everything of one customer is found by an index: who is erased waits for no whole table"""

from alembic import op


revision = "20261130_erasing"
down_revision = "20261130_floor"
branch_labels = None
depends_on = None

_FOUND_BY = {
    "joint_exchange": "customer_id",
    "joint_registration": "customer_id",
    "loss_report": "person_index",
    "opening": "customer_id",
}


def upgrade() -> None:
    for table, column in _FOUND_BY.items():
        op.create_index(f"ix_{table}_{column}", table, [column])
