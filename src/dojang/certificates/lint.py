"""Does a certificate say exactly what its profile says? Asked before every signature.

The lint shares no bytes with the writer: it reads the certificate with `der`, compares what it
finds with the profile, and lets `cryptography` parse it and check the signature. A rule returns
what is wrong, or None; each names the section it stands on (of RFC 5280
where nothing else is said). The rules about what is the same in every certificate are in `frame`.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import der, frame, profiles
from dojang.certificates.der import BadDer, Node
from dojang.certificates.frame import Finding, Frame, Meant
from dojang.certificates.profiles import Fields

NAME_CHARS_MAX: Final = 64
SERIAL_MAX: Final = 2**159
SOUND_MAX: Final = 256
"""Frames remembered by one lint; there is one for each shard of a profile."""
_RESIDENT_NUMBER: Final = re.compile(r"\d{6}-?[0-9]\d{6}")
_PERSON: Final = (("2.5.4.6", der.PRINTABLE), ("2.5.4.3", der.UTF8), ("2.5.4.5", der.PRINTABLE))
_HOUSE: Final = (("2.5.4.6", der.PRINTABLE), ("2.5.4.10", der.UTF8), ("2.5.4.3", der.UTF8))


class Seen(NamedTuple):
    """The certificate taken apart. `key_ids` stand in its subjectKeyIdentifiers."""

    tbs: Node
    serial: Node
    not_before: Node
    not_after: Node
    subject: Node
    attributes: list[tuple[bytes, Node]]
    spki: Node
    key_ids: list[bytes]
    signature: Node
    frame: Frame


Check = Callable[[Seen, Fields, Meant], str | None]
RULES: Final[list[tuple[str, str, Check]]] = []


class Lint:
    """For certificates that are meant to be of one kind. Remembers which frames were sound."""

    def __init__(self, meant: Meant) -> None:
        self.meant: Final = meant
        self._sound: set[Frame] = set()

    def before_signing(self, tbs: bytes, fields: Fields) -> list[Finding]:
        """Every rule that does not hold in what is to be signed."""
        return self._findings(profiles.unsigned(tbs, self.meant.signer), fields, _unsigned)

    def findings(
        self, certificate: bytes, fields: Fields, key: ec.EllipticCurvePublicKey
    ) -> list[Finding]:
        """Every rule that does not hold; `key` is what the signature must verify under."""
        return self._findings(certificate, fields, lambda seen: _verifies(seen, key))

    def _findings(
        self, certificate: bytes, fields: Fields, signed: Callable[[Seen], bool]
    ) -> list[Finding]:
        try:
            seen = _take_apart(certificate, fields.shard)
        except BadDer as wrong:
            return [Finding("parses", "4.1", str(wrong))]
        known = seen.frame in self._sound
        found = [] if known else frame.findings(seen.frame, self.meant)
        found += frame.applied(RULES, lambda check: check(seen, fields, self.meant))
        if not _read_by_another(certificate, extensions=not known):
            found.append(Finding("parses", "4.1", "`cryptography` does not take it"))
        if not signed(seen):
            what = "does not verify under the signer's key"
            found.append(Finding("signature", "4.1.1.3", what))
        if not known and not found and len(self._sound) < SOUND_MAX:
            self._sound.add(seen.frame)
        return found


def _rule(section: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        RULES.append((check.__name__, section, check))
        return check

    return register


@_rule("4.1.2.2")
def serial_in_range(seen: Seen, _fields: Fields, _meant: Meant) -> str | None:
    return None if 0 < seen.serial.number() < SERIAL_MAX else "not positive, or over 20 bytes"


@_rule("4.1.2.2")
def serial_as_drawn(seen: Seen, fields: Fields, _meant: Meant) -> str | None:
    return None if seen.serial.number() == fields.serial else "another serial"


@_rule("4.1.2.5")
def not_before_as_ordered(seen: Seen, fields: Fields, _meant: Meant) -> str | None:
    fits = seen.not_before.raw == der.time(fields.not_before)
    return None if fits else "another moment, or UTCTime and GeneralizedTime confused"


@_rule("4.1.2.5")
def not_after_as_ordered(seen: Seen, fields: Fields, meant: Meant) -> str | None:
    if meant.profile.no_expiry:
        return None if seen.not_after.raw == der.NO_EXPIRY else "not exactly 99991231235959Z"
    fits = seen.not_after.raw == der.time(fields.not_after)
    return None if fits else "another moment, or UTCTime and GeneralizedTime confused"


@_rule("4.1.2.5")
def validity_is_not_empty(_seen: Seen, fields: Fields, _meant: Meant) -> str | None:
    fits = fields.not_before < fields.not_after
    return None if fits else "it ends before it begins"


@_rule("4.1.2.6")
def subject_attributes(seen: Seen, _fields: Fields, meant: Meant) -> str | None:
    kinds = [(oid, value.tag) for oid, value in seen.attributes]
    shape = _PERSON if meant.profile.person else _HOUSE
    expected = [(der.oid(dotted), tag) for dotted, tag in shape]
    return None if kinds == expected else "other attributes, order or string types"


@_rule("appendix A.1")
def subject_lengths(seen: Seen, _fields: Fields, _meant: Meant) -> str | None:
    texts = [value.value.decode() for _, value in seen.attributes]
    fits = all(1 <= len(text) <= NAME_CHARS_MAX for text in texts)
    return None if fits else "an attribute is empty or longer than its upper bound"


@_rule("4.1.2.6")
def country_is_korea(seen: Seen, _fields: Fields, _meant: Meant) -> str | None:
    first = seen.attributes[0][1].value
    return None if first == profiles.COUNTRY.encode() else "the country is not KR"


@_rule("PROTOCOL 7")
def no_resident_number(seen: Seen, _fields: Fields, _meant: Meant) -> str | None:
    texts = [value.value.decode() for _, value in seen.attributes]
    return "it looks like one" if any(_RESIDENT_NUMBER.fullmatch(t) for t in texts) else None


@_rule("4.1.2.6")
def subject_as_ordered(seen: Seen, fields: Fields, _meant: Meant) -> str | None:
    return None if seen.subject.raw == fields.subject else "another subject"


@_rule("RFC 8410 3, RFC 5480 2.1")
def key_algorithm(seen: Seen, _fields: Fields, meant: Meant) -> str | None:
    algorithm = seen.spki.children()[0].raw
    return None if algorithm == meant.profile.key else "another algorithm, or other parameters"


@_rule("4.1.2.7")
def key_as_ordered(seen: Seen, fields: Fields, _meant: Meant) -> str | None:
    return None if seen.spki.raw == fields.spki else "another key"


@_rule("4.2.1.2")
def subject_key_id(seen: Seen, _fields: Fields, _meant: Meant) -> str | None:
    key = seen.spki.children()[1].value[1:]
    fits = seen.key_ids == [profiles.key_id(key)]
    return None if fits else "not the key's identifier (RFC 7093)"


def _take_apart(certificate: bytes, shard: int) -> Seen:
    tbs, outer, signature = _exactly(der.read(certificate).children(), 3)
    fields = tbs.children()
    if len(fields) < 8:
        raise BadDer("a field of the TBSCertificate is missing")
    version, serial, inner, issuer, validity, subject, spki, *beyond = fields
    not_before, not_after = _exactly(validity.children(), 2)
    extensions = next((node for node in beyond if node.tag == 0xA3), None)
    if extensions is None:
        raise BadDer("no extensions")
    listed = [frame.cut(node.raw) for node in extensions.children()[0].children()]
    around = Frame(
        shard, version.raw, inner.raw, issuer.raw, tuple([node.tag for node in beyond]),
        tuple([raw for raw, _ in listed]), outer.raw,
    )  # fmt: skip
    return Seen(
        tbs, serial, not_before, not_after, subject, _attributes(subject), spki,
        [key_id for _, key_id in listed if key_id is not None], signature, around,
    )  # fmt: skip


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


def _read_by_another(certificate: bytes, *, extensions: bool) -> bool:
    """A second reader: whatever `cryptography` would not take is refused."""
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        parsed.public_key()
        if extensions:
            _ = parsed.extensions
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension):
        return False
    return True


def _unsigned(seen: Seen) -> bool:
    return seen.signature.value[1:] == profiles.UNSIGNED


def _verifies(seen: Seen, key: ec.EllipticCurvePublicKey) -> bool:
    digest = frame.HASHES.get(seen.frame.outer)
    if digest is None or seen.signature.value[:1] != b"\x00":
        return False
    try:
        key.verify(seen.signature.value[1:], seen.tbs.raw, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True
