"""Requests read, tokens and answers written, in DER (RFC 3161, RFC 5652, RFC 5816).

A token is written from parts of which most never change; `token` is also how a token that was read
is compared with the only form in which this authority writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.certificates.profiles import ECDSA_SHA256
from dojang.kernel.clock import SECOND, Instant, utc
from dojang.timestamps.model import (
    ACCURACY,
    HASHES,
    NONCE_BYTES_MAX,
    REQUEST_BYTES_MAX,
    Failure,
    Refused,
    Request,
)

SHA256: Final = der.oid("2.16.840.1.101.3.4.2.1")
_SHA256_ALONE: Final = der.sequence(SHA256)
"""AlgorithmIdentifier without parameters (RFC 5754 2)."""
_SIGNED_DATA: Final = der.oid("1.2.840.113549.1.7.2")
_TST_INFO: Final = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE: Final = der.sequence(der.oid("1.2.840.113549.1.9.3"), der.tlv(der.SET, _TST_INFO))
_MESSAGE_DIGEST: Final = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2: Final = der.oid("1.2.840.113549.1.9.16.2.47")
_VERSION_1: Final = der.integer(1)
_VERSION_3: Final = der.integer(3)
_ACCURACY: Final = der.sequence(der.integer(ACCURACY // SECOND))
_FALSE: Final = b"\x01\x01\x00"
_EXTENSIONS: Final = 0xA0
_DIGEST_NULL: Final = (b"", der.NULL)


@dataclass(frozen=True)
class Info:
    """A TSTInfo (2.4.2). `imprint` and `nonce` in DER, `nonce` empty where none was sent."""

    policy: str
    imprint: bytes
    serial: int
    at: Instant
    ordering: bool
    nonce: bytes


@dataclass(frozen=True)
class Stamper:
    """What a token says of its signer: issuer and serial (a SignerIdentifier), and its hash."""

    sid: bytes
    certificate_hash: bytes


def imprint(digest: bytes) -> bytes:
    """MessageImprint of a SHA-256 digest."""
    return der.sequence(der.sequence(SHA256, der.NULL), der.octets(digest))


def parse(content: bytes, policy: str) -> Request:
    """A TimeStampReq (2.4.1). Raises `Refused` with the failure that fits."""
    if len(content) > REQUEST_BYTES_MAX:
        raise Refused(Failure.BAD_REQUEST, "larger than any request")
    try:
        version, hashed, *rest = der.read(content).expect(der.SEQUENCE).children()
        if version.number() != 1:
            raise Refused(Failure.BAD_REQUEST, "not version 1")
        _checked_imprint(hashed)
        return _with_options(hashed.raw, rest, policy)
    except (BadDer, ValueError) as wrong:
        raise Refused(Failure.BAD_DATA_FORMAT, "not a TimeStampReq") from wrong


def info(said: Info) -> bytes:
    """The TSTInfo in DER."""
    return der.sequence(
        _VERSION_1,
        der.oid(said.policy),
        said.imprint,
        der.integer(said.serial),
        der.tlv(der.GENERALIZED_TIME, _time(said.at)),
        _ACCURACY,
        der.true() if said.ordering else b"",
        said.nonce,
    )


def signed_attributes(digest: bytes, stamper: Stamper) -> bytes:
    """The SET that is signed: what kind, which TSTInfo (its SHA-256), by which certificate."""
    which = der.sequence(der.sequence(der.sequence(der.octets(stamper.certificate_hash))))
    attributes = (
        _CONTENT_TYPE,
        der.sequence(_MESSAGE_DIGEST, der.tlv(der.SET, der.octets(digest))),
        der.sequence(_SIGNING_CERTIFICATE_V2, der.tlv(der.SET, which)),
    )
    return der.tlv(der.SET, *sorted(attributes))


def token(
    tst_info: bytes,
    attributes: bytes,
    signature: bytes,
    stamper: Stamper,
    certificates: Sequence[bytes],
) -> bytes:
    """The TimeStampToken: a ContentInfo of SignedData (RFC 5652 5.1), in the one form of ours."""
    listed = der.explicit(0, *sorted(certificates)) if certificates else b""
    signer = der.sequence(
        _VERSION_1,
        stamper.sid,
        _SHA256_ALONE,
        b"\xa0" + attributes[1:],
        ECDSA_SHA256,
        der.octets(signature),
    )
    signed = der.sequence(
        _VERSION_3,
        der.tlv(der.SET, _SHA256_ALONE),
        der.sequence(_TST_INFO, der.explicit(0, der.octets(tst_info))),
        listed,
        der.tlv(der.SET, signer),
    )
    return der.sequence(_SIGNED_DATA, der.explicit(0, signed))


def granted(made: bytes) -> bytes:
    """A TimeStampResp with a token."""
    return der.sequence(der.sequence(der.integer(0)), made)


def refused(why: Refused) -> bytes:
    """A TimeStampResp without one: rejection, words, and the failure's bit."""
    bit = int(why.failure)
    content = bytearray(bit // 8 + 1)
    content[-1] = 0x80 >> bit % 8
    failure = der.tlv(der.BIT_STRING, bytes((7 - bit % 8,)), bytes(content))
    words = der.sequence(der.tlv(der.UTF8, str(why).encode()))
    return der.sequence(der.sequence(der.integer(2), words, failure))


def _checked_imprint(hashed: Node) -> None:
    algorithm, digest = hashed.expect(der.SEQUENCE).children()
    parts = algorithm.expect(der.SEQUENCE).children()
    size = HASHES.get(parts[0].raw) if parts else None
    parameters = b"".join(part.raw for part in parts[1:])
    if size is None or parameters not in _DIGEST_NULL:
        raise Refused(Failure.BAD_ALG, "only SHA-256, SHA-384 and SHA-512 are stamped")
    if len(digest.expect(der.OCTET_STRING).value) != size:
        raise BadDer("the digest is not as long as its algorithm's")


def _with_options(hashed: bytes, rest: list[Node], policy: str) -> Request:
    """reqPolicy, nonce, certReq and extensions, each at most once and in this order."""
    left = list(rest)
    if left and left[0].tag == der.OID and left.pop(0).raw != der.oid(policy):
        raise Refused(Failure.UNACCEPTED_POLICY, f"stamps are made under {policy} only")
    nonce = b""
    if left and left[0].tag == der.INTEGER:
        nonce = _checked_nonce(left.pop(0))
    certificates = False
    if left and left[0].tag == der.BOOLEAN:
        flag = left.pop(0).raw
        if flag not in {_FALSE, der.true()}:
            raise BadDer("not a BOOLEAN")
        certificates = flag != _FALSE
    if left and left[0].tag == _EXTENSIONS:
        raise Refused(Failure.UNACCEPTED_EXTENSION, "no extension is known here")
    if left:
        raise BadDer("something follows")
    return Request(hashed, nonce, certificates)


def _checked_nonce(node: Node) -> bytes:
    node.number()
    if len(node.value) > NONCE_BYTES_MAX:
        raise Refused(Failure.BAD_REQUEST, "the nonce is longer than any nonce needs to be")
    return node.raw


def _time(at: Instant) -> bytes:
    """GeneralizedTime with as many digits of the second as there are (2.4.2, X.690 11.7)."""
    whole = utc(at).strftime("%Y%m%d%H%M%S")
    fraction = f"{at % SECOND:06d}".rstrip("0")
    return (f"{whole}.{fraction}Z" if fraction else f"{whole}Z").encode()
