"""identifyData and the VID (KCAC.TS.SIVID 1.21): whose certificate it is, for who knows the number.

    HashContent  ::= SEQUENCE { idn PrintableString, randomNum BIT STRING }
    virtualID    = H(H(DER(HashContent)))
    IdentifyData ::= SEQUENCE { realName UTF8String, userInfo SEQUENCE OF { type, value } OPTIONAL }
    VID          ::= SEQUENCE { hashAlg AlgorithmIdentifier, virtualID [0] EXPLICIT OCTET STRING }

Whoever holds R and a certificate can try every number: R is as secret as the key.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node

R_BYTES: Final = 20
PERSON_DIGITS: Final = 13
BUSINESS_DIGITS: Final = 10
VID_BYTES: Final = 32

IDENTIFY_DATA: Final = der.oid("1.2.410.200004.10.1.1")
ID_VID: Final = der.oid("1.2.410.200004.10.1.1.1")
SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
"""Without NULL, as it stands in issued certificates."""
_SHA256_NULL: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.NULL)


@dataclass(frozen=True)
class Identity:
    """What an identifyData says. `vid` is None where only a name stands."""

    real_name: str
    vid: bytes | None


def hash_content(idn: str, r: bytes) -> bytes:
    """DER of HashContent. Raises ValueError for a number or an R of another size."""
    if len(idn) not in (PERSON_DIGITS, BUSINESS_DIGITS) or not idn.isascii() or not idn.isdigit():
        raise ValueError("13 or 10 digits")
    if len(r) != R_BYTES:
        raise ValueError("R has 160 bits")
    return der.sequence(der.tlv(der.PRINTABLE, idn.encode()), der.bits(r))


def virtual_id(idn: str, r: bytes) -> bytes:
    """Hashed twice."""
    return hashlib.sha256(hashlib.sha256(hash_content(idn, r)).digest()).digest()


def vid_value(virtual: bytes) -> bytes:
    """DER of VID."""
    return der.sequence(SHA256, der.explicit(0, der.octets(virtual)))


def other_name(identity: Identity) -> bytes:
    """The GeneralName [0] that stands in subjectAltName."""
    info = b""
    if identity.vid is not None:
        info = der.sequence(der.sequence(ID_VID, vid_value(identity.vid)))
    data = der.sequence(der.tlv(der.UTF8, identity.real_name.encode()), info)
    return der.explicit(0, IDENTIFY_DATA, der.explicit(0, data))


def read_other_name(name: Node) -> Identity:
    """The identity in a GeneralName [0] of this type. Raises BadDer with what is wrong."""
    kind, wrapped = _exactly(name.expect(0xA0).children(), 2, "otherName: a type and a value")
    if kind.raw != IDENTIFY_DATA:
        raise BadDer("another otherName")
    (data,) = _exactly(wrapped.expect(0xA0).children(), 1, "otherName: one value")
    parts = data.expect(der.SEQUENCE).children()
    if not 1 <= len(parts) <= 2:
        raise BadDer("identifyData: a name and at most one userInfo")
    try:
        real_name = parts[0].expect(der.UTF8).value.decode()
    except UnicodeDecodeError:
        raise BadDer("realName: not UTF-8") from None
    return Identity(real_name, None if len(parts) == 1 else _read_user_info(parts[1]))


def _read_user_info(info: Node) -> bytes:
    (attribute,) = _exactly(info.expect(der.SEQUENCE).children(), 1, "userInfo: one attribute")
    kind, value = _exactly(attribute.expect(der.SEQUENCE).children(), 2, "userInfo: type and value")
    if kind.raw != ID_VID:
        raise BadDer("userInfo: no VID")
    if value.tag == der.SET:
        raise BadDer("VID: wrapped in a SET")
    return read_vid(value)


def read_vid(value: Node) -> bytes:
    """The virtualID of a VID. Raises BadDer."""
    algorithm, wrapped = _exactly(value.expect(der.SEQUENCE).children(), 2, "VID: two members")
    if algorithm.raw not in (SHA256, _SHA256_NULL):
        raise BadDer("VID: hashed with something else than SHA-256")
    if wrapped.tag != 0xA0:
        raise BadDer("VID: virtualID is not EXPLICIT")
    (octets,) = _exactly(wrapped.children(), 1, "VID: one virtualID")
    if len(octets.expect(der.OCTET_STRING).value) != VID_BYTES:
        raise BadDer("VID: not 32 bytes")
    return octets.value


def _exactly(nodes: list[Node], count: int, words: str) -> list[Node]:
    if len(nodes) != count:
        raise BadDer(words)
    return nodes
