"""A bank goes on over a rollover of its root: receipts of both times, for readers of either."""

import io
import json
import sqlite3
import subprocess
from contextlib import closing

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from tests.api.house import ORIGIN, at_work
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.certificates import ours
from dojang.journey import loopback
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import DAY, SECOND, Instant, utc
from dojang.phone.ordering import Order
from dojang.receipts import verifying
from dojang.receipts.unpacking import unpack
from dojang.receipts.verifying import Pins
from dojang.web.statusport import Listener

TIMES = ("before", "after")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """민용 is a customer from before and has a receipt; the root rolls over, and 서연 comes."""
    folder = tmp_path_factory.mktemp("rollover")
    bank = demo.make(folder / "bank", 8700, origin=ORIGIN)
    with at_work(bank, folder) as made:
        made.issue(MINYONG)
        made.old_root = made.client.get("/pki/root.crt").content
        receive(made, "before", MINYONG)
        bank.clock.move(30 * DAY)
        made.told = lines("rollover", "root", "--data", folder / "bank")
        bank.clock.move(10 * SECOND)
        made.issue(SEOYEON)
        receive(made, "after", SEOYEON)
        yield made


def receive(house, name, person):
    """A transfer's receipt in both forms, and when it was."""
    phone = house.phone(person)
    phone.login(person.pin)
    holder = phone.payee(OTHER_BANK, OTHER_ACCOUNT)["holder"]
    own = phone.accounts()[0]["number"]
    done = phone.transfer(Order(own, OTHER_BANK, OTHER_ACCOUNT, holder, 1_000, ""), person.pin)
    assert done["state"] == "posted", done
    house.bank.receipts.catch_up()
    for form, ending in (("receipt", "json"), ("receipt.pdf", "pdf")):
        (house.folder / f"{name}.{ending}").write_bytes(phone.receipt(done["id"], form))
    (house.folder / f"{name}.at").write_text(str(house.clock.now()))


@pytest.fixture
def data(house):
    return house.folder / "bank"


@pytest.fixture(scope="module")
def downloaded(house):
    """What an outsider gets at the bank's addresses, under their names."""
    names = ("root.crt", "root/2.crt", "root/2-with-1.crt", "root/1-with-2.crt")
    got = {name: house.client.get(f"/pki/{name}") for name in names}
    for name, answer in got.items():
        assert answer.status_code == 200, name
        (house.folder / name.replace("/", "-")).write_bytes(answer.content)
    return {name: answer.content for name, answer in got.items()}


def ca(*words):
    return CliRunner().invoke(cli.app, ["ca", *map(str, words)])


def lines(*words):
    done = ca(*words, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_rollover_makes_a_root_and_an_issuing_key_and_the_first_root_stays(house):
    assert [(one["role"], one["key"]) for one in house.told] == [
        ("root", "ca-root-2"),
        ("issuing", "ca-issuing-2"),
    ]
    assert house.client.get("/pki/root.crt").content == house.old_root


def test_each_address_holds_what_its_name_says_and_there_are_no_others(house, downloaded):
    made = {name: x509.load_der_x509_certificate(der) for name, der in downloaded.items()}
    first, second = made["root.crt"], made["root/2.crt"]

    made["root/2-with-1.crt"].verify_directly_issued_by(first)
    made["root/1-with-2.crt"].verify_directly_issued_by(second)
    assert made["root/2-with-1.crt"].public_key() == second.public_key()
    assert made["root/1-with-2.crt"].public_key() == first.public_key()
    for nothing in (
        *("root/1.crt", "root/3.crt", "root/02.crt", "root/2.pem", "root/0.crt", "root/10.crt"),
        *("root/1-with-1.crt", "root/3-with-2.crt", "root/2-with-1.crl", "root/3.crl"),
    ):
        assert house.client.get(f"/pki/{nothing}").status_code == 404, nothing


@pytest.mark.parametrize("ending", ["json", "pdf"])
@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("trusted", ["root.crt", "root-2.crt"])
def test_our_command_verifies_each_receipt_for_who_trusts_one_root(
    house, downloaded, ending, time, trusted
):
    """Only the old receipt for the new root needs a paper from beside."""
    needs = (time, trusted) == ("before", "root-2.crt")
    words = [house.folder / f"{time}.{ending}", "--root", house.folder / trusted]
    cross = ["--cross", house.folder / "root-1-with-2.crt"]

    def told(*more):
        command = ["receipt", "verify", *words, *more, "--json"]
        return CliRunner().invoke(cli.app, [str(word) for word in command])

    bare, helped = told(), told(*cross)

    assert (bare.exit_code, helped.exit_code) == (int(needs), 0), bare.output + helped.output
    if needs:
        assert json.loads(bare.stdout)["broken"] == "chain"
    given = x509.load_der_x509_certificate((house.folder / trusted).read_bytes())
    assert json.loads(helped.stdout)["root_sha256"] == fingerprint(given)


def fingerprint(certificate):
    return certificate.fingerprint(SHA256()).hex()


def test_the_fingerprint_of_either_root_will_do_for_a_new_receipt(house, downloaded):
    content = (house.folder / "after.json").read_bytes()
    for name in ("root.crt", "root/2.crt"):
        given = fingerprint(x509.load_der_x509_certificate(downloaded[name]))
        report = verifying.verify(content, Pins(root_sha256=given))
        assert (report.holds, report.root_sha256) == (True, given)

    first = fingerprint(x509.load_der_x509_certificate(downloaded["root.crt"]))
    wrong = (
        Pins(root_sha256="00" * 32),
        Pins(root=downloaded["root/2.crt"], root_sha256=first),
        Pins(root_sha256="00" * 32, crosses=(downloaded["root/1-with-2.crt"],)),
        Pins(root=b"no certificate"),
    )
    for pins in wrong:
        report = verifying.verify(content, pins)
        assert report.broken is not None
        assert report.broken.name == "chain"


def test_a_strangers_cross_certificate_leads_nowhere(house, downloaded, tmp_path):
    """Somebody's own root of the same name, which vouches for the bank's first."""
    theirs = demo.make(tmp_path / "bank", 8700, origin=ORIGIN)
    theirs.authority.roll_over_root()
    root, cross = theirs.authority.root_numbered(2).der, theirs.authority.cross(1, 2).der
    theirs.stop()

    for pins in (
        Pins(root=root, crosses=(cross,)),
        Pins(root=downloaded["root/2.crt"], crosses=(cross,)),
    ):
        report = verifying.verify((house.folder / "before.json").read_bytes(), pins)
        assert report.broken is not None
        assert report.broken.name == "chain"


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("trusted", ["root.crt", "root/2.crt"])
def test_pyhanko_trusts_each_pdf_by_either_root(house, downloaded, time, trusted):
    """By what lies in the file; the old one for the new root with the cross certificate beside."""
    needs = (time, trusted) == ("before", "root/2.crt")
    bare, helped = (
        pyhanko(house, time, downloaded[trusted], others)
        for others in ([], [downloaded["root/1-with-2.crt"]])
    )

    assert (bare, helped) == (not needs, True)


def pyhanko(house, time, root, others):
    reader = PdfFileReader(io.BytesIO((house.folder / f"{time}.pdf").read_bytes()))
    moment = utc(Instant(int((house.folder / f"{time}.at").read_text()) + SECOND))
    context = DocumentSecurityStore.read_dss(reader).as_validation_context({
        "trust_roots": [asn1.Certificate.load(root)],
        "other_certs": [asn1.Certificate.load(one) for one in others],
        "allow_fetching": False,
        "revocation_mode": "hard-fail",
        "moment": moment,
    })  # fmt: skip
    (sealed,) = reader.embedded_regular_signatures
    (stamp,) = reader.embedded_timestamp_signatures
    signed = validate_pdf_signature(
        sealed, signer_validation_context=context, ts_validation_context=context
    )
    stamped = validate_pdf_timestamp(stamp, validation_context=context)
    assert signed.intact
    assert signed.valid
    assert stamped.intact
    return bool(signed.trusted and stamped.trusted)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("trusted", ["root.crt", "root/2.crt"])
def test_openssl_verifies_chain_status_and_stamp_of_each_receipt(
    house, downloaded, time, trusted, tmp_path
):
    """As docs/how/receipts.md has it. The anchor for old receipts is the new root's word for it."""
    parts = unpack((house.folder / f"{time}.json").read_bytes())
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    at = str(int((house.folder / f"{time}.at").read_text()) // SECOND + 2)
    anchor, others = downloaded[trusted], ["issuing.pem"]
    (tmp_path / "given.pem").write_bytes(as_pem(anchor))
    if (time, trusted) == ("after", "root.crt"):
        assert parts["cross.pem"] == as_pem(downloaded["root/2-with-1.crt"])
        others.append("cross.pem")
    elif (time, trusted) == ("before", "root/2.crt"):
        (tmp_path / "cross.pem").write_bytes(as_pem(downloaded["root/1-with-2.crt"]))
        openssl(tmp_path, "verify", "-x509_strict", "-partial_chain", "-CAfile", "given.pem",
                "-attime", str(house.clock.now() // SECOND), "cross.pem")  # fmt: skip
        (tmp_path / "given.pem").write_bytes((tmp_path / "cross.pem").read_bytes())
    (tmp_path / "others.pem").write_bytes(b"".join((tmp_path / one).read_bytes() for one in others))
    common = ("-partial_chain", "-attime", at, "-CAfile", "given.pem")

    chain = openssl(tmp_path, "verify", *common, "-untrusted", "others.pem", "sign.pem")
    status = openssl(
        *(tmp_path, "ocsp", "-respin", "ocsp.der", "-issuer", "issuing.pem", "-sha256"),
        *("-cert", "sign.pem", "-no_nonce", "-validity_period", "2000000000"),
        *(*common, "-verify_other", "others.pem"),
    )
    stamp = openssl(
        *(tmp_path, "ts", "-verify", "-data", "evidence.json", "-in", "time_stamp.der"),
        *("-token_in", *common, "-untrusted", "others.pem"),
    )

    assert "sign.pem: OK" in chain
    assert "Response verify OK" in status
    assert "sign.pem: good" in status
    assert "Verification: OK" in stamp


def as_pem(der):
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def openssl(folder, *words):
    done = subprocess.run(
        ["openssl", *words],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_old_customer_goes_on_and_the_register_agrees_with_the_log(house, data):
    receive(house, "later", MINYONG)
    checked = lines("check", "--data", data)[-1]

    report = verifying.verify((house.folder / "later.json").read_bytes(), Pins(root=house.old_root))
    assert report.holds, report.broken
    assert checked["whole"] is True
    assert [checked[name] for name in ("roots", "cross certificates")] == [2, 2]


def test_a_certificate_in_the_place_of_a_cross_certificate_is_named(house, data):
    """As somebody with the database file in hand."""

    def put(role, der):
        with closing(sqlite3.connect(data / "bank.db")) as connection, connection:
            connection.execute("UPDATE authority SET der = ? WHERE role = ?", (der, role))

    right = house.bank.authority.cross(2, 1).der
    put("root-2-with-1", house.bank.authority.cross(1, 2).der)
    wrong = ca("check", "--data", data, "--json")
    put("root-2-with-1", right)

    said = [json.loads(line).get("says", "") for line in wrong.stdout.splitlines()]
    assert wrong.exit_code == 1
    assert "root 1 did not sign root-2-with-1 1" in said
    assert "a certificate of the house (root-2-with-1) without a leaf" in said
    assert "the leaf's certificate of the house (root-2-with-1) is not there" in said
    assert ca("check", "--data", data).exit_code == 0


def test_the_commands_show_roots_and_cross_certificates(house, data, downloaded, tmp_path):
    listed = lines("list", "--data", data, "--house")
    serial = next(one["serial"] for one in listed if one["role"] == "root-2-with-1")
    (shown,) = lines("show", serial[:10], "--data", data, "--out", tmp_path / "cross.pem")
    inspected = json.loads(ca("inspect", tmp_path / "cross.pem", "--json").stdout)
    in_words = ca("list", "--data", data, "--house")

    assert [one["role"] for one in listed[:6]] == [
        *("root", "root", "root-1-with-2", "root-2-with-1", "issuing", "issuing"),
    ]
    assert shown["says"] == inspected
    assert "Root CA G2" in inspected["subject"]
    assert (tmp_path / "cross.pem").read_bytes() == as_pem(downloaded["root/2-with-1.crt"])
    assert f"root-2-with-1 1, {serial}, by Dojang Demo Root CA, " in in_words.output


def test_each_roots_list_is_found_on_both_ports(house, data):
    for generation in (1, 2):
        if generation == 2:
            assert ca("rollover", "issuing", "--data", data).exit_code == 0
            house.clock.move(10 * SECOND)
        asked = ca("retire", generation, "--data", data, "--reason", "superseded")
        done = ca("retire", generation, "--data", data, "--approve", "--yes")
        assert (asked.exit_code, done.exit_code) == (0, 0), asked.output + done.output
    port = Listener(house.bank, "127.0.0.1", 0)
    port.start()
    try:
        for number, name in ((1, "root.crl"), (2, "root/2.crl")):
            got = house.client.get(f"/pki/{name}").content
            assert loopback.get(f"http://127.0.0.1:{port.port}/pki/{name}").content == got
            root = house.bank.authority.root_numbered(number).certificate
            listed = x509.load_der_x509_crl(got)
            assert listed.is_signature_valid(root.public_key())
            ended = house.bank.authority.numbered(number).certificate
            assert [one.serial_number for one in listed] == [ended.serial_number]
        nothing = loopback.get(f"http://127.0.0.1:{port.port}/pki/root/3.crl")
        assert nothing.status_code == 404
    finally:
        port.stop()


def test_the_audit_believes_both_roots_and_what_was_signed_under_either(house, data):
    with house.bank.db.snapshot() as tx:
        believed = ours.believed_roots(tx)

    told = CliRunner().invoke(cli.app, ["log", "verify", "--data", str(data)])

    assert believed == [one.der for one in house.bank.authority.roots().every]
    assert len(believed) == len(TIMES)
    assert told.exit_code == 0, told.output
