"""A passkey on a second device in the call's place: registered, and shown for an order."""

from typing import Any, Final

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, RawBody
from msgspec import Struct

from dojang.methods.second_devices import Owner
from dojang.transfers.second_device import SecondDeviceFactor
from dojang.web.core import BankRequest, bank, signed_in, threaded
from dojang.web.methods import (
    AddIn,
    LoginIn,
    NothingIn,
    OptionsOut,
    strongly_signed_in,
)
from dojang.web.transfers import OrderOut, shown


class DeviceOut(Struct, frozen=True):
    id: str
    name: str
    created_at: int
    effective_at: int
    last_used_at: int | None


class DevicesOut(Struct, frozen=True):
    devices: list[DeviceOut]


class KeptOut(Struct, frozen=True):
    """What the PIN signs for: `key_hash` is SHA-256 of the COSE key, in hex."""

    device_id: str
    key_hash: str


@get("/v1/second-devices")
@threaded
def registered(request: BankRequest) -> DevicesOut:
    """Also those that do not count yet."""
    mine = signed_in(request)
    found = _factor(request).devices.of_customer(mine.customer_id)
    return DevicesOut(
        [
            DeviceOut(one.id, one.name, one.created_at, one.effective_at, one.last_used_at)
            for one in found
        ]
    )


@post("/v1/second-devices/options", status_code=200)
@threaded
def adding_options(
    request: BankRequest,
    body: RawBody,
    data: JSONBody[NothingIn],  # noqa: ARG001 - refuses unknown members
) -> OptionsOut:
    """Begin to register one: only who was identified again."""
    return OptionsOut(*_factor(request).adding_options(strongly_signed_in(request, body)))


@post("/v1/second-devices", status_code=201)
@threaded
def add(request: BankRequest, body: RawBody, data: JSONBody[AddIn]) -> KeptOut:
    """Keep what the device made, until the PIN has signed for it (act `second_device`)."""
    mine = strongly_signed_in(request, body)
    owner = Owner(mine.customer_id, mine.jkt)
    devices = _factor(request).devices
    return KeptOut(*devices.keep(owner, data.challenge_id, data.name, data.response))


@delete("/v1/second-devices/{device_id:str}", status_code=204)
@threaded
def remove(request: BankRequest, body: RawBody, device_id: FromPath[str]) -> None:
    """At once, without a signature: it only ever lets less through."""
    mine = signed_in(request, body)
    _factor(request).remove(mine.customer_id, device_id)


@post("/v1/transfers/{transfer_id:str}/second-device/options", status_code=200)
@threaded
def ask(
    request: BankRequest,
    body: RawBody,
    transfer_id: FromPath[str],
    data: JSONBody[NothingIn],  # noqa: ARG001 - refuses unknown members
) -> OptionsOut:
    """A challenge for this order alone."""
    mine = signed_in(request, body)
    return OptionsOut(*_factor(request).ask(mine, transfer_id))


@put("/v1/transfers/{transfer_id:str}/second-device")
@threaded
def show(
    request: BankRequest, body: RawBody, transfer_id: FromPath[str], data: JSONBody[LoginIn]
) -> OrderOut:
    """The device's answer, in the call's place."""
    mine = signed_in(request, body)
    _factor(request).show(mine, transfer_id, data.challenge_id, data.response)
    return shown(request, mine.customer_id, transfer_id)


def _factor(request: BankRequest) -> SecondDeviceFactor:
    return bank(request).transfers.second_device


ROUTES: Final[list[Any]] = [registered, adding_options, add, remove, ask, show]
