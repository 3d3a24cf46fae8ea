"""CMS SignedData as a relying party takes it (RFC 5652 5): one signer, the content inside, RSA.

With signed attributes or without; with them, contentType and messageDigest must be there and fit,
else a signature over something else could be carried over. Strict DER, SHA-256 only.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.joint.npki import parsing

BYTES_MAX: Final = 65_536
_SIGNED_DATA: Final = der.oid("1.2.840.113549.1.7.2")
_DATA: Final = der.oid("1.2.840.113549.1.7.1")
_CONTENT_TYPE: Final = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = der.oid("1.2.840.113549.1.9.4")
_SHA256: Final = der.oid("2.16.840.1.101.3.4.2.1")
_RSA: Final = frozenset({der.oid("1.2.840.113549.1.1.1"), der.oid("1.2.840.113549.1.1.11")})


@dataclass(frozen=True)
class Signed:
    """`over` is what the signature is over; `digest_fits`: the attributes speak of the content."""

    content: bytes
    certificate: bytes
    over: bytes
    digest_fits: bool
    signature: bytes

    def verifies(self) -> bool:
        """By the key of the certificate inside; whose that is, is another question."""
        key = parsing.certificate(self.certificate).spki
        return self.digest_fits and parsing.verifies(key, self.signature, self.over)


def parse(content: bytes) -> Signed:
    """Raises BadDer for everything that is not of this shape."""
    if len(content) > BYTES_MAX:
        raise BadDer("larger than any signature here")
    kind, wrapped = _exactly(der.read(content).expect(der.SEQUENCE), 2)
    if kind.raw != _SIGNED_DATA:
        raise BadDer("no SignedData")
    (inner,) = _exactly(wrapped.expect(0xA0), 1)
    parts = inner.expect(der.SEQUENCE).children()
    if len(parts) != 5 or parts[3].tag != 0xA0:
        raise BadDer("not version, digests, content, certificates, signers")
    signed = _content(parts[2])
    (certificate,) = _exactly(parts[3], 1)
    (signer,) = _exactly(parts[4].expect(der.SET), 1)
    return _signer(signer, signed, certificate.raw)


def _content(encapsulated: Node) -> bytes:
    kind, wrapped = _exactly(encapsulated.expect(der.SEQUENCE), 2)
    if kind.raw != _DATA:
        raise BadDer("not plain data")
    (octets,) = _exactly(wrapped.expect(0xA0), 1)
    return octets.expect(der.OCTET_STRING).value


def _signer(signer: Node, content: bytes, certificate: bytes) -> Signed:
    parts = signer.expect(der.SEQUENCE).children()
    seen = parsing.certificate(certificate)
    if len(parts) not in (5, 6) or parts[0].raw != der.integer(1):
        raise BadDer("not a SignerInfo of version 1")
    if parts[1].raw != der.sequence(seen.issuer, seen.serial.raw):
        raise BadDer("the signer is not the certificate inside")
    algorithms = [parts[2], parts[-2]]
    digest, cipher = (one.expect(der.SEQUENCE).children()[:1] for one in algorithms)
    if [one.raw for one in digest] != [_SHA256] or not {one.raw for one in cipher} & _RSA:
        raise BadDer("not RSA with SHA-256")
    signature = parts[-1].expect(der.OCTET_STRING).value
    if len(parts) == 5:
        return Signed(content, certificate, content, digest_fits=True, signature=signature)
    attributes = parts[3]
    fits = _attributes_fit(attributes, content)
    over = der.tlv(der.SET, attributes.value)
    return Signed(content, certificate, over, digest_fits=fits, signature=signature)


def _attributes_fit(attributes: Node, content: bytes) -> bool:
    if attributes.tag != 0xA0:
        raise BadDer("no signed attributes where they would be")
    found: dict[bytes, bytes] = {}
    for one in attributes.children():
        kind, values = _exactly(one.expect(der.SEQUENCE), 2)
        (value,) = _exactly(values.expect(der.SET), 1)
        if kind.raw in found:
            raise BadDer("an attribute stands twice")
        found[kind.raw] = value.raw
    digest = der.octets(hashlib.sha256(content).digest())
    return found.get(_CONTENT_TYPE) == _DATA and found.get(_MESSAGE_DIGEST) == digest


def _exactly(node: Node, count: int) -> list[Node]:
    parts = node.children()
    if len(parts) != count:
        raise BadDer("another number of members was expected")
    return parts
