"""The journeys to a certificate: issue and reissue, step by step, resumable, never skipping one."""

from dojang.enrolment.finishing import Finished
from dojang.enrolment.journeys import Bearer, Parts
from dojang.enrolment.model import Begun, JourneyState, Step
from dojang.enrolment.proving import Wanted
from dojang.enrolment.service import Enrolments

__all__ = [
    "Bearer",
    "Begun",
    "Enrolments",
    "Finished",
    "JourneyState",
    "Parts",
    "Step",
    "Wanted",
]
