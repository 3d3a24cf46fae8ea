"""A bank goes on over a rollover of its issuing key: customers, receipts, lists, the operators."""

import json
import sqlite3
from contextlib import closing

import pytest
from cryptography import x509
from tests.api.house import ORIGIN, at_work
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.journey.sending import OWN_BANK
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import SECOND
from dojang.phone.ordering import Order
from dojang.receipts import verifying
from dojang.receipts.verifying import Pins


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """민용 is a customer from before; then the key rolls over, and 서연 comes."""
    folder = tmp_path_factory.mktemp("rollover")
    bank = demo.make(folder / "bank", 8700, origin=ORIGIN)
    with at_work(bank, folder) as made:
        made.issue(MINYONG)
        made.told = lines("rollover", "issuing", "--data", folder / "bank")
        bank.clock.move(10 * SECOND)
        made.issue(SEOYEON)
        yield made


@pytest.fixture
def data(house):
    return house.folder / "bank"


def ca(*words):
    return CliRunner().invoke(cli.app, ["ca", *map(str, words)])


def lines(*words):
    done = ca(*words, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def issuer_of(phone):
    certificate = phone.store.read().keys["sign"].certificate
    return x509.load_der_x509_certificate(certificate).issuer.rfc4514_string()


def test_the_next_customer_has_a_certificate_of_the_new_key(house):
    (told,) = house.told

    assert (told["role"], told["key"]) == ("issuing", "ca-issuing-2")
    assert " G2," not in issuer_of(house.phone(MINYONG))
    assert " G2," in issuer_of(house.phone(SEOYEON))


@pytest.mark.parametrize(("payer", "payee"), [(MINYONG, SEOYEON), (SEOYEON, MINYONG)])
def test_both_send_money_and_their_receipts_verify_under_the_same_root(house, payer, payee):
    phone, other = house.phone(payer), house.phone(payee)
    number = other.accounts()[0]["number"]
    holder = phone.payee(OWN_BANK, number)["holder"]
    order = Order(phone.accounts()[0]["number"], OWN_BANK, number, holder, 1_000, "")

    done = phone.transfer(order, payer.pin)

    bank = house.bank
    pins = Pins(root=bank.authority.root_der, log_key=bank.transparency.key)
    assert done["state"] == "posted"
    bank.receipts.catch_up()
    for form in ("receipt", "receipt.pdf"):
        report = verifying.verify(phone.receipt(done["id"], form), pins)
        assert report.holds, report.broken


def test_each_generation_has_its_addresses(house):
    get = house.client.get
    old, new = (
        x509.load_der_x509_certificate(get(f"/pki/issuing{name}.crt").content)
        for name in ("", "/2")
    )

    assert new.subject != old.subject
    for issuing, name in ((old, "issuing"), (new, "issuing/2")):
        for kind in (".crl", "-delta.crl"):
            listed = x509.load_der_x509_crl(get(f"/pki/{name}{kind}").content)
            assert listed.issuer == issuing.subject
            assert listed.is_signature_valid(issuing.public_key())
    shard = x509.load_der_x509_crl(get("/pki/crl/10003.crl").content)
    assert shard.is_signature_valid(new.public_key())
    for nothing in (
        *("issuing/1.crt", "issuing/3.crt", "issuing/3.crl", "issuing/0.crl", "issuing/2.pem"),
        *("issuing/02.crt", "crl/10000.crl", "crl/10009.crl", "crl/20001.crl", "crl/0.crl"),
    ):
        assert get(f"/pki/{nothing}").status_code == 404, nothing


def test_the_register_tells_the_generations_and_agrees_with_the_log(house, data):
    told = {one["generation"] for one in lines("list", "--data", data, "--limit", 1000)}
    checked = lines("check", "--data", data)[-1]

    assert told == {1, 2}
    assert checked["whole"] is True
    assert (checked["of generation 1"], checked["of generation 2"]) == (2, 2)


def test_a_certificate_kept_under_another_issuer_is_named(house, data):
    """The wrong responder would speak of it, and its revocation be on no list that it names."""
    certificate = house.phone(SEOYEON).store.read().keys["sign"].certificate
    serial = f"{x509.load_der_x509_certificate(certificate).serial_number:032x}"
    move = "UPDATE certificate SET shard = shard + ? WHERE serial = ?"

    rewritten(data, move, -10_000, serial)
    plain = lines("check", "--data", data)
    rewritten(data, move, 10_000, serial)

    assert [(one["serial"], one["says"]) for one in plain[:-1]] == [
        (serial, "not issued by generation 1, as it is kept")
    ]
    assert ca("check", "--data", data).exit_code == 0


def rewritten(data, statement, *values):
    """As somebody with the database file in hand."""
    with closing(sqlite3.connect(data / "bank.db")) as connection, connection:
        connection.execute(statement, values)


def test_operators_publish_the_list_of_either(data, tmp_path):
    newest, old = (
        ca("publish", "--data", data, "--out", tmp_path / name, *more)
        for name, more in (("new", ()), ("old", ("--generation", 1)))
    )

    assert (newest.exit_code, old.exit_code) == (0, 0)
    issuers = [
        x509.load_der_x509_crl((tmp_path / name).read_bytes()).issuer.rfc4514_string()
        for name in ("new", "old")
    ]
    assert [" G2," in name for name in issuers] == [True, False]
    assert ca("publish", "--data", data, "--generation", 3).exit_code == 1


def test_both_are_revoked_by_an_operator_and_stand_on_their_own_lists(house, data):
    get = house.client.get
    for person in (MINYONG, SEOYEON):
        certificate = house.phone(person).store.read().keys["sign"].certificate
        parsed = x509.load_der_x509_certificate(certificate)
        (point,) = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        serial = f"{parsed.serial_number:032x}"
        asked = ca("revoke", serial, "--reason", "mistake", "--data", data, "--yes")
        told = ca("approve", serial, "--data", data, "--yes")
        assert (asked.exit_code, told.exit_code) == (0, 0), told.output
        path = point.full_name[0].value.removeprefix(ORIGIN)
        listed = x509.load_der_x509_crl(get(path).content)
        assert listed.get_revoked_certificate_by_serial_number(parsed.serial_number)
