"""Facts about what the world is told: OpenSSL and pkilint read what we sign."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.service.certificates.openssl import Desk
from tests.service.certificates.test_issuing import PKILINT_EXPLAINED, pkilint

from dojang.certificates import (
    Authority,
    EndReason,
    Hold,
    Plan,
    Status,
    store,
    store_dormancy,
)
from dojang.certificates import der as own_der
from dojang.certificates.model import Kind
from dojang.certificates.tables import authority as authority_table
from dojang.kernel.clock import DAY, SECOND


@pytest.fixture
def desk(house, tmp_path):
    return Desk(tmp_path, house)


def auth_of(house, made):
    with house.db.snapshot() as tx:
        return {c.kind: c for c in store.certificates_of(tx, made.id)}[Kind.AUTH]


def step(house, name, *arguments):
    with house.db.transaction() as tx:
        getattr(house.lifecycle, name)(tx, *arguments)


def ask(house, serial, digest=None, *, issuer=None, extensions=()):
    issuing = x509.load_der_x509_certificate(issuer or house.authority.issuer.der)
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        _hash(issuing.subject.public_bytes(), digest),
        _hash(_bits(issuing), digest),
        serial,
        digest or hashes.SHA256(),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.build().public_bytes(Encoding.DER)


def _bits(certificate):
    return certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _hash(content, digest):
    made = hashes.Hash(digest or hashes.SHA256())
    made.update(content)
    return made.finalize()


def answered(house, serial, **more):
    return ocsp.load_der_ocsp_response(house.status.ocsp(ask(house, serial, **more)))


@pytest.mark.parametrize("digest", ["-sha1", "-sha256", "-sha384", "-sha512"])
@pytest.mark.parametrize("nonce", [True, False])
def test_openssl_accepts_a_good_answer(house, desk, digest, nonce):
    certificate = auth_of(house, house.issue().credential)

    code, said = desk.ocsp(certificate.der, digest, nonce=nonce)

    assert code == 0, said
    assert "Response verify OK" in said
    assert "asked.pem: good" in said
    assert ("OCSP Nonce" in said) is nonce
    assert f"Hash Algorithm: {digest[1:]}" in said


ENDS = [
    (EndReason.UNUSED, None, "cessationOfOperation"),
    (EndReason.REISSUED, None, "superseded"),
    (EndReason.REISSUED, Hold.COPY, "keyCompromise"),
]


@pytest.mark.parametrize(("reason", "hold", "said"), ENDS)
def test_openssl_reads_a_revocation_at_once_in_answer_and_list(house, desk, reason, hold, said):
    made = house.issue().credential
    certificate = auth_of(house, made)
    assert "revoked" not in desk.ocsp(certificate.der)[1]
    assert "No Revoked Certificates" in desk.crl()[1]
    if hold is not None:
        step(house, "suspend", made.id, hold)

    step(house, "revoke", made.id, reason)

    answer = desk.ocsp(certificate.der)[1]
    code, text = desk.crl()
    assert "asked.pem: revoked" in answer
    assert f"Reason: {said}" in answer
    assert code == 0
    assert "verify OK" in text
    assert certificate.serial.lstrip("0").upper() in text.replace(":", "")


def test_openssl_refuses_the_chain_of_a_revoked_certificate(house, desk):
    made = house.issue().credential
    certificate = auth_of(house, made)
    desk.crl()
    before = desk.verify(certificate.der, "-crl_check", "-CRLfile", "issuing.crl")
    step(house, "revoke", made.id, EndReason.PHONE_LOST)

    desk.crl()
    after = desk.verify(certificate.der, "-crl_check", "-CRLfile", "issuing.crl")

    assert before == (0, "leaf.pem: OK\n")
    assert after[0] != 0
    assert "certificate revoked" in after[1]


def test_a_hold_is_listed_and_leaves_the_list_when_released(house, desk):
    made = house.issue().credential
    certificate = auth_of(house, made)
    step(house, "suspend", made.id, Hold.LOSS)
    held = desk.ocsp(certificate.der)[1], desk.crl()[1]

    step(house, "release", made.id)

    released = desk.ocsp(certificate.der)[1], desk.crl()[1]
    assert "Reason: certificateHold" in held[0]
    assert "Certificate Hold" in held[1]
    assert "asked.pem: good" in released[0]
    assert "No Revoked Certificates" in released[1]


def test_serials_never_given_out_are_unknown(house):
    prepared = house.issuing.prepare(house.order())
    assert prepared.credential_id
    with house.db.transaction() as tx:
        intents = [
            serial for serial, _ in store_dormancy.forgotten_intents(tx, before=tx.now, page=9)
        ]

    verdicts = [
        answered(house, serial).certificate_status
        for serial in (1, 2**128 + 5, 2**159 - 1, *(int(text, 16) for text in intents))
    ]

    assert len(verdicts) == 5
    assert set(verdicts) == {ocsp.OCSPCertStatus.UNKNOWN}


def test_another_authoritys_serial_is_unknown_even_if_it_equals_ours(house):
    certificate = auth_of(house, house.issue().credential)
    serial = int(certificate.serial, 16)

    theirs = answered(house, serial, issuer=house.authority.root_der)

    assert answered(house, serial).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert theirs.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_an_answer_says_when_it_was_true_and_until_when(house):
    certificate = auth_of(house, house.issue().credential)

    answer = answered(house, int(certificate.serial, 16))

    assert answer.this_update_utc.timestamp() == house.clock.now() // SECOND
    assert (answer.next_update_utc - answer.this_update_utc).total_seconds() == 600
    assert answer.responder_key_hash == _hash(
        _bits(x509.load_der_x509_certificate(house.authority.responder().der)),
        hashes.SHA1(),  # noqa: S303 - OCSP names keys so
    )


@pytest.mark.parametrize("size", [1, 16, 32, 128])
def test_a_nonce_comes_back(house, size):
    nonce = bytes(range(size))

    answer = answered(house, 1, extensions=[x509.OCSPNonce(nonce)])

    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


@pytest.mark.parametrize("size", [0, 129, 4_000])
def test_a_nonce_of_no_or_absurd_length_is_malformed(house, size):
    answer = answered(house, 1, extensions=[x509.OCSPNonce(bytes(size))])

    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_several_questions_in_one_request_are_answered_each(house, desk):
    first = auth_of(house, house.issue("c1").credential)
    other = house.issue("c2").credential
    second = auth_of(house, other)
    step(house, "revoke", other.id, EndReason.OTHER)
    for name, one in (("first.der", first), ("second.der", second)):
        desk.write(name, one.der)
    code, said = desk.run(
        "ocsp", "-issuer", "issuing.pem", "-cert", "first.der", "-cert", "second.der",
        "-reqout", "request.der",
    )  # fmt: skip
    assert code == 0, said

    request = (desk.folder / "request.der").read_bytes()
    statuses = [
        single.certificate_status
        for single in ocsp.load_der_ocsp_response(house.status.ocsp(request)).responses
    ]

    assert statuses == [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED]


def test_too_many_questions_in_one_request_are_malformed(house):
    one = own_der.read(ask(house, 1)).children()[0].children()[0].children()[0].raw
    many = own_der.sequence(own_der.sequence(own_der.sequence(*[one] * 17)))

    answer = ocsp.load_der_ocsp_response(house.status.ocsp(many))

    assert answer.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(at=st.integers(0, 75), byte=st.integers(0, 255), cut=st.integers(0, 80))
def test_whatever_the_bytes_are_there_is_an_answer(house, at, byte, cut):
    request = bytearray(ask(house, 1))
    request[at % len(request)] = byte

    answer = ocsp.load_der_ocsp_response(house.status.ocsp(bytes(request[: 80 - cut])))

    assert answer.response_status in {
        ocsp.OCSPResponseStatus.SUCCESSFUL,
        ocsp.OCSPResponseStatus.MALFORMED_REQUEST,
    }


def test_openssl_accepts_answers_after_the_responder_was_renewed(house, desk):
    certificate = auth_of(house, house.issue().credential)
    desk.ocsp(certificate.der)

    house.clock.move(40 * DAY)

    code, said = desk.ocsp(certificate.der, at=house.clock.now() // SECOND + 5)
    assert code == 0, said
    assert "Response verify OK" in said


def crl_of(house):
    return x509.load_der_x509_crl(house.status.crl())


def number_of(crl):
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_the_list_is_kept_while_nothing_changes_and_numbered_when_it_does(house):
    first = house.status.crl()
    again = house.status.crl()
    made = house.issue().credential
    issued = house.status.crl()
    step(house, "revoke", made.id, EndReason.OTHER)

    after = crl_of(house)

    assert first == again == issued
    assert number_of(x509.load_der_x509_crl(first)) == 1
    assert number_of(after) == 2
    assert len(list(after)) == 2


def test_the_list_is_renewed_at_half_its_life(house):
    first = house.status.crl()
    house.clock.move(43_199 * SECOND)
    kept = house.status.crl()
    house.clock.move(SECOND)

    renewed = crl_of(house)

    assert kept == first
    assert number_of(renewed) == 2
    life = renewed.next_update_utc - renewed.last_update_utc
    assert life.total_seconds() == 86_400


def test_two_processes_never_give_one_number_to_two_lists(house):
    other = Status(house.db, house.vault, house.authority)
    made = house.issue().credential
    lists = [house.status.crl()]
    step(house, "lock", made.id)
    lists += [other.crl(), house.status.crl()]

    numbers = [number_of(x509.load_der_x509_crl(one)) for one in lists]

    assert numbers == [1, 2, 2]
    assert lists[1] == lists[2]


def test_pkilint_finds_nothing_in_lists_and_answers(house, db, owner, clock, entropy, tmp_path):
    with owner.transaction() as tx:
        tx.execute(authority_table.delete())
    authority = Authority(
        db, house.vault, clock, entropy, Plan(base_url="http://pki.dojang.example")
    )
    status = Status(db, house.vault, authority)
    made = house.issue().credential
    empty = tmp_path / "empty.crl"
    empty.write_bytes(status.crl())
    step(house, "suspend", made.id, Hold.COPY)
    full = tmp_path / "full.crl"
    full.write_bytes(status.crl())
    answer = tmp_path / "answer.ors"
    house.authority = authority
    serial = int(auth_of(house, made).serial, 16)
    answer.write_bytes(status.ocsp(ask(house, serial, extensions=[x509.OCSPNonce(bytes(32))])))
    chain = tmp_path / "root.der", tmp_path / "issuing.der"
    for path, content in zip(chain, (authority.root_der, authority.issuer.der), strict=True):
        path.write_bytes(content)

    found = {
        "empty": pkilint("lint_crl", empty, "-t", "CRL", "-p", "PKIX"),
        "full": pkilint("lint_crl", full, "-t", "CRL", "-p", "PKIX"),
        "answer": pkilint("lint_ocsp_response", answer),
        "chain": pkilint("lint_pkix_signer_signee_cert_chain", *chain) - PKILINT_EXPLAINED,
    }

    assert found == {"empty": set(), "full": set(), "answer": set(), "chain": set()}
