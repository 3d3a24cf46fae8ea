"""What is not the contract is refused as malformed, and changes nothing, at every door."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.house import House, Raw, send
from tests.api.routes import BODIES, DOORS, Door

from dojang.phone.customer import Customer

TAKING = [door for door in DOORS if door.body is not None]
WRONG_TYPES: list[Any] = [None, True, 1.5, -1, [], {"a": 1}, "", "\u0000", "가" * 10_000, 10**30]
BODY_BYTES_MAX = 65_536


@pytest.fixture
def unchanged(house: House) -> Iterator[None]:
    before = house.contents()
    yield
    assert house.contents() == before


def bent(body: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Bodies that are not the contract's, each with a word for what is wrong."""
    plain = json.dumps(body)
    yield "not JSON", b"{"
    yield "nothing but a number", b"7"
    yield "a list", b"[]"
    yield "two values", (plain + plain).encode()
    yield "not UTF-8", b'{"a":"\xff"}'
    yield "an unknown member", json.dumps({**body, "admin": True}).encode()
    yield "NaN", json.dumps({**body, "n": float("nan")}).encode()
    yield "nested without end", b"[" * 20_000
    for name, value in body.items():
        yield f"without {name}", json.dumps({k: v for k, v in body.items() if k != name}).encode()
        twice = f'{{"{name}": {json.dumps(value)}, {plain[1:]}'
        yield f"{name} twice", twice.encode()


@pytest.mark.parametrize("door", TAKING, ids=str)
def test_a_body_that_is_not_the_contracts_is_malformed(
    house: House, minyong: Customer, unchanged, door: Door
):
    for word, body in bent(BODIES[str(door)]):
        answer = send(minyong.line, Raw(door.method, door.filled, body))

        assert (answer.status, answer.code) == (400, "malformed"), (word, answer)


@pytest.mark.parametrize("door", [d for d in TAKING if d.body], ids=str)
def test_a_member_of_another_type_is_never_taken(
    house: House, minyong: Customer, unchanged, door: Door
):
    body = BODIES[str(door)]
    for name in body:
        for value in WRONG_TYPES:
            if type(value) is type(body[name]) and not isinstance(value, str):
                continue
            sent = json.dumps({**body, name: value}).encode()
            answer = send(minyong.line, Raw(door.method, door.filled, sent))

            assert 400 <= answer.status < 500, (name, value, answer)
            assert answer.code is not None


@pytest.mark.parametrize("door", TAKING, ids=str)
def test_too_large_a_body_is_not_read(house: House, minyong: Customer, unchanged, door: Door):
    body = b'{"a":"' + b"x" * (BODY_BYTES_MAX + 1) + b'"}'

    answer = send(minyong.line, Raw(door.method, door.filled, body))

    assert (answer.status, answer.code) == (413, "malformed")


@pytest.mark.parametrize("door", TAKING, ids=str)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_only_json_is_taken(house: House, minyong: Customer, unchanged, door: Door, kind: str):
    body = json.dumps(door.body).encode()
    headers = {"content-type": kind}

    answer = send(minyong.line, Raw(door.method, door.filled, b"a=b&" + body, headers))

    assert answer.status in {400, 415}
    assert answer.code == "malformed"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/transfers/1",
        "/v1/transfers/..%2f..%2fetc",
        "/v1/transfers/%00",
        "/v1/accounts/'%20OR%201=1--/statement",
        "/v1/accounts/%F0%9F%92%B0/statement",
        "/v1/nothing",
        "/v1//me",
    ],
)
def test_a_path_to_nothing_is_not_found(house: House, minyong: Customer, unchanged, path: str):
    answer = minyong.line.get(path)

    assert answer.status in {400, 401, 404}
    assert answer.code in {"not_found", "malformed", "bad_proof", "account_not_found"}


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=100000", "before=x"])
def test_a_page_has_a_size(house: House, minyong: Customer, unchanged, query: str):
    account = minyong.accounts()[0]["id"]

    for path in (f"/v1/accounts/{account}/statement", "/v1/certificate/history"):
        answer = minyong.line.get(f"{path}?{query}")

        assert (answer.status, answer.code) == (400, "malformed")


def test_another_method_is_not_allowed(house: House, minyong: Customer, unchanged):
    answer = send(minyong.line, Raw("PATCH", "/v1/me"))

    assert (answer.status, answer.code) == (405, "malformed")


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 1.0, "1000", True, 2**63])
def test_an_amount_is_a_whole_number_of_won(house: House, minyong: Customer, unchanged, amount):
    body = {**BODIES["PUT /v1/transfers/{transfer_id}"], "amount": amount}

    answer = minyong.line.put(f"/v1/transfers/{minyong._ids.uuid7()}", body)

    assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize(
    "transfer_id",
    [
        "01890000-0000-4000-8000-000000000000",
        "01890000-0000-7000-8000-00000000000G",
        "01890000-0000-7000-8000-0000000000000",
        "01890000000070008000000000000000",
        "01890000-0000-7000-8000-00000000000A",
    ],
)
def test_a_transfer_id_is_a_uuid7_in_one_spelling(
    house: House, minyong: Customer, unchanged, transfer_id: str
):
    account = minyong.accounts()[0]["number"]
    body = {**BODIES["PUT /v1/transfers/{transfer_id}"], "from_account": account}

    answer = minyong.line.put(f"/v1/transfers/{transfer_id}", body)

    assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize("memo", ["줄\n바꿈", "\u202e거꾸로", "가" * 21, "\u1100\u1161", "\x00"])
def test_a_memo_is_short_visible_and_composed(
    house: House, minyong: Customer, unchanged, memo: str
):
    account = minyong.accounts()[0]["number"]
    body = {**BODIES["PUT /v1/transfers/{transfer_id}"], "from_account": account, "memo": memo}

    answer = minyong.line.put(f"/v1/transfers/{minyong._ids.uuid7()}", body)

    assert (answer.status, answer.code) == (400, "malformed")


def test_a_problem_repeats_nothing_of_what_was_typed(house: House, minyong: Customer):
    canary = "canary-8503151234567"
    for door in TAKING:
        body = dict.fromkeys(BODIES[str(door)], canary) or {canary: canary}
        answer = send(minyong.line, Raw(door.method, door.filled, json.dumps(body).encode()))

        assert "canary" not in json.dumps(answer.body)
