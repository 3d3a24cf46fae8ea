"""Facts about a rollover of the issuing CA: old and new stand side by side, each for its own."""

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID
from tests.service.certificates.openssl import Desk, pem
from tests.service.certificates.test_status import ask, auth_of, step

from dojang.certificates import (
    Authority,
    EndReason,
    Issuing,
    Status,
    checking,
    store,
    store_authority,
)
from dojang.certificates.ahead import Ahead
from dojang.certificates.authority import LOOK_SECONDS
from dojang.certificates.certifying import Uncertain
from dojang.certificates.issuer import Issuer
from dojang.certificates.profiles import OCSP, TSA, everything_of
from dojang.kernel.clock import DAY, SECOND
from dojang.timestamps import TimeStamps
from dojang.timestamps import verifying as stamped
from dojang.vault.software import SoftwareVault

UNDER = "http://localhost:8000/pki"


@pytest.fixture
def two(house):
    """A customer from before the rollover, and one from after: (generation, credential)."""
    old = house.issue("c1").credential
    house.authority.roll_over_issuing()
    new = house.issue("c2").credential
    return {1: old, 2: new}


@pytest.fixture
def desks(house, two, tmp_path):
    made = {}
    for generation in two:
        folder = tmp_path / str(generation)
        folder.mkdir()
        made[generation] = Desk(folder, house)
        made[generation].write("issuing.pem", pem(house.authority.numbered(generation).der))
    return made


def verdicts(house, desks, two):
    """What openssl says of each by its shard, by the list of everything, and by OCSP."""
    told = {}
    for generation, desk in desks.items():
        certificate = auth_of(house, two[generation])
        listed = house.status.lists
        for name, scope in (("shard", certificate.shard), ("all", everything_of(generation))):
            desk.write(f"{name}.crl", b"".join(listed.parts(listed.complete(scope))))
        shard = ("-crl_check", "-extended_crl", "-CRLfile", "shard.crl")
        told[generation] = (
            "OK" in desk.verify(certificate.der, *shard)[1],
            "OK" in desk.verify(certificate.der, "-crl_check", "-CRLfile", "all.crl")[1],
            desk.ocsp(certificate.der, "-sha256")[1],
        )
    return told


def test_old_and_new_verify_by_the_lists_and_answers_of_their_own_issuer(house, desks, two):
    for by_shard, by_all, answer in verdicts(house, desks, two).values():
        assert (by_shard, by_all) == (True, True)
        assert "Response verify OK" in answer
        assert "asked.pem: good" in answer


def test_old_and_new_are_revoked_after_the_rollover_each_on_its_own_lists(house, desks, two):
    serials = {of: auth_of(house, credential).serial for of, credential in two.items()}
    for credential in two.values():
        step(house, "revoke", credential.id, EndReason.OTHER)

    for by_shard, by_all, answer in verdicts(house, desks, two).values():
        assert (by_shard, by_all) == (False, False)
        assert "Response verify OK" in answer
        assert "asked.pem: revoked" in answer
    for generation, other in ((1, 2), (2, 1)):
        listed = x509.load_der_x509_crl(house.status.crl(generation))
        named = {f"{one.serial_number:032x}" for one in listed}
        assert serials[generation] in named
        assert serials[other] not in named


def test_a_certificate_names_the_addresses_of_its_own_issuer(house, two):
    for generation, name in ((1, "issuing"), (2, "issuing/2")):
        certificate = auth_of(house, two[generation])
        parsed = x509.load_der_x509_certificate(certificate.der)
        access = parsed.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        told = {one.access_method: one.access_location.value for one in access}
        points = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        assert told[AuthorityInformationAccessOID.OCSP] == f"{UNDER}/ocsp"
        assert told[AuthorityInformationAccessOID.CA_ISSUERS] == f"{UNDER}/{name}.crt"
        assert points[0].full_name[0].value == f"{UNDER}/crl/{certificate.shard}.crl"
        listed = x509.load_der_x509_crl(house.status.crl(generation))
        (fresh,) = listed.extensions.get_extension_for_oid(ExtensionOID.FRESHEST_CRL).value
        assert fresh.full_name[0].value == f"{UNDER}/{name}-delta.crl"
    assert certificate.shard > 10_000


def said(status, request):
    return ocsp.load_der_ocsp_response(status.ocsp(request))


@pytest.mark.parametrize("nonce", [True, False])
def test_no_issuer_answers_for_a_certificate_of_another(house, two, nonce):
    """Never good for a serial that this CA did not give out: asked under the wrong issuer."""
    more = [x509.OCSPNonce(b"n" * 16)] if nonce else []
    for generation, other in ((1, 2), (2, 1)):
        issuer = house.authority.numbered(other).der
        serials = [int(auth_of(house, two[generation]).serial, 16)]
        office = house.authority.responder(house.authority.numbered(generation))
        serials.append(x509.load_der_x509_certificate(office.der).serial_number)
        for serial in serials:
            answer = said(house.status, ask(house, serial, issuer=issuer, extensions=more))
            assert answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_offices_stand_under_the_issuer_that_they_speak_for(house, two, clock):
    stamps = TimeStamps(house.db, house.vault, clock, house.authority)
    for generation in two:
        by = house.authority.numbered(generation)
        above = checking.chain(house.authority.chain_of(by), clock.now())
        assert stamped.check(stamps.token(bytes(32), by), bytes(32), above)
        for office in (
            house.authority.responder(by),
            house.authority.time_stamper(by),
            house.authority.document_signer(by),
        ):
            made = x509.load_der_x509_certificate(office.der)
            made.verify_directly_issued_by(by.certificate)
            (answer,) = house.status.about([made.serial_number])
            assert checking.status(answer, made, above, clock.now()).revoked_at is None


def another_process(house, vault_file):
    """The same bank's, with a vault opened before the rollover."""
    vault = SoftwareVault.open(vault_file, b"correct horse", house.entropy)
    return vault, Authority(house.db, vault, house.clock, house.entropy, house.authority.plan)


def test_a_process_that_did_not_roll_over_knows_what_the_other_one_issued(house, vault_file):
    vault, authority = another_process(house, vault_file)
    status = Status(house.db, vault, authority)
    house.authority.roll_over_issuing()
    certificate = auth_of(house, house.issue().credential)
    serial = int(certificate.serial, 16)

    answer = said(status, ask(house, serial, issuer=house.authority.issuer.der))

    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert authority.signed(certificate.der)
    assert status.lists.knows(certificate.shard)


def test_another_process_believes_the_new_key_before_it_issues_by_it(house, vault_file):
    """Whoever signs an order may meet a process that was not told of the rollover yet."""
    _, authority = another_process(house, vault_file)
    house.authority.roll_over_issuing()
    certificate = auth_of(house, house.issue().credential)

    assert authority.issuer.generation == 1
    assert authority.signed(certificate.der)


def test_serving_processes_issue_by_the_new_key_after_seconds(house, vault_file, clock):
    vault, authority = another_process(house, vault_file)
    issuing = Issuing(house.db, vault, authority, clock, house.entropy)
    house.authority.roll_over_issuing()

    before = issuing.prepare(house.order("c1")).by.generation
    clock.move(LOOK_SECONDS * SECOND)
    after = issuing.prepare(house.order("c2")).by.generation

    assert (before, after) == (1, 2)


def test_a_reissue_goes_over_to_the_new_issuer_and_ends_the_old_certificate(house, two):
    old = auth_of(house, two[1])

    made = house.issue("c1")

    assert auth_of(house, made.credential).shard > 10_000
    answer = said(
        house.status, ask(house, int(old.serial, 16), issuer=house.authority.numbered(1).der)
    )
    assert answer.revocation_reason is x509.ReasonFlags.superseded


def test_answers_signed_ahead_are_by_the_responder_of_each_issuer(house, two):
    assert Ahead(house.db, house.status).sign_all() == 8

    for generation, credential in two.items():
        by = house.authority.numbered(generation)
        asked = ask(house, int(auth_of(house, credential).serial, 16), issuer=by.der)
        answer = said(house.status, asked)
        assert answer.certificates[0].issuer == by.certificate.subject
        kept = house.status.answer(asked).kept
        assert kept is not None


def test_a_question_about_two_issuers_is_answered_by_the_first_ones(house, two):
    """Its responder may not speak of the other's certificates, and says unknown of them."""
    from dojang.certificates import der
    from dojang.certificates.ocsp import parse

    asked = [
        parse(
            ask(
                house,
                int(auth_of(house, two[of]).serial, 16),
                issuer=house.authority.numbered(of).der,
            )
        ).asked[0]
        for of in (2, 1)
    ]
    both = der.sequence(der.sequence(der.sequence(*(der.sequence(one.cert_id) for one in asked))))

    answer = ocsp.load_der_ocsp_response(house.status.ocsp(both))

    assert answer.certificates[0].issuer == house.authority.numbered(2).certificate.subject
    found = [one.certificate_status for one in answer.responses]
    assert found == [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.UNKNOWN]


def test_deltas_bring_each_generations_lists_up_to_date(house, two):
    for generation in two:
        house.status.lists.complete(everything_of(generation))
    for credential in two.values():
        step(house, "revoke", credential.id, EndReason.OTHER)

    for generation, credential in two.items():
        lists = house.status.lists
        made = lists.delta(everything_of(generation))
        delta = x509.load_der_x509_crl(b"".join(lists.parts(made)))
        serials = {certificate.serial for certificate in certificates(house, credential)}
        assert {f"{one.serial_number:032x}" for one in delta} == serials
        assert delta.is_signature_valid(
            house.authority.numbered(generation).certificate.public_key()
        )


def certificates(house, credential):
    with house.db.snapshot() as tx:
        return store.certificates_of(tx, credential.id)


def test_an_office_rolls_over_and_is_renewed_under_each_issuer(house, two, clock):
    for by in house.authority.issuers():
        house.authority.responder(by)

    made = house.authority.roll_over(OCSP)

    assert [one.key_label for one in made] == ["ocsp-responder-2", "ocsp-responder-g2-2"]
    clock.move(8 * DAY)
    for generation in two:
        by = house.authority.numbered(generation)
        renewed = house.authority.responder(by)
        assert renewed.key_label == made[generation - 1].key_label
        assert renewed.der != made[generation - 1].der
    assert len(house.authority.roll_over(TSA)) == 2


def test_a_bank_is_found_again_with_both_and_refuses_a_vault_without_the_new_key(
    house, two, vault_file, tmp_path
):
    _, again = another_process(house, vault_file)
    assert [one.generation for one in again.issuers()] == [1, 2]

    stranger = SoftwareVault.open(tmp_path / "other", b"correct horse", house.entropy)
    with pytest.raises(Uncertain):
        Authority(house.db, stranger, house.clock, house.entropy, house.authority.plan)
    with house.db.snapshot() as tx:
        row = store_authority.newest(tx, "issuing")
    with pytest.raises(Uncertain, match="lacks ca-issuing-2"):
        Issuer.of(row, stranger)


def test_the_two_have_names_of_their_own(house, two):
    names = [one.certificate.subject for one in house.authority.issuers()]

    assert len({name.public_bytes() for name in names}) == 2
    assert names[1].rfc4514_string().startswith("CN=Dojang Demo Mobile Certificate CA G2,")
