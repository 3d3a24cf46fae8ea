"""Facts about `dojang ca`: what an operator sees and does, beside a bank that serves."""

import json
import sqlite3
from contextlib import closing

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from tests.api.house import ORIGIN, at_work
from typer.testing import CliRunner

from dojang import cli, demo, demo_folder
from dojang.certificates import Kind, checking, profiles
from dojang.certificates import store as rows
from dojang.cli_ca import acting
from dojang.cli_ca.bank import opened
from dojang.db import log
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel import masking
from dojang.kernel.clock import DAY, Instant
from dojang.timestamps import verifying as stamped


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ca-command")
    bank = demo.make(folder / "bank", 8700, origin=ORIGIN)
    with at_work(bank, folder) as made:
        for person in (MINYONG, SEOYEON):
            made.issue(person)
        yield made


@pytest.fixture
def data(house):
    return house.folder / "bank"


def ca(*words):
    return CliRunner().invoke(cli.app, ["ca", *map(str, words)])


def lines(*words):
    return [json.loads(line) for line in ca(*words, "--json").stdout.splitlines()]


def of(house, person):
    """The serial number of a person's certificate for login."""
    certificate = house.phone(person).key("auth").certificate
    return f"{x509.load_der_x509_certificate(certificate).serial_number:032x}"


def rewritten(data, statement, *values):
    """As somebody with the database file in hand."""
    with closing(sqlite3.connect(data / "bank.db")) as connection, connection:
        connection.execute(statement, values)


def test_the_list_names_every_certificate_and_no_person(data, house):
    told = lines("list", "--data", data)

    assert len(told) >= 4
    assert {one["for"] for one in told} == {"auth", "sign"}
    assert of(house, MINYONG) in {one["serial"] for one in told}
    assert MINYONG.name not in ca("list", "--data", data).output


def test_the_list_goes_on_where_a_page_ended(data):
    everything = [one["serial"] for one in lines("list", "--data", data)]

    first = ca("list", "--data", data, "--limit", 3)
    rest = lines("list", "--data", data, "--after", everything[2])

    assert f"--after {everything[2]}" in first.output
    assert [one["serial"] for one in rest] == everything[3:]


def test_one_is_found_by_the_beginning_of_its_serial_and_its_owner_is_masked(data, house):
    serial = of(house, MINYONG)

    (told,) = lines("show", serial[:20], "--data", data)
    words = ca("show", serial, "--data", data).output

    assert told["name"] == masking.name(MINYONG.name)
    assert {one["for"] for one in told["certificates"]} == {"auth", "sign"}
    assert MINYONG.name not in words
    assert MINYONG.phone not in words
    assert MINYONG.resident_number not in words


def test_what_is_not_there_is_said_and_exits_1(data):
    told = ca("show", "ffff0000", "--data", data)

    assert told.exit_code == 1
    assert "No certificate and no credential" in told.output


def test_a_revocation_needs_a_reason_and_a_yes(data, house):
    serial = of(house, SEOYEON)

    without = ca("revoke", serial, "--data", data, "--yes")
    unsure = CliRunner().invoke(
        cli.app, ["ca", "revoke", serial, "--data", str(data), "--reason", "fraud"], input="n\n"
    )

    assert without.exit_code == 2
    assert unsure.exit_code == 1
    assert lines("show", serial, "--data", data)[0]["certificates"][0]["state"] == "ACTIVE"


def test_an_operator_alone_revokes_nothing_where_it_is_no_demo(data, house, monkeypatch):
    """By the machine's account, and no variable of theirs makes them another."""
    serial, as_demo = of(house, MINYONG), demo_folder.settings_of
    monkeypatch.setattr(
        demo_folder, "settings_of", lambda at: msgspec.structs.replace(as_demo(at), demo=False)
    )

    asked = ca("revoke", serial, "--data", data, "--reason", "fraud", "--yes")
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    told = ca("approve", serial, "--data", data, "--yes")

    assert asked.exit_code == 0
    assert (told.exit_code, "who asked does not approve" in told.output) == (1, True)
    assert lines("show", serial, "--data", data)[0]["certificates"][0]["state"] == "ACTIVE"


def test_a_revocation_is_in_the_log_and_told_by_ocsp_and_list_at_once(data, house, monkeypatch):
    serial = of(house, SEOYEON)
    before = house.bank.status.crl()

    monkeypatch.setattr(acting, "account", lambda: "kim.cs")
    asked = ca("revoke", serial, "--data", data, "--reason", "fraud", "--yes")
    waiting = lines("approve", "--data", data)
    monkeypatch.setattr(acting, "account", lambda: "lee.cs")
    told = ca("approve", serial, "--data", data, "--yes", "--json")

    assert (asked.exit_code, told.exit_code) == (0, 0)
    assert ("kim.cs", "fraud") in {(one["asked_by"], one["reason"]) for one in waiting}
    serials = json.loads(told.stdout)["serials"]
    listed = x509.load_der_x509_crl(house.client.get("/pki/issuing.crl").content)
    for one in serials:
        assert (
            x509.load_der_x509_crl(before).get_revoked_certificate_by_serial_number(int(one, 16))
            is None
        )
        assert listed.get_revoked_certificate_by_serial_number(int(one, 16)) is not None
    answer = house.bank.status.about([int(serial, 16)])[0]
    assert ocsp.load_der_ocsp_response(answer).certificate_status.name == "REVOKED"
    with house.bank.db.snapshot() as tx:
        found = rows.certificate_by_serial(tx, serial)
        owner = rows.by_id(tx, found.credential_id).customer_id
        leaves = log.of_subject(tx.connection, owner, before=None, limit=10)
    said = {leaf.kind: leaf.fields() for leaf in leaves}
    assert said["certificate.revoked"]["reason"] == "operator"
    told = [said["operator.revoked"][name] for name in ("by", "approved_by", "why")]
    assert told == ["kim.cs", "lee.cs", "fraud"]
    again = ca("revoke", serial, "--data", data, "--reason", "fraud", "--yes")
    assert (again.exit_code, "ended before" in again.output) == (1, True)


def test_what_ends_with_a_certificate_is_the_same_for_operator_and_bank(data, house):
    with opened(None, data) as bank:
        theirs = bank.lifecycle()
    ours = house.bank.lifecycle

    def names(hooks):
        return sorted(f"{hook.__module__}.{hook.__qualname__}" for hook in hooks)

    assert names(theirs._on_end) == names(ours._on_end)
    assert names(theirs._on_stop) == names(ours._on_stop)


def test_the_sweep_says_what_it_did(data):
    (told,) = lines("sweep", "--data", data)

    assert set(told) == {"ended", "noticed", "unfinished"}


def test_publishing_signs_the_list_of_this_moment(data, house, tmp_path):
    (told,) = lines("publish", "--data", data, "--out", tmp_path / "issuing.crl")

    written = x509.load_der_x509_crl((tmp_path / "issuing.crl").read_bytes())
    issuing = x509.load_der_x509_certificate(house.bank.authority.issuer.der)
    assert written.is_signature_valid(issuing.public_key())
    assert told["entries"] == len(written)


def test_an_office_gets_a_new_key_and_what_the_old_one_signed_stays_good(data, house):
    old = house.bank.authority.time_stamper()
    token = house.bank.time_stamps.token(bytes(32))

    (told,) = lines("rollover", "tsa", "--data", data)

    above = checking.chain(house.bank.authority.chain_of(), house.clock.now())
    assert stamped.check(token, bytes(32), above)
    with opened(None, data) as bank:
        new = bank.authority(bank.vault()).time_stamper()
        answers = [bank.status().about([serial_of(one.der)])[0] for one in (old, new)]
    assert (old.key_label, new.key_label) == ("tsa", told["key"])
    assert public_key(old.der) != public_key(new.der)
    for one in answers:
        assert ocsp.load_der_ocsp_response(one).certificate_status.name == "GOOD"


def test_answers_after_a_rollover_are_signed_by_the_new_key_and_a_renewal_keeps_it(data):
    (told,) = lines("rollover", "ocsp", "--data", data)

    with opened(None, data) as bank:
        authority = bank.authority(bank.vault())
        answer = ocsp.load_der_ocsp_response(bank.status().about([1])[0])
        (responder,) = answer.certificates
        renewed = authority._current(
            profiles.OCSP, authority.issuer, Instant(bank.clock.now() + 10 * DAY)
        )
    assert f"{responder.serial_number:032x}" == told["serial"]
    assert responder.public_key() == bank_key(data, told["key"])
    responder.public_key().verify(
        answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256())
    )
    assert renewed.key_label == told["key"]


def serial_of(der):
    return x509.load_der_x509_certificate(der).serial_number


def public_key(der):
    return x509.load_der_x509_certificate(der).public_key()


def bank_key(data, label):
    with opened(None, data) as bank:
        return bank.vault().public_key(label)


def test_register_and_log_agree_both_ways(data):
    told = ca("check", "--data", data)

    assert told.exit_code == 0, told.output
    assert lines("check", "--data", data)[-1]["whole"] is True


def test_a_certificate_without_a_leaf_and_a_leaf_without_its_certificate_are_named(data, house):
    serial = of(house, MINYONG)
    stray = "0" * 31 + "7"

    rewritten(data, "UPDATE certificate SET serial = ? WHERE serial = ?", stray, serial)
    told = ca("check", "--data", data)
    plain = lines("check", "--data", data)
    rewritten(data, "UPDATE certificate SET serial = ? WHERE serial = ?", serial, stray)

    assert told.exit_code == 1
    assert {one["serial"] for one in plain[:-1]} == {serial, stray}
    assert any(one["leaf"] >= 0 and one["serial"] == serial for one in plain[:-1])
    assert any(one["leaf"] == -1 and one["serial"] == stray for one in plain[:-1])
    assert plain[-1]["whole"] is False


def test_a_certificate_whose_bytes_were_exchanged_is_named(data, house):
    serial, other = of(house, MINYONG), of(house, SEOYEON)
    swap = "UPDATE certificate SET der = (SELECT der FROM certificate WHERE serial = ?)"
    with house.bank.db.snapshot() as tx:
        kept = rows.certificate_by_serial(tx, serial).der

    rewritten(data, swap + " WHERE serial = ?", other, serial)
    plain = lines("check", "--data", data)
    rewritten(data, "UPDATE certificate SET der = ? WHERE serial = ?", kept, serial)

    assert {one["serial"] for one in plain[:-1]} == {serial}
    assert ca("check", "--data", data).exit_code == 0


def test_a_certificate_that_was_made_past_the_bank_is_found_when_it_is_met(data, house, tmp_path):
    """An insider with the use of the issuing key, and no row, no leaf (SECURITY, STRIDE 24)."""
    bank = house.bank
    genuine = x509.load_der_x509_certificate(house.phone(MINYONG).key("auth").certificate)
    forged = forged_like(bank, genuine)
    root = bank.authority.root_der
    (tmp_path / "strange.der").write_bytes(root[:-1] + bytes((root[-1] ^ 1,)))
    ours, theirs = tmp_path / "ours.pem", tmp_path / "theirs.der"
    ours.write_bytes(genuine.public_bytes(Encoding.PEM))
    theirs.write_bytes(forged)

    assert bank.authority.signed(forged)
    assert ca("check", "--data", data, "--file", ours).exit_code == 0
    told = ca("check", "--data", data, "--file", ours, "--file", theirs)

    assert told.exit_code == 1
    assert "signed by our CA, and neither stored nor logged" in told.output
    strange = ca("check", "--data", data, "--file", tmp_path / "strange.der")
    assert (strange.exit_code, "not signed by a CA of ours" in strange.output) == (1, True)


def forged_like(bank, genuine):
    """The genuine certificate under another serial number, signed by the bank's own key."""
    from dojang.certificates import profiles

    serial = genuine.serial_number.to_bytes(16, "big")
    tbs = genuine.tbs_certificate_bytes.replace(serial, serial[:-1] + bytes([serial[-1] ^ 1]))
    signature = bank.vault.sign(bank.authority.issuer.key_label, tbs)
    return profiles.assemble(tbs, profiles.ECDSA_SHA256, signature)


def test_a_certificate_a_list_and_an_answer_are_told_in_words(data, house, tmp_path):
    key = house.phone(MINYONG).key("sign")
    files = {
        "certificate": key.certificate,
        "revocation list": house.bank.status.crl(),
        "OCSP answer": house.bank.status.about(
            [x509.load_der_x509_certificate(key.certificate).serial_number]
        )[0],
    }
    for kind, content in files.items():
        (tmp_path / "file").write_bytes(content)

        told = lines("inspect", tmp_path / "file")[0]

        assert told["kind"] == kind
    certificate = tmp_path / "certificate"
    certificate.write_bytes(key.certificate)
    told = lines("inspect", certificate)[0]
    assert told["valid to"] == "no end"
    assert f"CN={masking.name(MINYONG.name)}" in told["subject"]
    assert MINYONG.name not in ca("inspect", certificate).output
    assert told["keyUsage (critical)"] == "content_commitment"


def test_what_is_none_of_the_three_is_said_in_a_line(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear bank")

    told = ca("inspect", tmp_path / "letter.txt")

    assert told.exit_code == 1
    assert "no certificate, list or OCSP answer" in told.output
    assert ca("inspect", tmp_path / "nothing").exit_code == 1


def test_a_certificate_for_a_key_that_nobody_knows_is_said_in_a_line(house, tmp_path):
    key = house.phone(MINYONG).key("sign")
    spki = bytes.fromhex("302a300506032b6570032100")
    strange = key.certificate.replace(spki, spki.replace(b"\x65\x70", b"\x65\x7f"))
    (tmp_path / "strange").write_bytes(strange)

    told = ca("inspect", tmp_path / "strange")

    assert strange != key.certificate
    assert told.exit_code == 1
    assert "no certificate, list or OCSP answer" in told.output


def test_kinds_of_the_check_are_the_kinds_there_are():
    from dojang.transparency import issued

    assert set(issued.KINDS) == {kind.value for kind in Kind}
