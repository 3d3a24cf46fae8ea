"""The handset: what the simulated phone of a sample person receives. The demo only, loopback."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from dojang.gateways.twins import SimulatedArs
from dojang.gateways.twins.sms import RecordedSms
from dojang.kernel.phone_numbers import PhoneNumber, phone_number
from dojang.kernel.problem import Malformed, NotFound
from dojang.web.core import BankRequest, bank, threaded
from dojang.web.demo import loopback

Digits = Annotated[str, Meta(pattern=r"^[0-9]{1,20}$")]


class MessageOut(Struct, frozen=True):
    at: int
    to: str
    text: str


class MessagesOut(Struct, frozen=True):
    messages: list[MessageOut]


class CallOut(Struct, frozen=True):
    """`prompt` is what the call speaks, in the language `locale`."""

    id: str
    to: str
    prompt: str
    locale: str
    state: str
    rings_until: int


class CallsOut(Struct, frozen=True):
    calls: list[CallOut]


class KeysIn(Struct, forbid_unknown_fields=True):
    digits: Digits


class HeardOut(Struct, frozen=True):
    heard: str
    tries_left: int


@get("/_handset/messages", include_in_schema=False)
@threaded
def messages(request: BankRequest, phone: FromQuery[str]) -> MessagesOut:
    """The inbox, oldest first."""
    from_this_machine(request)
    inbox = _sms(request).inbox(number_of(phone))
    return MessagesOut([MessageOut(at=m.at, to=m.to, text=m.text) for m in inbox])


@get("/_handset/calls", include_in_schema=False)
@threaded
def calls(request: BankRequest, phone: FromQuery[str]) -> CallsOut:
    """The calls to this number, newest first, over ones too."""
    from_this_machine(request)
    found = _ars(request).calls(number_of(phone))
    return CallsOut(
        [
            CallOut(
                id=call.id,
                to=call.to,
                prompt=call.prompt,
                locale=call.locale,
                state=call.state,
                rings_until=call.rings_until,
            )
            for call in found
        ]
    )


@post(
    "/_handset/calls/{call_id:str}/answer",
    status_code=204,
    include_in_schema=False,
)
@threaded
def answer(request: BankRequest, call_id: FromPath[str]) -> None:
    """Pick up."""
    from_this_machine(request)
    _ars(request).answer(call_id)


@post(
    "/_handset/calls/{call_id:str}/keys",
    status_code=200,
    include_in_schema=False,
)
@threaded
def keys(request: BankRequest, call_id: FromPath[str], data: JSONBody[KeysIn]) -> HeardOut:
    """Key digits on the answered call; the bank says at once what it heard."""
    from_this_machine(request)
    heard = _ars(request).key(call_id, data.digits)
    return HeardOut(heard=heard.heard, tries_left=heard.tries_left)


@post(
    "/_handset/calls/{call_id:str}/hang-up",
    status_code=204,
    include_in_schema=False,
)
@threaded
def hang_up(request: BankRequest, call_id: FromPath[str]) -> None:
    """Put the phone down. Nothing happens for a call that is over or was never made."""
    from_this_machine(request)
    _ars(request).hang_up(call_id)


def from_this_machine(request: BankRequest) -> None:
    if not loopback(request):
        raise NotFound


def number_of(phone: str) -> PhoneNumber:
    try:
        return phone_number(phone)
    except ValueError:
        raise Malformed from None


def _sms(request: BankRequest) -> RecordedSms:
    gateway = bank(request).gateways.sms
    if not isinstance(gateway, RecordedSms):
        raise NotFound
    return gateway


def _ars(request: BankRequest) -> SimulatedArs:
    gateway = bank(request).gateways.ars
    if not isinstance(gateway, SimulatedArs):
        raise NotFound
    return gateway


ROUTES: Final[list[Any]] = [messages, calls, answer, keys, hang_up]
