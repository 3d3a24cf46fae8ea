"""What a customer puts between a signature and the money (contract 1.7a)."""

from typing import Any, Final

from litestar import delete, get
from litestar.params import FromPath, RawBody
from msgspec import Struct
from msgspec.structs import asdict

from dojang.transfers.model import DesignatedPayee
from dojang.transfers.safeguards import Safeguard, Setting
from dojang.web.core import BankRequest, bank, signed_in, threaded


class SettingOut(Struct, frozen=True):
    """`later` takes the place of `value` at `later_at`."""

    value: int
    later: int | None
    later_at: int | None


class UnregisteredOut(Struct, frozen=True):
    """What payees that are not designated may still get today."""

    limit: int
    used_today: int
    left_today: int


class SafeguardsOut(Struct, frozen=True):
    """`rules` are the policy's figures, `unregistered` is null while designated_only is off.

    `identified`: whether this session may weaken one now.
    """

    designated_only: SettingOut
    delay_hours: SettingOut
    delay_spares_designated: SettingOut
    undo: SettingOut
    sms_hold: SettingOut
    rules: dict[str, int]
    unregistered: UnregisteredOut | None
    identified: bool


class DesignatedOut(Struct, frozen=True):
    id: str
    bank: str
    account: str
    holder: str
    added_at: int
    effective_at: int


class DesignatedListOut(Struct, frozen=True):
    payees: list[DesignatedOut]


@get("/v1/safeguards")
@threaded
def shown(request: BankRequest) -> SafeguardsOut:
    """What is in force, what waits, and by which figures."""
    mine = signed_in(request)
    found = bank(request).transfers.protecting.show(mine.customer_id)
    settings = {name: _setting(found.settings[name]) for name in Safeguard}
    rules = {name: int(figure) for name, figure in asdict(found.rules).items()}
    rules["unregistered_per_day"] = found.unregistered_per_day
    return SafeguardsOut(
        designated_only=settings[Safeguard.DESIGNATED_ONLY],
        delay_hours=settings[Safeguard.DELAY_HOURS],
        delay_spares_designated=settings[Safeguard.DELAY_SPARES_DESIGNATED],
        undo=settings[Safeguard.UNDO],
        sms_hold=settings[Safeguard.SMS_HOLD],
        rules=rules,
        unregistered=unregistered(found.unregistered),
        identified=mine.identified(bank(request).clock.now()),
    )


@get("/v1/designated-payees")
@threaded
def designated(request: BankRequest) -> DesignatedListOut:
    mine = signed_in(request)
    found = bank(request).transfers.protecting.designated(mine.customer_id)
    return DesignatedListOut([_payee(one) for one in found])


@delete("/v1/designated-payees/{payee_id:str}", status_code=204)
@threaded
def remove(request: BankRequest, body: RawBody, payee_id: FromPath[str]) -> None:
    """At once, without a signature: it only ever lets less through."""
    mine = signed_in(request, body)
    bank(request).transfers.protecting.remove(mine.customer_id, payee_id)


def unregistered(room: tuple[int, int] | None) -> UnregisteredOut | None:
    """(limit, used today) on the wire."""
    if room is None:
        return None
    limit, used = room
    return UnregisteredOut(limit=limit, used_today=used, left_today=max(0, limit - used))


def _setting(one: Setting) -> SettingOut:
    return SettingOut(value=one.value, later=one.later, later_at=one.later_at)


def _payee(one: DesignatedPayee) -> DesignatedOut:
    return DesignatedOut(
        id=one.id,
        bank=one.bank,
        account=one.account,
        holder=one.holder,
        added_at=one.added_at,
        effective_at=one.effective_at,
    )


ROUTES: Final[list[Any]] = [shown, designated, remove]
