"""Money: accounts, double entry, one outcome for every id, holds, statements."""

from dojang.ledger import accounts, holds
from dojang.ledger.batching import Admission, Admit, Answer, Fault
from dojang.ledger.committer import Ledger
from dojang.ledger.model import (
    DayUse,
    Hold,
    HoldState,
    Kind,
    Limits,
    Outcome,
    Permit,
    Refusal,
    Refused,
    Request,
    Status,
)
from dojang.ledger.rules import apply
from dojang.ledger.views import AccountView

__all__ = [
    "AccountView",
    "Admission",
    "Admit",
    "Answer",
    "DayUse",
    "Fault",
    "Hold",
    "HoldState",
    "Kind",
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
    "holds",
]
