"""Every request is proved with the device key, over exactly what is sent, once."""

import pytest
from tests.api.house import ORIGIN, House, Raw, proof, send

from dojang.phone.customer import Customer


@pytest.fixture
def unchanged(house: House):
    before = house.contents()
    yield
    assert house.contents() == before


def test_a_fresh_phone_is_given_a_nonce_and_nothing_happens(
    house: House, minyong: Customer, unchanged
):
    raw = Raw("GET", "/v1/me", claims={"nonce": ""})

    answer = send(minyong.line, raw)

    assert (answer.status, answer.code) == (401, "use_dpop_nonce")


@pytest.mark.parametrize(
    ("part", "claims"),
    [
        ("method", {"method": "POST"}),
        ("url", {"url": ORIGIN + "/v1/accounts"}),
        ("url", {"url": "http://bank.example/v1/me"}),
        ("url", {"url": ORIGIN + "/v1/me?a=b"}),
        ("body", {"body": b"{}"}),
        ("token", {"access_token": "another"}),
        ("claims", {"access_token": None}),
        ("claims", {"iat": -1}),
        ("claims", {"jti": ""}),
    ],
    ids=repr,
)
def test_a_proof_of_something_else_is_refused(
    house: House, minyong: Customer, unchanged, part, claims
):
    answer = send(minyong.line, Raw("GET", "/v1/me", claims=claims))

    assert (answer.status, answer.code) == (401, "bad_proof")
    assert answer.body["reason"] == part


@pytest.mark.parametrize("header", ["", "x", "a.b.c", "a" * 3000, "..", "e30.e30.e30"])
def test_what_is_no_proof_is_refused(house: House, minyong: Customer, unchanged, header):
    answer = send(minyong.line, Raw("GET", "/v1/me", headers={"dpop": header}))

    assert (answer.status, answer.code) == (401, "bad_proof")


def test_a_proof_is_good_once(house: House, minyong: Customer, unchanged):
    minyong.me()
    used = proof(minyong.line, Raw("GET", "/v1/me"))
    first = send(minyong.line, Raw("GET", "/v1/me", headers={"dpop": used}))

    again = send(minyong.line, Raw("GET", "/v1/me", headers={"dpop": used}))

    assert first.done
    assert (again.status, again.code) == (401, "proof_replayed")


def test_a_nonce_ages(house: House, minyong: Customer):
    minyong.me()
    old = minyong.line._nonce
    house.clock.move(6 * 60 * 1_000_000)

    answer = send(minyong.line, Raw("GET", "/v1/me", claims={"nonce": old}))

    assert (answer.status, answer.code) == (401, "use_dpop_nonce")
    house.clock.move(-6 * 60 * 1_000_000)


@pytest.mark.parametrize("scheme", ["Bearer", "Basic", "dpop dpop"])
def test_a_token_is_given_with_dpop_only(house: House, minyong: Customer, unchanged, scheme):
    headers = {"authorization": f"{scheme} {minyong.line.token}"}

    answer = send(minyong.line, Raw("GET", "/v1/me", headers=headers))

    assert answer.status == 401


def test_a_stolen_token_opens_nothing(house: House, minyong: Customer, seoyeon: Customer):
    own = seoyeon.line.token
    seoyeon.line.token = minyong.line.token

    answer = seoyeon.line.get("/v1/accounts")

    seoyeon.line.token = own
    assert (answer.status, answer.code) == (401, "not_signed_in")
