"""Twins: they play the parties outside, for the demo and the tests. Production refuses them.

Each keeps what it did in `handset.db`, its own file and no table of the bank, so that messages
and calls outlive a restart and two server processes see the same ones. Every class says
`twin = True`; a start-up check refuses a production profile with such a gateway.
"""

from dojang.gateways.twins.ars import PhoneCall, SimulatedArs
from dojang.gateways.twins.banks import SimulatedSwitch
from dojang.gateways.twins.faces import SimulatedFaces
from dojang.gateways.twins.id_cards import SimulatedIdCards
from dojang.gateways.twins.one_won import SimulatedOneWon
from dojang.gateways.twins.outside import Outside
from dojang.gateways.twins.people import SampleSubscriber
from dojang.gateways.twins.sms import Message, RecordedSms
from dojang.gateways.twins.telecom import SimulatedTelecom

__all__ = [
    "Message",
    "Outside",
    "PhoneCall",
    "RecordedSms",
    "SampleSubscriber",
    "SimulatedArs",
    "SimulatedFaces",
    "SimulatedIdCards",
    "SimulatedOneWon",
    "SimulatedSwitch",
    "SimulatedTelecom",
]
