"""Money: accounts, double entry, one outcome for every id, statements."""

from dojang.ledger import accounts
from dojang.ledger.committer import Admission, Answer, Ledger
from dojang.ledger.model import (
    AccountView,
    DayUse,
    Limits,
    Outcome,
    Permit,
    Refusal,
    Refused,
    Request,
    Status,
)
from dojang.ledger.rules import apply

__all__ = [
    "AccountView",
    "Admission",
    "Answer",
    "DayUse",
    "Ledger",
    "Limits",
    "Outcome",
    "Permit",
    "Refusal",
    "Refused",
    "Request",
    "Status",
    "accounts",
    "apply",
]
