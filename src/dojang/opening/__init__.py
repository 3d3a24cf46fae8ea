"""Identified again at a distance: a new account, an unlocked password, a released loss report."""

from dojang.opening.journeys import Bearer, Parts
from dojang.opening.model import Answers, Funds, Goal, JourneyState, Purpose, Step
from dojang.opening.service import Openings, shipped

__all__ = [
    "Answers",
    "Bearer",
    "Funds",
    "Goal",
    "JourneyState",
    "Openings",
    "Parts",
    "Purpose",
    "Step",
    "shipped",
]
