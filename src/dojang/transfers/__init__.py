"""Sending money: orders, tiers, step-up, the ARS call, limits, and the one way into the ledger."""

from dojang.transfers.model import Draft, Order, Payee, Told
from dojang.transfers.service import Parts, Transfers

__all__ = ["Draft", "Order", "Parts", "Payee", "Told", "Transfers"]
