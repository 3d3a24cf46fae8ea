"""Orders to send money (contract 1.7): made, stepped up, watched."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Final, Literal

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, RawBody
from msgspec import Meta, Struct

from dojang.crypto import dpop, messages
from dojang.crypto.encoding import b64u
from dojang.customers import Claim
from dojang.house import Bank
from dojang.kernel.clock import Instant
from dojang.kernel.problem import Malformed, Problem, Unauthenticated, every_problem
from dojang.kernel.secret import Secret
from dojang.ledger import Outcome, Refusal
from dojang.policy import Factor
from dojang.transfers import Draft, Told
from dojang.transfers.model import State
from dojang.transfers.showing import Asked
from dojang.web.accounts import AccountNumber, BankCode
from dojang.web.core import BankRequest, asking, bank, signed_in, threaded
from dojang.web.proofs import Asking, Proofs
from dojang.web.turns import Turns

AMOUNT_MAX: Final = 10**15
LOOKS_AT_ONCE: Final = 1
"""Turns under way at a time. With two, each carries half as many and costs more (ADR 0012)."""
Which = Literal["held", "ended"]
OrderId = Annotated[str, Meta(min_length=36, max_length=36)]


class OrderIn(Struct, forbid_unknown_fields=True):
    """`from_account` is the own account's number; its id is taken too."""

    from_account: Annotated[str, Meta(pattern=r"^[0-9a-f-]{6,36}$")]
    payee_bank: BankCode
    payee_account: AccountNumber
    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
    memo: Annotated[str, Meta(max_length=20)]


class PasswordIn(Struct, forbid_unknown_fields=True):
    password: Annotated[str, Meta(pattern=r"^[0-9]{4}$")]

    def __repr__(self) -> str:
        return "PasswordIn(***)"


class CodeIn(Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]

    def __repr__(self) -> str:
        return "CodeIn(***)"


class EmptyIn(Struct, forbid_unknown_fields=True):
    """Nothing to say."""


class RequestOut(Struct, frozen=True):
    """`fields` are the exact members of the DOJANG-TX JSON."""

    request_id: str
    fields: dict[str, Any]


class ArsOut(Struct, frozen=True):
    call_id: str
    number: str
    rings_until: int
    tries_left: int
    state: str


class SmsOut(Struct, frozen=True):
    """The code that waits to be typed in the call's place."""

    expires_at: int
    resend_at: int
    tries_left: int


class HoldOut(Struct, frozen=True):
    """Before the signature the instants are as if it were signed now.

    `why`: delay, undo or sms. `ended`: why it was not sent after all.
    """

    why: str
    seconds: int
    due_at: int
    cancellable_until: int
    ended: str | None


class OrderOut(Struct, frozen=True):
    """`outcome` is null until the ledger has decided."""

    id: str
    state: str
    tier: str
    needed: list[str]
    done: list[str]
    amount: int
    fee: int
    payee_holder: str
    policy_version: int
    expires_at: int
    kid: str
    request: RequestOut
    ars: ArsOut | None
    sms: SmsOut | None
    hold: HoldOut | None
    outcome: dict[str, Any] | None


class OrdersOut(Struct, frozen=True):
    transfers: list[OrderOut]


@put("/v1/transfers/{transfer_id:str}")
@threaded
def order(
    request: BankRequest, body: RawBody, transfer_id: FromPath[str], data: JSONBody[OrderIn]
) -> Response[OrderOut]:
    """Make the order (201), or find the same one again (200)."""
    mine = signed_in(request, body)
    draft = Draft(
        from_account=data.from_account,
        payee_bank=data.payee_bank,
        payee_account=data.payee_account,
        amount=data.amount,
        memo=data.memo,
    )
    told, made = bank(request).transfers.orders.order(mine, transfer_id, draft)
    now = bank(request).clock.now()
    return Response(_order(told, now), status_code=201 if made else 200)


@put("/v1/transfers/{transfer_id:str}/account-password")
@threaded
def account_password(
    request: BankRequest, body: RawBody, transfer_id: FromPath[str], data: JSONBody[PasswordIn]
) -> OrderOut:
    mine = signed_in(request, body)
    orders = bank(request).transfers.orders
    orders.account_password(mine, transfer_id, Secret(data.password))
    return shown(request, mine.customer_id, transfer_id)


@post("/v1/transfers/{transfer_id:str}/ars", status_code=200)
@threaded
def ars(
    request: BankRequest,
    body: RawBody,
    transfer_id: FromPath[str],
    data: JSONBody[EmptyIn],  # noqa: ARG001 - refuses unknown members
) -> OrderOut:
    """Ring the number on file."""
    mine = signed_in(request, body)
    bank(request).transfers.ars.ring(mine.customer_id, transfer_id)
    return shown(request, mine.customer_id, transfer_id)


@post("/v1/transfers/{transfer_id:str}/sms-code", status_code=200)
@threaded
def send_code(
    request: BankRequest,
    body: RawBody,
    transfer_id: FromPath[str],
    data: JSONBody[EmptyIn],  # noqa: ARG001 - refuses unknown members
) -> OrderOut:
    """Send a code in the call's place, to whom that was registered for."""
    mine = signed_in(request, body)
    bank(request).transfers.sms_hold.send(mine.customer_id, transfer_id)
    return shown(request, mine.customer_id, transfer_id)


@put("/v1/transfers/{transfer_id:str}/sms-code")
@threaded
def enter_code(
    request: BankRequest, body: RawBody, transfer_id: FromPath[str], data: JSONBody[CodeIn]
) -> OrderOut:
    mine = signed_in(request, body)
    code = Secret(data.code)
    bank(request).transfers.sms_hold.enter(mine.customer_id, transfer_id, code)
    return shown(request, mine.customer_id, transfer_id)


@get("/v1/transfers")
@threaded
def pending(request: BankRequest, which: FromQuery[Which] = "held") -> OrdersOut:
    """The held ones, the next due first; or those of a week that are held no more."""
    mine = signed_in(request)
    transfers = bank(request).transfers
    ask = transfers.pending if which == "held" else transfers.ended
    found = ask(mine.customer_id)
    now = bank(request).clock.now()
    return OrdersOut([_order(one, now) for one in found])


@get("/v1/transfers/{transfer_id:str}")
async def show(request: BankRequest, transfer_id: FromPath[str]) -> OrderOut:
    """Where the customer learns the outcome, at the bank's busiest door: many share a turn."""
    turns: Looks = request.app.state.looks
    return await turns.ask((asking(request), transfer_id))


@delete("/v1/transfers/{transfer_id:str}", status_code=204)
@threaded
def cancel(request: BankRequest, body: RawBody, transfer_id: FromPath[str]) -> None:
    mine = signed_in(request, body)
    bank(request).transfers.orders.cancel(mine.customer_id, transfer_id)


Looks = Turns[tuple[Asking, str], OrderOut]
"""Who asks, and for which order."""


def looks(house: Bank, proofs: Proofs) -> Looks:
    """The turns of `show`, of one server."""
    return Turns(partial(_seen, house, proofs), "dojang-looks", at_once=LOOKS_AT_ONCE)


def _seen(
    house: Bank, proofs: Proofs, asked: Sequence[tuple[Asking, str]]
) -> Sequence[OrderOut | Exception]:
    signed = dpop.taken([request.proof or "" for request, _ in asked])
    claims = [_claimed(proofs, request, order_id, signed) for request, order_id in asked]
    proved = [one for one in claims if isinstance(one, Asked)]
    found = iter(house.transfers.showing.all(proved) if proved else ())
    told = [next(found) if isinstance(one, Asked) else one for one in claims]
    now = house.clock.now()
    return [_written(one, now) if isinstance(one, Told) else one for one in told]


def _written(told: Told, now: Instant) -> OrderOut | Exception:
    try:
        return _order(told, now)
    except Exception as fault:  # noqa: BLE001 - a row that cannot be shown spoils nobody else's turn
        return fault


def _claimed(
    proofs: Proofs, request: Asking, order_id: str, signed: frozenset[str]
) -> Asked | Problem:
    try:
        jkt, token = proofs.check(request, signed=signed)
    except Problem as refused:
        return refused
    return Unauthenticated() if token is None else Asked(Claim(token, jkt), order_id)


def shown(request: BankRequest, customer_id: str, transfer_id: str) -> OrderOut:
    house = bank(request)
    return _order(house.transfers.showing.one(customer_id, transfer_id), house.clock.now())


def _order(told: Told, now: Instant) -> OrderOut:
    made = told.order
    return OrderOut(
        id=made.id,
        state=told.state.value,
        tier=made.tier,
        needed=[factor.value for factor in made.needed],
        done=[factor.value for factor in made.shown],
        amount=made.amount,
        fee=made.fee,
        payee_holder=made.payee_holder,
        policy_version=made.policy_version,
        expires_at=made.expires_at,
        kid=b64u(made.kid),
        request=RequestOut(made.request_id, messages.members(made.message)),
        ars=_ars(told),
        sms=_sms(told),
        hold=_hold(told, now),
        outcome=_outcome(told),
    )


def _ars(told: Told) -> ArsOut | None:
    call, state = told.call, told.call_state
    if call is None or state is None or Factor.ARS not in told.order.needed:
        return None
    return ArsOut(
        call_id=call.id,
        number=call.number,
        rings_until=call.rings_until,
        tries_left=told.order.ars_tries_left,
        state=state.value,
    )


def _sms(told: Told) -> SmsOut | None:
    sent = told.sms
    return None if sent is None else SmsOut(sent.expires_at, sent.resend_at, sent.tries_left)


def _hold(told: Told, now: Instant) -> HoldOut | None:
    made, pause = told.order, told.order.pause
    if pause is None:
        return None
    due, until = made.due_at, made.cancellable_until
    return HoldOut(
        why=pause.why.value,
        seconds=pause.seconds,
        due_at=pause.due_at(now) if due is None else due,
        cancellable_until=pause.cancellable_until(now) if until is None else until,
        ended=made.ended_why,
    )


def _outcome(told: Told) -> dict[str, Any] | None:
    if told.state is State.POSTED and told.outcome is not None:
        return _posted(told, told.outcome)
    if told.state is State.REJECTED:
        refusal = told.outcome.refusal if told.outcome is not None else None
        return {"status": "rejected", "problem": problem_of(refusal)}
    return None


def _posted(told: Told, outcome: Outcome) -> dict[str, Any]:
    signature, certificate = told.order.signature, told.certificate
    return {
        "status": "posted",
        "at": outcome.at,
        "balance_after": outcome.balance_after,
        "log_idx": outcome.log_idx,
        "receipt": {
            "payload": b64u(told.order.message),
            "signature": b64u(signature or b""),
            "certificate": None if certificate is None else b64u(certificate),
        },
    }


def problem_of(refusal: Refusal | None) -> dict[str, Any]:
    """A stored refusal as the problem object that it stands for."""
    code = "id_mismatch" if refusal is None else str(refusal.code)
    figures = {} if refusal is None else dict(refusal.figures)
    kind = next((one for one in every_problem(Problem) if one.code == code), Malformed)
    return {
        "type": f"/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "code": code,
        **figures,
    }


ROUTES: Final[list[Any]] = [
    order,
    account_password,
    ars,
    send_code,
    enter_code,
    pending,
    show,
    cancel,
]
