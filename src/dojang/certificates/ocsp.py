"""OCSP from bytes to values and back (RFC 6960, RFC 9654). Sections are of RFC 6960."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.certificates.model import CrlReason
from dojang.kernel.clock import Instant

REQUESTS_MAX: Final = 16
NONCE_BYTES_MAX: Final = 128
_NONCE: Final = der.oid("1.3.6.1.5.5.7.48.1.2")
_BASIC: Final = der.oid("1.3.6.1.5.5.7.48.1.1")
_SHA256: Final = der.oid("2.16.840.1.101.3.4.2.1")
_HASHES: Final[dict[bytes, type[hashes.HashAlgorithm]]] = {
    der.oid("1.3.14.3.2.26"): hashes.SHA1,
    _SHA256: hashes.SHA256,
    der.oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384,
    der.oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512,
}


class Trouble(enum.IntEnum):
    """OCSPResponseStatus other than successful (4.2.1). These answers are not signed."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3


@dataclass(frozen=True)
class Asked:
    """One certificate asked about; `cert_id` is echoed byte for byte."""

    cert_id: bytes
    algorithm: bytes
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial: int


@dataclass(frozen=True)
class Request:
    asked: tuple[Asked, ...]
    nonce: bytes | None


@dataclass(frozen=True)
class Good:
    pass


@dataclass(frozen=True)
class Revoked:
    since: Instant
    reason: CrlReason


@dataclass(frozen=True)
class Unknown:
    pass


Verdict = Good | Revoked | Unknown


class IssuerHashes:
    """An issuer under every hash a client may name it by."""

    def __init__(self, name: bytes, key_bits: bytes) -> None:
        self._known = {
            oid: (_digest(kind, name), _digest(kind, key_bits)) for oid, kind in _HASHES.items()
        }

    def asked(self, serial: int) -> Asked:
        """A question about a certificate of this issuer, by SHA-256 (RFC 6960 4.1.1)."""
        name, key = self._known[_SHA256]
        algorithm = der.sequence(_SHA256, der.NULL)
        cert_id = der.sequence(algorithm, der.octets(name), der.octets(key), der.integer(serial))
        return Asked(cert_id, _SHA256, name, key, serial)

    def is_meant(self, asked: Asked) -> bool:
        return self._known.get(asked.algorithm) == (asked.issuer_name_hash, asked.issuer_key_hash)


def parse(content: bytes) -> Request:
    """An OCSPRequest (4.1.1); a signature over it is not looked at. Raises `BadDer`."""
    tbs = _at_least(der.read(content).expect(der.SEQUENCE).children(), 1)[0]
    fields = tbs.expect(der.SEQUENCE).children()
    requests = next((node for node in fields if node.tag == der.SEQUENCE), None)
    extensions = next((node for node in fields if node.tag == 0xA2), None)
    if requests is None:
        raise BadDer("no list of requests")
    asked = tuple(_asked(node) for node in requests.children())
    if not 1 <= len(asked) <= REQUESTS_MAX:
        raise BadDer("no request, or too many in one")
    return Request(asked, None if extensions is None else _nonce(extensions))


def response_data(
    key_hash: bytes,
    answers: Sequence[tuple[Asked, Verdict]],
    *,
    this_update: Instant,
    next_update: Instant,
    nonce: bytes | None,
) -> bytes:
    """ResponseData (4.2.1), the responder named by its key."""
    singles = (_single(asked, verdict, this_update, next_update) for asked, verdict in answers)
    echoed = b""
    if nonce is not None:
        extension = der.sequence(_NONCE, der.octets(der.octets(nonce)))
        echoed = der.explicit(1, der.sequence(extension))
    return der.sequence(
        der.explicit(2, der.octets(key_hash)),
        der.generalized(this_update),
        der.sequence(*singles),
        echoed,
    )


def response(data: bytes, algorithm: bytes, signature: bytes, responder: bytes) -> bytes:
    """A successful OCSPResponse, with the responder's certificate in it."""
    basic = der.sequence(
        data, algorithm, der.bits(signature), der.explicit(0, der.sequence(responder))
    )
    return der.sequence(der.enumerated(0), der.explicit(0, der.sequence(_BASIC, der.octets(basic))))


def trouble(kind: Trouble) -> bytes:
    """An OCSPResponse that says only that there is none."""
    return der.sequence(der.enumerated(kind))


def _single(asked: Asked, verdict: Verdict, this_update: Instant, next_update: Instant) -> bytes:
    return der.sequence(
        asked.cert_id,
        _status(verdict),
        der.generalized(this_update),
        der.explicit(0, der.generalized(next_update)),
    )


def _status(verdict: Verdict) -> bytes:
    if isinstance(verdict, Good):
        return der.implicit(0)
    if isinstance(verdict, Unknown):
        return der.implicit(2)
    reason = der.explicit(0, der.enumerated(verdict.reason))
    return der.explicit(1, der.generalized(verdict.since), reason)


def _asked(node: Node) -> Asked:
    cert_id = _at_least(node.expect(der.SEQUENCE).children(), 1)[0].expect(der.SEQUENCE)
    parts = cert_id.children()
    if len(parts) != 4:
        raise BadDer("a CertID has four parts")
    algorithm = _at_least(parts[0].expect(der.SEQUENCE).children(), 1)[0].expect(der.OID)
    return Asked(
        cert_id.raw,
        algorithm.raw,
        parts[1].expect(der.OCTET_STRING).value,
        parts[2].expect(der.OCTET_STRING).value,
        parts[3].number(),
    )


def _nonce(extensions: Node) -> bytes | None:
    """RFC 9654 2.1: 1 to 128 bytes, anything else is a malformed request."""
    listed = _at_least(extensions.children(), 1)[0].expect(der.SEQUENCE)
    for extension in listed.children():
        parts = _at_least(extension.children(), 2)
        if parts[0].raw == _NONCE:
            value = der.read(parts[-1].expect(der.OCTET_STRING).value)
            nonce = value.expect(der.OCTET_STRING).value
            if not 1 <= len(nonce) <= NONCE_BYTES_MAX:
                raise BadDer("a nonce has 1 to 128 bytes")
            return nonce
    return None


def _at_least(nodes: list[Node], count: int) -> list[Node]:
    if len(nodes) < count:
        raise BadDer("a part is missing")
    return nodes


def _digest(kind: type[hashes.HashAlgorithm], content: bytes) -> bytes:
    digest = hashes.Hash(kind())
    digest.update(content)
    return digest.finalize()
