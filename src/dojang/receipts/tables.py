"""Receipts: only added to. What a row says never changes, so a receipt has the same bytes for ever.

`receipt` is written behind each posted transfer, `receipt_seal` and `receipt_pdf` when its owner
first asks.
"""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, PrimaryKeyConstraint

from dojang.db.schema import Blob, Int, Str, table

receipt: Final = table(
    "receipt",
    Column("transfer_id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False),
    Column("log_idx", Int, nullable=False),
    Column("evidence", Blob, nullable=False),
    Column("time_stamp", Blob, nullable=False),
)

receipt_seal: Final = table(
    "receipt_seal",
    Column("transfer_id", Str, ForeignKey("receipt.transfer_id"), primary_key=True),
    Column("log", Blob, nullable=False),
    Column("sealed_at", Int, nullable=False),
    Column("certificate", Blob, nullable=False),
    Column("signature", Blob, nullable=False),
)
"""`log` is the canonical JSON of the proofs."""

receipt_pdf: Final = table(
    "receipt_pdf",
    Column("transfer_id", Str, ForeignKey("receipt_seal.transfer_id"), nullable=False),
    Column("locale", Str, nullable=False),
    Column("content", Blob, nullable=False),
    PrimaryKeyConstraint("transfer_id", "locale"),
    CheckConstraint("locale IN ('ko', 'en')", name="locale"),
)
