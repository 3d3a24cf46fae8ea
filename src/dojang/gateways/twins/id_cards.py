"""The card reader's and the issuer's twin: reads the sample's strip, or says what was chosen."""

from typing import ClassVar

from dojang.gateways.id_cards import CardAsked, CardVerdict
from dojang.gateways.sms import GatewayDown
from dojang.gateways.twins import samples
from dojang.gateways.twins.outside import Outside
from dojang.gateways.twins.people import ci_of

DOWN = "down"


class SimulatedIdCards:
    """Plays `IdCards`. What nobody can read is blurred; another person's card is a mismatch."""

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def check(self, asked: CardAsked) -> CardVerdict:
        ci = ci_of(asked.resident_number)
        chosen = self._outside.chosen("id_card", ci)
        if chosen == DOWN:
            raise GatewayDown
        if chosen is not None:
            return CardVerdict(chosen)
        told = samples.read(asked.image)
        if told is None or told.kind != "id_card":
            return CardVerdict.BLURRED
        if told.person != samples.person_of(ci):
            return CardVerdict.MISMATCH
        return CardVerdict(told.outcome)
