"""Password-based MAC (RFC 4210 5.1.3.1): SHA-256 and HMAC only, iterations within bounds.

The iteration count is the sender's word: without a bound, one message keeps a machine busy.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer

ITERATIONS_MIN: Final = 100
ITERATIONS_MAX: Final = 100_000
ITERATIONS: Final = 1_000
SALT_BYTES_MAX: Final = 128
PBM: Final = der.oid("1.2.840.113533.7.66.13")
_SHA256: Final = der.oid("2.16.840.1.101.3.4.2.1")
_MACS: Final = {
    der.oid("1.3.6.1.5.5.8.1.2"): "sha1",
    der.oid("1.2.840.113549.2.7"): "sha1",
    der.oid("1.2.840.113549.2.9"): "sha256",
}
_OURS: Final = der.oid("1.2.840.113549.2.9")


@dataclass(frozen=True)
class Pbm:
    """How one message is protected."""

    salt: bytes
    iterations: int
    digest: str

    def mac(self, secret: bytes, protected: bytes) -> bytes:
        key = secret + self.salt
        for _ in range(self.iterations):
            key = hashlib.sha256(key).digest()
        return hmac.digest(key, protected, self.digest)


def read(algorithm: bytes) -> Pbm:
    """From the header's protectionAlg. Raises BadDer for what is not taken."""
    kind, parameters = _exactly(algorithm, 2)
    if kind.raw != PBM:
        raise BadDer("no password-based MAC")
    salt, owf, count, mac = _exactly(parameters.raw, 4)
    if owf.children()[0].raw != _SHA256:
        raise BadDer("derived by something else than SHA-256")
    digest = _MACS.get(mac.children()[0].raw)
    iterations = count.number()
    if digest is None or not ITERATIONS_MIN <= iterations <= ITERATIONS_MAX:
        raise BadDer("another MAC, or an iteration count out of bounds")
    value = salt.expect(der.OCTET_STRING).value
    if not 1 <= len(value) <= SALT_BYTES_MAX:
        raise BadDer("a salt out of bounds")
    return Pbm(value, iterations, digest)


def algorithm(salt: bytes, iterations: int = ITERATIONS) -> bytes:
    """The protectionAlg of what we send."""
    parameters = der.sequence(
        der.octets(salt),
        der.sequence(_SHA256),
        der.integer(iterations),
        der.sequence(_OURS, der.NULL),
    )
    return der.sequence(PBM, parameters)


def _exactly(content: bytes, count: int) -> list[der.Node]:
    parts = der.read(content).expect(der.SEQUENCE).children()
    if len(parts) != count:
        raise BadDer("another number of members was expected")
    return parts
