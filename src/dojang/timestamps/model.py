"""What a stamp says, and why a request gets none (RFC 3161; sections are of it)."""

import enum
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.kernel.clock import SECOND, Instant

POLICY: Final = "2.1"
"""Below the plan's arc: how this authority stamps. docs/how/receipts.md says it in words."""

ACCURACY: Final = SECOND
"""A stamp's time is never further than this from the authority's clock."""

REQUEST_BYTES_MAX: Final = 4_096
NONCE_BYTES_MAX: Final = 64
COUNTER_BITS: Final = 40
"""A serial number is the number of a series, then the count within it."""

HASHES: Final = {
    der.oid("2.16.840.1.101.3.4.2.1"): 32,
    der.oid("2.16.840.1.101.3.4.2.2"): 48,
    der.oid("2.16.840.1.101.3.4.2.3"): 64,
}
"""SHA-256, SHA-384, SHA-512 and the bytes of their digests. Nothing older is stamped."""


class Failure(enum.IntEnum):
    """Bits of PKIFailureInfo (2.4.2)."""

    BAD_ALG = 0
    BAD_REQUEST = 2
    BAD_DATA_FORMAT = 5
    TIME_NOT_AVAILABLE = 14
    UNACCEPTED_POLICY = 15
    UNACCEPTED_EXTENSION = 16
    SYSTEM_FAILURE = 25


class Refused(Exception):
    """No stamp, and why: `failure` for machines, the words for people."""

    def __init__(self, failure: Failure, why: str) -> None:
        super().__init__(why)
        self.failure = failure


class TimeNotAvailable(Refused):
    """The clock is behind what was stamped already: better no time than a wrong order."""

    def __init__(self) -> None:
        super().__init__(Failure.TIME_NOT_AVAILABLE, "the clock is behind what was stamped before")


class BadToken(Exception):
    """The token does not stamp these bytes, or was not made by this authority."""


@dataclass(frozen=True)
class Request:
    """What is to be stamped. `imprint` (MessageImprint) and `nonce` are echoed byte for byte."""

    imprint: bytes
    nonce: bytes
    """The INTEGER as it was sent, or nothing."""
    certificates: bool
    """Whether the token is to carry the certificates that verify it (certReq)."""


@dataclass(frozen=True)
class Stamp:
    """What a verified token says."""

    at: Instant
    serial: int
    policy: str
    digest: bytes
