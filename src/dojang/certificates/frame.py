"""What all certificates of one kind have alike, and the rules that it must follow.

The lint looks at it in full once: a certificate whose frame is byte for byte one that was found
sound follows these rules too. So a rule here sees the frame and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from cryptography.hazmat.primitives import hashes

from dojang.certificates import der, profiles
from dojang.certificates.der import BadDer, Node
from dojang.certificates.model import Assurance, Plan
from dojang.certificates.profiles import Addresses, Extension, Profile, Signer

T = TypeVar("T")

HASHES: Final = {
    profiles.ECDSA_SHA256: hashes.SHA256(),
    profiles.ECDSA_SHA384: hashes.SHA384(),
}
_AD_OCSP: Final = "1.3.6.1.5.5.7.48.1"
_AD_CA_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"
KEY_ID_BYTES: Final = 20
_KEY_ID_HEAD: Final = b"\x30\x1d\x06\x03\x55\x1d\x0e\x04\x16\x04\x14"
"""subjectKeyIdentifier up to its 20 bytes: the two OCTET STRINGs of 4.2.1.2, nothing critical."""


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold."""

    rule: str
    section: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.section}): {self.what}"


@dataclass(frozen=True)
class Meant:
    """What a certificate is meant to be, before anything of its own is known."""

    profile: Profile
    signer: Signer
    plan: Plan
    assurance: Assurance = Assurance.KNOWN_CUSTOMER


class Frame(NamedTuple):
    """A certificate without its serial, validity, subject, key and signature, in DER.

    `shard` is the list that it should name; `extensions` are whole, but for the identifier of the
    key: of that one only the head is here, where it has the one shape that it may have.
    """

    shard: int
    version: bytes
    inner: bytes
    issuer: bytes
    beyond: tuple[int, ...]
    """The tags of what follows the key."""
    extensions: tuple[bytes, ...]
    outer: bytes

    @property
    def listed(self) -> list[tuple[bytes, Node | None, bytes]]:
        """(oid, its critical field, value). Raises `BadDer`."""
        return [_extension(raw) for raw in self.extensions]

    def value(self, kind: Extension) -> bytes | None:
        wanted = der.oid(kind)
        return next((value for oid, _, value in self.listed if oid == wanted), None)


Check = Callable[[Frame, Meant], str | None]
RULES: Final[list[tuple[str, str, Check]]] = []


def cut(extension: bytes) -> tuple[bytes, bytes | None]:
    """An extension as a frame holds it, and the key's identifier where it is that one."""
    at = len(_KEY_ID_HEAD)
    if len(extension) == at + KEY_ID_BYTES and extension[:at] == _KEY_ID_HEAD:
        return _KEY_ID_HEAD, extension[at:]
    return extension, None


def findings(frame: Frame, meant: Meant) -> list[Finding]:
    """Every rule of this page that does not hold."""
    try:
        _ = frame.listed
    except BadDer as wrong:
        return [Finding("parses", "4.1", str(wrong))]
    return applied(RULES, lambda check: check(frame, meant))


def applied(rules: Sequence[tuple[str, str, T]], ask: Callable[[T], str | None]) -> list[Finding]:
    """What each rule says of something; what it cannot read is wrong too."""
    found = []
    for name, section, check in rules:
        try:
            what = ask(check)
        except (BadDer, ValueError, IndexError) as wrong:
            what = f"unreadable: {wrong}"
        if what is not None:
            found.append(Finding(name, section, what))
    return found


def _rule(section: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        RULES.append((check.__name__, section, check))
        return check

    return register


@_rule("4.1.2.1")
def version_3(frame: Frame, _meant: Meant) -> str | None:
    return None if frame.version == b"\xa0\x03\x02\x01\x02" else "not version 3"


@_rule("4.1.1.2")
def algorithms_agree(frame: Frame, meant: Meant) -> str | None:
    same = frame.inner == frame.outer == meant.signer.algorithm
    return None if same else "inner, outer and the signer's algorithm differ"


@_rule("RFC 5758 3.2")
def algorithm_known(frame: Frame, _meant: Meant) -> str | None:
    return None if frame.outer in HASHES else "not ECDSA with SHA-256 or SHA-384, bare"


@_rule("4.1.2.4")
def issuer_is_the_signer(frame: Frame, meant: Meant) -> str | None:
    return None if frame.issuer == meant.signer.name else "not the signer's subject, bytewise"


@_rule("4.1.2.8")
def no_unique_ids(frame: Frame, _meant: Meant) -> str | None:
    return None if frame.beyond == (0xA3,) else "more than extensions"


@_rule("4.2")
def extensions_once(frame: Frame, _meant: Meant) -> str | None:
    oids = [oid for oid, _, _ in frame.listed]
    return None if len(set(oids)) == len(oids) else "an extension stands twice"


@_rule("4.2")
def extensions_of_the_profile(frame: Frame, meant: Meant) -> str | None:
    oids = {oid for oid, _, _ in frame.listed}
    expected = {der.oid(kind) for kind in meant.profile.extensions}
    return None if oids == expected else "one is missing or too many"


@_rule("4.2")
def criticality(frame: Frame, meant: Meant) -> str | None:
    must = {der.oid(kind) for kind in meant.profile.critical}
    for oid, flag, _ in frame.listed:
        if (flag is not None and flag.value != b"\x00") != (oid in must):
            return "an extension is critical that must not be, or the reverse"
    return None


@_rule("X.690 11.5")
def defaults_left_out(frame: Frame, _meant: Meant) -> str | None:
    flags = [flag.raw for _, flag, _ in frame.listed if flag is not None]
    return None if all(raw == b"\x01\x01\xff" for raw in flags) else "critical FALSE is written"


@_rule("4.2.1.3")
def key_usage(frame: Frame, meant: Meant) -> str | None:
    value = der.read(frame.value(Extension.KEY_USAGE) or b"").expect(der.BIT_STRING).value
    found = {
        number
        for number in range(8 * (len(value) - 1))
        if value[1 + number // 8] << number % 8 & 0x80
    }
    exact = found == {int(bit) for bit in meant.profile.usage}
    minimal = len(value) > 1 and value[-1] and value[0] == (value[-1] & -value[-1]).bit_length() - 1
    return None if exact and minimal else "other bits than the profile's"


@_rule("4.2.1.9")
def basic_constraints(frame: Frame, meant: Meant) -> str | None:
    parts = (
        der.read(frame.value(Extension.BASIC_CONSTRAINTS) or b"").expect(der.SEQUENCE).children()
    )
    expected = [der.true()] if meant.profile.ca else []
    if meant.profile.path_length is not None:
        expected.append(der.integer(meant.profile.path_length))
    fits = [part.raw for part in parts] == expected
    return None if fits else "not the profile's cA and path length"


@_rule("4.2.1.12")
def extended_key_usage(frame: Frame, meant: Meant) -> str | None:
    value = frame.value(Extension.EXTENDED_KEY_USAGE)
    found = [] if value is None else [use.raw for use in der.read(value).children()]
    expected = [der.oid(use) for use in meant.profile.extended]
    return None if found == expected else "not the profile's purposes"


@_rule("4.2.1.4")
def policies(frame: Frame, meant: Meant) -> str | None:
    value = frame.value(Extension.POLICIES)
    if value is None:
        return None
    below = meant.profile.policy or f"1.{int(meant.assurance)}"
    oid = profiles.ANY_POLICY if meant.profile.ca else f"{meant.plan.policy_arc}.{below}"
    found = [[part.raw for part in one.children()] for one in der.read(value).children()]
    return None if found == [[der.oid(oid)]] else "not exactly the policy of this profile and level"


@_rule("4.2.1.1")
def authority_key_id(frame: Frame, meant: Meant) -> str | None:
    parts = der.read(frame.value(Extension.AKI) or b"").children()
    found = [(part.tag, part.value) for part in parts]
    return None if found == [(0x80, meant.signer.key_id)] else "not the signer's identifier"


@_rule("4.2.2.1")
def authority_information(frame: Frame, meant: Meant) -> str | None:
    value = frame.value(Extension.AIA)
    if value is None:
        return None
    at = Addresses.under(meant.plan.base_url, meant.signer.generation)
    expected = [(_AD_OCSP, at.ocsp), (_AD_CA_ISSUERS, at.issuing)]
    if meant.profile.ca:
        expected = [(_AD_CA_ISSUERS, url) for url in at.roots]
    found = [
        (method.raw, place.tag, place.value)
        for method, place in (described.children() for described in der.read(value).children())
    ]
    fits = found == [(der.oid(oid), 0x86, url.encode()) for oid, url in expected]
    return None if fits else "not the responder and issuer of this authority"


@_rule("4.2.1.13")
def crl_points(frame: Frame, meant: Meant) -> str | None:
    value = frame.value(Extension.CRL_POINTS)
    if value is None:
        return None
    parts = der.read(value).children()
    names = [part.children() for part in parts]
    if len(parts) != 1 or [node.tag for node in names[0]] != [0xA0]:
        return "not one point with a name alone"
    place = names[0][0].children()[0].expect(0xA0).children()
    at = Addresses.under(meant.plan.base_url, meant.signer.generation)
    url = at.crl_of(frame.shard)
    fits = [(node.tag, node.value) for node in place] == [(0x86, url.encode())]
    return None if fits else "not where this authority's list is"


@_rule("RFC 6960 4.2.2.2.1")
def ocsp_nocheck(frame: Frame, _meant: Meant) -> str | None:
    return None if frame.value(Extension.OCSP_NOCHECK) in {None, der.NULL} else "not NULL"


def _extension(raw: bytes) -> tuple[bytes, Node | None, bytes]:
    whole = raw + bytes(KEY_ID_BYTES) if raw == _KEY_ID_HEAD else raw
    parts = der.read(whole).children()
    flag = parts[1] if len(parts) == 3 else None
    return parts[0].raw, flag, parts[-1].expect(der.OCTET_STRING).value
