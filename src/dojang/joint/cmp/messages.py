"""PKIMessages read and written, as much of RFC 4210 as the door speaks. Strict DER, small sizes."""

from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.kernel.clock import Instant

MESSAGE_BYTES_MAX: Final = 32_768
PVNO: Final = 2
IR, IP, KUR, KUP, RR, RP, PKI_CONF, ERROR, CERT_CONF = 0, 1, 7, 8, 11, 12, 19, 23, 24
ACCEPTED, GRANTED_WITH_MODS, REJECTION = 0, 1, 2
BAD_MESSAGE_CHECK, BAD_REQUEST, BAD_DATA_FORMAT, BAD_POP, CERT_REVOKED = 1, 2, 5, 9, 10
BAD_CERT_TEMPLATE = 19
"""Bits of PKIFailureInfo."""
ENCRYPTED_VID: Final = der.oid("1.2.410.200004.10.1.1.2")
OLD_CERT_ID: Final = der.oid("1.3.6.1.5.5.7.5.1.5")
_ID_BYTES_MAX: Final = 64


@dataclass(frozen=True)
class Message:
    """`header` and `body` are raw, for the protection; the rest is what was read of them."""

    header: bytes
    body: bytes
    kind: int
    content: Node
    algorithm: bytes | None
    sender: bytes
    sender_kid: bytes | None
    transaction: bytes
    nonce: bytes
    answered: bytes
    protection: bytes | None
    certificates: tuple[bytes, ...]

    @property
    def protected(self) -> bytes:
        """ProtectedPart (5.1.3)."""
        return der.sequence(self.header, self.body)


@dataclass(frozen=True)
class CertRequest:
    """One CertReqMsg. `raw` is the CertRequest, over which possession is proved."""

    raw: bytes
    id: int
    spki: bytes
    proof_algorithm: bytes | None
    proof: bytes | None
    encrypted_vid: bytes | None
    old_serial: int | None


def read(content: bytes) -> Message:
    """A PKIMessage. Raises BadDer."""
    if len(content) > MESSAGE_BYTES_MAX:
        raise BadDer("larger than any message here")
    parts = der.read(content).expect(der.SEQUENCE).children()
    if not 2 <= len(parts) <= 4:
        raise BadDer("not a PKIMessage")
    header = parts[0].expect(der.SEQUENCE).children()
    if len(header) < 3 or header[0].number() != PVNO:
        raise BadDer("not version 2")
    named = {one.tag & 0x1F: _inside(one) for one in header[3:]}
    body = parts[1]
    if body.tag & 0xE0 != 0xA0:
        raise BadDer("no body")
    rest = {one.tag: one for one in parts[2:]}
    listed = rest.get(0xA1)
    return Message(
        header=parts[0].raw,
        body=body.raw,
        kind=body.tag & 0x1F,
        content=_inside(body),
        algorithm=named[1].raw if 1 in named else None,
        sender=header[1].raw,
        sender_kid=_octets(named.get(2)),
        transaction=_octets(named.get(4)) or b"",
        nonce=_octets(named.get(5)) or b"",
        answered=_octets(named.get(6)) or b"",
        protection=_bits(rest.get(0xA0)),
        certificates=tuple(
            one.raw for one in (_inside(listed).children() if listed is not None else [])
        ),
    )


def cert_request(content: Node) -> CertRequest:
    """The one CertReqMsg of an ir or kur (RFC 4211 3). Raises BadDer."""
    (message,) = _exactly(content.expect(der.SEQUENCE), 1)
    parts = message.expect(der.SEQUENCE).children()
    request = parts[0].expect(der.SEQUENCE).children()
    if not 2 <= len(request) <= 3:
        raise BadDer("not a CertRequest")
    template = {one.tag: one for one in request[1].expect(der.SEQUENCE).children()}
    key = template.get(0xA6)
    if key is None:
        raise BadDer("no public key in the template")
    algorithm, proof = _proof(next((one for one in parts[1:] if one.tag == 0xA1), None))
    info = next((one for one in parts[1:] if one.tag == der.SEQUENCE), None)
    controls = request[2] if len(request) == 3 else None
    return CertRequest(
        raw=parts[0].raw,
        id=request[0].number(),
        spki=der.sequence(key.value),
        proof_algorithm=algorithm,
        proof=proof,
        encrypted_vid=_attribute(info, ENCRYPTED_VID),
        old_serial=_old_serial(_attribute(controls, OLD_CERT_ID)),
    )


def confirmed_hash(content: Node) -> tuple[bytes, bool]:
    """(certHash, accepted) of a certConf with one CertStatus (5.3.18). Raises BadDer."""
    (status,) = _exactly(content.expect(der.SEQUENCE), 1)
    parts = status.expect(der.SEQUENCE).children()
    if len(parts) < 2:
        raise BadDer("no CertStatus")
    accepted = True
    if len(parts) > 2 and parts[2].tag == der.SEQUENCE:
        accepted = parts[2].children()[0].number() in (ACCEPTED, GRANTED_WITH_MODS)
    return parts[0].expect(der.OCTET_STRING).value, accepted


def header(
    *,
    sender: bytes,
    recipient: bytes,
    now: Instant,
    algorithm: bytes,
    sender_kid: bytes,
    transaction: bytes,
    nonce: bytes,
    answered: bytes,
) -> bytes:
    """PKIHeader (5.1.1). `sender` and `recipient` are GeneralNames; what is empty is left out."""
    return der.sequence(
        der.integer(PVNO),
        sender,
        recipient,
        der.explicit(0, der.generalized(now)),
        der.explicit(1, algorithm) if algorithm else b"",
        der.explicit(2, der.octets(sender_kid)) if sender_kid else b"",
        der.explicit(4, der.octets(transaction)) if transaction else b"",
        der.explicit(5, der.octets(nonce)),
        der.explicit(6, der.octets(answered)) if answered else b"",
    )


def message(header_der: bytes, body: bytes, protection: bytes, certificates: bytes) -> bytes:
    """PKIMessage (5.1); protection and certificates are left out where they are empty."""
    extra = der.explicit(1, der.sequence(certificates)) if certificates else b""
    protected = der.explicit(0, der.bits(protection)) if protection else b""
    return der.sequence(header_der, body, protected, extra)


def granted(kind: int, request_id: int, certificate: bytes, ca_certificates: bytes) -> bytes:
    """ip or kup with a certificate whose subject is ours to say: grantedWithMods (5.3.4)."""
    response = der.sequence(
        der.integer(request_id),
        der.sequence(der.integer(GRANTED_WITH_MODS)),
        der.sequence(der.explicit(0, certificate)),
    )
    published = der.explicit(1, der.sequence(ca_certificates)) if ca_certificates else b""
    return der.explicit(kind, der.sequence(published, der.sequence(response)))


def confirmation() -> bytes:
    return der.explicit(PKI_CONF, der.NULL)


def rejection(failure: int) -> bytes:
    """ErrorMsgContent (5.3.21): which bit, and no words."""
    status = der.sequence(der.integer(REJECTION), _named_bit(failure))
    return der.explicit(ERROR, der.sequence(status))


def directory(name: bytes) -> bytes:
    """A GeneralName of a Name."""
    return der.explicit(4, name)


def _named_bit(number: int) -> bytes:
    size = number // 8 + 1
    value = (1 << (size * 8 - 1 - number)).to_bytes(size, "big")
    return der.tlv(der.BIT_STRING, bytes((7 - number % 8,)), value)


def _proof(popo: Node | None) -> tuple[bytes | None, bytes | None]:
    """(algorithm, signature) of a POPOSigningKey without a poposkInput."""
    if popo is None:
        return None, None
    parts = popo.children()
    if len(parts) != 2:
        raise BadDer("possession is proved over the request itself")
    return parts[0].raw, _bits_of(parts[1])


def _attribute(listed: Node | None, oid: bytes) -> bytes | None:
    for one in listed.children() if listed is not None else []:
        kind, value = _exactly(one.expect(der.SEQUENCE), 2)
        if kind.raw == oid:
            return value.raw
    return None


def _old_serial(value: bytes | None) -> int | None:
    if value is None:
        return None
    _issuer, serial = _exactly(der.read(value).expect(der.SEQUENCE), 2)
    return serial.number()


def _inside(node: Node) -> Node:
    (only,) = _exactly(node, 1)
    return only


def _octets(node: Node | None) -> bytes | None:
    if node is None:
        return None
    value = node.expect(der.OCTET_STRING).value
    if not 1 <= len(value) <= _ID_BYTES_MAX:
        raise BadDer("an id or nonce is too long")
    return value


def _bits(node: Node | None) -> bytes | None:
    return None if node is None else _bits_of(_inside(node))


def _bits_of(node: Node) -> bytes:
    value = node.expect(der.BIT_STRING).value
    if value[:1] != b"\x00":
        raise BadDer("whole bytes were expected")
    return value[1:]


def _exactly(node: Node, count: int) -> list[Node]:
    parts = node.children()
    if len(parts) != count:
        raise BadDer("another number of members was expected")
    return parts
