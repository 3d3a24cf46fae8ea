"""Facts about issuing: what leaves the house, and what never does."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from sqlalchemy import func, select
from tests.service.certificates.conftest import key_proof
from tests.service.certificates.openssl import Desk

from dojang.certificates import Assurance, Authority, Issuing, KeyProof, Plan, store
from dojang.certificates.issuing import AlreadyRedeemed, NotTheKey, Refused, Unlinted
from dojang.certificates.model import Kind, Standing
from dojang.certificates.profiles import Writer
from dojang.certificates.tables import authority as authority_table
from dojang.certificates.tables import certificate
from dojang.kernel.clock import DAY

FQDN = Plan(base_url="http://pki.dojang.example")


def rows(house):
    with house.db.snapshot() as tx:
        return tx.execute(select(func.count()).select_from(certificate)).scalar_one()


def certificates(house, activated):
    with house.db.snapshot() as tx:
        return {one.kind: one for one in store.certificates_of(tx, activated.credential.id)}


def test_both_certificates_say_who_and_for_what(house):
    order = house.order(name="김민용")
    issued = house.issuing.redeem(house.issuing.prepare(order))

    auth, sign = (x509.load_der_x509_certificate(issued.of(kind).der) for kind in Kind)

    for made, proof in ((auth, order.auth), (sign, order.sign)):
        assert made.subject.rfc4514_string() == "2.5.4.5=S-c1,CN=김민용,C=KR"
        assert made.public_key().public_bytes_raw() == proof.public_key
        assert made.not_valid_before_utc.timestamp() == house.clock.now() // 1_000_000
        assert b"\x18\x0f99991231235959Z" in made.tbs_certificate_bytes
    usage_auth = auth.extensions.get_extension_for_class(x509.KeyUsage)
    usage_sign = sign.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage_auth.critical
    assert usage_sign.critical
    assert usage_auth.value.digital_signature
    assert not usage_auth.value.content_commitment
    assert usage_sign.value.content_commitment
    assert not usage_sign.value.digital_signature
    assert not usage_auth.value.key_encipherment
    assert list(auth.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        Eku.CLIENT_AUTH
    ]
    with pytest.raises(x509.ExtensionNotFound):
        sign.extensions.get_extension_for_class(x509.ExtendedKeyUsage)


def test_the_level_of_assurance_is_the_policy(house):
    order = replace(house.order(), assurance=Assurance.NEW_CUSTOMER)

    issued = house.issuing.redeem(house.issuing.prepare(order))

    made = x509.load_der_x509_certificate(issued.of(Kind.SIGN).der)
    policies = made.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [p.policy_identifier.dotted_string for p in policies] == ["1.3.6.1.4.1.32473.1.2"]


def test_openssl_verifies_the_chain_strictly(house, tmp_path):
    desk = Desk(tmp_path, house)
    made = certificates(house, house.issue())

    verdicts = [
        desk.verify(made[Kind.AUTH].der, "-purpose", "sslclient"),
        desk.verify(made[Kind.AUTH].der),
        desk.verify(made[Kind.SIGN].der),
        desk.verify(house.authority.responder().der, "-purpose", "ocsphelper"),
    ]

    assert verdicts == [(0, "leaf.pem: OK\n")] * 4


def test_the_intent_is_stored_before_the_key_is_touched(house):
    order = house.order()

    prepared = house.issuing.prepare(order)

    with house.db.snapshot() as tx:
        intents = list(tx.execute(select(certificate)))
    assert {row.standing for row in intents} == {Standing.PREPARED}
    assert {row.der for row in intents} == {None}
    issued = house.issuing.redeem(prepared)
    signed = {
        hashlib.sha256(x509.load_der_x509_certificate(made.der).tbs_certificate_bytes).digest()
        for made in issued.certificates
    }
    assert signed == {row.tbs_hash for row in intents}


def test_a_token_is_redeemed_once(house):
    prepared = house.issuing.prepare(house.order())
    house.issuing.redeem(prepared)

    with pytest.raises(AlreadyRedeemed):
        house.issuing.redeem(prepared)


def _swapped(order):
    return replace(order, auth=KeyProof(order.sign.public_key, order.auth.csr))


def _of_another(order):
    stranger = Ed25519PrivateKey.generate()
    return replace(order, sign=key_proof(stranger, order.name, "S-another"))


def _renamed(order):
    return replace(order, name="나도장")


def _unsigned(order):
    broken = order.auth.csr[:-1] + bytes((order.auth.csr[-1] ^ 1,))
    return replace(order, auth=KeyProof(order.auth.public_key, broken))


def _garbage(order):
    return replace(order, auth=KeyProof(order.auth.public_key, b"\x30\x00"))


@pytest.mark.parametrize("spoil", [_swapped, _of_another, _renamed, _unsigned, _garbage])
def test_a_request_for_another_key_or_person_is_refused_and_nothing_stored(house, spoil):
    order = house.order()

    with pytest.raises(NotTheKey):
        house.issuing.prepare(spoil(order))

    assert rows(house) == 0


def test_a_bad_profile_is_caught_before_the_key_is_touched(house, monkeypatch):
    order = house.order()
    touched = []
    monkeypatch.setattr(house.vault, "sign", lambda *_: touched.append(1))
    wrong = Plan(base_url="http://elsewhere.example")
    desk = house.issuing._desk

    def misprinted(by, profile, level):
        writer = Writer(profile, by.signer, wrong, level)
        return replace(desk(by, profile, level), writer=writer)

    monkeypatch.setattr(house.issuing, "_desk", misprinted)

    with pytest.raises(Unlinted) as refused:
        house.issuing.prepare(order)

    assert {finding.rule for finding in refused.value.findings} == {
        "authority_information",
        "crl_points",
    }
    assert touched == []
    assert rows(house) == 0


def test_a_signature_by_another_key_never_leaves(house, monkeypatch):
    prepared = house.issuing.prepare(house.order())
    honest = house.vault.sign
    monkeypatch.setattr(house.vault, "sign", lambda _label, tbs: honest("ocsp-responder", tbs))

    with pytest.raises(Refused):
        house.issuing.redeem(prepared)


def test_the_authority_is_made_once(house, db, clock, entropy):
    again = Authority(db, house.vault, clock, entropy, house.authority.plan)

    assert again.chain_of() == house.authority.chain_of()


def test_the_responder_is_renewed_by_the_clock_and_by_every_process_alike(
    house, db, clock, entropy
):
    first = house.authority.responder()
    clock.move(6 * DAY)
    assert house.authority.responder() == first

    clock.move(2 * DAY)
    second = house.authority.responder()
    other = Authority(db, house.vault, clock, entropy, house.authority.plan).responder()

    assert second.der != first.der
    assert other == second
    with db.snapshot() as tx:
        numbers = select(authority_table.c.number).where(authority_table.c.role == "ocsp")
        assert sorted(tx.execute(numbers).scalars()) == [1, 2]


def test_a_year_without_a_question_still_ends_in_a_good_responder(house, clock):
    house.authority.responder()

    clock.move(400 * DAY)

    made = x509.load_der_x509_certificate(house.authority.responder().der)
    assert made.not_valid_before_utc.timestamp() == clock.now() // 1_000_000


OFFICES = ["time_stamper", "document_signer"]


@pytest.mark.parametrize("office", OFFICES)
def test_a_certificate_of_the_house_is_renewed_long_before_it_ends(house, clock, office):
    first = getattr(house.authority, office)()
    assert getattr(house.authority, office)() == first

    clock.move(6 * 365 * DAY)
    second = getattr(house.authority, office)()

    old, new = (x509.load_der_x509_certificate(one.der) for one in (first, second))
    assert old.public_key() == new.public_key()
    assert new.not_valid_before_utc.timestamp() == clock.now() // 1_000_000


@pytest.mark.parametrize(
    ("office", "purpose"), [("time_stamper", "timestampsign"), ("document_signer", "any")]
)
def test_openssl_takes_a_certificate_of_the_house_for_its_purpose(house, tmp_path, office, purpose):
    desk = Desk(tmp_path, house)

    code, said = desk.verify(getattr(house.authority, office)().der, "-purpose", purpose)

    assert code == 0, said


@pytest.mark.parametrize("office", OFFICES)
def test_ocsp_knows_the_certificates_of_the_house(house, tmp_path, office):
    desk = Desk(tmp_path, house)

    code, said = desk.ocsp(getattr(house.authority, office)().der)

    assert code == 0, said
    assert "asked.pem: good" in said


PKILINT_EXPLAINED = {
    # The SKI is SHA-256 truncated, not SHA-1 (RFC 7093); pkilint recognises it and says so.
    "pkix.subject_key_identifier_rfc7093_method_1_identified",
}


def pkilint(tool, path, *more):
    program = Path(sys.executable).with_name(tool)
    done = subprocess.run(
        [program, "lint", "-s", "INFO", "-f", "JSON", path, *more],
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads(done.stdout)["results"]
    return {found["code"] for result in results for found in result["finding_descriptions"]}


def test_pkilint_finds_nothing_unexplained_in_any_profile(
    db, owner, clock, entropy, house, tmp_path
):
    with owner.transaction() as tx:
        tx.execute(authority_table.delete())
    authority = Authority(db, house.vault, clock, entropy, FQDN)
    issuing = Issuing(db, house.vault, authority, clock, entropy)
    issued = issuing.redeem(issuing.prepare(house.order()))
    profiles = {
        "root": authority.root_der,
        "issuing": authority.issuer.der,
        "ocsp": authority.responder().der,
        "tsa": authority.time_stamper().der,
        "document": authority.document_signer().der,
        "auth": issued.of(Kind.AUTH).der,
        "sign": issued.of(Kind.SIGN).der,
    }

    findings = {}
    for name, content in profiles.items():
        path = tmp_path / f"{name}.der"
        path.write_bytes(content)
        findings[name] = pkilint("lint_pkix_cert", path)

    assert findings == dict.fromkeys(profiles, PKILINT_EXPLAINED)
