"""Facts about answers that are given again: signed once, taken back by what makes them untrue."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from sqlalchemy import func, select
from tests.service.certificates.test_status import ask, auth_of, step

from dojang.certificates import EndReason, Hold, Status, store, store_status
from dojang.certificates.ahead import Ahead
from dojang.certificates.model import Standing
from dojang.certificates.store_status import AnswerRow
from dojang.certificates.tables import ocsp_answer
from dojang.kernel.clock import SECOND

GOOD, REVOKED = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED
SHA1 = hashes.SHA1()  # noqa: S303 - clients name issuers so


@pytest.fixture
def credential(house):
    return house.issue().credential


@pytest.fixture
def serial(house, credential):
    return int(auth_of(house, credential).serial, 16)


def status_of(answer):
    return ocsp.load_der_ocsp_response(answer).certificate_status


def kept(house):
    with house.db.snapshot() as tx:
        return tx.execute(select(func.count()).select_from(ocsp_answer)).scalar_one()


@pytest.mark.parametrize("digest", [SHA1, hashes.SHA256()])
def test_the_same_question_gets_the_same_bytes_until_half_of_their_life(house, serial, digest):
    request = ask(house, serial, digest)
    first = house.status.ocsp(request)
    house.clock.move(299 * SECOND)
    again = house.status.ocsp(request)
    house.clock.move(SECOND)

    renewed = house.status.ocsp(request)

    assert again == first
    assert renewed != first
    assert isinstance(ocsp.load_der_ocsp_response(renewed).hash_algorithm, type(digest))


def test_who_asks_by_sha1_is_answered_by_sha1_though_sha256_was_asked_first(house, serial):
    house.status.ocsp(ask(house, serial, hashes.SHA256()))

    answer = ocsp.load_der_ocsp_response(house.status.ocsp(ask(house, serial, SHA1)))

    assert isinstance(answer.hash_algorithm, hashes.SHA1)
    assert kept(house) == 2


def test_another_process_gives_the_same_bytes(house, serial):
    other = Status(house.db, house.vault, house.authority)

    assert other.ocsp(ask(house, serial)) == house.status.ocsp(ask(house, serial))


MOVES = [
    ("revoke", [EndReason.OTHER], REVOKED),
    ("suspend", [Hold.LOSS], REVOKED),
    ("lock", [], REVOKED),
]


@pytest.mark.parametrize(("move", "said", "status"), MOVES)
def test_a_kept_answer_does_not_outlive_the_change(house, credential, serial, move, said, status):
    other = Status(house.db, house.vault, house.authority)
    requests = [ask(house, serial, digest) for digest in (SHA1, hashes.SHA256())]
    before = {status_of(house.status.ocsp(request)) for request in requests}

    step(house, move, credential.id, *said)

    after = {status_of(one.ocsp(request)) for one in (other, house.status) for request in requests}
    assert (before, after) == ({GOOD}, {status})


def test_a_release_is_told_at_once_too(house, credential, serial):
    step(house, "suspend", credential.id, Hold.LOSS)
    held = house.status.ocsp(ask(house, serial))

    step(house, "release", credential.id)

    assert status_of(held) is REVOKED
    assert status_of(house.status.ocsp(ask(house, serial))) is GOOD


def test_what_was_signed_before_a_revocation_cannot_be_kept_after_it(house, credential, serial):
    """A process that read, was held up, and comes to store when it is no longer true."""
    text = auth_of(house, credential).serial
    with house.db.snapshot() as tx:
        stood = store_status.stands(tx, [text])[text]
    late = AnswerRow(b"the question", text, house.clock.now(), house.clock.now() + SECOND, b"good")
    step(house, "revoke", credential.id, EndReason.PHONE_LOST)

    with house.db.transaction() as tx:
        written = store_status.keep(tx, [(late, stood)])

    assert stood.standing is Standing.ISSUED
    assert (written, kept(house)) == (0, 0)


def test_only_what_was_given_out_and_is_asked_plainly_is_kept(house, serial):
    """Nobody fills the table: not with strangers' serials, nonces, or other ways of writing."""
    plain = ask(house, serial)
    without_parameters = plain.replace(bytes.fromhex("0500"), b"", 1)
    shorter = bytearray(without_parameters)
    for at in (1, 3, 5, 7, 9, 11):
        shorter[at] -= 2
    house.status.ocsp(bytes(shorter))
    house.status.ocsp(ask(house, 2**100 + 7))
    house.status.ocsp(ask(house, serial, hashes.SHA512()))
    house.status.ocsp(ask(house, serial, issuer=house.authority.root_der))
    house.status.ocsp(ask(house, serial, extensions=[x509.OCSPNonce(bytes(32))]))

    assert status_of(house.status.ocsp(bytes(shorter))) is GOOD
    assert kept(house) == 0


def test_answers_that_nobody_may_believe_are_deleted(house, serial):
    house.status.ocsp(ask(house, serial))
    house.clock.move(600 * SECOND)

    with house.db.transaction() as tx:
        deleted = store_status.delete_lapsed(tx)

    assert (deleted, kept(house)) == (1, 0)


def test_a_change_says_which_certificates_it_concerned(house, credential):
    with house.db.snapshot() as tx:
        before = store_status.changes(tx)

    step(house, "revoke", credential.id, EndReason.OTHER)

    with house.db.snapshot() as tx:
        changed = store_status.changed_since(tx, before, page=9)
        both = [one.serial for one in store.certificates_of(tx, credential.id)]
        assert store_status.changes(tx) == before + 1
    assert sorted(changed) == sorted(both)


def test_answers_signed_ahead_are_given_and_not_signed_again(house, serial):
    ahead = Ahead(house.db, house.status)
    other = Ahead(house.db, Status(house.db, house.vault, house.authority))

    signed = [ahead.sign_due(), ahead.sign_due(), other.sign_due()]
    answers = [house.status.answer(ask(house, serial, one)) for one in (SHA1, hashes.SHA256())]
    house.clock.move(201 * SECOND)

    assert signed == [4, 0, 0]
    assert kept(house) == 4
    assert {status_of(one.der) for one in answers} == {GOOD}
    assert ahead.sign_due() == 4


def test_an_answer_signed_ahead_is_taken_back_like_any_other(house, credential, serial):
    Ahead(house.db, house.status).sign_all(page=1)
    step(house, "revoke", credential.id, EndReason.OTHER)

    assert kept(house) == 0
    assert status_of(house.status.ocsp(ask(house, serial))) is REVOKED


def test_what_is_asked_together_is_answered_as_what_is_asked_alone(house, credential, serial):
    """A share of the status port: ours, a stranger's, nobody's; with and without nonces."""
    nonce = [x509.OCSPNonce(bytes(range(32)))]
    stranger = ask(house, serial, issuer=house.authority.root_der)
    suspended = house.issue("c2").credential
    held = int(auth_of(house, suspended).serial, 16)
    step(house, "suspend", suspended.id, Hold.LOSS)
    requests = [
        ask(house, serial),
        ask(house, 2**100 + 7, extensions=nonce),
        ask(house, held, extensions=nonce),
        b"no request",
        ask(house, serial, extensions=nonce),
        stranger,
        ask(house, held, SHA1),
        ask(house, 2**100 + 7),
    ]

    house.status.ocsp(ask(house, serial))

    together = [one.der for one in house.status.answers(requests)]

    assert ocsp.load_der_ocsp_response(together.pop(3)).response_status.name == "MALFORMED_REQUEST"
    said = [status_of(one).name for one in together]
    assert said == ["GOOD", "UNKNOWN", "REVOKED", "GOOD", "UNKNOWN", "REVOKED", "UNKNOWN"]
    numbers = [ocsp.load_der_ocsp_response(one).serial_number for one in together]
    assert numbers == [serial, 2**100 + 7, held, serial, serial, held, 2**100 + 7]
    echoed = [len(list(ocsp.load_der_ocsp_response(one).extensions)) for one in together]
    assert echoed == [0, 1, 1, 1, 0, 0, 0]
    assert kept(house) == 2
