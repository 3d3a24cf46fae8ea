"""Facts about the revocation lists: shards, deltas, chunks; OpenSSL and pkilint read them."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID
from tests.service.certificates.openssl import Desk
from tests.service.certificates.test_issuing import pkilint
from tests.service.certificates.test_status import auth_of, step

from dojang.certificates import Authority, EndReason, Hold, Plan, der, lists, store, store_status
from dojang.certificates.lists import Lists
from dojang.certificates.model import CrlReason
from dojang.certificates.store_status import Changed
from dojang.certificates.tables import authority as authority_table
from dojang.kernel.clock import SECOND


@pytest.fixture
def desk(house, tmp_path):
    return Desk(tmp_path, house)


def read(house, made):
    return x509.load_der_x509_crl(b"".join(house.status.lists.parts(made)))


def url_of(extension):
    return extension.full_name[0].value


def revoked_of(made):
    return {f"{one.serial_number:032x}": one for one in made}


def test_a_certificate_stands_on_the_list_that_it_names_and_on_that_of_everything(house):
    credential = house.issue().credential
    certificate = auth_of(house, credential)
    step(house, "revoke", credential.id, EndReason.OTHER)

    here = read(house, house.status.lists.complete(certificate.shard))
    others = [
        read(house, house.status.lists.complete(shard))
        for shard in range(1, 9)
        if shard != certificate.shard
    ]

    parsed = x509.load_der_x509_certificate(certificate.der)
    points = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    idp = here.extensions.get_extension_for_oid(ExtensionOID.ISSUING_DISTRIBUTION_POINT)
    assert idp.critical
    assert idp.value.only_contains_user_certs
    assert url_of(idp.value) == url_of(points[0])
    assert certificate.serial in revoked_of(here)
    assert all(certificate.serial not in revoked_of(one) for one in others)
    assert certificate.serial in revoked_of(x509.load_der_x509_crl(house.status.crl()))


def test_a_list_of_another_shard_is_not_signed_anew(house):
    made = house.issue().credential
    shards = {auth_of(house, made).shard}
    with house.db.snapshot() as tx:
        shards |= {one.shard for one in store.certificates_of(tx, made.id)}
    other = next(shard for shard in range(1, 9) if shard not in shards)
    before = house.status.lists.complete(other)

    step(house, "revoke", made.id, EndReason.OTHER)

    assert house.status.lists.complete(other) == before
    assert house.status.lists.complete(min(shards)).number == 1


def test_openssl_applies_a_delta_to_an_older_list(house, desk):
    """First a suspension, then its release: what only the delta knows decides."""
    credential = house.issue().credential
    certificate = auth_of(house, credential)
    shard = certificate.shard
    desk.write("full.crl", b"".join(house.status.lists.parts(house.status.lists.complete(shard))))
    check = (
        "-crl_check", "-extended_crl", "-CRLfile", "full.crl",
        "-use_deltas", "-CRLfile", "delta.crl",
    )  # fmt: skip
    verdicts = []
    for name, reason in (("suspend", Hold.LOSS), ("release", None)):
        step(house, name, credential.id, *([] if reason is None else [reason]))
        delta = house.status.lists.delta(shard)
        desk.write("delta.crl", b"".join(house.status.lists.parts(delta)))
        verdicts.append(desk.verify(certificate.der, *check))

    assert verdicts[0][0] != 0
    assert "certificate revoked" in verdicts[0][1]
    assert verdicts[1] == (0, "leaf.pem: OK\n")


def test_openssl_takes_the_list_of_the_shard_and_no_other(house, desk):
    certificate = auth_of(house, house.issue().credential)
    verdicts = {}
    for shard in (certificate.shard, 1 + certificate.shard % 8):
        made = house.status.lists.complete(shard)
        desk.write("one.crl", b"".join(house.status.lists.parts(made)))
        verdicts[shard] = desk.verify(
            certificate.der, "-crl_check", "-extended_crl", "-CRLfile", "one.crl"
        )

    assert verdicts.pop(certificate.shard) == (0, "leaf.pem: OK\n")
    assert "different CRL scope" in next(iter(verdicts.values()))[1]


def test_a_delta_builds_on_the_oldest_list_that_is_still_valid(house):
    first = house.status.lists.complete()
    credential = house.issue().credential
    step(house, "suspend", credential.id, Hold.LOSS)
    second = house.status.lists.complete()
    step(house, "release", credential.id)

    delta = house.status.lists.delta()
    parsed = read(house, delta)

    indicator = parsed.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    number = parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    reasons = {
        one.extensions.get_extension_for_class(x509.CRLReason).value.reason for one in parsed
    }
    assert (first.number, second.number, number) == (1, 2, 3)
    assert indicator.critical
    assert indicator.value.crl_number == 1
    assert reasons == {x509.ReasonFlags.remove_from_crl}
    with pytest.raises(x509.ExtensionNotFound):
        parsed.extensions.get_extension_for_class(x509.FreshestCRL)

    house.clock.move(86_400 * SECOND)
    later = read(house, house.status.lists.delta())
    assert later.extensions.get_extension_for_class(x509.DeltaCRLIndicator).value.crl_number == 4
    assert list(later) == []


def test_a_complete_list_says_where_its_delta_is(house):
    made = read(house, house.status.lists.complete(3))

    fresh = made.extensions.get_extension_for_class(x509.FreshestCRL).value

    assert url_of(fresh[0]) == "http://localhost:8000/pki/crl/3-delta.crl"


def many(house, count, reason=CrlReason.CESSATION_OF_OPERATION, *, first=1):
    serials = [f"{number:032x}" for number in range(first, first + count)]
    with house.db.transaction() as tx:
        changed = [Changed(serial, 1 + number % 8) for number, serial in enumerate(serials)]
        store_status.record(tx, changed, reason)
    return serials


def test_a_list_of_many_chunks_is_whole_and_signed(house, monkeypatch):
    """Chunks end in the middle of a change, and further revocations only add."""
    monkeypatch.setattr(lists, "PAGE_ENTRIES", 300)
    serials = many(house, 1_000)
    first = read(house, house.status.lists.complete())
    credential = house.issue().credential
    step(house, "revoke", credential.id, EndReason.OTHER)

    made = house.status.lists.complete()

    issuing = x509.load_der_x509_certificate(house.authority.issuer.der).public_key()
    assert made.chunks == 3
    assert first.is_signature_valid(issuing)
    assert sorted(revoked_of(first)) == serials
    assert read(house, made).is_signature_valid(issuing)
    assert len(list(read(house, made))) == 1_002
    assert read(house, made).public_bytes(Encoding.DER) == b"".join(house.status.lists.parts(made))


def test_two_processes_that_fold_at_once_write_each_entry_once(house):
    many(house, 700)
    other = Lists(house.db, house.vault, house.authority)
    here, there = house.status.lists.complete(), other.complete()

    assert here == there
    assert len(list(read(house, here))) == 700


def test_a_delta_that_helps_nobody_is_not_made(house, monkeypatch):
    monkeypatch.setattr(lists, "DELTA_ENTRIES_MAX", 10)
    house.status.lists.complete()
    many(house, 11)

    assert house.status.lists.delta() is None
    assert house.status.lists.delta(1) is not None


def test_entries_are_written_as_another_library_writes_them(house):
    many(house, 3, CrlReason.KEY_COMPROMISE)
    made = b"".join(house.status.lists.parts(house.status.lists.complete()))
    parsed = x509.load_der_x509_crl(made)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(parsed.issuer)
        .last_update(parsed.last_update_utc)
        .next_update(parsed.next_update_utc)
    )
    for one in parsed:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.serial_number)
            .revocation_date(one.revocation_date_utc)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())

    theirs = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())

    assert fields_of(made)[:6] == fields_of(theirs.public_bytes(Encoding.DER))[:6]


def fields_of(made):
    return [node.raw for node in der.read(made).children()[0].children()]


def test_pkilint_finds_nothing_in_shards_and_deltas(house, db, owner, clock, entropy, tmp_path):
    with owner.transaction() as tx:
        tx.execute(authority_table.delete())
    plan = Plan(base_url="http://pki.dojang.example")
    made = Lists(db, house.vault, Authority(db, house.vault, clock, entropy, plan))
    found = {}
    for first, name in enumerate(("complete", "delta"), 1):
        many(house, 1, first=first)
        for shard in (0, 1):
            path = tmp_path / f"{name}-{shard}.crl"
            path.write_bytes(b"".join(made.parts(getattr(made, name)(shard))))
            found[name, shard] = pkilint("lint_crl", path, "-t", "CRL", "-p", "PKIX")

    assert set(map(frozenset, found.values())) == {frozenset()}, found


def test_numbers_of_shards_rise_apart(house):
    assert [house.status.lists.complete(shard).number for shard in (0, 1, 2)] == [1, 1, 1]


def test_there_is_no_list_of_a_shard_that_never_was(house):
    assert [house.status.lists.knows(shard) for shard in (0, 8, 9, -1)] == [
        True,
        True,
        False,
        False,
    ]
