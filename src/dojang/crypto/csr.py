"""PKCS#10 for Ed25519 keys, byte for byte the same on both sides (RFC 2986, RFC 8410).

The server sends the CertificationRequestInfo, the phone rebuilds it from its own fields and signs
only if the bytes are equal. Exact DER, definite minimal lengths:

    SEQUENCE {
      INTEGER 0
      SEQUENCE {                                        subject, one attribute a RDN, this order
        SET { SEQUENCE { OID 2.5.4.6  PrintableString "KR" } }
        SET { SEQUENCE { OID 2.5.4.3  UTF8String name } }
        SET { SEQUENCE { OID 2.5.4.5  PrintableString subject id } } }
      SEQUENCE { SEQUENCE { OID 1.3.101.112 }  BIT STRING (0 unused bits) public key }
      [0] {}                                            no attributes: the two bytes A0 00
    }
"""

import re
import unicodedata

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dojang.crypto.ed25519 import SIGNATURE_BYTES, BadSignature
from dojang.crypto.encoding import BadEncoding, Point

COUNTRY = "KR"
NAME_CHARS_MAX = 64
SUBJECT_ID_CHARS_MAX = 64

_SEQUENCE, _SET, _OID, _INTEGER, _BIT_STRING = 0x30, 0x31, 0x06, 0x02, 0x03
_PRINTABLE, _UTF8, _ATTRIBUTES = 0x13, 0x0C, 0xA0
_ID_COUNTRY, _ID_NAME, _ID_SERIAL = b"\x55\x04\x06", b"\x55\x04\x03", b"\x55\x04\x05"
_ID_ED25519 = b"\x2b\x65\x70"
_SUBJECT_ID = re.compile(r"[A-Za-z0-9 '()+,./:=?-]+")


def request_info(public_key: Point, *, name: str, subject_id: str) -> bytes:
    """The CertificationRequestInfo: what the key signs to prove that it can.

    Raises `BadEncoding` for a name that is empty, longer than 64 characters, not NFC or holds
    control characters, and for a subject id outside PrintableString.
    """
    _check_name(name)
    if len(subject_id) > SUBJECT_ID_CHARS_MAX or not _SUBJECT_ID.fullmatch(subject_id):
        raise BadEncoding("the subject id is not a PrintableString of at most 64 characters")
    subject = _tlv(
        _SEQUENCE,
        _rdn(_ID_COUNTRY, _PRINTABLE, COUNTRY),
        _rdn(_ID_NAME, _UTF8, name),
        _rdn(_ID_SERIAL, _PRINTABLE, subject_id),
    )
    spki = _tlv(_SEQUENCE, _ed25519(), _tlv(_BIT_STRING, b"\x00", public_key))
    return _tlv(_SEQUENCE, _tlv(_INTEGER, b"\x00"), subject, spki, _tlv(_ATTRIBUTES))


def assemble(info: bytes, signature: bytes) -> bytes:
    """The complete request in DER; `signature` covers `info`."""
    if len(signature) != SIGNATURE_BYTES:
        raise BadEncoding("an Ed25519 signature has 64 bytes")
    return _tlv(_SEQUENCE, info, _ed25519(), _tlv(_BIT_STRING, b"\x00", signature))


def verify(csr: bytes, public_key: Point) -> None:
    """Before issue (I12): the request is for this key and signed by it, says `cryptography`.

    Raises `BadSignature`, also for a request that does not parse.
    """
    try:
        request = x509.load_der_x509_csr(csr)
        key = request.public_key()
        if not isinstance(key, Ed25519PublicKey) or key.public_bytes_raw() != public_key:
            raise BadSignature
        holds = request.is_signature_valid
    except (ValueError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion):
        raise BadSignature from None
    if not holds:
        raise BadSignature


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= NAME_CHARS_MAX or not unicodedata.is_normalized("NFC", name):
        raise BadEncoding("the name is not 1 to 64 characters in NFC")
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in name):
        raise BadEncoding("the name holds invisible characters")


def _rdn(oid: bytes, tag: int, value: str) -> bytes:
    attribute = _tlv(_SEQUENCE, _tlv(_OID, oid), _tlv(tag, value.encode("utf-8")))
    return _tlv(_SET, attribute)


def _ed25519() -> bytes:
    """AlgorithmIdentifier without parameters (RFC 8410 3)."""
    return _tlv(_SEQUENCE, _tlv(_OID, _ID_ED25519))


def _tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + value
