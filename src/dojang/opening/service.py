"""Being identified again at a distance, as the web asks for it."""

from typing import Final

from dojang.customers import Terms
from dojang.opening.checking import Pictures
from dojang.opening.ending import Ending
from dojang.opening.journeys import Journeys, Parts
from dojang.opening.proving import Proofs
from dojang.opening.winning import OneWonCodes

REQUIRED: Final = {"deposit": True, "limited_account": True, "remote_identity": True}
"""The documents of an opening in the order in which they are shown; all are needed."""


def shipped() -> Terms:
    """The documents beside this module. Raises ValueError where one is missing."""
    return Terms.read("dojang.opening", REQUIRED)


class Openings:
    """`journeys` begins and finds, the others take one step each, `ending` the last one."""

    def __init__(self, parts: Parts) -> None:
        self.terms = parts.terms
        self.journeys = Journeys(parts)
        self.proofs = Proofs(parts, self.journeys)
        self.pictures = Pictures(parts, self.journeys)
        self.one_won = OneWonCodes(parts, self.journeys)
        self.ending = Ending(parts, self.journeys)
