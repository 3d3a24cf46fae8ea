"""Facts about receipts: who gets one, that it proves the transfer, that no byte of it is free."""

import hashlib
import re

import pytest
from tests.api.house import House, Raw, send
from tests.conftest import START

from dojang.crypto import jcs
from dojang.crypto.encoding import b64u, unb64u
from dojang.journey.sending import OWN_BANK
from dojang.journey.world import MINYONG
from dojang.kernel.clock import SECOND
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.ordering import Order
from dojang.receipts import verifying
from dojang.receipts.verifying import Pins

PASSWORD = "5837"
NAMES = ["form", "signature", "chain", "time_stamp", "status", "log", "outcome", "seal"]


def order_to(payee: Customer, payer: Customer, amount: int, memo: str = "선물 🎁") -> Order:
    number = payee.accounts()[0]["number"]
    holder = payer.payee(OWN_BANK, number)["holder"]
    return Order(payer.accounts()[0]["number"], OWN_BANK, number, holder, amount, memo)


@pytest.fixture(scope="module")
def sent(house: House, minyong: Customer, seoyeon: Customer) -> dict:
    """A transfer of three million won: account password and PIN."""
    order = order_to(seoyeon, minyong, 3_000_000, "선물")
    done = minyong.transfer(order, MINYONG.pin, account_password=PASSWORD)
    assert done["state"] == "posted"
    return done


@pytest.fixture(scope="module")
def bundle(sent: dict, minyong: Customer) -> bytes:
    return minyong.receipt(sent["id"])


@pytest.fixture(scope="module")
def pdf(sent: dict, minyong: Customer) -> bytes:
    return minyong.receipt(sent["id"], "receipt.pdf")


@pytest.fixture(scope="module")
def pins(house: House) -> Pins:
    bank = house.bank
    return Pins(root=bank.authority.root_der, log_key=bank.transparency.key)


def flipped(content: bytes, place: int, bit: int = 1) -> bytes:
    return content[:place] + bytes((content[place] ^ bit,)) + content[place + 1 :]


def changed(bundle: bytes, *path: str, value: object) -> bytes:
    """The bundle with one member replaced, written canonically again."""
    whole = jcs.decode(bundle)
    place = whole
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return jcs.encode(whole)


def test_the_receipt_of_a_transfer_holds_with_the_bank_pinned(bundle, pins, sent):
    report = verifying.verify(bundle, pins)

    assert [one.name for one in report.checks] == NAMES
    assert report.holds, report.broken
    assert report.transfer["transfer_id"] == sent["id"]
    assert report.transfer["amount"] == 3_000_000


def test_without_pins_the_fingerprints_are_told(bundle, pins):
    report = verifying.verify(bundle)

    assert report.holds
    assert report.root_sha256 == hashlib.sha256(pins.root).hexdigest()
    assert report.log_key_sha256 == hashlib.sha256(pins.log_key).hexdigest()


def test_a_receipt_is_the_same_bytes_for_ever(bundle, pdf, minyong, sent, house):
    house.move_clock(1)
    minyong.login(MINYONG.pin)

    assert minyong.receipt(sent["id"]) == bundle
    assert minyong.receipt(sent["id"], "receipt.pdf") == pdf


def test_another_customer_and_an_unknown_id_get_404(sent, seoyeon, minyong):
    unknown = "01890000-0000-7000-8000-000000000000"
    for phone, one in ((seoyeon, sent["id"]), (minyong, unknown)):
        for form in ("receipt", "receipt.pdf"):
            with pytest.raises(Refused) as refused:
                phone.receipt(one, form)
            assert refused.value.status == 404


def test_answers_are_files_that_nothing_keeps(sent, minyong, house):
    line = minyong.line
    answer = send(line, Raw("GET", f"/v1/transfers/{sent['id']}/receipt"))

    assert answer.status == 200


def test_an_order_that_waits_has_no_receipt(minyong, seoyeon):
    order = order_to(seoyeon, minyong, 1_000, "")
    transfer_id = minyong.new_transfer(order)
    minyong.place(transfer_id, order)

    with pytest.raises(Refused) as refused:
        minyong.receipt(transfer_id)

    assert (refused.value.status, refused.value.code) == (409, "no_receipt")
    assert refused.value.body["state"] == "waiting"


MEMBERS = {
    ("evidence", "payload"): "signature",
    ("evidence", "signature"): "signature",
    ("evidence", "tier"): "time_stamp",
    ("evidence", "policy_version"): "time_stamp",
    ("evidence", "factors"): "time_stamp",
    ("evidence", "posted_at"): "time_stamp",
    ("evidence", "leaf"): "time_stamp",
    ("evidence", "ocsp"): "time_stamp",
    ("log", "posted", "index"): "log",
    ("log", "posted", "head", "size"): "log",
    ("log", "posted", "head", "at"): "log",
    ("log", "authorised", "index"): "log",
    ("log", "key"): "log",
    ("sealed_at",): "seal",
    ("seal", "signature"): "seal",
}


@pytest.mark.parametrize("path", MEMBERS, ids="/".join)
def test_a_changed_member_breaks_the_check_that_rests_on_it(bundle, pins, path):
    value = jcs.decode(bundle)
    for name in path:
        value = value[name]
    other = {
        str: lambda text: b64u(flipped(unb64u(text), len(unb64u(text)) // 2)),
        int: lambda number: number + 1,
        list: lambda texts: texts[:-1],
    }[type(value)]

    new = value + "x" if path[-1] == "tier" else other(value)
    report = verifying.verify(changed(bundle, *path, value=new), pins)

    assert report.broken is not None
    assert report.broken.name == MEMBERS[path]


def test_changed_bytes_of_a_bundle_are_noticed_wherever_they_are(bundle, pins):
    """Every byte of names, numbers and short values; its ends and every 11th of a long one."""
    long = [m.span() for m in re.finditer(rb'(?<=")[A-Za-z0-9_-]{60,}(?=")', bundle)]
    inside = {place for first, end in long for place in range(first + 4, end - 4) if place % 11}
    free = [
        place
        for place in sorted({*range(len(bundle))} - inside)
        if verifying.verify(flipped(bundle, place, 1 << place % 7), pins).holds
    ]

    assert free == []


def test_a_bundle_written_in_another_form_is_refused(bundle):
    for other in (b" " + bundle, bundle + b"\n", bundle.replace(b'":', b'": ', 1)):
        report = verifying.verify(other)

        assert report.broken is not None
        assert report.broken.name == "form"


def test_the_pdf_holds_with_the_same_bundle_inside(pdf, bundle, pins):
    from dojang.documents import verifying as documents

    report = verifying.verify(pdf, pins)

    assert report.holds, report.broken
    assert [one.name for one in report.checks] == [*NAMES, "document"]
    assert documents.attachments(pdf) == {"evidence.json": bundle}


def test_changed_bytes_of_the_pdf_are_noticed_wherever_they_are(pdf, house):
    """All of the last revision, where the stamp itself lies, by its edges; the rest by a sweep."""
    from dojang.certificates import checking
    from dojang.documents import verifying as documents

    above = checking.chain(house.bank.authority.chain_of(), house.clock.now())
    documents.check(pdf, above)
    start = pdf.rindex(b"/Contents <")
    places = {*range(0, len(pdf), 61), *range(start, len(pdf), 3), *range(len(pdf) - 700, len(pdf))}

    free = []
    for place in sorted(places):
        try:
            documents.check(flipped(pdf, place, 0x20 if pdf[place] > 0x40 else 1), above)
        except documents.BadDocument:
            continue
        free.append(place)

    assert free == []


def test_another_root_or_log_key_is_named(bundle, house, pins):
    issuing = house.bank.authority.issuer.der
    other = house.bank.vault.public_key("ocsp-responder")

    assert verifying.verify(bundle, Pins(root=issuing)).broken.name == "chain"
    spki = other.public_bytes(*_der_spki())
    assert verifying.verify(bundle, Pins(log_key=spki)).broken.name == "log"


def _der_spki():
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return Encoding.DER, PublicFormat.SubjectPublicKeyInfo


def test_each_language_has_its_own_pdf_and_a_third_is_refused(sent, minyong, pdf, pins):
    english = minyong.receipt(sent["id"], "receipt.pdf?locale=en")

    assert english != pdf
    assert minyong.receipt(sent["id"], "receipt.pdf?locale=ko") == pdf
    assert verifying.verify(english, pins).holds
    assert minyong.line.get(f"/v1/transfers/{sent['id']}/receipt.pdf?locale=fr").status == 400


def test_evidence_is_of_the_second_of_the_transfer_not_of_the_first_question(
    house, minyong, seoyeon, pins
):
    done = minyong.transfer(order_to(seoyeon, minyong, 5_000, ""), MINYONG.pin)
    house.bank.receipts.catch_up()
    house.clock.move(40 * 24 * 3_600 * SECOND)
    minyong.login(MINYONG.pin)

    bundle = minyong.receipt(done["id"])

    report = verifying.verify(bundle, pins)
    assert report.holds, report.broken
    stamped = next(one.words for one in report.checks if one.name == "time_stamp")
    assert "2027-01-15" in stamped
    assert jcs.decode(bundle)["evidence"]["posted_at"] + SECOND > START
