"""A bank ends a generation of its issuing CA: its customers are refused, told, and issue anew."""

import json

import pytest
from cryptography import x509
from litestar.testing import TestClient
from tests.api.house import ORIGIN, House
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.journey import loopback
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import MINUTE, SECOND
from dojang.phone.http import Refused
from dojang.phone.ordering import Order
from dojang.web import create
from dojang.web.statusport import Listener


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """민용 is a customer of the first generation, 서연 of the second; both are logged in."""
    folder = tmp_path_factory.mktemp("end-of-a-key")
    bank = demo.make(folder / "bank", 8700, origin=ORIGIN)
    with TestClient(create(bank)) as client:
        made = House(bank, client, bank.clock, folder)
        made.issue(MINYONG)
        assert ca("rollover", "issuing", "--data", folder / "bank").exit_code == 0
        bank.clock.move(10 * SECOND)
        made.issue(SEOYEON)
        yield made


@pytest.fixture
def data(house):
    return house.folder / "bank"


def ca(*words):
    return CliRunner().invoke(cli.app, ["ca", *map(str, words)])


def sent(house, person):
    phone = house.phone(person)
    holder = phone.payee(OTHER_BANK, OTHER_ACCOUNT)["holder"]
    own = phone.accounts()[0]["number"]
    return phone.transfer(Order(own, OTHER_BANK, OTHER_ACCOUNT, holder, 1_000, ""), person.pin)


def test_the_command_asks_for_one_of_its_two_steps_and_a_yes(house, data):
    for words in ((), ("--reason", "superseded", "--approve"), ("--reason", "because")):
        assert ca("retire", 1, "--data", data, *words).exit_code == 2
    unsure = CliRunner().invoke(
        cli.app, ["ca", "retire", "1", "--data", str(data), "--approve"], input="n\n"
    )

    assert unsure.exit_code == 1
    assert house.client.get("/pki/root.crl").status_code == 404


def test_its_customer_is_refused_at_login_and_transfer_and_told_to_issue_anew(house, data):
    phone, pin = house.phone(MINYONG), MINYONG.pin
    phone.login(pin)
    assert sent(house, MINYONG)["state"] == "posted"

    asked = ca("retire", 1, "--data", data, "--reason", "key_compromise")
    done = ca("retire", 1, "--data", data, "--approve", "--yes", "--json")

    assert (asked.exit_code, done.exit_code) == (0, 0), asked.output + done.output
    assert json.loads(done.stdout)["ended"] == 1
    with pytest.raises(Refused, match=r"401|410"):
        sent(house, MINYONG)
    with pytest.raises(Refused, match="credential_revoked") as refused:
        phone.login(pin)
    assert "Issue a new one" in refused.value.body["title"]
    house.bank.notifier.catch_up()
    texts = [one.text for one in house.sms.inbox(house.handset(MINYONG).phone)]
    assert any("재발급해 주세요" in text for text in texts)


def test_the_customer_of_the_next_generation_goes_on(house):
    house.phone(SEOYEON).login(SEOYEON.pin)

    assert sent(house, SEOYEON)["state"] == "posted"


def test_the_customer_issues_anew_under_the_next_generation(house):
    house.clock.move(2 * MINUTE)
    phone = house.issue(MINYONG)
    phone.login(MINYONG.pin)

    certificate = x509.load_der_x509_certificate(phone.key("sign").certificate)
    assert " G2," in certificate.issuer.rfc4514_string()
    assert sent(house, MINYONG)["state"] == "posted"


def test_the_roots_list_is_found_on_both_ports_and_register_and_log_agree(house, data):
    got = house.client.get("/pki/root.crl")
    port = Listener(house.bank, "127.0.0.1", 0)
    port.start()
    try:
        on_the_port = loopback.get(f"http://127.0.0.1:{port.port}/pki/root.crl")
    finally:
        port.stop()

    listed = x509.load_der_x509_crl(got.content)
    root = x509.load_der_x509_certificate(house.bank.authority.root_der)
    ended = house.bank.authority.numbered(1).certificate
    assert on_the_port.content == got.content
    assert listed.is_signature_valid(root.public_key())
    assert [one.serial_number for one in listed] == [ended.serial_number]
    assert ca("check", "--data", data).exit_code == 0
