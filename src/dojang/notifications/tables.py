"""Messages that the gateway did not take at once. The cursor itself is `db.log.cursor_table`."""

from typing import Final

from sqlalchemy import CheckConstraint, Column

from dojang.db.schema import Int, table

notification_late: Final = table(
    "notification_late",
    Column("idx", Int, primary_key=True, autoincrement=False),
    Column("attempts", Int, nullable=False),
    Column("next_at", Int, nullable=False, index=True),
    Column("given_up", Int, nullable=False),
    CheckConstraint("given_up IN (0, 1)", name="given_up"),
)
