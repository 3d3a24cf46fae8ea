"""What we ask of a path beyond the suite of `test_path_pkits`: status, use, limits, bad bytes."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dojang.certificates import path
from dojang.certificates.path import Accepted, Flaw, StatusOf, Valid, validate
from dojang.certificates.profiles import OCSP_SIGNING, Usage
from dojang.kernel.clock import DAY, SECOND, Instant, instant

POLICY = "1.3.6.1.4.1.32473.9.1"
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
AT = instant(NOON)
YEAR = dt.timedelta(days=365)
SIGNS = Accepted(
    policies=frozenset({POLICY}),
    usage=frozenset({Usage.DIGITAL_SIGNATURE, Usage.NON_REPUDIATION}),
)
BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Ca:
    """A name and a key that sign certificates and lists."""

    def __init__(self, name, above=None, *, uses=("key_cert_sign", "crl_sign"), ca=True):
        self.name = named(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.serial = 1 if above is None else 3
        self.certificate = (above or self).issue(
            self.name, self.key, ca=ca, uses=uses, policy="2.5.29.32.0", serial=self.serial
        )

    def issue(
        self,
        subject,
        key,
        *,
        ca=False,
        uses=("digital_signature", "content_commitment"),
        policy=POLICY,
        serial=7,
        more=(),
        until=YEAR,
    ):
        self_made = subject == self.name
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(NOON - YEAR)
            .not_valid_after(NOON + until)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.KeyUsage(**{bit: bit in uses for bit in BITS}), critical=True)
            .add_extension(
                x509.CertificatePolicies(
                    [x509.PolicyInformation(x509.ObjectIdentifier(policy), None)]
                ),
                critical=True,
            )
        )
        if ca and not self_made:
            made = made.add_extension(x509.PolicyConstraints(0, None), critical=True)
        for extension, critical in more:
            made = made.add_extension(extension, critical=critical)
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def says(self, *revoked, at=NOON, since=NOON, reason=x509.ReasonFlags.cessation_of_operation):
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(at - dt.timedelta(hours=1))
            .next_update(at + dt.timedelta(hours=23))
        )
        for serial in revoked:
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(since)
                .add_extension(x509.CRLReason(reason), critical=False)
                .build()
            )
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


PERSON = named("홍길동()0004041")
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def root():
    return Ca("Test Root")


@pytest.fixture(scope="module")
def ca(root):
    return Ca("Test CA", root)


@pytest.fixture(scope="module")
def leaf(ca):
    return ca.issue(PERSON, KEY)


@pytest.fixture
def judge(root, ca, leaf):
    """The verdict over leaf and CA with today's lists, unless another thing is said."""

    def judged(accepted=SIGNS, **changes):
        given = {
            "chain": [leaf, ca.certificate],
            "anchors": [root.certificate],
            "at": AT,
            "crls": [root.says(), ca.says()],
        }
        return validate(accepted=accepted, **{**given, **changes})

    return judged


def test_a_chain_holds_under_its_policy_in_any_order(judge, ca, root, leaf):
    assert judge() == Valid(frozenset({POLICY}))
    assert judge(chain=[leaf, root.certificate, ca.certificate]) == judge()


def test_another_policy_is_refused_and_none_named_takes_any(judge):
    other = Accepted(policies=frozenset({"1.2.3.4.5"}))

    assert judge(other).flaw is Flaw.POLICY
    assert judge(Accepted(policies=frozenset())) == Valid(frozenset({POLICY}))


def test_the_end_of_validity_is_the_last_second_that_is_valid(judge, ca):
    end = instant(NOON + YEAR)
    lists = {"crls": [ca.says(at=NOON + YEAR)]}
    by_the_leaf = Accepted(policies=frozenset({POLICY}), status_of=StatusOf.LEAF)

    assert isinstance(judge(by_the_leaf, at=end, **lists), Valid)
    assert judge(by_the_leaf, at=Instant(end + SECOND), **lists).flaw is Flaw.EXPIRED
    assert judge(at=instant(NOON - YEAR - dt.timedelta(seconds=1))).flaw is Flaw.NOT_YET_VALID


@pytest.mark.parametrize(
    "reason", [x509.ReasonFlags.certificate_hold, x509.ReasonFlags.key_compromise]
)
def test_revoked_and_suspended_are_refused(judge, root, ca, reason):
    lists = [root.says(), ca.says(7, reason=reason)]

    assert judge(crls=lists).flaw is Flaw.REVOKED


def test_a_list_that_names_the_certificate_ends_it_from_whatever_date(judge, root, ca):
    later = ca.says(7, since=NOON + dt.timedelta(days=1))

    assert judge(crls=[root.says(), later]).flaw is Flaw.REVOKED


def test_a_revoked_ca_takes_its_people_with_it(judge, root, ca):
    assert judge(crls=[root.says(ca.serial), ca.says()]).flaw is Flaw.REVOKED


def test_without_a_list_of_the_time_the_status_is_unknown(judge, root, ca):
    yesterday = NOON - dt.timedelta(days=2)

    assert judge(crls=[]).flaw is Flaw.STATUS_UNKNOWN
    assert judge(crls=[ca.says()]).flaw is Flaw.STATUS_UNKNOWN
    assert judge(crls=[root.says(), ca.says(at=yesterday)]).flaw is Flaw.STATUS_UNKNOWN
    assert judge(at=Instant(AT + 2 * DAY)).flaw is Flaw.STATUS_UNKNOWN


def test_a_list_signed_by_somebody_of_the_same_name_counts_for_nothing(judge, root):
    twin = Ca("Test CA", root)

    assert judge(crls=[root.says(), twin.says()]).flaw is Flaw.STATUS_UNKNOWN


def test_only_the_leafs_status_may_be_asked_for(judge, ca):
    by_the_leaf = Accepted(policies=frozenset({POLICY}), status_of=StatusOf.LEAF)

    assert isinstance(judge(by_the_leaf, crls=[ca.says()]), Valid)
    assert judge(by_the_leaf, crls=[]).flaw is Flaw.STATUS_UNKNOWN


def test_an_anchor_of_the_same_name_is_not_the_anchor(judge):
    assert judge(anchors=[Ca("Test Root").certificate]).flaw is Flaw.SIGNATURE
    assert judge(anchors=[Ca("Other Root").certificate]).flaw is Flaw.NO_PATH
    assert judge(anchors=[]).flaw is Flaw.NO_PATH


def test_an_anchor_is_no_end_of_a_path(judge, root):
    """Else who shows the root's own certificate would pass unasked for policy, use and status."""
    assert judge(chain=[root.certificate]).flaw is Flaw.NO_PATH


def test_a_person_is_no_ca(judge, root, ca):
    person = Ca("김민용", ca, ca=False, uses=("digital_signature", "content_commitment"))
    forged = person.issue(named("이지은"), KEY)

    chain = [forged, person.certificate, ca.certificate]
    assert judge(chain=chain, crls=[root.says(), ca.says(), person.says()]).flaw is Flaw.CONSTRAINT


@pytest.mark.parametrize(
    ("uses", "more", "purpose", "flaw"),
    [
        (("digital_signature",), (), None, Flaw.USAGE),
        (("key_encipherment",), (), None, Flaw.USAGE),
        (
            ("digital_signature", "content_commitment"),
            ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),),
            None,
            Flaw.USAGE,
        ),
        (
            ("digital_signature", "content_commitment"),
            ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),),
            OCSP_SIGNING,
            None,
        ),
        (("digital_signature", "content_commitment"), (), OCSP_SIGNING, Flaw.USAGE),
    ],
)
def test_the_leaf_must_be_for_this_use(judge, ca, uses, more, purpose, flaw):
    chain = [ca.issue(PERSON, KEY, uses=uses, more=more), ca.certificate]
    wanted = Accepted(policies=SIGNS.policies, usage=SIGNS.usage, purpose=purpose)

    verdict = judge(wanted, chain=chain)

    assert getattr(verdict, "flaw", None) is flaw


def test_a_weak_key_is_refused_in_the_leaf_as_in_a_ca(judge, ca):
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - the point

    assert judge(chain=[ca.issue(PERSON, weak), ca.certificate]).flaw is Flaw.ALGORITHM


def test_a_signature_of_another_kind_than_the_cas_key_is_refused(judge, ca):
    """The library takes for granted that the two fit, and asserts it."""
    rsa_twin = Ca("Test CA", ca)
    rsa_twin.key = rsa.generate_private_key(65537, 2048)

    assert judge(chain=[rsa_twin.issue(PERSON, KEY), ca.certificate]).flaw is Flaw.ALGORITHM


def test_more_than_a_chain_is_not_looked_at(judge, ca, leaf):
    many = [leaf] + [ca.certificate] * path.CERTIFICATES_MAX

    assert judge(chain=many).flaw is Flaw.TOO_MUCH
    assert judge(chain=[]).flaw is Flaw.TOO_MUCH
    assert judge(crls=[ca.says()] * (path.LISTS_MAX + 1)).flaw is Flaw.TOO_MUCH


def test_cas_that_issue_one_another_lead_nowhere(judge):
    """A maze of one name, as large as we look at: each is a way to each."""
    maze = [Ca("Maze") for _ in range(path.CERTIFICATES_MAX - 1)]
    certificates = [
        ca.issue(ca.name, ca.key, ca=True, serial=number) for number, ca in enumerate(maze, 2)
    ]

    verdict = judge(chain=[maze[0].issue(PERSON, KEY), *certificates])

    assert verdict.flaw is Flaw.NO_PATH


def test_a_changed_byte_anywhere_is_never_valid_and_never_a_fault(judge, leaf, ca, root):
    for at in range(0, len(leaf), 3):
        broken = leaf[:at] + bytes((leaf[at] ^ 0x15,)) + leaf[at + 1 :]
        assert not isinstance(judge(chain=[broken, ca.certificate]), Valid)
    told = ca.says(9)
    for at in range(0, len(told), 3):
        broken = told[:at] + bytes((told[at] ^ 0x15,)) + told[at + 1 :]
        assert not isinstance(judge(crls=[root.says(), broken]), Valid)


@pytest.mark.parametrize("bad", [b"", b"\x30", b"-----BEGIN CERTIFICATE-----", b"\x30\x80\x00\x00"])
def test_what_is_not_der_is_unreadable(judge, leaf, ca, bad):
    assert judge(chain=[bad, ca.certificate]).flaw is Flaw.UNREADABLE
    assert judge(chain=[leaf, bad]).flaw is Flaw.UNREADABLE
    assert judge(chain=[leaf + b"\x00", ca.certificate]).flaw is Flaw.UNREADABLE
    assert judge(crls=[bad]).flaw is Flaw.UNREADABLE
    assert judge(crls=[], ocsps=[bad]).flaw is Flaw.UNREADABLE
