"""A bank that serves at a port of its own takes what `dojang ca` made beside it."""

import contextlib
import json
import os
import subprocess
import sys
import time

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from typer.testing import CliRunner

from dojang import cli
from dojang.journey import loopback
from dojang.journey.served import free_port

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("serving") / "bank"


@pytest.fixture(scope="module")
def origin(data):
    port = free_port()
    told = f"http://localhost:{port}"
    command = [sys.executable, "-m", "dojang.cli", "demo", "--quiet", "--port", str(port)]
    with subprocess.Popen([*command, "--data", data]) as running:
        try:
            until(lambda: loopback.get(f"{told}/pki/root.crt").is_success)
            yield told
        finally:
            running.terminate()


def until(asked):
    """Ask until it is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if asked():
                return
        time.sleep(0.1)
    pytest.fail("it did not come to be so")


def ca(*words):
    done = CliRunner().invoke(cli.app, ["ca", *map(str, words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def responder(origin, about):
    """The serial number of who answers a question with a nonce."""
    issuing = x509.load_der_x509_certificate(loopback.get(f"{origin}/pki/issuing.crt").content)
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        hashed(issuing.subject.public_bytes()), key_hash(issuing), about, hashes.SHA256()
    )
    asked = builder.add_extension(x509.OCSPNonce(os.urandom(16)), critical=False).build()
    said = loopback.post(f"{origin}/pki/ocsp", content=asked.public_bytes(Encoding.DER)).content
    return f"{ocsp.load_der_ocsp_response(said).certificates[0].serial_number:032x}"


def hashed(content):
    digest = hashes.Hash(hashes.SHA256())
    digest.update(content)
    return digest.finalize()


def key_hash(certificate):
    bits = certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return hashed(bits)


def test_a_serving_bank_takes_a_new_key_without_a_restart(data, origin):
    before = responder(origin, 1)

    made = ca("rollover", "ocsp", "--data", data)

    assert before != made["serial"]
    until(lambda: responder(origin, 1) == made["serial"])


def test_a_list_published_beside_it_names_its_port(data, origin, tmp_path):
    ca("publish", "--data", data, "--out", tmp_path / "list.crl")

    published = x509.load_der_x509_crl((tmp_path / "list.crl").read_bytes())
    (point,) = published.extensions.get_extension_for_class(x509.FreshestCRL).value
    assert point.full_name[0].value == f"{origin}/pki/issuing-delta.crl"
