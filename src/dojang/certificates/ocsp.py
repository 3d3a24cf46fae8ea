"""OCSP from bytes to values and back (RFC 6960, RFC 9654). Sections are of RFC 6960."""

import enum
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.certificates.model import CrlReason
from dojang.kernel.clock import Instant

REQUESTS_MAX: Final = 16
NONCE_BYTES_MAX: Final = 128
_NONCE: Final = der.oid("1.3.6.1.5.5.7.48.1.2")
_SUCCESSFUL: Final = der.enumerated(0)
_BASIC: Final = der.oid("1.3.6.1.5.5.7.48.1.1")
SHA1: Final = der.oid("1.3.14.3.2.26")
SHA256: Final = der.oid("2.16.840.1.101.3.4.2.1")
_HASHES: Final[dict[bytes, type[hashes.HashAlgorithm]]] = {
    SHA1: hashes.SHA1,
    SHA256: hashes.SHA256,
    der.oid("2.16.840.1.101.3.4.2.2"): hashes.SHA384,
    der.oid("2.16.840.1.101.3.4.2.3"): hashes.SHA512,
}


class Trouble(enum.IntEnum):
    """OCSPResponseStatus other than successful (4.2.1). These answers are not signed."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3


Names = tuple[bytes, bytes, bytes]
"""A hash algorithm, and an issuer's name and key under it."""


class Asked(NamedTuple):
    """One certificate asked about; `cert_id` is echoed byte for byte."""

    cert_id: bytes
    names: Names
    """Whose certificate it is."""
    serial: int


class Request(NamedTuple):
    asked: tuple[Asked, ...]
    nonce: bytes | None


class Plain(enum.Enum):
    """What is said without a date, as CertStatus writes it (4.2.1)."""

    GOOD = der.implicit(0)
    UNKNOWN = der.implicit(2)


GOOD: Final = Plain.GOOD
UNKNOWN: Final = Plain.UNKNOWN


@dataclass(frozen=True)
class Revoked:
    since: Instant
    reason: CrlReason


Verdict = Plain | Revoked


class IssuerHashes:
    """An issuer under every hash a client may name it by."""

    def __init__(self, name: bytes, key_bits: bytes) -> None:
        self._known = {
            oid: (oid, _digest(kind, name), _digest(kind, key_bits))
            for oid, kind in _HASHES.items()
        }
        self.names: Final = frozenset(self._known.values())
        """Every way to name it."""
        self._before = {
            oid: der.sequence(oid, der.NULL) + der.octets(named) + der.octets(keyed)
            for oid, named, keyed in self.names
        }
        self._heads: dict[tuple[bytes, int], bytes] = {}

    def asked(self, serial: int, algorithm: bytes = SHA256) -> Asked:
        """The question about a certificate of this issuer, as most clients write it (4.1.1)."""
        cert_id = self.cert_id(der.integer(serial), algorithm)
        return Asked(cert_id, self._known[algorithm], serial)

    def cert_id(self, serial: bytes, algorithm: bytes) -> bytes:
        """The same, about a serial number as DER writes it."""
        return self._head(algorithm, len(serial)) + serial

    def is_meant(self, asked: Asked) -> bool:
        return asked.names in self.names

    def _head(self, algorithm: bytes, size: int) -> bytes:
        """What stands before a serial number of this size."""
        head = self._heads.get((algorithm, size))
        if head is None:
            before = self._before[algorithm]
            head = self._heads[algorithm, size] = (
                der.header(der.SEQUENCE, len(before) + size) + before
            )
        return head


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


def plain(cert_id: bytes) -> bytes:
    """The OCSPRequest with one question and nothing else (RFC 5019 2.1.1)."""
    return der.sequence(der.sequence(der.sequence(der.sequence(cert_id))))


def with_nonce(cert_id: bytes, nonce: bytes) -> bytes:
    """The OCSPRequest with one question, a nonce and nothing else (RFC 9654 2.1)."""
    listed = der.sequence(der.sequence(cert_id))
    return der.sequence(der.sequence(listed, der.explicit(2, der.sequence(_nonced(nonce)))))


class Form:
    """Answers of one responder and one moment: what they share is written once (4.2.1)."""

    def __init__(
        self, responder: bytes, key_hash: bytes, *, this_update: Instant, next_update: Instant
    ) -> None:
        self.this_update: Final = this_update
        self.next_update: Final = next_update
        self._by = der.explicit(2, der.octets(key_hash)) + der.generalized(this_update)
        self._times = der.generalized(this_update) + der.explicit(0, der.generalized(next_update))
        self._certificates = der.explicit(0, der.sequence(responder))
        self._around_one: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self._around: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def data(self, answers: Sequence[tuple[Asked, Verdict]], nonce: bytes | None) -> bytes:
        """ResponseData, the responder named by its key."""
        if len(answers) == 1:
            asked, said = answers[0]
            return self.data_of_one(asked.cert_id, said, nonce or b"")
        singles = [der.sequence(one.cert_id, _status(said), self._times) for one, said in answers]
        return self._data(b"".join(singles), nonce or b"")

    def response(self, data: bytes, algorithm: bytes, signature: bytes) -> bytes:
        """A successful OCSPResponse, with the responder's certificate in it.

        All of one form are signed by the same algorithm.
        """
        sizes = len(data), len(signature)
        around = self._around.get(sizes)
        if around is None:
            around = self._around[sizes] = self._head(algorithm, *sizes)
        head, between = around
        return b"".join((head, data, between, signature, self._certificates))

    def data_of_one(self, cert_id: bytes, said: Verdict, nonce: bytes = b"") -> bytes:
        """The same for the usual one; what stands around its parts follows from their sizes."""
        single = cert_id + _status(said) + self._times
        sizes = len(single), len(nonce)
        around = self._around_one.get(sizes)
        if around is None:
            whole = self._data(der.sequence(bytes(sizes[0])), bytes(sizes[1]))
            tail = _echoed(bytes(sizes[1]))
            head = whole[: len(whole) - len(tail) - sizes[0]]
            around = self._around_one[sizes] = head, tail[: len(tail) - sizes[1]]
        head, between = around
        return b"".join((head, single, between, nonce))

    def _data(self, singles: bytes, nonce: bytes) -> bytes:
        return der.sequence(self._by, der.sequence(singles), _echoed(nonce))

    def _head(self, algorithm: bytes, data: int, signature: int) -> tuple[bytes, bytes]:
        """All that stands before and between parts of these sizes: written around zeros, cut."""
        signed = der.bits(bytes(signature))
        basic = der.sequence(bytes(data), algorithm, signed, self._certificates)
        told = der.explicit(0, der.sequence(_BASIC, der.octets(basic)))
        whole = der.sequence(_SUCCESSFUL, told)
        between = algorithm + signed[: len(signed) - signature]
        rest = data + len(between) + signature + len(self._certificates)
        return whole[: len(whole) - rest], between


def trouble(kind: Trouble) -> bytes:
    """An OCSPResponse that says only that there is none."""
    return der.sequence(der.enumerated(kind))


def _nonced(nonce: bytes) -> bytes:
    """The extension (4.4.1)."""
    return der.sequence(_NONCE, der.octets(der.octets(nonce)))


def _echoed(nonce: bytes) -> bytes:
    return der.explicit(1, der.sequence(_nonced(nonce))) if nonce else b""


def _status(verdict: Verdict) -> bytes:
    if not isinstance(verdict, Revoked):
        return verdict.value
    reason = der.explicit(0, der.enumerated(verdict.reason))
    return der.explicit(1, der.generalized(verdict.since), reason)


def _asked(node: Node) -> Asked:
    return _of_cert_id(_at_least(node.expect(der.SEQUENCE).children(), 1)[0].raw)


@functools.lru_cache(maxsize=1_024)
def _of_cert_id(raw: bytes) -> Asked:
    cert_id = der.read(raw).expect(der.SEQUENCE)
    parts = cert_id.children()
    if len(parts) != 4:
        raise BadDer("a CertID has four parts")
    algorithm = _at_least(parts[0].expect(der.SEQUENCE).children(), 1)[0].expect(der.OID)
    named, keyed = (one.expect(der.OCTET_STRING).value for one in parts[1:3])
    return Asked(cert_id.raw, (algorithm.raw, named, keyed), parts[3].number())


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
