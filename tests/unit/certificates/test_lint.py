"""Every rule of the lint has a bad certificate that it, and for the right reason, refuses."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import der, frame, profiles
from dojang.certificates.frame import Meant
from dojang.certificates.lint import RULES, Lint
from dojang.certificates.model import NO_EXPIRY, Assurance, Plan
from dojang.certificates.profiles import (
    AUTH,
    OCSP,
    ROOT,
    SIGN,
    Extension,
    Fields,
    Signer,
    Usage,
    Writer,
)
from dojang.kernel.clock import Instant

PLAN = Plan(base_url="http://pki.dojang.example")
KEY = ec.generate_private_key(ec.SECP256R1())
SIGNER = Signer(
    name=profiles.house_name("도장은행", "발급"), key_id=b"i" * 20, algorithm=profiles.ECDSA_SHA256
)
POINT = bytes(range(32))
START = Instant(1_800_000_000_000_000)
FIELDS = Fields(
    serial=0x8123456789ABCDEF0123456789ABCDEF,
    subject=profiles.person_name("김민용", "S-1"),
    spki=profiles.ed25519_spki(POINT),
    key_id=profiles.key_id(POINT),
    not_before=START,
    not_after=NO_EXPIRY,
)
VERSION, SERIAL, INNER, ISSUER, VALIDITY, SUBJECT, SPKI, EXTENSIONS = range(8)


def signed(tbs, *, outer=profiles.ECDSA_SHA256, key=KEY):
    return profiles.assemble(tbs, outer, key.sign(tbs, ec.ECDSA(hashes.SHA256())))


def found(certificate, profile=AUTH, fields=FIELDS, assurance=Assurance.KNOWN_CUSTOMER):
    return rules(Lint(Meant(profile, SIGNER, PLAN, assurance)), certificate, fields)


def rules(lint, certificate, fields=FIELDS):
    return {finding.rule for finding in lint.findings(certificate, fields, KEY.public_key())}


def good_tbs(profile=AUTH, fields=FIELDS):
    return Writer(profile, SIGNER, PLAN).tbs(fields)


def with_part(number, content, profile=AUTH):
    parts = [node.raw for node in der.read(good_tbs(profile)).children()]
    parts[number] = content
    return signed(der.sequence(*parts))


def with_extension(kind, value, *, critical=None, profile=AUTH):
    """The good certificate with one extension's value (and criticality) replaced."""
    flag = critical if critical is not None else kind in profile.critical
    return _rebuilt(
        profile,
        lambda oid, raw: (
            der.sequence(oid, der.true() if flag else b"", der.octets(value))
            if oid == der.oid(kind)
            else raw
        ),
    )


def _rebuilt(profile, change, more=b""):
    listed = der.read(good_tbs(profile)).children()[EXTENSIONS].children()[0].children()
    changed = b"".join(change(node.children()[0].raw, node.raw) for node in listed)
    return with_part(EXTENSIONS, der.explicit(3, der.sequence(changed, more)), profile)


def without(kind, profile=AUTH):
    return _rebuilt(profile, lambda oid, raw: b"" if oid == der.oid(kind) else raw)


def subject(*attributes):
    rdns = (
        der.tlv(der.SET, der.sequence(der.oid(oid), der.tlv(tag, text.encode())))
        for oid, tag, text in attributes
    )
    return with_part(SUBJECT, der.sequence(*rdns))


C = ("2.5.4.6", der.PRINTABLE, "KR")
CN = ("2.5.4.3", der.UTF8, "김민용")
SN = ("2.5.4.5", der.PRINTABLE, "S-1")
EVER = der.sequence(der.time(START), der.NO_EXPIRY)
UTC_9999 = der.tlv(der.UTC_TIME, b"991231235959Z")
URI = der.implicit(6, b"http://elsewhere.example/")

BAD = {
    "version_3": with_part(VERSION, b"\xa0\x03\x02\x01\x01"),
    "serial_in_range": with_part(SERIAL, der.integer(2**159)),
    "serial_as_drawn": with_part(SERIAL, der.integer(7)),
    "algorithms_agree": with_part(INNER, profiles.ECDSA_SHA384),
    "issuer_is_the_signer": with_part(ISSUER, profiles.house_name("도장은행", "남")),
    "not_before_as_ordered": with_part(
        VALIDITY, der.sequence(der.generalized(START), der.NO_EXPIRY)
    ),
    "not_after_as_ordered": with_part(VALIDITY, der.sequence(der.time(START), UTC_9999)),
    "subject_attributes": subject(C, ("2.5.4.3", der.PRINTABLE, "Kim"), SN),
    "subject_lengths": subject(C, ("2.5.4.3", der.UTF8, "가" * 65), SN),
    "country_is_korea": subject(("2.5.4.6", der.PRINTABLE, "US"), CN, SN),
    "no_resident_number": subject(C, CN, ("2.5.4.5", der.PRINTABLE, "900101-1234567")),
    "subject_as_ordered": subject(C, CN, ("2.5.4.5", der.PRINTABLE, "S-2")),
    "key_as_ordered": with_part(SPKI, profiles.ed25519_spki(bytes(32))),
    "no_unique_ids": signed(
        der.sequence(
            *(node.raw for node in der.read(good_tbs()).children()[:EXTENSIONS]),
            der.implicit(1, b"\x00\x01"),
            der.read(good_tbs()).children()[EXTENSIONS].raw,
        )
    ),
    "extensions_of_the_profile": without(Extension.CRL_POINTS),
    "criticality": with_extension(Extension.KEY_USAGE, der.named_bits((0,)), critical=False),
    "key_usage": with_extension(Extension.KEY_USAGE, der.named_bits((0, 2))),
    "basic_constraints": with_extension(
        Extension.BASIC_CONSTRAINTS, der.sequence(der.true(), der.integer(0))
    ),
    "extended_key_usage": with_extension(
        Extension.EXTENDED_KEY_USAGE, der.sequence(der.oid("2.5.29.37.0"))
    ),
    "policies": with_extension(
        Extension.POLICIES, der.sequence(der.sequence(der.oid("1.3.6.1.4.1.32473.1.2")))
    ),
    "subject_key_id": with_extension(Extension.SKI, der.octets(b"k" * 20)),
    "authority_key_id": with_extension(Extension.AKI, der.sequence(der.implicit(0, b"x" * 20))),
    "authority_information": with_extension(
        Extension.AIA, der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.48.1"), URI))
    ),
    "crl_points": with_extension(
        Extension.CRL_POINTS,
        der.sequence(der.sequence(der.explicit(0, der.explicit(0, URI)))),
    ),
    "signature": signed(good_tbs(), key=ec.generate_private_key(ec.SECP256R1())),
}
ALONE = set(BAD) - {
    # What cannot be wrong without being another subject, key or algorithm as well:
    "serial_in_range",
    "subject_attributes",
    "subject_lengths",
    "country_is_korea",
    "no_resident_number",
    "key_as_ordered",
    "version_3",
}


@pytest.mark.parametrize("profile", [AUTH, SIGN])
def test_a_certificate_of_the_profile_has_no_findings(profile):
    assert found(signed(good_tbs(profile)), profile) == set()


@pytest.mark.parametrize("rule", sorted(BAD))
def test_a_bad_certificate_is_refused_for_its_reason(rule):
    assert rule in found(BAD[rule])


@pytest.mark.parametrize("rule", sorted(ALONE))
def test_one_thing_wrong_is_one_finding(rule):
    assert found(BAD[rule]) == {rule}


def test_every_rule_is_tried_by_a_bad_certificate():
    elsewhere = {
        "algorithm_known",
        "validity_is_not_empty",
        "key_algorithm",
        "extensions_once",
        "defaults_left_out",
        "ocsp_nocheck",
    }

    assert {name for name, _, _ in RULES + frame.RULES} | {"signature"} == set(BAD) | elsewhere


@pytest.fixture(scope="module")
def experienced():
    """A lint that has found good certificates sound."""
    lint = Lint(Meant(AUTH, SIGNER, PLAN))
    for point in (POINT, bytes(32)):
        assert rules(lint, signed(good_tbs(fields=of_key(point))), of_key(point)) == set()
    return lint


def of_key(point):
    return replace(FIELDS, spki=profiles.ed25519_spki(point), key_id=profiles.key_id(point))


@pytest.mark.parametrize("rule", sorted(BAD))
def test_a_bad_certificate_is_refused_after_good_ones_too(experienced, rule):
    assert rules(experienced, BAD[rule]) == found(BAD[rule])


def test_what_was_refused_once_is_refused_again(experienced):
    first = rules(experienced, BAD["key_usage"])

    assert rules(experienced, BAD["key_usage"]) == first == {"key_usage"}


def test_the_identifier_of_another_key_is_refused_after_good_ones_too(experienced):
    fields = replace(of_key(bytes(31) + b"\x01"), key_id=FIELDS.key_id)

    assert rules(experienced, signed(good_tbs(fields=fields)), fields) == {"subject_key_id"}


def test_the_list_of_another_shard_is_refused_after_good_ones_too(experienced):
    assert rules(experienced, signed(good_tbs()), replace(FIELDS, shard=1)) == {"crl_points"}


def test_what_is_not_signed_yet_passes_before_and_never_after():
    lint = Lint(Meant(AUTH, SIGNER, PLAN))

    assert lint.before_signing(good_tbs(), FIELDS) == []
    assert rules(lint, profiles.unsigned(good_tbs(), SIGNER)) == {"signature"}


def test_before_signing_what_is_wrong_is_found():
    parts = [node.raw for node in der.read(good_tbs()).children()]
    parts[SERIAL] = der.integer(7)

    said = Lint(Meant(AUTH, SIGNER, PLAN)).before_signing(der.sequence(*parts), FIELDS)

    assert {finding.rule for finding in said} == {"serial_as_drawn"}


def test_a_key_with_null_parameters_is_refused():
    algorithm = der.sequence(der.oid("1.3.101.112"), der.NULL)

    certificate = with_part(SPKI, der.sequence(algorithm, der.bits(POINT)))

    assert found(certificate) & {"key_algorithm", "parses"}


def test_a_key_of_another_kind_is_refused():
    assert "key_algorithm" in found(signed(good_tbs()), replace(AUTH, key=profiles.EC_P256))


def test_an_unknown_signature_algorithm_is_refused():
    sha512 = der.sequence(der.oid("1.2.840.10045.4.3.4"))
    parts = [node.raw for node in der.read(good_tbs()).children()]
    parts[INNER] = sha512

    assert "algorithm_known" in found(signed(der.sequence(*parts), outer=sha512))


def test_a_certificate_that_ends_before_it_begins_is_refused():
    fields = replace(FIELDS, not_after=Instant(START - 1))
    plain = replace(AUTH, no_expiry=False)

    assert "validity_is_not_empty" in found(signed(good_tbs(plain, fields)), plain, fields)


def test_an_extension_that_stands_twice_is_refused():
    again = der.sequence(der.oid(Extension.SKI), der.octets(der.octets(FIELDS.key_id)))

    assert found(_rebuilt(AUTH, lambda _, raw: raw, again)) & {"extensions_once", "parses"}


def test_a_written_default_is_refused():
    def spelled(oid, raw):
        if oid != der.oid(Extension.SKI):
            return raw
        return der.sequence(oid, b"\x01\x01\x00", der.octets(der.octets(FIELDS.key_id)))

    assert found(_rebuilt(AUTH, spelled)) & {"defaults_left_out", "parses"}


def test_nocheck_holds_nothing():
    certificate = with_extension(Extension.OCSP_NOCHECK, der.octets(b"x"), profile=OCSP)

    assert found(certificate, OCSP) & {"ocsp_nocheck", "parses"}


@pytest.mark.parametrize("bits", [(2,), (3,), (0, 1), (5,), ()])
def test_no_key_usage_but_the_profiles_passes(bits):
    """keyEncipherment, dataEncipherment, both keys' bits on one key, keyCertSign, none."""
    certificate = with_extension(Extension.KEY_USAGE, der.named_bits(bits))

    assert found(certificate) & {"key_usage", "parses"}


def test_the_sign_key_may_not_log_in():
    certificate = signed(good_tbs(replace(SIGN, usage=(Usage.DIGITAL_SIGNATURE,))))

    assert found(certificate, SIGN) == {"key_usage"}


def test_another_level_of_assurance_is_refused():
    assert found(signed(good_tbs()), assurance=Assurance.NEW_CUSTOMER) == {"policies"}


def test_a_person_is_no_authority():
    assert {"basic_constraints", "key_usage"} <= found(signed(good_tbs()), ROOT)


@pytest.mark.parametrize("content", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x00", b"nonsense"])
def test_what_is_no_certificate_is_refused(content):
    assert found(content) == {"parses"}


@pytest.mark.parametrize("cut", [1, 30, 100, 300, -1])
def test_a_certificate_cut_off_is_refused(cut):
    assert found(signed(good_tbs())[:cut]) == {"parses"}


def test_subject_and_request_are_the_same_bytes():
    from dojang.crypto import csr

    info = csr.request_info(POINT, name="김민용", subject_id="S-1")

    assert FIELDS.subject in info
    assert EVER in good_tbs()
