"""Does a certificate say exactly what its profile says? Asked before every signature.

The lint shares no bytes with the writer: it reads the certificate with `der`, compares what it
finds with the profile, and lets `cryptography` parse it and check the signature. A rule returns
what is wrong, or None; each names the section it stands on (of RFC 5280
where nothing else is said).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import der, profiles
from dojang.certificates.der import BadDer, Node
from dojang.certificates.model import Assurance, Plan
from dojang.certificates.profiles import Addresses, Extension, Fields, Profile, Signer

NAME_CHARS_MAX: Final = 64
SERIAL_MAX: Final = 2**159
_RESIDENT_NUMBER: Final = re.compile(r"\d{6}-?[0-9]\d{6}")
_HASHES: Final = {
    profiles.ECDSA_SHA256: hashes.SHA256(),
    profiles.ECDSA_SHA384: hashes.SHA384(),
}
_PERSON: Final = (("2.5.4.6", der.PRINTABLE), ("2.5.4.3", der.UTF8), ("2.5.4.5", der.PRINTABLE))
_HOUSE: Final = (("2.5.4.6", der.PRINTABLE), ("2.5.4.10", der.UTF8), ("2.5.4.3", der.UTF8))
_AD_OCSP: Final = "1.3.6.1.5.5.7.48.1"
_AD_CA_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold."""

    rule: str
    section: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.section}): {self.what}"


@dataclass(frozen=True)
class Wanted:
    """What the certificate is meant to be."""

    profile: Profile
    signer: Signer
    plan: Plan
    fields: Fields
    assurance: Assurance = Assurance.KNOWN_CUSTOMER


@dataclass(frozen=True)
class Seen:
    """The certificate taken apart; extensions as (oid, has a critical field, its bytes, value)."""

    tbs: Node
    version: Node
    serial: Node
    inner: Node
    issuer: Node
    not_before: Node
    not_after: Node
    subject: Node
    spki: Node
    beyond: list[Node]
    attributes: list[tuple[bytes, Node]]
    extensions: list[tuple[bytes, Node | None, bytes]]
    outer: Node
    signature: Node

    def value(self, kind: Extension) -> bytes | None:
        wanted = der.oid(kind)
        return next((value for oid, _, value in self.extensions if oid == wanted), None)


Check = Callable[[Seen, Wanted], str | None]
RULES: Final[list[tuple[str, str, Check]]] = []


def lint(certificate: bytes, wanted: Wanted, key: ec.EllipticCurvePublicKey) -> list[Finding]:
    """Every rule that does not hold; `key` is what the signature must verify under."""
    try:
        seen = _take_apart(certificate)
    except BadDer as wrong:
        return [Finding("parses", "4.1", str(wrong))]
    findings = []
    for name, section, check in RULES:
        try:
            what = check(seen, wanted)
        except (BadDer, ValueError, IndexError) as wrong:
            what = f"unreadable: {wrong}"
        if what is not None:
            findings.append(Finding(name, section, what))
    if not _read_by_another(certificate):
        findings.append(Finding("parses", "4.1", "`cryptography` does not take it"))
    if not _verifies(seen, key):
        findings.append(Finding("signature", "4.1.1.3", "does not verify under the signer's key"))
    return findings


def _rule(section: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        RULES.append((check.__name__, section, check))
        return check

    return register


@_rule("4.1.2.1")
def version_3(seen: Seen, _wanted: Wanted) -> str | None:
    return None if seen.version.raw == b"\xa0\x03\x02\x01\x02" else "not version 3"


@_rule("4.1.2.2")
def serial_in_range(seen: Seen, _wanted: Wanted) -> str | None:
    return None if 0 < seen.serial.number() < SERIAL_MAX else "not positive, or over 20 bytes"


@_rule("4.1.2.2")
def serial_as_drawn(seen: Seen, wanted: Wanted) -> str | None:
    return None if seen.serial.number() == wanted.fields.serial else "another serial"


@_rule("4.1.1.2")
def algorithms_agree(seen: Seen, wanted: Wanted) -> str | None:
    same = seen.inner.raw == seen.outer.raw == wanted.signer.algorithm
    return None if same else "inner, outer and the signer's algorithm differ"


@_rule("RFC 5758 3.2")
def algorithm_known(seen: Seen, _wanted: Wanted) -> str | None:
    return None if seen.outer.raw in _HASHES else "not ECDSA with SHA-256 or SHA-384, bare"


@_rule("4.1.2.4")
def issuer_is_the_signer(seen: Seen, wanted: Wanted) -> str | None:
    return None if seen.issuer.raw == wanted.signer.name else "not the signer's subject, bytewise"


@_rule("4.1.2.5")
def not_before_as_ordered(seen: Seen, wanted: Wanted) -> str | None:
    fits = seen.not_before.raw == der.time(wanted.fields.not_before)
    return None if fits else "another moment, or UTCTime and GeneralizedTime confused"


@_rule("4.1.2.5")
def not_after_as_ordered(seen: Seen, wanted: Wanted) -> str | None:
    if wanted.profile.no_expiry:
        return None if seen.not_after.raw == der.NO_EXPIRY else "not exactly 99991231235959Z"
    fits = seen.not_after.raw == der.time(wanted.fields.not_after)
    return None if fits else "another moment, or UTCTime and GeneralizedTime confused"


@_rule("4.1.2.5")
def validity_is_not_empty(_seen: Seen, wanted: Wanted) -> str | None:
    fits = wanted.fields.not_before < wanted.fields.not_after
    return None if fits else "it ends before it begins"


@_rule("4.1.2.6")
def subject_attributes(seen: Seen, wanted: Wanted) -> str | None:
    kinds = [(oid, value.tag) for oid, value in seen.attributes]
    shape = _PERSON if wanted.profile.person else _HOUSE
    expected = [(der.oid(dotted), tag) for dotted, tag in shape]
    return None if kinds == expected else "other attributes, order or string types"


@_rule("appendix A.1")
def subject_lengths(seen: Seen, _wanted: Wanted) -> str | None:
    texts = [value.value.decode() for _, value in seen.attributes]
    fits = all(1 <= len(text) <= NAME_CHARS_MAX for text in texts)
    return None if fits else "an attribute is empty or longer than its upper bound"


@_rule("4.1.2.6")
def country_is_korea(seen: Seen, _wanted: Wanted) -> str | None:
    first = seen.attributes[0][1].value
    return None if first == profiles.COUNTRY.encode() else "the country is not KR"


@_rule("PROTOCOL 7")
def no_resident_number(seen: Seen, _wanted: Wanted) -> str | None:
    texts = [value.value.decode() for _, value in seen.attributes]
    return "it looks like one" if any(_RESIDENT_NUMBER.fullmatch(t) for t in texts) else None


@_rule("4.1.2.6")
def subject_as_ordered(seen: Seen, wanted: Wanted) -> str | None:
    return None if seen.subject.raw == wanted.fields.subject else "another subject"


@_rule("RFC 8410 3, RFC 5480 2.1")
def key_algorithm(seen: Seen, wanted: Wanted) -> str | None:
    algorithm = seen.spki.children()[0].raw
    return None if algorithm == wanted.profile.key else "another algorithm, or other parameters"


@_rule("4.1.2.7")
def key_as_ordered(seen: Seen, wanted: Wanted) -> str | None:
    return None if seen.spki.raw == wanted.fields.spki else "another key"


@_rule("4.1.2.8")
def no_unique_ids(seen: Seen, _wanted: Wanted) -> str | None:
    return None if [node.tag for node in seen.beyond] == [0xA3] else "more than extensions"


@_rule("4.2")
def extensions_once(seen: Seen, _wanted: Wanted) -> str | None:
    oids = [oid for oid, _, _ in seen.extensions]
    return None if len(set(oids)) == len(oids) else "an extension stands twice"


@_rule("4.2")
def extensions_of_the_profile(seen: Seen, wanted: Wanted) -> str | None:
    oids = {oid for oid, _, _ in seen.extensions}
    expected = {der.oid(kind) for kind in wanted.profile.extensions}
    return None if oids == expected else "one is missing or too many"


@_rule("4.2")
def criticality(seen: Seen, wanted: Wanted) -> str | None:
    must = {der.oid(kind) for kind in wanted.profile.critical}
    for oid, flag, _ in seen.extensions:
        if (flag is not None and flag.value != b"\x00") != (oid in must):
            return "an extension is critical that must not be, or the reverse"
    return None


@_rule("X.690 11.5")
def defaults_left_out(seen: Seen, _wanted: Wanted) -> str | None:
    flags = [flag.raw for _, flag, _ in seen.extensions if flag is not None]
    return None if all(raw == b"\x01\x01\xff" for raw in flags) else "critical FALSE is written"


@_rule("4.2.1.3")
def key_usage(seen: Seen, wanted: Wanted) -> str | None:
    value = der.read(seen.value(Extension.KEY_USAGE) or b"").expect(der.BIT_STRING).value
    found = {
        number
        for number in range(8 * (len(value) - 1))
        if value[1 + number // 8] << number % 8 & 0x80
    }
    exact = found == {int(bit) for bit in wanted.profile.usage}
    minimal = len(value) > 1 and value[-1] and value[0] == (value[-1] & -value[-1]).bit_length() - 1
    return None if exact and minimal else "other bits than the profile's"


@_rule("4.2.1.9")
def basic_constraints(seen: Seen, wanted: Wanted) -> str | None:
    parts = der.read(seen.value(Extension.BASIC_CONSTRAINTS) or b"").expect(der.SEQUENCE).children()
    expected = [der.true()] if wanted.profile.ca else []
    if wanted.profile.path_length is not None:
        expected.append(der.integer(wanted.profile.path_length))
    fits = [part.raw for part in parts] == expected
    return None if fits else "not the profile's cA and path length"


@_rule("4.2.1.12")
def extended_key_usage(seen: Seen, wanted: Wanted) -> str | None:
    value = seen.value(Extension.EXTENDED_KEY_USAGE)
    found = [] if value is None else [use.raw for use in der.read(value).children()]
    expected = [der.oid(use) for use in wanted.profile.extended]
    return None if found == expected else "not the profile's purposes"


@_rule("4.2.1.4")
def policies(seen: Seen, wanted: Wanted) -> str | None:
    value = seen.value(Extension.POLICIES)
    if value is None:
        return None
    below = wanted.profile.policy or f"1.{int(wanted.assurance)}"
    oid = profiles.ANY_POLICY if wanted.profile.ca else f"{wanted.plan.policy_arc}.{below}"
    found = [[part.raw for part in one.children()] for one in der.read(value).children()]
    return None if found == [[der.oid(oid)]] else "not exactly the policy of this profile and level"


@_rule("4.2.1.2")
def subject_key_id(seen: Seen, _wanted: Wanted) -> str | None:
    value = der.read(seen.value(Extension.SKI) or b"").expect(der.OCTET_STRING).value
    key = seen.spki.children()[1].value[1:]
    return None if value == profiles.key_id(key) else "not the key's identifier (RFC 7093)"


@_rule("4.2.1.1")
def authority_key_id(seen: Seen, wanted: Wanted) -> str | None:
    parts = der.read(seen.value(Extension.AKI) or b"").children()
    found = [(part.tag, part.value) for part in parts]
    return None if found == [(0x80, wanted.signer.key_id)] else "not the signer's identifier"


@_rule("4.2.2.1")
def authority_information(seen: Seen, wanted: Wanted) -> str | None:
    value = seen.value(Extension.AIA)
    if value is None:
        return None
    at = Addresses.under(wanted.plan.base_url)
    expected = [(_AD_OCSP, at.ocsp), (_AD_CA_ISSUERS, at.issuing)]
    if wanted.profile.ca:
        expected = [(_AD_CA_ISSUERS, at.root)]
    found = [
        (method.raw, place.tag, place.value)
        for method, place in (described.children() for described in der.read(value).children())
    ]
    fits = found == [(der.oid(oid), 0x86, url.encode()) for oid, url in expected]
    return None if fits else "not the responder and issuer of this authority"


@_rule("4.2.1.13")
def crl_points(seen: Seen, wanted: Wanted) -> str | None:
    value = seen.value(Extension.CRL_POINTS)
    if value is None:
        return None
    parts = der.read(value).children()
    names = [part.children() for part in parts]
    if len(parts) != 1 or [node.tag for node in names[0]] != [0xA0]:
        return "not one point with a name alone"
    place = names[0][0].children()[0].expect(0xA0).children()
    url = Addresses.under(wanted.plan.base_url).crl_of(wanted.fields.shard)
    fits = [(node.tag, node.value) for node in place] == [(0x86, url.encode())]
    return None if fits else "not where this authority's list is"


@_rule("RFC 6960 4.2.2.2.1")
def ocsp_nocheck(seen: Seen, _wanted: Wanted) -> str | None:
    return None if seen.value(Extension.OCSP_NOCHECK) in {None, der.NULL} else "not NULL"


def _take_apart(certificate: bytes) -> Seen:
    tbs, outer, signature = _exactly(der.read(certificate).children(), 3)
    fields = tbs.children()
    if len(fields) < 8:
        raise BadDer("a field of the TBSCertificate is missing")
    version, serial, inner, issuer, validity, subject, spki, *beyond = fields
    not_before, not_after = _exactly(validity.children(), 2)
    extensions = next((node for node in beyond if node.tag == 0xA3), None)
    if extensions is None:
        raise BadDer("no extensions")
    listed = [_extension(node) for node in extensions.children()[0].children()]
    return Seen(
        tbs, version, serial, inner, issuer, not_before, not_after, subject, spki,
        beyond, _attributes(subject), listed, outer, signature,
    )  # fmt: skip


def _extension(node: Node) -> tuple[bytes, Node | None, bytes]:
    parts = node.children()
    flag = parts[1] if len(parts) == 3 else None
    return parts[0].raw, flag, parts[-1].expect(der.OCTET_STRING).value


def _attributes(name: Node) -> list[tuple[bytes, Node]]:
    found = []
    for rdn in name.children():
        (attribute,) = _exactly(rdn.expect(der.SET).children(), 1)
        oid, value = _exactly(attribute.children(), 2)
        found.append((oid.raw, value))
    return found


def _exactly(nodes: list[Node], count: int) -> list[Node]:
    if len(nodes) != count:
        raise BadDer(f"{count} elements were expected")
    return nodes


def _read_by_another(certificate: bytes) -> bool:
    """A second reader: whatever `cryptography` would not take is refused."""
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        _ = parsed.extensions, parsed.public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension):
        return False
    return True


def _verifies(seen: Seen, key: ec.EllipticCurvePublicKey) -> bool:
    digest = _HASHES.get(seen.outer.raw)
    if digest is None or seen.signature.value[:1] != b"\x00":
        return False
    try:
        key.verify(seen.signature.value[1:], seen.tbs.raw, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True
