"""Facts about the port for status traffic: HTTP as plain as it gets, and true at every moment."""

import base64
import contextlib
import http.client
import socket
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.service.certificates.openssl import Desk
from tests.service.certificates.test_status import ask, auth_of, step

from dojang.certificates import EndReason, Hold
from dojang.kernel.clock import SECOND
from dojang.kernel.records import recorder
from dojang.timestamps import TimeStamps
from dojang.web import line
from dojang.web.statusport import Listener

GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
SHA1 = hashes.SHA1()  # noqa: S303 - clients name issuers so
PATIENCE_S = 60


def opened(house):
    bank = SimpleNamespace(
        db=house.db,
        clock=house.clock,
        status=house.status,
        time_stamps=TimeStamps(house.db, house.vault, house.clock, house.authority),
        joint=None,
        log=recorder(),
    )
    made = Listener(bank, "127.0.0.1", 0)
    made.start()
    return made


@pytest.fixture
def port(house):
    made = opened(house)
    yield made.port
    made.stop()


@pytest.fixture
def credential(house):
    return house.issue().credential


@pytest.fixture
def serial(house, credential):
    return int(auth_of(house, credential).serial, 16)


def get(request, safe=""):
    target = "/pki/ocsp/" + quote(base64.b64encode(request).decode(), safe=safe)
    return f"GET {target} HTTP/1.1\r\nhost: pki\r\n\r\n".encode()


def post(path, body):
    return (
        f"POST {path} HTTP/1.1\r\nhost: pki\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    )


def talk(port, *sent, answers=1):
    """What came back, as (status, headers, body), until so many answers or the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        for part in sent:
            connection.sendall(part)
        with connection.makefile("rb") as reader:
            return [found for _ in range(answers) if (found := heard(reader)) is not None]


def heard(reader):
    first = reader.readline()
    if not first:
        return None
    headers = {name.lower(): value for name, value in http.client.parse_headers(reader).items()}
    return int(first.split()[1]), headers, reader.read(int(headers["content-length"]))


def status_of(answer):
    return ocsp.load_der_ocsp_response(answer[2]).certificate_status


def test_get_and_post_are_answered_with_what_was_signed_before(port, house, serial):
    for digest in (SHA1, hashes.SHA256()):
        request = ask(house, serial, digest)
        expected = house.status.ocsp(request)
        ways = [get(request, safe) for safe in ("", "/", "/+=")]
        answers = [talk(port, way)[0] for way in ways * 2]
        posted = [talk(port, post("/pki/ocsp", request))[0] for _ in range(2)]

        assert {body for _, _, body in answers + posted} == {expected}
        assert {headers["cache-control"] for _, headers, _ in posted} == {"no-store"}
        assert {headers["content-type"] for _, headers, _ in answers} == {
            "application/ocsp-response"
        }


def test_what_is_held_is_given_at_its_own_address_only(port, house, serial):
    request = ask(house, serial)
    held = [talk(port, way)[0] for way in (post("/pki/ocsp", request), get(request)) * 2]

    elsewhere = talk(port, post("/pki/else", request))[0]
    target = "/pki/ocsp/" + quote(base64.b64encode(request).decode(), safe="")
    as_a_body = talk(port, post(target, b""))[0]

    assert {status for status, _, _ in held} == {200}
    assert (elsewhere[0], as_a_body[0]) == (404, 404)


def test_a_cache_is_told_how_long_an_answer_holds_as_time_goes_on(port, house, serial):
    request = get(ask(house, serial))
    first = talk(port, request)[0][1]
    house.clock.move(100 * SECOND)

    later = talk(port, request)[0][1]

    assert first["cache-control"] == "max-age=600, public, no-transform, must-revalidate"
    assert later["cache-control"] == "max-age=500, public, no-transform, must-revalidate"
    assert first["etag"] == later["etag"]
    assert (first["date"], later["date"]) == (
        "Fri, 15 Jan 2027 08:00:00 GMT",
        "Fri, 15 Jan 2027 08:01:40 GMT",
    )
    assert later["expires"] == "Fri, 15 Jan 2027 08:10:00 GMT"


def test_an_old_answer_is_not_given_after_a_revocation_by_any_process(port, house, credential):
    """Two listeners, both with the answer in memory; one of them hears of nothing but the rows."""
    serial = int(auth_of(house, credential).serial, 16)
    other = opened(house)
    asked = [get(ask(house, serial)), get(ask(house, serial, SHA1))]
    ports = [port, other.port]
    before = {status_of(talk(at, one)[0]) for at in ports for one in asked for _ in range(2)}
    told = []
    for move, said in (("suspend", [Hold.LOSS]), ("release", []), ("revoke", [EndReason.OTHER])):
        step(house, move, credential.id, *said)
        told.append({status_of(talk(at, one)[0]) for at in ports for one in asked})
    other.stop()

    assert before == {GOOD}
    assert told == [{REVOKED}, {GOOD}, {REVOKED}]


def test_half_an_answers_life_is_given_and_then_it_is_renewed(port, house, serial):
    request = get(ask(house, serial))
    first = talk(port, request)[0][2]
    house.clock.move(299 * SECOND)
    kept = talk(port, request)[0][2]
    house.clock.move(SECOND)

    assert kept == first
    assert talk(port, request)[0][2] != first


def test_openssl_asks_the_port(port, house, serial, credential, tmp_path):
    desk = Desk(tmp_path, house)
    desk.write("leaf.der", auth_of(house, credential).der)
    question = (
        "ocsp", "-issuer", "issuing.pem", "-cert", "leaf.der",
        "-url", f"http://127.0.0.1:{port}/pki/ocsp", "-CAfile", "root.pem",
        "-attime", str(house.clock.now() // SECOND + 5), "-validity_period", "999999999",
    )  # fmt: skip
    said = [desk.run(*question, flag)[1] for flag in ("-nonce", "-no_nonce", "-no_nonce")]

    assert all("Response verify OK" in one and "leaf.der: good" in one for one in said)


def test_a_time_stamp_is_given_on_the_port(port, house, tmp_path):
    desk = Desk(tmp_path, house)
    desk.write("data", b"what is stamped")
    desk.run("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "request.tsq")
    request = (tmp_path / "request.tsq").read_bytes()

    status, headers, body = talk(port, post("/pki/tsa", request))[0]

    desk.write("reply.tsr", body)
    code, said = desk.run(
        "ts", "-verify", "-data", "data", "-in", "reply.tsr", "-CAfile", "root.pem",
        "-untrusted", "issuing.pem", "-attime", str(house.clock.now() // SECOND + 5),
    )  # fmt: skip
    assert (status, headers["content-type"]) == (200, "application/timestamp-reply")
    assert (code, "Verification: OK" in said) == (0, True)


def test_requests_sent_in_one_go_are_answered_in_their_order(port, house, serial):
    """Some wait for a signature, some are held, one is nobody's: the order is that of asking."""
    serials = [serial, 5, serial, 2**100, serial]
    parts = [get(ask(house, one)) for one in serials]
    parts.insert(2, b"GET /else HTTP/1.1\r\nhost: pki\r\n\r\n")
    sent = b"".join(parts)

    answers = talk(port, *[sent[at : at + 37] for at in range(0, len(sent), 37)], answers=6)

    assert [status for status, _, _ in answers] == [200, 200, 404, 200, 200, 200]
    found = [ocsp.load_der_ocsp_response(body).serial_number for code, _, body in answers if body]
    assert found == serials


def test_many_requests_of_one_connection_do_not_pile_up(port, house, serial):
    answers = talk(port, get(ask(house, serial)) * 500, answers=500)

    assert [status for status, _, _ in answers] == [200] * 500


BAD = {
    "no host": (b"GET /pki/ocsp/AA HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET /pki/ocsp/AA HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    "length and chunks": (
        post("/pki/ocsp", b"0\r\n\r\n").replace(b"host", b"transfer-encoding: chunked\r\nhost"),
        400,
    ),
    "two lengths": (
        b"POST /pki/ocsp HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        400,
    ),
    "a length of another kind": (
        b"POST /pki/ocsp HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n\r\na",
        400,
    ),
    "chunks that are not last": (
        b"POST /pki/ocsp HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        400,
    ),
    "a space before the colon": (b"GET / HTTP/1.1\r\nhost : a\r\n\r\n", 400),
    "a folded header": (b"GET / HTTP/1.1\r\nhost: a\r\n b: c\r\n\r\n", 400),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "another version": (b"GET / HTTP/2.0\r\nhost: a\r\n\r\n", 400),
    "an upgrade": (
        b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
        404,
    ),
    "another method": (b"DELETE /pki/ocsp HTTP/1.1\r\nhost: a\r\n\r\n", 405),
    "a long target": (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", 414),
    "a long head": (b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: " + b"y" * 9_000 + b"\r\n\r\n", 431),
    "a head without end": (b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 2_000, 431),
    "a huge body": (post("/pki/ocsp", b"0" * 9_000), 413),
    "a huge body in chunks": (
        b"POST /pki/ocsp HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
        + (b"1000\r\n" + b"0" * 4_096 + b"\r\n") * 3,
        413,
    ),
}


def test_what_is_not_plain_http_is_answered_once_and_hung_up_on(port):
    """What follows is nobody's: it is never read as another request."""
    following = b"GET /following HTTP/1.1\r\nhost: a\r\n\r\n"
    found = {}
    for name, (sent, _) in BAD.items():
        with contextlib.suppress(ConnectionError):
            answers = talk(port, sent + following, answers=3)
            found[name] = [status for status, _, _ in answers]

    assert len(found) > len(BAD) // 2, "hardly anyone was answered before being hung up on"
    assert found == {name: [BAD[name][1]] for name in found}


def test_who_is_slow_is_left(house, monkeypatch):
    """A slow loris: a request that never ends, or none at all.

    It is told so by a RST where it was left before it had sent what it sends.
    """
    monkeypatch.setattr(line, "ARRIVAL_SECONDS", 0.2)
    monkeypatch.setattr(line, "IDLE_SECONDS", 0.2)
    made = opened(house)
    slow = [b"", b"GET /pki/ocsp/AA HTT", post("/pki/ocsp", b"0" * 100)[:-1]]
    answers = []

    for sent in slow:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            answers += talk(made.port, sent)

    made.stop()
    assert answers == []


def test_more_connections_than_are_served_are_told_so(house, monkeypatch):
    monkeypatch.setattr("dojang.web.statusport.LINES_MAX", 2)
    made = opened(house)
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(("127.0.0.1", made.port)))
        answers = talk(made.port, b"")
    made.stop()

    assert [status for status, _, _ in answers] == [503]


def test_an_old_client_and_one_that_asks_for_it_are_hung_up_on_after_the_answer(port):
    old = talk(port, b"GET /x HTTP/1.0\r\n\r\n", answers=2)
    asked = talk(port, b"GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", answers=2)

    assert [status for status, _, _ in old + asked] == [404, 404]


def test_who_expects_to_be_told_to_go_on_is_told(port, house, serial):
    body = ask(house, serial)
    head, _, _ = post("/pki/ocsp", body).partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(head + b"\r\nexpect: 100-continue\r\n\r\n")
        said = connection.recv(64)
        connection.sendall(body)
        with connection.makefile("rb") as reader:
            answer = heard(reader)

    assert said == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert status_of(answer) is GOOD


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_the_bytes_are_the_port_goes_on(port, house, data):
    """Bytes changed, cut, doubled: each answer is one of ours, and the next client is served."""
    whole = bytearray(get(ask(house, 7)) + post("/pki/ocsp", ask(house, 9)))
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    with (
        contextlib.suppress(ConnectionError),
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection,
    ):
        connection.sendall(bytes(whole))
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as reader:
            while (answer := heard(reader)) is not None:
                assert answer[0] in {200, 400, 404, 405, 413, 414, 431}

    _, _, body = talk(port, get(ask(house, 11)))[0]
    assert ocsp.load_der_ocsp_response(body).serial_number == 11
