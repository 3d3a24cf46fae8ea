"""docs/cp-cps.md has every heading of RFC 3647 section 6, and no figure but those of the code.

Every number in it is either a figure held here, a reference to one of its own sections, or part of
a name (SHA-256, RFC 5280); so a change of the policy, of a profile or of the page breaks a test.
"""

import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from dojang.certificates import ocsp, profiles, rootlist, store
from dojang.certificates.model import Assurance, Plan
from dojang.certificates.tables import authority as authority_table
from dojang.cli_ca import hall
from dojang.kernel import four_eyes
from dojang.kernel.clock import SECOND
from dojang.methods.rules import pin_refusal
from dojang.policy.profiles import PROFILES
from dojang.timestamps import model as timestamps
from dojang.vault import shares

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "cp-cps.md").read_text("utf-8")
OUTLINE = (ROOT / "tests" / "vectors" / "rfc3647.txt").read_text("utf-8").splitlines()
HEADING = re.compile(r"^#{2,4} ((\d+(?:\.\d+)*) .+)$", re.MULTILINE)
PLAN = Plan(base_url="https://bank.example")
KINDS = ("root", "cross", "issuing", "ocsp", "tsa", "document", "auth", "sign")
CROSSED = re.compile(r"root-\d-with-\d")
PROFILE = {kind: getattr(profiles, kind.upper()) for kind in KINDS}

NAMES = re.compile(
    r"`[^`]+`|RFC \d+|SHA\d?-\d+|SHA\d+|P-\d+|secp\d+r1|Ed25519|AES-256-GCM|Argon2id|X\.500"
    r"|PKCS #\d+|UTF8String|\bv\d\b"
)
REFERENCE = re.compile(r"\b\d+(?:\.\d+)+\b")
"""A section of the page itself; the test says that it is there."""


def sections():
    """Number and text of each section, without those below it."""
    found = list(HEADING.finditer(PAGE))
    ends = [one.start() for one in found[1:]] + [len(PAGE)]
    return {one[2]: PAGE[one.end() : end] for one, end in zip(found, ends, strict=True)}


SECTIONS = sections()
KEYS = {profiles.EC_P384: "ECDSA P-384", profiles.EC_P256: "ECDSA P-256"}
USES = {
    profiles.Usage.DIGITAL_SIGNATURE: "digitalSignature",
    profiles.Usage.NON_REPUDIATION: "nonRepudiation",
    profiles.Usage.KEY_CERT_SIGN: "keyCertSign",
    profiles.Usage.CRL_SIGN: "cRLSign",
}
PURPOSES = {
    profiles.CLIENT_AUTH: "clientAuth",
    profiles.OCSP_SIGNING: "OCSPSigning",
    profiles.TIME_STAMPING: "timeStamping",
    profiles.DOCUMENT_SIGNING: "documentSigning",
}
EXTENSIONS = {
    profiles.Extension.SKI: "subjectKeyIdentifier",
    profiles.Extension.KEY_USAGE: "keyUsage",
    profiles.Extension.BASIC_CONSTRAINTS: "basicConstraints",
    profiles.Extension.CRL_POINTS: "cRLDistributionPoints",
    profiles.Extension.POLICIES: "certificatePolicies",
    profiles.Extension.AKI: "authorityKeyIdentifier",
    profiles.Extension.EXTENDED_KEY_USAGE: "extKeyUsage",
    profiles.Extension.AIA: "authorityInfoAccess",
    profiles.Extension.OCSP_NOCHECK: "ocsp-nocheck",
}


def key_rows():
    return [f"| {kind} | {KEYS.get(one.key, 'Ed25519')} |" for kind, one in PROFILE.items()]


def period_rows():
    days = {
        "root": (PLAN.root_days, None),
        "issuing": (PLAN.issuing_days, None),
        "ocsp": (PLAN.responder_days, PLAN.responder_renew_days),
        "tsa": (PLAN.time_stamper_days, PLAN.time_stamper_renew_days),
        "document": (PLAN.document_days, PLAN.document_renew_days),
    }
    for kind, profile in PROFILE.items():
        if profile.no_expiry:
            yield f"| {kind} | no end | never |"
            continue
        if kind == "cross":
            yield "| cross | to the older root's end | never |"
            continue
        valid, renewed = days[kind]
        when = "never" if renewed is None else f"{renewed:,} days before its end"
        yield f"| {kind} | {valid:,} days | {when} |"


def extension_rows():
    for kind, profile in PROFILE.items():
        uses = ", ".join(USES[use] for use in profile.usage)
        purposes = ", ".join(PURPOSES[one] for one in profile.extended) or "none"
        there = ", ".join(
            EXTENSIONS[one] + "*" * (one in profile.critical) for one in profile.extensions
        )
        yield f"| {kind} | {uses} | {purposes} | {there} |"


def pin_digits():
    """The one length that the rules let through."""
    (length,) = (
        length
        for length in range(1, 13)
        if pin_refusal("294618507394"[:length], birth_date=None, phone=None) is None
    )
    return length


def figures(policy):
    """What stands in which section, in the words of the page."""
    life, code, tries, status = policy.life, policy.sms_code, policy.tries, policy.status
    *early, last = life.dormancy_notice_days
    key_minutes = life.key_enrolment_seconds // 60
    arcs = {one: int(one) for one in Assurance}
    return {
        "3.2.3": [
            f"a code of {code.digits} digits",
            f"valid for {code.seconds} seconds and {code.tries} tries",
            f"at most {code.per_hour_and_number} times an hour to a number",
            f"after {tries.account_password} wrong ones locked",
            f"less than {life.sim_changed_hours} hours ago",
        ],
        "3.4": [f"{life.loss_reports_per_source_day} times a day from one source"],
        "4.1.2": [
            f"{life.enrolment_seconds // 60} minutes, the keys within it {key_minutes} minutes"
        ],
        "4.3.1": [f"within {key_minutes} minutes is revoked"],
        "4.9.1": [
            f"nobody used it for {life.dormant_days} days",
            f"told {', '.join(map(str, early))} and {last} days before",
        ],
        "4.9.3": [f"within {four_eyes.LAPSES_DAYS} days"],
        "4.9.7": [f"valid for {status.crl_seconds // 3600} hours"],
        "4.9.9": [f"valid for {status.ocsp_seconds // 60} minutes"],
        "4.9.13": [f"{tries.pin} wrong PINs"],
        "4.10.1": [f"{PLAN.crl_shards} shards (or as many as"],
        "4.10.3": [f"1 to {ocsp.NONCE_BYTES_MAX} bytes"],
        "5.2.2": [f"at least {shares.THRESHOLD_MIN} custodians"],
        "5.4.3": [f"{life.records_years} years"],
        "5.5.2": [f"{life.records_years} years"],
        "5.7.3": [f"valid for {rootlist.DAYS} days"],
        "6.1.5": key_rows(),
        "6.2.2": [f"which is at least {shares.THRESHOLD_MIN},"],
        "6.3.2": list(period_rows()),
        "6.4.1": [
            f"A PIN of {pin_digits()} digits",
            f"at least {hall.PASSPHRASE_CHARS_MIN} characters",
        ],
        "6.4.2": [
            f"After {tries.pin} wrong PINs",
            f"the pattern has {tries.pattern} tries of its own",
        ],
        "6.8": [f"an accuracy of {timestamps.ACCURACY // SECOND} second,"],
        "7.1.1": [f"{profiles.SERIAL_BYTES * 8} random bits"],
        "7.1.2": [
            *extension_rows(),
            f"leftmost {len(profiles.key_id(b'')) * 8} bits",
        ],
        "7.1.5": [f"path length is {profiles.ISSUING.path_length})"],
        "7.1.6": [
            f"1.{arcs[Assurance.KNOWN_CUSTOMER]} for customers who were known",
            f"1.{arcs[Assurance.PHONE_ALONE]} for new ones by telecom identity alone",
            f"1.{arcs[Assurance.REMOTE_CHECKS]} for new ones who passed the checks",
            f"1.{arcs[Assurance.NEW_CUSTOMER]} is no longer given",
            f"{profiles.TSA.policy} for time-stamps",
            f"{profiles.DOCUMENT.policy} for documents",
        ],
    }


def test_every_heading_of_the_framework_is_there_in_its_order():
    assert [one[1] for one in HEADING.finditer(PAGE)] == OUTLINE


def test_a_section_says_something_or_has_sections_that_do():
    silent = [
        section
        for section, said in SECTIONS.items()
        if not said.strip() and f"{section}.1" not in SECTIONS
    ]

    assert silent == []


@pytest.mark.parametrize("policy", PROFILES.values(), ids=PROFILES)
def test_every_figure_is_the_policys_or_a_profiles(policy):
    missing = [
        (section, words)
        for section, said in figures(policy).items()
        for words in said
        if words not in SECTIONS[section]
    ]

    assert missing == []


def test_there_is_no_number_besides():
    held = figures(PROFILES["seed"])
    for section, said in SECTIONS.items():
        rest = said
        for words in held.get(section, []):
            rest = rest.replace(words, "")
        rest = NAMES.sub("", rest)
        assert {one for one in REFERENCE.findall(rest) if one not in SECTIONS} == set(), section
        assert re.findall(r"\d+", REFERENCE.sub("", rest)) == [], section


def test_keys_and_signatures_are_those_of_the_certificates_themselves(house):
    house.authority.responder()
    house.authority.time_stamper()
    house.authority.document_signer()
    made = house.issue().credential
    house.authority.roll_over_root()
    with house.db.snapshot() as tx:
        own = tx.execute(
            select(authority_table.c.role, authority_table.c.der).where(
                (authority_table.c.number == 1) | (authority_table.c.role == "root")
            )
        ).all()
        ders = {CROSSED.sub("cross", row.role): row.der for row in own}
        ders |= {str(one.kind): one.der for one in store.certificates_of(tx, made.id)}

    said = SECTIONS["7.1.3"]
    assert set(ders) == set(KINDS)
    for kind, der in ders.items():
        certificate = x509.load_der_x509_certificate(der)
        signed_by = certificate.signature_algorithm_oid.dotted_string
        assert signed_by == (
            "1.2.840.10045.4.3.3" if kind in {"root", "cross", "issuing"} else "1.2.840.10045.4.3.2"
        )
        assert signed_by in said
        key = certificate.public_key()
        curve = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else "Ed25519"
        assert curve in said
        lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
        if not PROFILE[kind].no_expiry and kind != "cross":
            assert f"| {kind} | {lasts.days + 1:,} days |" in SECTIONS["6.3.2"]


def test_it_claims_no_recognition():
    assert "Nothing here claims recognition by any authority" in SECTIONS["1.1"]
    assert "none is claimed" in SECTIONS["8"]
    assert re.findall(r"accredited|recogni[sz]ed (?:CA|by)|qualified certificate", PAGE) == []
