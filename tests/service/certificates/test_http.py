"""Facts about the PKI paths: the same bytes, with the headers that caches obey."""

import base64
import socket
import threading
import time
from types import SimpleNamespace
from urllib.parse import quote

import pytest
import uvicorn
from cryptography import x509
from cryptography.x509 import ocsp
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient
from tests.service.certificates.openssl import Desk
from tests.service.certificates.test_status import ask, auth_of, step

from dojang.certificates import EndReason
from dojang.kernel.clock import SECOND
from dojang.web import pki


def application(house):
    parts = SimpleNamespace(authority=house.authority, status=house.status, clock=house.clock)
    return Litestar(pki.ROUTES, state=State({"bank": parts}), openapi_config=None)


@pytest.fixture
def client(house):
    with TestClient(application(house)) as client:
        yield client


def path_of(request, safe):
    return "/pki/ocsp/" + quote(base64.b64encode(request).decode(), safe=safe)


def test_certificates_and_list_are_served_as_der(client, house):
    root, issuing, crl = (
        client.get(f"/pki/{name}") for name in ("root.crt", "issuing.crt", "issuing.crl")
    )

    assert root.content == house.authority.root_der
    assert issuing.content == house.authority.issuer.der
    assert root.headers["content-type"] == "application/pkix-cert"
    assert crl.headers["content-type"] == "application/pkix-crl"
    assert x509.load_der_x509_crl(crl.content).is_signature_valid(
        x509.load_der_x509_certificate(issuing.content).public_key()
    )


def test_the_list_is_right_at_once_over_http(client, house):
    made = house.issue().credential
    before = x509.load_der_x509_crl(client.get("/pki/issuing.crl").content)
    step(house, "revoke", made.id, EndReason.OTHER)

    response = client.get("/pki/issuing.crl")

    assert len(list(before)) == 0
    assert len(list(x509.load_der_x509_crl(response.content))) == 2
    assert response.headers["cache-control"] == "no-cache"


def test_a_posted_question_is_answered_and_not_kept(client, house):
    serial = int(auth_of(house, house.issue().credential).serial, 16)

    response = client.post(
        "/pki/ocsp",
        content=ask(house, serial),
        headers={"content-type": "application/ocsp-request"},
    )

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/ocsp-response"
    assert response.headers["cache-control"] == "no-store"
    answer = ocsp.load_der_ocsp_response(response.content)
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize("safe", ["", "/", "/+="])
def test_a_question_in_the_path_is_answered_however_it_is_escaped(client, house, safe):
    serials = [2**127 + 3, int.from_bytes(b"\xff" * 15, "big"), 0x3FFFBFFFEFFBFF]

    for serial in serials:
        response = client.get(path_of(ask(house, serial), safe))
        answer = ocsp.load_der_ocsp_response(response.content)
        assert answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        assert answer.serial_number == serial


def test_a_question_in_the_path_may_be_cached_until_its_next_update(client, house):
    request = ask(house, 5)
    house.clock.move(500_000)

    headers = client.get(path_of(request, "")).headers

    seconds = int(headers["cache-control"].removeprefix("max-age=").split(",")[0])
    assert 598 <= seconds <= 600
    assert headers["cache-control"].endswith("public, no-transform, must-revalidate")
    assert headers["last-modified"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert headers["expires"] == "Fri, 15 Jan 2027 08:10:00 GMT"
    assert len(headers["etag"]) == 66


def test_a_question_with_a_nonce_is_never_cached(client, house):
    request = ask(house, 5, extensions=[x509.OCSPNonce(bytes(32))])

    response = client.get(path_of(request, ""))

    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["x", "%%%", "MFEw", "A" * 3_000, "%ff%fe", "MFEwTz-_"])
def test_a_path_that_is_no_question_is_malformed_and_not_cached(client, path):
    response = client.get("/pki/ocsp/" + path)

    answer = ocsp.load_der_ocsp_response(response.content)
    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    assert response.headers["cache-control"] == "no-store"


@pytest.fixture
def url(house):
    """The same application behind a real server on a free port of 127.0.0.1."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application(house), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=60)
    listening.close()


def test_openssl_asks_the_running_responder(house, url, tmp_path):
    desk = Desk(tmp_path, house)
    made = house.issue().credential
    desk.write("leaf.der", auth_of(house, made).der)
    question = (
        "ocsp", "-issuer", "issuing.pem", "-cert", "leaf.der", "-url", f"{url}/pki/ocsp",
        "-CAfile", "root.pem", "-attime", str(house.clock.now() // SECOND + 5),
        "-validity_period", "999999999", "-timeout", "60",
    )  # fmt: skip
    before = desk.run(*question)
    step(house, "revoke", made.id, EndReason.PHONE_LOST)

    after = desk.run(*question)

    assert before[0] == 0, before
    assert "Response verify OK" in before[1]
    assert "leaf.der: good" in before[1]
    assert "leaf.der: revoked" in after[1]
