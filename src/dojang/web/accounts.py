"""The customer's own accounts, limits and payees. Statements stand in `statements`."""

from typing import Annotated, Any, Final

from litestar import get, post
from litestar.params import JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.kernel.clock import seoul_day
from dojang.ledger import accounts
from dojang.transfers import Payee
from dojang.transfers.payees import Found
from dojang.web.core import BankRequest, bank, signed_in, threaded
from dojang.web.safeguards import UnregisteredOut, unregistered

BankCode = Annotated[str, Meta(pattern=r"^[0-9]{3}$")]
AccountNumber = Annotated[str, Meta(pattern=r"^[0-9]{6,20}$")]


class AccountOut(Struct, frozen=True):
    """Amounts in won; `available` is what is not held.

    `day_cap` is what a limited account may send a day, and `day_left` what of it is left today;
    both null for all others.
    """

    id: str
    number: str
    name: str
    kind: str
    balance: int
    available: int
    held: int
    day_cap: int | None
    day_left: int | None


class AccountsOut(Struct, frozen=True):
    accounts: list[AccountOut]


class TierOut(Struct, frozen=True, rename={"at_least": "from"}):
    """`at_least` is called `from` on the wire; both ends are inclusive."""

    name: str
    at_least: int
    up_to: int
    needs: list[str]
    open: bool
    why_closed: str | None


class MostOut(Struct, frozen=True):
    per_transfer: int
    per_day: int


class LimitsOut(Struct, frozen=True):
    """`most` is the policy's own, `identified`: whether this session may raise one now."""

    per_transfer: int
    per_day: int
    most: MostOut
    identified: bool
    used_today: int
    left_today: int
    kst_day: int
    next_reset_at: int
    tiers: list[TierOut]
    policy_version: int
    reasons: list[dict[str, Any]]
    unregistered: UnregisteredOut | None


class PayeeIn(Struct, forbid_unknown_fields=True):
    bank: BankCode
    account: AccountNumber


class PayeeOut(Struct, frozen=True):
    bank: str
    account: str
    holder: str


class PayeesOut(Struct, frozen=True):
    payees: list[PayeeOut]


@get("/v1/accounts")
@threaded
def listed(request: BankRequest) -> AccountsOut:
    """All accounts, as of one moment."""
    mine = signed_in(request)
    with bank(request).db.snapshot() as tx:
        found = accounts.of_customer(tx, mine.customer_id)
        today = seoul_day(tx.now)
    return AccountsOut(
        [
            AccountOut(
                id=one.id,
                number=one.number,
                name=one.name,
                kind=one.kind,
                balance=one.balance,
                available=one.available,
                held=one.held,
                day_cap=one.day_cap,
                day_left=one.left_of_cap(today),
            )
            for one in found
        ]
    )


@get("/v1/limits")
@threaded
def limits(request: BankRequest) -> LimitsOut:
    """How much can be sent now, and why."""
    mine = signed_in(request)
    room = bank(request).transfers.limits.show(mine)
    return LimitsOut(
        per_transfer=room.per_transfer,
        per_day=room.per_day,
        most=MostOut(room.most_per_transfer, room.most_per_day),
        identified=mine.identified(bank(request).clock.now()),
        used_today=room.used_today,
        left_today=room.left_today,
        kst_day=room.kst_day,
        next_reset_at=room.next_reset_at,
        tiers=[
            TierOut(
                name=tier.name,
                at_least=tier.at_least,
                up_to=tier.up_to,
                needs=list(tier.needs),
                open=tier.open,
                why_closed=tier.why_closed,
            )
            for tier in room.tiers
        ],
        policy_version=room.policy_version,
        reasons=[{"code": reason.code, **reason.figures} for reason in room.reasons],
        unregistered=unregistered(room.unregistered),
    )


@post("/v1/payees", status_code=200)
@threaded
def payee(request: BankRequest, body: RawBody, data: JSONBody[PayeeIn]) -> PayeeOut:
    """Whose account that is."""
    mine = signed_in(request, body)
    found: Found = bank(request).transfers.payees.look_up(mine.customer_id, data.bank, data.account)
    return _payee(found.payee)


@get("/v1/payees/recent")
@threaded
def recent(request: BankRequest) -> PayeesOut:
    """The latest ones, newest first."""
    mine = signed_in(request)
    found = bank(request).transfers.payees.recent(mine.customer_id)
    return PayeesOut([_payee(one) for one in found])


def _payee(one: Payee) -> PayeeOut:
    return PayeeOut(bank=one.bank, account=one.account, holder=one.holder)


ROUTES: Final[list[Any]] = [listed, limits, payee, recent]
