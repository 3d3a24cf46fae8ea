"""Facts about a start: what it waits for, what it does not load, what ends it."""

import contextlib
import socket
import subprocess
import sys
import threading
import time

import pytest

from dojang import custody, demo, serving
from dojang.certificates import events
from dojang.config import ConfigError, SecretReference, VaultSettings
from dojang.db import log
from dojang.journey import loopback
from dojang.journey.served import Served
from dojang.vault import KeyKind
from dojang.vault import software as software_vault

PATIENCE_S = 120.0
HEADERS = 200

NOT_SERVED_WITH = {
    "alembic",
    "dojang.cli_ca",
    "dojang.journey",
    "dojang.joint.cmp.line",
    "fpdf",
    "http.client",
    "prometheus_client",
    "pyhanko",
    "rich",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.orm",
    "webauthn",
}


def vault_of(folder, passphrase):
    (folder / "passphrase").write_text(passphrase)
    secret = SecretReference(file=str(folder / "passphrase"))
    return VaultSettings(file=str(folder / "vault.bin"), passphrase=secret)


def test_a_bank_on_sqlite_loads_nothing_that_it_does_not_serve_with():
    words = "import sys, dojang.cli, dojang.demo, dojang.serving; print(*sys.modules)"

    told = subprocess.run([sys.executable, "-c", words], capture_output=True, check=True, text=True)

    assert NOT_SERVED_WITH & set(told.stdout.split()) == set()


def test_a_vault_is_opened_beside_the_start_once(tmp_path, entropy, monkeypatch):
    settings = vault_of(tmp_path, "correct horse")
    custody.opened(settings, entropy).create("a", KeyKind.SECRET)
    threads = opening_threads(monkeypatch)

    vault = custody.begun(settings, entropy)

    assert vault().labels() == ["a"]
    assert vault() is vault()
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_a_vault_that_does_not_open_ends_the_start_that_waits_for_it(tmp_path, entropy):
    custody.opened(vault_of(tmp_path, "correct horse"), entropy)

    vault = custody.begun(vault_of(tmp_path, "wrong horse"), entropy)

    with pytest.raises(ConfigError, match="vault: wrong passphrase"):
        vault()


def test_a_vault_that_is_yet_to_be_made_is_made_when_it_is_asked_for(
    tmp_path, entropy, monkeypatch
):
    threads = opening_threads(monkeypatch)

    vault = custody.begun(vault_of(tmp_path, "correct horse"), entropy)

    assert vault().labels() == []
    assert threads == [threading.current_thread()]


def opening_threads(monkeypatch):
    """Which threads open a vault from now on, in turn."""
    threads = []
    real = software_vault.SoftwareVault.open
    monkeypatch.setattr(
        custody.SoftwareVault,
        "open",
        lambda *given: threads.append(threading.current_thread()) or real(*given),
    )
    return threads


def test_a_served_bank_collects_its_garbage_again(tmp_path):
    bank = Served(tmp_path / "bank")
    bank.start()
    try:
        before, until = collections(bank.origin), time.monotonic() + PATIENCE_S
        while not (found := looked_through(bank) > before):
            assert time.monotonic() < until, "no garbage was looked for"
    finally:
        bank.stop()

    assert found


def test_a_bank_that_opens_has_certified_all_its_offices(tmp_path):
    bank = demo.make(tmp_path / "bank", 8700)
    bank.start()
    try:
        before = certified(bank)
        stamped = bank.authority.time_stamper().der
        found = {stamped, bank.authority.document_signer().der, bank.authority.responder().der}
        after = certified(bank)
    finally:
        bank.stop()

    assert len(found) == 3
    assert after == before


def certified(bank):
    with bank.db.snapshot() as tx:
        pages = log.pages_of(tx.connection, events.AuthorityCertified.kind, 100)
        return [leaf.idx for page in pages for leaf in page]


def looked_through(bank):
    """The count while many connections are held, each with what its last request said."""
    said = "".join(f"x-{n}: {n}\r\n" for n in range(HEADERS))
    request = f"GET /health HTTP/1.1\r\nhost: localhost\r\n{said}\r\n".encode()
    with contextlib.ExitStack() as held:
        for _ in range(serving.YOUNG_MAX * 2 // HEADERS):
            line = held.enter_context(socket.create_connection(("127.0.0.1", bank.port)))
            line.sendall(request)
            assert line.recv(65_536)
        return collections(bank.origin)


def collections(origin):
    """How often the youngest generation was looked through."""
    told = loopback.get(origin + "/metrics", timeout=PATIENCE_S).text
    name = 'python_gc_collections_total{generation="0"} '
    return float(next(line for line in told.splitlines() if line.startswith(name)).split()[-1])


LEARNED = {
    "the policy": (
        "from dojang.policy import model; from dojang.policy.profiles import PROFILES;"
        "body = msgspec.json.encode(PROFILES['seed']); model.Policy.__annotations__.clear();"
        "model.decode(body)"
    ),
    "an application": (
        "from types import SimpleNamespace; from dojang.web import enrolment;"
        "rules = SimpleNamespace(birth_date='850315', phone='01024681357');"
        "enrolment.PinRulesOut.__annotations__.clear(); enrolment._as(enrolment.PinRulesOut, rules)"
    ),
}


@pytest.mark.parametrize("words", LEARNED.values(), ids=LEARNED)
def test_a_shape_is_learned_before_threads_ask_for_it(words):
    """msgspec learns one at its first use, and two threads that do so at once end the process."""
    told = subprocess.run([sys.executable, "-c", f"import msgspec; {words}"], check=False)

    assert told.returncode == 0
