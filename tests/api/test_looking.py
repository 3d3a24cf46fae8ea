"""The busiest door has a way of its own. Whoever takes the long one is answered the same."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from tests.api.house import House, Raw, proof

from dojang import serving
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG
from dojang.phone.customer import Customer
from dojang.phone.ordering import Order
from dojang.web import looking, turns

NOBODYS = "01900000-0000-7000-8000-000000000000"
ENDING_SECONDS_MAX = 120


class Door:
    """The house's application behind the bank's own server, on a port of this machine."""

    def __init__(self, server: serving.Server) -> None:
        self.server = server
        self.host, self.port = server.servers[0].sockets[0].getsockname()
        self.client = httpx.Client(
            base_url=f"http://{self.host}:{self.port}", timeout=ENDING_SECONDS_MAX
        )

    def ask(self, phone: Customer, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=said_by(phone, path, **headers))

    def line(self) -> socket.socket:
        made = socket.create_connection((self.host, self.port))
        made.settimeout(ENDING_SECONDS_MAX)
        return made


@pytest.fixture(scope="module")
def door(house: House) -> Iterator[Door]:
    with opened(house) as made:
        yield made


@contextmanager
def opened(house: House) -> Iterator[Door]:
    """The test client has started the bank, and ends it."""
    ready = threading.Event()
    settings = serving.configured(house.client.app, "127.0.0.1", 0)  # type: ignore[attr-defined]
    settings.lifespan = "off"
    server = serving.Server(settings, ready.set, None)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(ENDING_SECONDS_MAX)
        made = Door(server)
        yield made
        made.client.close()
    finally:
        server.should_exit = True
        thread.join(ENDING_SECONDS_MAX)


def said_by(phone: Customer, path: str, **headers: str) -> dict[str, str]:
    """What a phone says when it asks for this path, as `headers` bend it; without what is empty."""
    phone.line.get("/v1/bank")
    raw = Raw("GET", path.rstrip("/"))  # the framework reads a path without its last slash
    said = {"dpop": proof(phone.line, raw), "authorization": f"DPoP {phone.line.token}"}
    return {name: value for name, value in (said | headers).items() if value}


def both_ways(
    door: Door, phone: Customer, transfer_id: str, **headers: str
) -> list[tuple[int, bytes, dict[str, str]]]:
    """(status, body, headers) by the short way and by the long one."""
    short = f"/v1/transfers/{transfer_id}"
    answers = [door.ask(phone, path, **headers) for path in (short, short + "/")]
    return [
        (one.status_code, one.content, {n: v for n, v in one.headers.items() if n != "date"})
        for one in answers
    ]


def posted(phone: Customer) -> str:
    own = phone.accounts()[0]["number"]
    order = Order(own, OTHER_BANK, OTHER_ACCOUNT, "오세린", 1_000)
    transfer_id = phone.new_transfer(order)
    phone.sign_order(order, phone.place(transfer_id, order), MINYONG.pin)
    phone.settled(transfer_id)
    return transfer_id


def test_only_the_spelling_of_every_phone_is_short():
    def short(path: str, method: str = "GET") -> bool:
        return looking.is_look({"method": method, "path": path})

    assert short(f"/v1/transfers/{NOBODYS}")
    assert not short(f"/v1/transfers/{NOBODYS}/")
    assert not short(f"/v1/transfers/{NOBODYS}/ars")
    assert not short(f"/v1/transfers/{NOBODYS}\n")
    assert not short(f"/v1/transfers/{NOBODYS.replace('0', chr(0))}")
    assert not short(f"/v1/transfers/{NOBODYS}", "PUT")


def test_an_outcome_is_the_same_by_both_ways(door: Door, minyong: Customer):
    short, long = both_ways(door, minyong, posted(minyong))

    assert short[0] == 200
    assert b'"status":"posted"' in short[1]
    assert short == long


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), ({"dpop": ""}, 401), ({"dpop": "a.b.c"}, 401), ({"authorization": "Basic x"}, 401)],
    ids=repr,
)
def test_a_refusal_is_the_same_by_both_ways(
    door: Door, minyong: Customer, headers: dict[str, str], status: int
):
    short, long = both_ways(door, minyong, NOBODYS, **headers)

    assert short[0] == status
    assert short[2]["content-type"] == "application/problem+json"
    assert short == long


def test_a_proof_is_good_once_whichever_way(door: Door, minyong: Customer):
    path = f"/v1/transfers/{NOBODYS}"
    used = said_by(minyong, path)["dpop"]
    ways = [path, path + "/", path]
    first, *again = (door.ask(minyong, way, dpop=used) for way in ways)

    assert first.status_code == 404
    assert [one.json()["code"] for one in again] == ["proof_replayed"] * 2


def test_of_a_header_that_stands_twice_the_first_counts_by_both_ways(door: Door, minyong: Customer):
    for path in (f"/v1/transfers/{NOBODYS}", f"/v1/transfers/{NOBODYS}/"):
        for good_first, status in ((True, 404), (False, 401)):
            good = [*said_by(minyong, path).items()]
            bad = [("dpop", "a.b.c"), ("authorization", "Basic x")]
            both = good + bad if good_first else bad + good
            assert door.client.get(path, headers=both).status_code == status


def test_a_fault_of_ours_is_told_without_its_words(
    house: House, door: Door, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    transfer_id = posted(minyong)
    showing = house.bank.transfers.showing
    monkeypatch.setattr(type(showing), "_together", lambda *_: 1 // 0)

    short, long = both_ways(door, minyong, transfer_id)

    assert short[0] == 500
    assert b'"code":"internal"' in short[1]
    assert b"ZeroDivision" not in short[1]
    assert short == long


def test_a_forged_proof_among_many_spoils_nobody_elses_turn(
    house: House, door: Door, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    """While one turn is held up nine more arrive, which makes them the next: one of them a liar."""
    path = f"/v1/transfers/{posted(minyong)}"
    held = Held(house, monkeypatch)
    proofs = [said_by(minyong, path)["dpop"] for _ in range(10)]
    proofs[4] = proofs[4].rpartition(".")[0] + "." + proofs[5].rpartition(".")[2]

    def ask(one: str) -> int:
        said = {"dpop": one, "authorization": f"DPoP {minyong.line.token}"}
        return door.client.get(path, headers=said).status_code

    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(ask, proofs[0])
        wait_until(lambda: held.turns == [1])
        rest = [pool.submit(ask, one) for one in proofs[1:]]
        wait_until(lambda: held.waiting() == 9)
        held.go_on.set()
        statuses = [one.result() for one in [first, *rest]]

    assert statuses == [401 if n == 4 else 200 for n in range(10)]
    assert held.turns == [1, 8]


class Held:
    """Turns that do not begin before `go_on` is set; `turns` are their sizes."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.turns: list[int] = []
        showing = type(house.bank.transfers.showing)
        together = showing._together

        def held_up(of, asked):
            self.turns.append(len(asked))
            assert self.go_on.wait(ENDING_SECONDS_MAX)
            return together(of, asked)

        monkeypatch.setattr(showing, "_together", held_up)
        self._queue = house.client.app.state.looks._waiting  # type: ignore[attr-defined]

    def waiting(self) -> int:
        return self._queue.qsize()


def request(phone: Customer, path: str, *more: str) -> bytes:
    """A request with a proof, for a connection of one's own."""
    said = [f"{name}: {value}" for name, value in said_by(phone, path).items()]
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: bank", *said, *more, "", ""]).encode()


def test_requests_sent_ahead_are_answered_in_their_order(
    house: House, door: Door, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    """Short, long and others on one line; the first is held up until all have arrived."""
    path = f"/v1/transfers/{posted(minyong)}"
    held = Held(house, monkeypatch)
    nobodys = f"/v1/transfers/{NOBODYS}"
    asked = [path, "/health", nobodys, path + "/", path, "/v1/bank", nobodys]

    with door.line() as line:
        line.sendall(b"".join(request(minyong, one) for one in asked[:-1]))
        line.sendall(request(minyong, asked[-1], "connection: close"))
        wait_until(lambda: held.turns == [1])
        held.go_on.set()
        heard = everything(line)

    statuses = [int(one[:3]) for one in heard.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 200, 404, 200, 200, 200, 404]
    assert heard.count(b"connection: close") == 1


def test_who_hangs_up_meanwhile_disturbs_nobody(
    house: House, door: Door, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    path = f"/v1/transfers/{posted(minyong)}"
    held = Held(house, monkeypatch)
    with door.line() as line:
        line.sendall(request(minyong, path))
        wait_until(lambda: held.turns == [1])
        connections = door.server.server_state.connections
        before = len(connections)
    wait_until(lambda: len(connections) < before)
    held.go_on.set()

    assert door.ask(minyong, path).status_code == 200


def test_who_does_not_read_is_not_written_for(door: Door, minyong: Customer):
    """Thousands of requests sent ahead, whose answers pile up with who asks and not with us."""
    path = f"/v1/transfers/{NOBODYS}"
    ahead = 8_000
    one = f"GET {path} HTTP/1.1\r\nhost: bank\r\n\r\n".encode()
    with door.line() as line:
        sending = threading.Thread(target=line.sendall, args=(one * ahead,))
        sending.start()
        mine = line.getsockname()
        connections = door.server.server_state.connections
        wait_until(lambda: any(one.client == mine for one in [*connections]))
        (connection,) = [one for one in [*connections] if one.client == mine]
        wait_until(lambda: connection.flow.write_paused)
        piled_up = 0
        for _ in range(50):
            time.sleep(0.01)
            piled_up = max(piled_up, connection.transport.get_write_buffer_size())
        heard = b""
        while heard.count(b"HTTP/1.1 401 ") < ahead:
            heard += line.recv(1 << 20)
        sending.join(ENDING_SECONDS_MAX)

    assert piled_up < 2 * 65_536


def test_who_asks_when_too_many_wait_is_told_to_come_again(
    house: House, door: Door, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    """Also thousands of times ahead: each answer begins the next one, none inside of another."""
    path = f"/v1/transfers/{posted(minyong)}"
    held = Held(house, monkeypatch)
    ahead = 2_000
    one = f"GET {path} HTTP/1.1\r\nhost: bank\r\n"
    with door.line() as line:
        line.sendall(request(minyong, path))
        wait_until(lambda: held.turns == [1])
        monkeypatch.setattr(turns, "WAITING_MAX", 0)
        line.sendall(f"{one}\r\n".encode() * ahead + f"{one}connection: close\r\n\r\n".encode())
        wait_until(lambda: any(c.pipeline for c in [*door.server.server_state.connections]))
        held.go_on.set()
        heard = everything(line)

    assert heard.count(b"HTTP/1.1 200 ") == 1
    assert heard.count(b"HTTP/1.1 503 ") == heard.count(b"retry-after: 1") == ahead + 1


def test_more_connections_than_are_served_are_told_so(house: House, minyong: Customer):
    with opened(house) as door:
        door.server.config.limit_concurrency = 1

        assert door.ask(minyong, f"/v1/transfers/{NOBODYS}").status_code == 503


def test_an_end_of_the_server_waits_for_who_is_being_answered(
    house: House, minyong: Customer, monkeypatch: pytest.MonkeyPatch
):
    path = f"/v1/transfers/{posted(minyong)}"
    with opened(house) as door, door.line() as line:
        door.server.config.timeout_graceful_shutdown = ENDING_SECONDS_MAX
        held = Held(house, monkeypatch)
        line.sendall(request(minyong, path))
        wait_until(lambda: held.turns == [1])
        door.server.should_exit = True
        wait_until(lambda: not door.server.servers[0].is_serving())
        held.go_on.set()
        heard = everything(line)

    assert heard.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in heard


def everything(line: socket.socket) -> bytes:
    """Up to the end of the connection."""
    heard = b""
    while part := line.recv(65_536):
        heard += part
    return heard


def wait_until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + ENDING_SECONDS_MAX
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)
