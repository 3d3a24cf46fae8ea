"""kill -9 around every use of a CA key: no signature is left that nobody wrote down before it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from sqlalchemy import select
from tests.faults.issuing import opened

from dojang.certificates import jobs, unfinished
from dojang.certificates import store_register as register
from dojang.certificates.model import Standing
from dojang.certificates.tables import authority, certificate
from dojang.db import log
from dojang.kernel.clock import HOUR, MovableClock
from dojang.transparency.issued import cross_check

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
WHERE = ["after:1", "before:3", "after:3", "after:4", "redeemed", "activated"]
"""Signatures: 1 the root, 2 the issuing CA, 3 and 4 the customer's pair."""


@pytest.fixture(params=WHERE)
def killed(request, tmp_path):
    """The folder of a bank that died there."""
    environment = {**os.environ, "PYTHONPATH": "src"}
    command = [sys.executable, "-m", "tests.faults.issuing", str(tmp_path), request.param]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == -9, done.stderr
    return tmp_path


def recorded(tx):
    """The hash of everything that was to be signed, by rows and leaves."""
    intents = tx.execute(select(certificate.c.tbs_hash)).scalars()
    leaves = log.of_kind(tx.connection, "authority.prepared", subject="")
    return {value.hex() for value in intents} | {leaf.fields()["tbs_hash"].hex() for leaf in leaves}


def signed(folder):
    notes = folder / "signed.txt"
    return set(notes.read_text().split()) if notes.exists() else set()


def test_what_was_signed_was_written_down_and_the_next_start_says_what_became_of_it(killed):
    before = signed(killed)
    clock = MovableClock(running=True)
    clock.move(HOUR)

    house = opened(killed, clock)
    jobs.sweep_unfinished(house.db, house.lifecycle)

    with house.db.snapshot() as tx:
        assert before <= recorded(tx)
        assert unfinished.open_intents(tx) == []
        entries = register.page(tx, after="", size=10)
        known = set(tx.execute(select(authority.c.serial)).scalars())
    assert {one.standing for one in entries} <= {Standing.ISSUED, Standing.REVOKED}
    for one in entries:
        answer = ocsp.load_der_ocsp_response(house.status.about([int(one.serial, 16)])[0])
        told_good = answer.certificate_status is ocsp.OCSPCertStatus.GOOD
        assert told_good == (one.standing is Standing.ISSUED)
        assert not told_good or one.der is not None
    result = cross_check(house.db, told=lambda *_: None)
    assert result.mismatches == ()
    assert known >= {serial_of(house.authority.root_der), serial_of(house.authority.issuer.der)}
    assert house.issue("c2", "이서연").credential.customer_id == "c2"
    house.db.close()


def serial_of(der):
    return f"{x509.load_der_x509_certificate(der).serial_number:032x}"


def test_a_signature_that_nobody_prepared_would_be_noticed(tmp_path):
    """The test's own eye: a text signed past the issuing room is in no record."""
    house = opened(tmp_path, MovableClock(running=True))
    house.vault.sign("ca-issuing", b"past the room")

    with house.db.snapshot() as tx:
        assert hashlib.sha256(b"past the room").hexdigest() not in recorded(tx)
        assert signed(tmp_path) - recorded(tx) == {hashlib.sha256(b"past the room").hexdigest()}
    house.db.close()
