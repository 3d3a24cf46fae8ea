"""Facts about revocation lists on the status port: the same bytes, asked for again, read slowly."""

import contextlib
import http.client
import socket
import time

import pytest
from cryptography import x509
from tests.service.certificates.test_status import ask, auth_of
from tests.service.certificates.test_status_port import GOOD, get, opened, status_of, talk

from dojang.certificates import EndReason, profiles, store_status
from dojang.certificates.model import CrlReason
from dojang.certificates.store_status import Changed
from dojang.web import line

ENTRIES, PAGE = 60_000, 10_000
HELD_BYTES_MAX = 1_200_000
"""Of what one peer that does not read may have read from the database: socket buffers, pieces."""


@pytest.fixture
def port(house):
    made = opened(house)
    yield made.port
    made.stop()


@pytest.fixture
def long_list(house):
    """A list of everything with two megabytes of entries, as a bank's that revoked many."""
    for first in range(1, ENTRIES, PAGE):
        some = [
            Changed(profiles.serial_text(number << 96 | 1), 1)
            for number in range(first, first + PAGE)
        ]
        with house.db.transaction() as tx:
            store_status.record(tx, some, CrlReason.CESSATION_OF_OPERATION)
    return house.status.crl()


@pytest.fixture
def read_so_far(house, monkeypatch):
    """How many bytes of lists were read from the database, as they are read."""
    count, parts = [0], house.status.lists.parts

    def counted(made):
        for part in parts(made):
            count[0] += len(part)
            yield part

    monkeypatch.setattr(house.status.lists, "parts", counted)
    return count


def fetch(port, path, method="GET", **headers):
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    ) as connection:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=sent)
        with connection.getresponse() as answer:
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read()


def slow(port, path):
    """A peer that asked, and has not read a byte."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nhost: pki\r\n\r\n".encode())
    return connection


def rest(connection):
    """Head and body of the one answer that this connection still bears."""
    with connection, connection.makefile("rb") as reader:
        assert reader.readline().startswith(b"HTTP/1.1 200")
        headers = http.client.parse_headers(reader)
        return reader.read(int(headers["content-length"]))


def until(holds, seconds=60.0):
    """Wait for what happens in the port's own time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_the_port_gives_the_lists_that_certificates_name(port, house):
    issued = house.issue().credential
    serial, shard = int(auth_of(house, issued).serial, 16), auth_of(house, issued).shard
    names = ("issuing", f"crl/{shard}")
    before = [fetch(port, f"/pki/{name}.crl")[2] for name in names]
    with house.db.transaction() as tx:
        house.lifecycle.revoke(tx, issued.id, EndReason.PHONE_CHANGED)

    assert [len(x509.load_der_x509_crl(one)) for one in before] == [0, 0]
    for path in (f"{name}{kind}.crl" for name in names for kind in ("", "-delta")):
        status, headers, body = fetch(port, f"/pki/{path}")
        listed = x509.load_der_x509_crl(body)
        assert (status, headers["content-type"]) == (200, "application/pkix-crl")
        assert listed.is_signature_valid(house.authority.issuer.key)
        assert listed.get_revoked_certificate_by_serial_number(serial) is not None, path
    assert fetch(port, "/pki/issuing.crl")[2] == house.status.crl()


def test_what_is_no_list_of_ours_is_not_found(port):
    for path in (
        *("crl/0.crl", "crl/9999.crl", "crl/07.crl", "crl/10001.crl", "crl/1.crl/", "crl/../1.crl"),
        *("issuing/1.crl", "issuing/2.crl", "issuing.crt", "issuing.crl?x", "joint/", "crl/"),
    ):
        assert fetch(port, f"/pki/{path}")[0] == 404, path
    assert fetch(port, "/pki/issuing.crl", "POST")[0] == 404
    assert fetch(port, "/pki/issuing.crl", "DELETE")[0] == 405


def test_a_list_is_asked_for_again_and_told_to_be_the_same_until_it_is_not(port, house):
    issued = house.issue().credential
    _, first, body = fetch(port, "/pki/issuing.crl")
    tag = first["etag"]

    same = fetch(port, "/pki/issuing.crl", if_none_match=tag)
    among = fetch(port, "/pki/issuing.crl", if_none_match=f'"another", W/{tag}')
    other = fetch(port, "/pki/issuing.crl", if_none_match='"another"')
    with house.db.transaction() as tx:
        house.lifecycle.revoke(tx, issued.id, EndReason.PHONE_CHANGED)
    changed = fetch(port, "/pki/issuing.crl", if_none_match=tag)

    assert first["cache-control"] == "no-cache"
    assert first["last-modified"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert [(one[0], one[2]) for one in (same, among)] == [(304, b"")] * 2
    assert (same[1]["etag"], same[1]["cache-control"]) == (tag, "no-cache")
    assert (other[0], other[2]) == (200, body)
    assert changed[0] == 200
    assert changed[1]["etag"] != tag
    assert len(x509.load_der_x509_crl(changed[2])) == 2


def test_head_says_what_get_would_and_sends_none_of_it(port, house, long_list, read_so_far):
    serial = int(auth_of(house, house.issue().credential).serial, 16)
    _, told, body = fetch(port, "/pki/issuing.crl", "HEAD")
    read = read_so_far[0]
    _, whole, given = fetch(port, "/pki/issuing.crl")
    question = get(ask(house, serial)).split()[1].decode()
    heads = [fetch(port, question, method) for method in ("HEAD", "GET", "HEAD", "GET")]

    assert (told, body, read) == (whole, b"", 0)
    assert int(told["content-length"]) == len(given) == len(house.status.crl())
    assert [len(one[2]) > 0 for one in heads] == [False, True, False, True]
    assert len({one[1]["content-length"] for one in heads}) == 1


def test_who_reads_slowly_holds_a_little_and_gets_all_of_it(port, house, long_list, read_so_far):
    serial = int(auth_of(house, house.issue().credential).serial, 16)
    expected = house.status.crl()
    read_so_far[0] = 0
    connection = slow(port, "/pki/issuing.crl")
    until(lambda: read_so_far[0] > 0)

    for _ in range(200):  # the port goes on for others, and reads on if it would
        assert talk(port, get(ask(house, serial)))[0][0] == 200
    held = read_so_far[0]

    assert len(expected) > 2_000_000 > HELD_BYTES_MAX > held
    assert rest(connection) == expected


def test_who_does_not_read_is_left_and_makes_room(port, house, long_list, monkeypatch):
    monkeypatch.setattr("dojang.web.statusport.FLOWS_MAX", 1)
    monkeypatch.setattr(line, "IDLE_SECONDS", 600.0)
    monkeypatch.setattr(line, "READ_SECONDS", 0.0)
    first = slow(port, "/pki/issuing.crl")
    first.recv(1)

    until(lambda: fetch(port, "/pki/issuing.crl")[0] == 200)
    got = 1
    with first, contextlib.suppress(ConnectionError):
        while part := first.recv(65_536):
            got += len(part)

    assert got < len(long_list)


def test_no_flow_takes_for_ever_however_steadily_it_is_read(port, long_list, monkeypatch):
    monkeypatch.setattr(line, "IDLE_SECONDS", 600.0)
    monkeypatch.setattr(line, "READ_SECONDS", 600.0)
    monkeypatch.setattr(line, "FLOW_SECONDS", 0.0)

    got = 0
    with slow(port, "/pki/issuing.crl") as connection, contextlib.suppress(ConnectionError):
        while part := connection.recv(512):
            got += len(part)
            time.sleep(0.005)

    assert got < len(long_list)


def test_no_more_flows_than_there_is_room_for(port, long_list, monkeypatch):
    monkeypatch.setattr("dojang.web.statusport.FLOWS_MAX", 1)
    first = slow(port, "/pki/issuing.crl")
    first.recv(1)

    status, headers, _ = fetch(port, "/pki/issuing.crl")
    first.close()
    until(lambda: fetch(port, "/pki/issuing.crl")[0] == 200)

    assert (status, headers["retry-after"]) == (503, "1")


def test_what_is_asked_behind_a_list_is_answered_behind_it(port, house, long_list):
    serial = int(auth_of(house, house.issue().credential).serial, 16)
    question = get(ask(house, serial))
    whole = house.status.crl()
    lists = b"GET /pki/issuing.crl HTTP/1.1\r\nhost: pki\r\n\r\n"

    answers = talk(port, question + lists + question + lists + question, answers=5)

    assert [len(body) > 2_000_000 for _, _, body in answers] == [False, True, False, True, False]
    assert answers[1][2] == answers[3][2] == whole
    assert {status_of(answers[place]) for place in (0, 2, 4)} == {GOOD}


def test_a_list_that_breaks_off_does_not_look_whole(port, house, long_list, monkeypatch):
    parts = house.status.lists.parts

    def broken(made):
        yield from list(parts(made))[:20]
        raise OSError("the disk is gone")

    monkeypatch.setattr(house.status.lists, "parts", broken)
    serial = int(auth_of(house, house.issue().credential).serial, 16)
    got = b""
    with slow(port, "/pki/issuing.crl") as connection, contextlib.suppress(ConnectionError):
        connection.sendall(get(ask(house, serial)))
        while part := connection.recv(65_536):
            got += part
    assert got.count(b"HTTP/1.1 ") == 1  # what comes next would be taken for the list's end
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        fetch(port, "/pki/issuing.crl")
    monkeypatch.undo()

    assert fetch(port, "/pki/issuing.crl")[2] == long_list
