"""Journeys, the images shown in them (sealed, for a while), and the codes of one won."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, text

from dojang.db.schema import Blob, Int, Str, partial_index, table

opening: Final = table(
    "opening",
    Column("id", Str, primary_key=True),
    Column("goal", Str, nullable=False),
    Column("customer_id", Str, nullable=False, index=True),
    Column("jkt", Str, nullable=True),
    Column("step", Str, nullable=False),
    Column("checks", Str, nullable=False),
    Column("passed", Str, nullable=False),
    Column("card_tries", Int, nullable=False),
    Column("face_tries", Int, nullable=False),
    Column("agreed", Str, nullable=False),
    Column("agreed_at", Int, nullable=False),
    Column("policy_version", Int, nullable=False),
    Column("expires_at", Int, nullable=False),
    Column("account_id", Str, nullable=True),
    Column("credential_id", Str, nullable=True),
    Column("purpose", Str, nullable=True),
    Column("funds", Str, nullable=True),
    Column("ended", Str, nullable=True),
    Column("ended_at", Int, nullable=True),
    CheckConstraint("card_tries >= 0 AND face_tries >= 0", name="tries"),
    CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ended"),
    CheckConstraint(
        "(step = 'done' AND ended = 'done') OR (step <> 'done' AND (ended IS NULL"
        " OR ended <> 'done'))",
        name="done",
    ),
    partial_index(
        "uq_opening_under_way",
        "customer_id",
        unique=True,
        where=text("ended IS NULL"),
    ),
    Index("ix_opening_expires", "ended", "expires_at"),
)
"""At most one under way for each customer. Kept as the record of how someone was identified."""

opening_image: Final = table(
    "opening_image",
    Column("opening_id", Str, ForeignKey("opening.id"), primary_key=True),
    Column("kind", Str, primary_key=True),
    Column("sealed", Blob, nullable=False),
    Column("at", Int, nullable=False),
    Column("erase_at", Int, nullable=False, index=True),
)

one_won: Final = table(
    "one_won",
    Column("id", Str, primary_key=True),
    Column("opening_id", Str, ForeignKey("opening.id"), nullable=False, index=True),
    Column("bank", Str, nullable=False),
    Column("account_sealed", Blob, nullable=False),
    Column("mac", Blob, nullable=False),
    Column("sent_at", Int, nullable=False),
    Column("expires_at", Int, nullable=False),
    Column("tries_left", Int, nullable=False),
    Column("state", Str, nullable=False),
    CheckConstraint("tries_left >= 0", name="tries_left"),
    CheckConstraint("state IN ('open', 'used', 'replaced', 'unsent')", name="state"),
)
