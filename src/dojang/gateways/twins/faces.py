"""The face comparison's twin: reads the samples' strips, or says what was chosen."""

from typing import ClassVar

from dojang.gateways.faces import FaceAsked, FaceVerdict
from dojang.gateways.sms import GatewayDown
from dojang.gateways.twins import samples
from dojang.gateways.twins.id_cards import DOWN
from dojang.gateways.twins.outside import Outside
from dojang.gateways.twins.people import ci_of


class SimulatedFaces:
    """Plays `Faces`. Where no face can be made out it is too dark; a card held up is no face."""

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def compare(self, asked: FaceAsked) -> FaceVerdict:
        ci = ci_of(asked.resident_number)
        chosen = self._outside.chosen("face", ci)
        if chosen == DOWN:
            raise GatewayDown
        if chosen is not None:
            return FaceVerdict(chosen)
        told = samples.read(asked.face)
        if told is None:
            return FaceVerdict.TOO_DARK
        if told.kind != "face":
            return FaceVerdict.NOT_LIVE
        if told.person != samples.person_of(ci):
            return FaceVerdict.MISMATCH
        return FaceVerdict(told.outcome)
