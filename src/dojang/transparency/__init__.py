"""The Merkle tree over the log: signed heads, proofs for anyone, and what each customer may see."""

from dojang.transparency.keep import BadKeep, Keep, Kept
from dojang.transparency.model import (
    Extension,
    IssueOf,
    IssuePage,
    LogTooShort,
    OtherLog,
    Rewritten,
    log_name,
)
from dojang.transparency.service import Transparency

__all__ = [
    "BadKeep",
    "Extension",
    "IssueOf",
    "IssuePage",
    "Keep",
    "Kept",
    "LogTooShort",
    "OtherLog",
    "Rewritten",
    "Transparency",
    "log_name",
]
