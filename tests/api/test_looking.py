"""The busiest door has a way of its own. Whoever takes the long one is answered the same."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.api.house import ORIGIN, House, Raw, proof

from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG
from dojang.phone.customer import Customer
from dojang.phone.ordering import Order
from dojang.web import looking

NOBODYS = "01900000-0000-7000-8000-000000000000"


def asked(phone: Customer, path: str, **headers: str) -> httpx.Response:
    phone.line.get("/v1/bank")
    raw = Raw("GET", path.rstrip("/"))  # the framework reads a path without its last slash
    said = {"dpop": proof(phone.line, raw), "authorization": f"DPoP {phone.line.token}"}
    given = {name: value for name, value in (said | headers).items() if value}
    return phone.line._client.get(ORIGIN + path, headers=given)


def both_ways(phone: Customer, transfer_id: str, **headers: str) -> list[httpx.Response]:
    short = f"/v1/transfers/{transfer_id}"
    return [asked(phone, path, **headers) for path in (short, short + "/")]


def posted(phone: Customer) -> str:
    own = phone.accounts()[0]["number"]
    order = Order(own, OTHER_BANK, OTHER_ACCOUNT, "오세린", 1_000)
    transfer_id = phone.new_transfer(order)
    phone.sign_order(order, phone.place(transfer_id, order), MINYONG.pin)
    phone.settled(transfer_id)
    return transfer_id


def test_only_the_spelling_of_every_phone_is_short():
    def short(path: str, method: str = "GET", kind: str = "http") -> bool:
        return looking.is_look({"type": kind, "method": method, "path": path})

    assert short(f"/v1/transfers/{NOBODYS}")
    assert not short(f"/v1/transfers/{NOBODYS}/")
    assert not short(f"/v1/transfers/{NOBODYS}/ars")
    assert not short(f"/v1/transfers/{NOBODYS}\n")
    assert not short(f"/v1/transfers/{NOBODYS.replace('0', chr(0))}")
    assert not short(f"/v1/transfers/{NOBODYS}", "PUT")
    assert not short(f"/v1/transfers/{NOBODYS}", kind="lifespan")


def test_an_outcome_is_the_same_by_both_ways(minyong: Customer):
    short, long = both_ways(minyong, posted(minyong))

    assert short.status_code == 200
    assert short.json()["outcome"]["status"] == "posted"
    assert (short.content, short.headers) == (long.content, long.headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), ({"dpop": ""}, 401), ({"dpop": "a.b.c"}, 401), ({"authorization": "Basic x"}, 401)],
    ids=repr,
)
def test_a_refusal_is_the_same_by_both_ways(
    minyong: Customer, headers: dict[str, str], status: int
):
    short, long = both_ways(minyong, NOBODYS, **headers)

    assert short.status_code == status
    assert short.headers["content-type"] == "application/problem+json"
    assert (short.content, short.headers) == (long.content, long.headers)


def test_a_proof_is_good_once_whichever_way(minyong: Customer):
    path = f"/v1/transfers/{NOBODYS}"
    minyong.line.get("/v1/bank")
    used = proof(minyong.line, Raw("GET", path))
    first, again = (asked(minyong, path, dpop=used) for _ in range(2))

    assert (first.status_code, again.status_code) == (404, 401)
    assert again.json()["code"] == "proof_replayed"


def test_a_fault_of_ours_is_told_without_its_words(
    house: House, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    transfer_id = posted(minyong)
    showing = house.bank.transfers.showing
    monkeypatch.setattr(type(showing), "_together", lambda *_: 1 // 0)

    short, long = both_ways(minyong, transfer_id)

    assert (short.status_code, short.json()["code"]) == (500, "internal")
    assert b"ZeroDivision" not in short.content
    assert (short.content, short.headers) == (long.content, long.headers)


def test_a_forged_proof_among_many_spoils_nobody_elses_turn(
    house: House, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    """While one turn is held up nine more arrive, which makes them the next: one of them a liar."""
    path = f"/v1/transfers/{posted(minyong)}"
    going_on, turns = threading.Event(), []
    showing = type(house.bank.transfers.showing)
    together = showing._together

    def held_up(self, asked):
        turns.append(len(asked))
        assert going_on.wait(20)
        return together(self, asked)

    monkeypatch.setattr(showing, "_together", held_up)
    minyong.line.get("/v1/bank")
    proofs = [proof(minyong.line, Raw("GET", path)) for _ in range(10)]
    proofs[4] = proofs[4].rpartition(".")[0] + "." + proofs[5].rpartition(".")[2]
    waiting = house.client.app.state.looks._waiting  # type: ignore[attr-defined]

    def ask(one: str) -> int:
        said = {"dpop": one, "authorization": f"DPoP {minyong.line.token}"}
        return house.client.get(ORIGIN + path, headers=said).status_code

    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(ask, proofs[0])
        wait_until(lambda: turns == [1])
        rest = [pool.submit(ask, one) for one in proofs[1:]]
        wait_until(lambda: waiting.qsize() == 9)
        going_on.set()
        statuses = [one.result() for one in [first, *rest]]

    assert statuses == [401 if n == 4 else 200 for n in range(10)]
    assert turns == [1, 8]


def wait_until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)
