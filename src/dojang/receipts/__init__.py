"""Receipts: what proves a transfer to anybody, offline, years later; as a bundle and as a PDF."""

from dojang.receipts.model import NoReceipt, ReceiptNotReady
from dojang.receipts.service import Receipts

__all__ = ["NoReceipt", "ReceiptNotReady", "Receipts"]
