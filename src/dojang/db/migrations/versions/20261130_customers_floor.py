"""a customer's account goes down to 0 and no further; only the bank's own have another floor

A bank in which one has another floor is not migrated: nothing of ours writes one.
"""

import sqlalchemy as sa
from alembic import op


revision = "20261130_floor"
down_revision = "20261130_standings"
branch_labels = None
depends_on = None

_NAME = "ck_account_customers_floor"
_CHECK = "customer_id IS NULL OR floor = 0"
_BEFORE = "CONSTRAINT ck_account_not_below_floor"


def upgrade() -> None:
    connection = op.get_bind()
    asked = "SELECT id FROM account WHERE customer_id IS NOT NULL AND floor <> 0"
    changed = connection.execute(sa.text(asked)).scalars().all()
    if changed:
        raise RuntimeError(
            f"account {', '.join(changed)}: somebody gave a customer another floor than 0"
        )
    if connection.dialect.name == "sqlite":
        _sqlite(connection)
    else:
        op.create_check_constraint(op.f(_NAME), "account", _CHECK)


def _sqlite(connection: sa.Connection) -> None:
    """SQLite adds no CHECK to a table that others refer to, but by its schema's own words
    (https://www.sqlite.org/lang_altertable.html#otheralter): not one row is written.
    """
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema=ON"))
    written = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :both)"
            " WHERE type = 'table' AND name = 'account' AND instr(sql, :before) > 0"
        ),
        {"before": _BEFORE, "both": f"CONSTRAINT {_NAME} CHECK ({_CHECK}), {_BEFORE}"},
    )
    if written.rowcount != 1:
        raise RuntimeError("account: its table is not the one of the migrations")
    connection.execute(sa.text(f"PRAGMA schema_version={version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema=RESET"))
