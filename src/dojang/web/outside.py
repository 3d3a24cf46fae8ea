"""The other parties of the handset: deposits at other banks, sample pictures, chosen answers.

The demo only, and from this machine only.
"""

from typing import Any, Final, Literal

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from dojang.gateways.faces import FaceVerdict
from dojang.gateways.id_cards import CardVerdict
from dojang.gateways.twins import SimulatedOneWon, samples
from dojang.gateways.twins.id_cards import DOWN
from dojang.gateways.twins.one_won import AMOUNT
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Malformed, NotFound
from dojang.web.core import BankRequest, bank, threaded
from dojang.web.handset import from_this_machine, number_of

AUTO: Final = "auto"
CHOICES: Final = {
    "id_card": [AUTO, *(str(one) for one in CardVerdict), DOWN],
    "face": [AUTO, *(str(one) for one in FaceVerdict), DOWN],
    "one_won": [AUTO, DOWN],
}
"""`auto`: what the sample picture says, or how it stands at the other bank."""


class DepositOut(Struct, frozen=True):
    at: int
    bank: str
    account: str
    amount: int
    sender: str


class HeldOut(Struct, frozen=True):
    """An account at another bank."""

    bank: str
    account: str


class DepositsOut(Struct, frozen=True):
    deposits: list[DepositOut]
    accounts: list[HeldOut]


class OutcomeIn(Struct, forbid_unknown_fields=True):
    phone: str
    party: Literal["id_card", "face", "one_won"]
    outcome: str


class PartyOut(Struct, frozen=True):
    chosen: str
    choices: list[str]
    samples: list[str]
    """Which sample pictures there are of this party."""


@get("/_handset/deposits", include_in_schema=False)
@threaded
def deposits(request: BankRequest, phone: FromQuery[str]) -> DepositsOut:
    """What this person sees in the apps of their other banks, newest first."""
    elsewhere, number = _asked(request, phone)
    return DepositsOut(
        [
            DepositOut(one.at, one.bank, one.account, AMOUNT, one.sender)
            for one in elsewhere.deposits(number)
        ],
        [HeldOut(bank_code, account) for bank_code, account in elsewhere.accounts(number)],
    )


@get("/_handset/outcomes", include_in_schema=False)
@threaded
def outcomes(request: BankRequest, phone: FromQuery[str]) -> dict[str, PartyOut]:
    """What each party answers for this person."""
    elsewhere, number = _asked(request, phone)
    try:
        ci = elsewhere.outside.ci(number)
    except LookupError:
        raise NotFound from None
    return {
        party: PartyOut(elsewhere.outside.chosen(party, ci) or AUTO, choices, _samples(party))
        for party, choices in CHOICES.items()
    }


@post("/_handset/outcomes", status_code=204, include_in_schema=False)
@threaded
def choose(request: BankRequest, data: JSONBody[OutcomeIn]) -> None:
    """From now on this party answers so for this person."""
    elsewhere, number = _asked(request, data.phone)
    if data.outcome not in CHOICES[data.party]:
        raise Malformed
    try:
        elsewhere.outside.choose(data.party, number, None if data.outcome == AUTO else data.outcome)
    except LookupError:
        raise NotFound from None


@get("/_handset/samples/{kind:str}/{outcome:str}", include_in_schema=False)
@threaded
def sample(
    request: BankRequest, kind: FromPath[str], outcome: FromPath[str], phone: FromQuery[str]
) -> Response[bytes]:
    """A picture that stands for this person's card or face, labelled as a sample."""
    elsewhere, number = _asked(request, phone)
    name = outcome.removesuffix(".png")
    if kind not in samples.KINDS or name not in _samples(kind):
        raise NotFound
    try:
        person = samples.person_of(elsewhere.outside.ci(number))
    except LookupError:
        raise NotFound from None
    picture = samples.drawn(samples.Told(kind, name, person))
    return Response(picture, media_type="image/png", headers={"cache-control": "no-store"})


def _samples(party: str) -> list[str]:
    """Those of the choices that a picture can show."""
    return [one for one in CHOICES[party] if one in samples.OUTCOMES] if party in CHOICES else []


def _asked(request: BankRequest, phone: str) -> tuple[SimulatedOneWon, PhoneNumber]:
    from_this_machine(request)
    gateway = bank(request).gateways.one_won
    if not isinstance(gateway, SimulatedOneWon):
        raise NotFound
    return gateway, number_of(phone)


ROUTES: Final[list[Any]] = [deposits, outcomes, choose, sample]
