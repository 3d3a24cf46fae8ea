"""A certificate and a CRL taken apart, with the raw bytes of each part. Nothing is judged here.

Libraries forgive what the format does not (names, strings, a missing NULL), so the check reads the
DER itself. Raises BadDer where the bytes have not even the shape.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node

_TIMES: Final = frozenset({der.UTC_TIME, der.GENERALIZED_TIME})


@dataclass(frozen=True)
class Extension:
    """`oid` as DER; `value` is what the OCTET STRING holds."""

    oid: bytes
    critical: bool
    value: bytes


@dataclass(frozen=True)
class Parsed:
    """A certificate's parts, each as it stands there."""

    raw: bytes
    tbs: bytes
    version: bytes
    serial: Node
    inner: bytes
    issuer: bytes
    not_before: Node
    not_after: Node
    subject: bytes
    spki: bytes
    extensions: tuple[Extension, ...]
    outer: bytes
    signature: bytes

    def extension(self, oid: str) -> Extension | None:
        wanted = der.oid(oid)
        return next((one for one in self.extensions if one.oid == wanted), None)

    def signed_by(self, issuer: "Parsed") -> bool:
        return verifies(issuer.spki, self.signature, self.tbs)


@dataclass(frozen=True)
class Entry:
    """A revoked certificate on a list."""

    serial: int
    reason: int | None


@dataclass(frozen=True)
class ParsedCrl:
    tbs: bytes
    issuer: bytes
    this_update: Node
    next_update: Node | None
    entries: tuple[Entry, ...]
    extensions: tuple[Extension, ...]
    signature: bytes

    def extension(self, oid: str) -> Extension | None:
        wanted = der.oid(oid)
        return next((one for one in self.extensions if one.oid == wanted), None)


def certificate(content: bytes) -> Parsed:
    tbs, outer, signature = _signed(content)
    parts = tbs.children()
    if len(parts) != 8 or parts[0].tag != 0xA0 or parts[7].tag != 0xA3:
        raise BadDer("not the members of a version 3 certificate")
    not_before, not_after = _two(parts[4].expect(der.SEQUENCE))
    if not_before.tag not in _TIMES or not_after.tag not in _TIMES:
        raise BadDer("validity without times")
    return Parsed(
        raw=content,
        tbs=tbs.raw,
        version=parts[0].value,
        serial=parts[1].expect(der.INTEGER),
        inner=parts[2].raw,
        issuer=parts[3].raw,
        not_before=not_before,
        not_after=not_after,
        subject=parts[5].raw,
        spki=parts[6].raw,
        extensions=_extensions(parts[7]),
        outer=outer,
        signature=signature,
    )


def crl(content: bytes) -> ParsedCrl:
    tbs, _outer, signature = _signed(content)
    parts = tbs.children()
    if len(parts) < 5 or parts[0].raw != der.integer(1):
        raise BadDer("no list of version 2")
    rest = parts[4:]
    next_update = rest.pop(0) if rest[0].tag in _TIMES else None
    entries = rest.pop(0).children() if rest and rest[0].tag == der.SEQUENCE else []
    return ParsedCrl(
        tbs=tbs.raw,
        issuer=parts[2].raw,
        this_update=parts[3],
        next_update=next_update,
        entries=tuple(_entry(one) for one in entries),
        extensions=_extensions(rest[0]) if rest and rest[0].tag == 0xA0 else (),
        signature=signature,
    )


def verifies(spki: bytes, signature: bytes, signed: bytes) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    try:
        key = serialization.load_der_public_key(spki)
        if not isinstance(key, RSAPublicKey):
            return False
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _signed(content: bytes) -> tuple[Node, bytes, bytes]:
    parts = der.read(content).expect(der.SEQUENCE).children()
    if len(parts) != 3:
        raise BadDer("not the three members of something signed")
    bits = parts[2].expect(der.BIT_STRING).value
    if bits[:1] != b"\x00":
        raise BadDer("a signature of whole bytes")
    return parts[0].expect(der.SEQUENCE), parts[1].raw, bits[1:]


def _extensions(wrapped: Node) -> tuple[Extension, ...]:
    (listed,) = wrapped.children() if len(wrapped.children()) == 1 else (None,)
    if listed is None:
        raise BadDer("one list of extensions")
    return tuple(_extension(one) for one in listed.expect(der.SEQUENCE).children())


def _extension(node: Node) -> Extension:
    parts = node.expect(der.SEQUENCE).children()
    if not 2 <= len(parts) <= 3:
        raise BadDer("an extension has two or three members")
    critical = len(parts) == 3 and parts[1].raw == der.true()
    if len(parts) == 3 and not critical:
        raise BadDer("critical is TRUE or is not written")
    return Extension(
        parts[0].expect(der.OID).raw, critical, parts[-1].expect(der.OCTET_STRING).value
    )


def _entry(node: Node) -> Entry:
    parts = node.expect(der.SEQUENCE).children()
    if not 2 <= len(parts) <= 3:
        raise BadDer("an entry has two or three members")
    reason = None
    if len(parts) == 3:
        for one in parts[2].expect(der.SEQUENCE).children():
            found = _extension(one)
            if found.oid == der.oid("2.5.29.21"):
                reason = der.read(found.value).expect(der.ENUMERATED).value[0]
    return Entry(parts[0].number(), reason)


def _two(node: Node) -> list[Node]:
    parts = node.children()
    if len(parts) != 2:
        raise BadDer("two members were expected")
    return parts
