"""Facts about time-stamps: OpenSSL and rfc3161-client ask, and verify what they are told."""

import hashlib
import threading

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.base import HashAlgorithm
from rfc3161_client.errors import VerificationError
from tests.service.certificates.openssl import AT, Desk

from dojang.certificates import checking, der
from dojang.certificates.checking import Unsound
from dojang.kernel.clock import HOUR, SECOND
from dojang.timestamps import TimeNotAvailable, TimeStamps, verifying
from dojang.timestamps.model import BadToken

BYTES = b"what was there"
DIGEST = hashlib.sha256(BYTES).digest()
SHA256 = "2.16.840.1.101.3.4.2.1"


@pytest.fixture
def desk(house, tmp_path):
    made = Desk(tmp_path, house)
    made.write("data", BYTES)
    return made


@pytest.fixture
def above(house, clock):
    return checking.chain(house.authority.chain_of(), clock.now())


def query(desk, *flags):
    code, said = desk.run("ts", "-query", "-data", "data", "-out", "query", *flags)
    assert code == 0, said
    return (desk.folder / "query").read_bytes()


def verify(desk, answer, *more, by="-queryfile", what="query", at=AT):
    desk.write("answer", answer)
    return desk.run(
        "ts", "-verify", by, what, "-in", "answer", *more,
        "-CAfile", "root.pem", "-untrusted", "issuing.pem", "-attime", str(at),
    )  # fmt: skip


def asked(algorithm=SHA256, digest=DIGEST, *more, version=1, parameters=der.NULL):
    imprint = der.sequence(der.sequence(der.oid(algorithm), parameters), der.octets(digest))
    return der.sequence(der.integer(version), imprint, *more)


def failure(answer):
    """The answer's one failure; a refusal has a status and nothing else."""
    (status,) = der.read(answer).children()
    said = tsp.PKIStatusInfo.load(status.raw)
    assert said["status"].native == "rejection"
    assert said["status_string"].native
    (bit,) = said["fail_info"].native
    return bit


def info(answer):
    token = tsp.TimeStampResp.load(answer)["time_stamp_token"]
    return token["content"]["encap_content_info"]["content"].parsed.native


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512"])
def test_openssl_verifies_a_stamp_it_asked_for(stamps, desk, digest):
    answer = stamps.answer(query(desk, digest, "-cert"))

    code, said = verify(desk, answer)

    assert code == 0, said
    assert "Verification: OK" in said


def test_openssl_reads_policy_accuracy_order_and_the_hour(stamps, desk, clock):
    desk.write("answer", stamps.answer(query(desk, "-sha256", "-cert")))

    _code, said = desk.run("ts", "-reply", "-in", "answer", "-text")

    assert f"Policy OID: {stamps.policy}" in said
    assert "Accuracy: 0x01 seconds" in said
    assert f"Ordering: {'yes' if stamps.ordering else 'no'}" in said
    assert "Time stamp: Jan 15 08:00:00" in said


def test_openssl_refuses_the_stamp_on_other_bytes(stamps, desk):
    answer = stamps.answer(query(desk, "-sha256", "-cert"))
    desk.write("data", b"what was not there")

    code, said = verify(desk, answer, by="-data", what="data")

    assert code != 0
    assert "message imprint mismatch" in said


def test_the_nonce_comes_back_and_the_certificates_only_when_wanted(stamps, desk):
    bare = stamps.answer(query(desk, "-sha256", "-no_nonce"))
    full = stamps.answer(query(desk, "-sha256", "-cert"))

    sent = tsp.TimeStampReq.load((desk.folder / "query").read_bytes())
    assert info(bare)["nonce"] is None
    assert info(full)["nonce"] == sent["nonce"].native
    assert len(bare) < len(full) - 1_000
    desk.write("chain.pem", (desk.folder / "issuing.pem").read_bytes())


def test_the_client_of_trail_of_bits_verifies_a_stamp(stamps, house):
    request = TimestampRequestBuilder(data=BYTES, hash_algorithm=HashAlgorithm.SHA512).build()
    answer = decode_timestamp_response(stamps.answer(request.as_bytes()))
    root, issuing = (
        x509.load_der_x509_certificate(one)
        for one in (house.authority.root_der, house.authority.issuer.der)
    )
    verifier = (
        VerifierBuilder.from_request(request)
        .add_root_certificate(root)
        .add_intermediate_certificate(issuing)
        .build()
    )

    assert verifier.verify_message(answer, BYTES)
    with pytest.raises(VerificationError):
        verifier.verify_message(answer, b"other")


REFUSED = {
    "an empty body": (b"", "bad_data_format"),
    "no DER": (b"\x30\x80abc", "bad_data_format"),
    "something after it": (asked() + b"\x00", "bad_data_format"),
    "version 2": (asked(version=2), "bad_request"),
    "SHA-1": (asked("1.3.14.3.2.26", bytes(20)), "bad_alg"),
    "MD5": (asked("1.2.840.113549.2.5", bytes(16)), "bad_alg"),
    "SHA3-256": (asked("2.16.840.1.101.3.4.2.8", bytes(32)), "bad_alg"),
    "parameters of the hash": (asked(parameters=der.integer(1)), "bad_alg"),
    "a digest cut short": (asked(SHA256, DIGEST[:-1]), "bad_data_format"),
    "a SHA-512 of 32 bytes": (asked("2.16.840.1.101.3.4.2.3", DIGEST), "bad_data_format"),
    "somebody's policy": (asked(SHA256, DIGEST, der.oid("1.2.3.4")), "unaccepted_policy"),
    "an extension": (
        asked(SHA256, DIGEST, der.explicit(0, der.sequence(der.oid("1.2.3"), der.octets(b"")))),
        "unaccepted_extensions",
    ),
    "a negative nonce": (asked(SHA256, DIGEST, b"\x02\x01\x80"), "bad_data_format"),
    "an endless nonce": (asked(SHA256, DIGEST, der.integer(1 << 600)), "bad_request"),
    "fields out of order": (
        asked(SHA256, DIGEST, der.true(), der.integer(7)),
        "bad_data_format",
    ),
    "a BOOLEAN of seven": (asked(SHA256, DIGEST, b"\x01\x01\x07"), "bad_data_format"),
    "more than any request": (asked(SHA256, DIGEST, der.octets(bytes(5_000))), "bad_request"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_request_gets_its_own_failure_and_no_stamp(stamps, name):
    content, expected = REFUSED[name]

    answer = stamps.answer(content)

    assert failure(answer) == expected


def test_our_own_policy_may_be_asked_for_by_name(stamps):
    answer = stamps.answer(asked(SHA256, DIGEST, der.oid(stamps.policy)))

    assert info(answer)["policy"] == stamps.policy


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(junk=st.binary(max_size=200))
def test_no_bytes_get_anything_but_an_answer(stamps, junk):
    assert failure(stamps.answer(junk)) in {"bad_data_format", "bad_request", "bad_alg"}


def test_a_thousand_stamps_at_one_instant_have_a_thousand_numbers_and_an_order(stamps, above):
    tokens = [stamps.token(DIGEST) for _ in range(200)]

    said = [verifying.check(token, DIGEST, above) for token in tokens]
    assert len({one.serial for one in said}) == len(said)
    assert [one.at for one in said] == sorted({one.at for one in said})


def test_threads_never_share_a_number(stamps, above):
    made = []

    def stamp():
        made.extend(stamps.token(DIGEST) for _ in range(25))

    threads = [threading.Thread(target=stamp) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({verifying.check(token, DIGEST, above).serial for token in made}) == 200


def test_after_a_crash_numbers_and_times_go_on_above_all_that_were_given_out(stamps, house, above):
    before = verifying.check(stamps.token(DIGEST), DIGEST, above)

    again = TimeStamps(house.db, house.vault, house.clock, house.authority)
    after = verifying.check(again.token(DIGEST), DIGEST, above)

    assert after.serial > before.serial
    assert before.at < after.at <= house.clock.now() + SECOND


def test_a_clock_set_back_stamps_nothing_until_it_has_caught_up(stamps, clock):
    stamps.token(DIGEST)

    clock.move(-HOUR)

    with pytest.raises(TimeNotAvailable):
        stamps.token(DIGEST)
    assert failure(stamps.answer(asked())) == "time_not_available"
    clock.move(HOUR)
    assert stamps.token(DIGEST)


def test_stamps_cost_one_transaction_a_second_not_one_each(stamps, house, clock):
    def leaves_and_rows():
        with house.db.snapshot() as tx:
            return tx.connection.exec_driver_sql(
                "SELECT number, counted, reserved_until FROM time_stamp_series"
            ).all()

    stamps.token(DIGEST)
    first = leaves_and_rows()
    for _ in range(50):
        stamps.token(DIGEST)

    assert leaves_and_rows() == first
    clock.move(2 * SECOND)
    stamps.token(DIGEST)
    assert leaves_and_rows() != first


def test_a_token_of_another_authority_is_refused(stamps, db, owner, clock, entropy, tmp_path):
    from dojang.certificates import Authority, Plan
    from dojang.certificates.tables import authority as rows
    from dojang.vault.software import SoftwareVault

    token = stamps.token(DIGEST)
    with owner.transaction() as tx:
        tx.execute(rows.delete())
    vault = SoftwareVault.open(tmp_path / "vault", b"another", entropy)
    other = Authority(db, vault, clock, entropy, Plan(base_url="http://localhost:8000"))

    with pytest.raises(BadToken):
        verifying.check(token, DIGEST, checking.chain(other.chain_of(), clock.now()))


def test_every_changed_byte_of_a_token_is_noticed(stamps, above):
    token = stamps.token(DIGEST)
    verifying.check(token, DIGEST, above)

    free = []
    for place in range(len(token)):
        changed = token[:place] + bytes((token[place] ^ 1,)) + token[place + 1 :]
        try:
            verifying.check(changed, DIGEST, above)
        except BadToken:
            continue
        free.append(place)

    assert free == []


@pytest.mark.parametrize("serial", [b"\x80" + bytes(19), bytes(20)], ids=["below zero", "zero"])
def test_an_issuer_s_serial_number_that_is_none_makes_a_certificate_unreadable(house, serial):
    """One bit makes it of the key's identifier; half of those begin as numbers below zero do."""
    whole = house.authority.issuer.der
    at = whole.index(b"\x30\x16\x80\x14")
    bent = whole[: at + 2] + b"\x82\x14" + serial + whole[at + 24 :]

    with pytest.raises(Unsound):
        checking.sound("a certificate is unreadable", checking.read, bent)


def test_a_chain_with_another_root_is_refused(house, clock):
    key = ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(Unsound):
        checking.chain((house.authority.issuer.der, house.authority.issuer.der), clock.now())
    with pytest.raises(Unsound):
        checking.signed(
            x509.load_der_x509_certificate(house.authority.issuer.der),
            b"",
            key.sign(b"", ec.ECDSA(checking.hashes.SHA256())),
        )
