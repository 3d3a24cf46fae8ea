"""The journeys issue and reissue, as the web asks for them."""

from dojang.enrolment.finishing import Finishing
from dojang.enrolment.journeys import Journeys, Parts
from dojang.enrolment.proving import Proofs


class Enrolments:
    """`journeys` begins and finds, `proofs` takes the evidence, `finishing` makes the keys."""

    def __init__(self, parts: Parts) -> None:
        self.journeys = Journeys(parts)
        self.proofs = Proofs(parts, self.journeys)
        self.finishing = Finishing(parts, self.journeys)
