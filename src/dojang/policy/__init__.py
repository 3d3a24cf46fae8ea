"""Versioned policy data: every amount, count and duration of the bank, as rows with dates."""

from dojang.policy.model import Factor, Policy, Tier
from dojang.policy.service import adopt, commit_what_stood, current, in_force, newest, version

__all__ = [
    "Factor",
    "Policy",
    "Tier",
    "adopt",
    "commit_what_stood",
    "current",
    "in_force",
    "newest",
    "version",
]
