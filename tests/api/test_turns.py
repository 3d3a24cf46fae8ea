"""Late, repeated, reordered: each gets its own answer, and no second effect."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.api.house import House

from dojang.crypto import messages
from dojang.crypto.encoding import b64u
from dojang.crypto.messages import KeyKind
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import HANEUL, MINYONG, WRONG_PIN
from dojang.phone.application import Application
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.machine import BEGIN, COMPLETE, CONFIRM_STALE, RESUME, Wanted
from dojang.phone.ordering import Order, life

PASSWORD = MINYONG.accounts[0].password


class Wire:
    """Remembers every request of a phone's signatures, to send it again."""

    def __init__(self, phone: Customer) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._post = phone.line.post
        self.phone = phone

    def __call__(self, path: str, body: Any, /) -> Any:
        self.sent.append((path, dict(body)))
        return self._post(path, body)

    def again(self, path: str, **change: Any) -> Any:
        """The newest request on this path once more, changed."""
        body = next(sent for where, sent in reversed(self.sent) if where == path)
        return self._post(path, {**body, **change})


@pytest.fixture
def wire(minyong: Customer) -> Iterator[Wire]:
    made = Wire(minyong)
    minyong.machine.talk.post = made
    yield made
    minyong.machine.talk.post = minyong.line.post


def tries(phone: Customer) -> int:
    auth = next(key for key in phone.certificate()["keys"] if key["kind"] == "auth")
    return next(one["tries_left"] for one in auth["methods"] if one["m"] == "pin")


def an_order(phone: Customer, amount: int = 1_000) -> tuple[str, Order]:
    own = phone.accounts()[0]["number"]
    order = Order(own, OTHER_BANK, OTHER_ACCOUNT, "오세린", amount)
    return phone.new_transfer(order), order


def test_the_same_begin_is_answered_the_same_and_counted_once(
    house: House, minyong: Customer, wire: Wire
):
    with pytest.raises(Refused, match="wrong_secret"):
        minyong.sign_login(WRONG_PIN)
    minyong.sign_login(MINYONG.pin)
    before = house.contents()

    one, other = wire.again(BEGIN), wire.again(BEGIN)

    assert one.body == other.body
    assert house.contents() == before
    assert tries(minyong) == 5


def test_other_bytes_under_the_same_rid_are_refused(house: House, minyong: Customer, wire: Wire):
    minyong.sign_login(MINYONG.pin)
    before = house.contents()

    answer = wire.again(BEGIN, D1=wire.sent[-2][1]["E1"])

    assert (answer.status, answer.code) == (409, "different_request")
    assert answer.body["rid"] == wire.sent[-2][1]["rid"]
    assert house.contents() == before


def test_a_completed_signature_is_told_again_and_made_once(
    house: House, minyong: Customer, wire: Wire
):
    minyong.sign_login(MINYONG.pin)
    before = house.contents()

    again, resumed = wire.again(COMPLETE), None
    rid = {"rid": b64u(house.entropy.bytes(12)), "sid": wire.sent[-1][1]["sid"]}
    resumed = minyong.line.post(RESUME, rid)

    assert again.done
    assert resumed.body["signature"] == again.body["signature"]
    assert house.contents() == before


def test_a_wrong_z_is_told_wrong_again_and_counted_once(minyong: Customer, wire: Wire):
    with pytest.raises(Refused, match="wrong_secret"):
        minyong.sign_login(WRONG_PIN)

    again = wire.again(COMPLETE)

    assert (again.code, again.body["tries_left"], tries(minyong)) == ("wrong_secret", 4, 4)
    minyong.login(MINYONG.pin)


def test_complete_before_begin_is_not_there(house: House, minyong: Customer, wire: Wire):
    minyong.sign_login(MINYONG.pin)
    before = house.contents()

    answer = wire.again(COMPLETE, sid="A" * 22)

    assert answer.status in {404, 410}
    assert house.contents() == before


def test_a_begin_of_a_past_generation_changes_nothing(house: House, minyong: Customer, wire: Wire):
    """A delayed duplicate must not suspend an honest phone."""
    minyong.sign_login(MINYONG.pin)
    minyong.sign_login(MINYONG.pin)
    kid = minyong.kid(KeyKind.AUTH)
    asked = minyong.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must()
    rid = b64u(house.entropy.bytes(12))

    answer = wire.again(BEGIN, rid=rid, gen=0, request_id=asked["request_id"])

    assert (answer.status, answer.code) == (409, "generation_mismatch")
    assert minyong.certificate()["state"] == "ACTIVE"
    assert tries(minyong) == 5


def test_a_generation_from_the_future_is_the_servers_trouble(
    house: House, minyong: Customer, wire: Wire
):
    minyong.sign_login(MINYONG.pin)
    kid = minyong.kid(KeyKind.AUTH)
    asked = minyong.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must()
    rid = b64u(house.entropy.bytes(12))
    gen = minyong.key(KeyKind.AUTH).gen + 7

    answer = wire.again(BEGIN, rid=rid, gen=gen, request_id=asked["request_id"])

    assert (answer.status, answer.code) == (409, "server_behind")
    minyong.login(MINYONG.pin)


def test_a_phone_that_is_up_to_date_suspends_nothing(house: House, minyong: Customer):
    key = minyong.key(KeyKind.AUTH)
    body = {"rid": b64u(house.entropy.bytes(12)), "kid": b64u(key.kid), "gen": key.gen}
    before = house.contents()

    answer = minyong.line.post(CONFIRM_STALE, body)

    assert answer.body["state"] == "ACTIVE"
    assert house.contents() == before


def test_a_signed_request_is_not_signed_twice(house: House, minyong: Customer):
    kid = minyong.kid(KeyKind.AUTH)
    asked = minyong.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must()
    message = messages.auth(life(kid, asked), origin=minyong.origin)
    wanted = Wanted(KeyKind.AUTH, "pin", MINYONG.pin, asked["request_id"], message)
    minyong.machine.sign(wanted)
    before = house.contents()

    with pytest.raises(Refused, match="request_already_signed"):
        minyong.machine.sign(wanted)

    assert house.contents() == before


def test_a_login_challenge_ages(house: House, minyong: Customer):
    kid = minyong.kid(KeyKind.AUTH)
    asked = minyong.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must()
    message = messages.auth(life(kid, asked), origin=minyong.origin)
    house.move_clock(301)

    with pytest.raises(Refused, match=r"request_expired|unknown_request"):
        minyong.machine.sign(Wanted(KeyKind.AUTH, "pin", MINYONG.pin, asked["request_id"], message))

    assert tries(minyong) == 5


def test_a_session_asked_for_again_replaces_the_first(minyong: Customer):
    request_id = minyong.sign_login(MINYONG.pin)
    first = minyong.open_session(request_id)["token"]
    second = minyong.open_session(request_id)["token"]

    minyong.line.token = first
    dead = minyong.line.get("/v1/me")
    minyong.line.token = second

    assert first != second
    assert dead.status == 401
    assert minyong.me()["name"]


def test_a_session_before_the_signature_is_refused(house: House, minyong: Customer):
    kid = minyong.kid(KeyKind.AUTH)
    asked = minyong.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must()
    before = house.contents()

    answer = minyong.line.post("/v1/sessions", {"request_id": asked["request_id"]})

    assert 400 <= answer.status < 500
    assert house.contents() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 2_000}, "id_mismatch"),
        ({"memo": "다른 말"}, "id_mismatch"),
        ({"payee_account": "90155500012345"}, "id_mismatch"),
    ],
)
def test_another_order_under_a_known_id_is_refused(
    house: House, minyong: Customer, change: dict[str, Any], code: str
):
    transfer_id, order = an_order(minyong)
    minyong.place(transfer_id, order)
    before = house.contents()

    with pytest.raises(Refused) as refused:
        minyong.place(transfer_id, replace(order, **change))

    assert (refused.value.status, refused.value.code) == (409, code)
    assert house.contents() == before


def test_an_order_ages(house: House, minyong: Customer):
    transfer_id, order = an_order(minyong, 3_000_000)
    answer = minyong.place(transfer_id, order)
    house.move_clock(601)
    minyong.login(MINYONG.pin)

    with pytest.raises(Refused) as late:
        minyong.show_account_password(transfer_id, PASSWORD)
    with pytest.raises(Refused):
        minyong.sign_order(order, answer, MINYONG.pin)

    assert late.value.code == "order_expired"
    assert minyong.outcome(transfer_id)["state"] == "expired"


def test_a_cancelled_order_is_not_signed(minyong: Customer):
    transfer_id, order = an_order(minyong)
    answer = minyong.place(transfer_id, order)
    minyong.cancel(transfer_id)
    minyong.cancel(transfer_id)

    with pytest.raises(Refused):
        minyong.sign_order(order, answer, MINYONG.pin)

    assert minyong.outcome(transfer_id)["state"] == "cancelled"


def test_a_posted_order_is_not_cancelled(minyong: Customer):
    transfer_id, order = an_order(minyong)
    minyong.sign_order(order, minyong.place(transfer_id, order), MINYONG.pin)
    minyong.settled(transfer_id)

    with pytest.raises(Refused, match="order_over"):
        minyong.cancel(transfer_id)

    assert minyong.outcome(transfer_id)["state"] == "posted"


def test_the_call_comes_after_the_account_password(house: House, minyong: Customer):
    transfer_id, order = an_order(minyong, 50_000_001)
    minyong.place(transfer_id, order)
    before = house.contents()

    with pytest.raises(Refused) as early:
        minyong.ask_for_call(transfer_id)

    assert early.value.body["needed"] == ["account_password"]
    assert house.contents() == before


ENROLMENT_STEPS: list[tuple[str, dict[str, Any]]] = [
    ("sms-code", {"code": "123456"}),
    ("account-password", {"account_id": "x", "password": "5837"}),
    (
        "internet-banking-enrolment",
        {
            "login_id": "haneul01",
            "password": "Baram+gureum9",
            "name": HANEUL.name,
            "account_password": "4071",
        },
    ),
    ("finish", {}),
]


@pytest.mark.parametrize(("step", "body"), ENROLMENT_STEPS, ids=lambda value: str(value)[:26])
def test_a_step_of_the_enrolment_out_of_turn_is_refused(
    house: House, step: str, body: dict[str, Any]
):
    phone = house.new_phone(f"hasty-{step}")
    application = Application(phone.line)
    application.begin()
    before = house.contents()

    answer = phone.line.post(f"/v1/enrolments/current/{step}", body)

    assert answer.status in {400, 409}
    assert answer.code in {"wrong_step", "malformed", "keys_not_proved"}
    assert house.contents() == before


def test_an_enrolment_ages(house: House):
    phone = house.new_phone("slow")
    application = phone.apply()
    house.move_clock(3_601)

    with pytest.raises(Refused, match="enrolment_over"):
        application.resume(application.token)
