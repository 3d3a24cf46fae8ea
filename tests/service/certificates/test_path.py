"""Our own certificates as another house would judge them; and the keys of the house."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from dojang.certificates import EndReason, Hold, profiles, store
from dojang.certificates.model import Assurance, Kind
from dojang.certificates.path import Accepted, Flaw, Invalid, StatusOf, Valid, validate
from dojang.certificates.profiles import CLIENT_AUTH, EVERYTHING, Usage
from dojang.certificates.tables import authority as authority_table

POLICY = f"1.3.6.1.4.1.32473.1.{int(Assurance.KNOWN_CUSTOMER)}"
LOGS_IN = Accepted(
    policies=frozenset({POLICY}),
    usage=frozenset({Usage.DIGITAL_SIGNATURE}),
    purpose=CLIENT_AUTH,
    status_of=StatusOf.LEAF,
)
"""The issuing certificate names nobody who tells its status: the root is not asked daily."""


@pytest.fixture
def certificate(house):
    made = house.issue().credential
    with house.db.snapshot() as tx:
        return {one.kind: one for one in store.certificates_of(tx, made.id)}[Kind.AUTH]


@pytest.fixture
def judge(house, certificate):
    def judged(**status):
        chain = [certificate.der, house.authority.issuer.der]
        anchors = [house.authority.root_der]
        return validate(chain, anchors, house.clock.now(), LOGS_IN, **status)

    return judged


def told(house, certificate, by):
    if by == "crls":
        lists = house.status.lists  # a complete list names its delta, and counts only beside it
        both = lists.complete(EVERYTHING), lists.delta(EVERYTHING)
        return {"crls": [b"".join(lists.parts(one)) for one in both]}
    return {"ocsps": house.status.about([int(certificate.serial, 16)])}


@pytest.mark.parametrize("by", ["crls", "ocsps"])
def test_a_relying_party_takes_ours_by_list_and_by_answer(house, certificate, judge, by):
    assert judge(**told(house, certificate, by)) == Valid(frozenset({POLICY}))


@pytest.mark.parametrize("by", ["crls", "ocsps"])
def test_a_relying_party_refuses_suspended_and_revoked(house, certificate, judge, by):
    before = told(house, certificate, by)
    with house.db.transaction() as tx:
        house.lifecycle.suspend(tx, certificate.credential_id, Hold.LOSS)
    assert judge(**told(house, certificate, by)).flaw is Flaw.REVOKED
    assert isinstance(judge(**before), Valid)  # what was signed before stays what it was

    with house.db.transaction() as tx:
        house.lifecycle.revoke(tx, certificate.credential_id, EndReason.PHONE_LOST)
    assert judge(**told(house, certificate, by)).flaw is Flaw.REVOKED


def test_without_our_word_a_relying_party_knows_nothing(judge):
    assert isinstance(verdict := judge(), Invalid)
    assert verdict.flaw is Flaw.STATUS_UNKNOWN


def test_no_key_of_the_house_is_ed25519(house):
    """NSS cannot import an Ed25519 authority; `openssl cms` and `ts` cannot use one."""
    house.authority.responder()
    house.authority.time_stamper()
    house.authority.document_signer()

    with house.db.snapshot() as tx:
        rows = tx.execute(select(authority_table.c.role, authority_table.c.der)).all()

    made = {row.role: x509.load_der_x509_certificate(row.der) for row in rows}
    assert set(made) == {"root", "issuing", "ocsp", "tsa", "document"}
    for certificate in made.values():
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name in {"secp256r1", "secp384r1"}
        assert certificate.signature_algorithm_oid.dotted_string.startswith("1.2.840.10045.4.3.")


def test_only_a_person_has_an_ed25519_profile():
    named = {
        profile for profile in vars(profiles).values() if isinstance(profile, profiles.Profile)
    }

    assert len(named) == 8
    for profile in named:
        house_key = profile.key in {profiles.EC_P256, profiles.EC_P384}
        assert house_key is not profile.person
