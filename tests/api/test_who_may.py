"""Every door against everyone who may not pass it. A new door without a line here is a failure."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.api import routes
from tests.api.house import ORIGIN, House, Raw, send
from tests.api.routes import DOORS, Door

from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import HANEUL, MINYONG, SEOYEON
from dojang.phone.application import Application
from dojang.phone.customer import Customer
from dojang.phone.ordering import Order

CLOSED = [door for door in DOORS if not door.open]
OWN = [door for door in DOORS if door.needs_session]


@pytest.fixture
def unchanged(house: House) -> Iterator[None]:
    before = house.contents()
    yield
    assert house.contents() == before


@pytest.fixture(scope="module")
def stranger(house: House) -> Customer:
    """A phone with a device key and nothing else."""
    return house.new_phone("stranger")


def raw(door: Door) -> Raw:
    body = b"" if door.body is None else json.dumps(door.body).encode()
    return Raw(door.method, door.filled, body)


def test_every_door_of_the_document_is_known_here(house: House):
    assert [str(door) for door in routes.of(house.client.app)] == sorted(  # type: ignore[attr-defined]
        routes.KNOWN, key=lambda name: (name.split(" ")[1], METHODS.index(name.split(" ")[0]))
    )


METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


@pytest.mark.parametrize("door", CLOSED, ids=str)
def test_without_a_proof_nothing_opens(house: House, unchanged, door: Door):
    content = None if door.body is None else json.dumps(door.body)
    headers = {"content-type": "application/json"} if content else {}

    answer = house.client.request(
        door.method, ORIGIN + door.filled, content=content, headers=headers
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_proof")


@pytest.mark.parametrize("door", OWN, ids=str)
def test_without_a_session_nothing_of_a_customer_opens(
    house: House, stranger: Customer, unchanged, door: Door
):
    answer = send(stranger.line, raw(door))

    assert (answer.status, answer.code) == (401, "not_signed_in")


@pytest.mark.parametrize("door", OWN, ids=str)
def test_a_token_on_a_foreign_device_opens_nothing(
    house: House, minyong: Customer, stranger: Customer, unchanged, door: Door
):
    stranger.line.token = minyong.line.token

    answer = send(stranger.line, raw(door))

    stranger.line.token = None
    assert (answer.status, answer.code) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "door", [door for door in DOORS if door.path.startswith(routes.ENROLMENT)], ids=str
)
def test_an_enrolment_opens_to_its_own_phone_only(
    house: House, stranger: Customer, unchanged, door: Door
):
    without = send(stranger.line, raw(door))
    stranger.line.token = "A" * 43
    with_another = send(stranger.line, raw(door))

    stranger.line.token = None
    assert without.status == 401
    assert with_another.status in {400, 401}


def test_a_stolen_enrolment_token_opens_nothing(house: House, stranger: Customer):
    other = house.new_phone("another")
    application = other.apply()
    before = house.contents()
    stranger.line.token = application.token

    answer = stranger.line.get(routes.ENROLMENT)

    stranger.line.token = None
    assert (answer.status, answer.code) == (401, "enrolment_over")
    assert house.contents() == before


@pytest.fixture(scope="module")
def ordered(house: House, minyong: Customer, seoyeon: Customer) -> str:
    """A waiting transfer of 김민용."""
    account = minyong.accounts()[0]
    order = Order(account["number"], OTHER_BANK, OTHER_ACCOUNT, "오세린", 3_000_000)
    transfer_id = minyong.new_transfer(order)
    minyong.place(transfer_id, order)
    return transfer_id


def test_somebody_elses_transfer_is_not_there(
    house: House, ordered: str, seoyeon: Customer, unchanged
):
    line, path = seoyeon.line, f"/v1/transfers/{ordered}"
    account = seoyeon.accounts()[0]
    body = Order(account["number"], OTHER_BANK, OTHER_ACCOUNT, "오세린", 3_000_000).body()

    answers = [
        line.get(path),
        line.delete(path),
        line.put(path, body),
        line.put(f"{path}/account-password", {"password": "5837"}),
        line.post(f"{path}/ars", {}),
    ]

    assert [(one.status, one.code) for one in answers] == [(404, "not_found")] * 5


def test_somebody_elses_account_is_not_there(
    house: House, minyong: Customer, seoyeon: Customer, unchanged
):
    account = minyong.accounts()[0]
    order = Order(account["number"], OTHER_BANK, OTHER_ACCOUNT, "오세린", 1_000)

    statement = seoyeon.line.get(f"/v1/accounts/{account['id']}/statement")
    transfer = seoyeon.line.put(f"/v1/transfers/{seoyeon._ids.uuid7()}", order.body())

    assert statement.status == 404
    assert transfer.status == 404


def test_somebody_elses_session_is_not_ended(house: House, minyong: Customer, seoyeon: Customer):
    mine = next(one for one in minyong.sessions() if one["current"])

    answer = seoyeon.line.delete(f"/v1/sessions/{mine['id']}")

    assert answer.status == 404
    assert minyong.me()["name"]


def test_somebody_elses_key_signs_nothing(
    house: House, minyong: Customer, seoyeon: Customer, unchanged
):
    kid = raw(Door("POST", "/v1/login/challenges"))
    theirs = {"kid": json.loads(minyong.store.path.read_bytes())["keys"]["auth"]["kid"]}

    answer = send(seoyeon.line, replace(kid, body=json.dumps(theirs).encode()))

    assert (answer.status, answer.code) == (404, "unknown_key")


def test_somebody_elses_login_opens_no_session(house: House, minyong: Customer, seoyeon: Customer):
    request_id = minyong.sign_login(MINYONG.pin)
    before = house.contents()

    answer = seoyeon.line.post("/v1/sessions", {"request_id": request_id})

    assert not answer.done
    assert house.contents() == before


def test_a_customer_enrols_with_their_own_number_only(house: House):
    """이서연's internet banking and 박하늘's phone make no certificate for either."""
    phone = house.new_phone("mixed")
    application = Application(phone.line)
    application.begin()
    application.internet_banking(str(SEOYEON.login_id), str(SEOYEON.password))
    body = {
        "carrier": HANEUL.carrier,
        "name": HANEUL.name,
        "resident_number": HANEUL.resident_number,
        "phone": HANEUL.phone,
    }

    answer = phone.line.post(f"{routes.ENROLMENT}/identity", body)

    assert (answer.status, answer.code) == (403, "identity_mismatch")
