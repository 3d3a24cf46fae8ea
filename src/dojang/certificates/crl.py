"""A complete CRL for the issuing CA (RFC 5280 5), as bytes to be signed.

Holds stand in it with certificateHold and leave it when released: removeFromCRL has a place in
delta CRLs only (5.3.1), and we sign none; the log says it.
"""

from collections.abc import Iterable
from typing import Final

from dojang.certificates import der
from dojang.certificates.profiles import Signer
from dojang.certificates.store_authority import Listed
from dojang.kernel.clock import Instant

_AKI: Final = "2.5.29.35"
_CRL_NUMBER: Final = "2.5.29.20"
_REASON: Final = "2.5.29.21"


def tbs(
    signer: Signer,
    *,
    number: int,
    this_update: Instant,
    next_update: Instant,
    listed: Iterable[Listed],
) -> bytes:
    """TBSCertList, version 2. An empty list is left out (5.1.2.6)."""
    entries = b"".join(_entry(one) for one in listed)
    return der.sequence(
        der.integer(1),
        signer.algorithm,
        signer.name,
        der.time(this_update),
        der.time(next_update),
        der.sequence(entries) if entries else b"",
        der.explicit(
            0,
            der.sequence(
                _extension(_AKI, der.sequence(der.implicit(0, signer.key_id))),
                _extension(_CRL_NUMBER, der.integer(number)),
            ),
        ),
    )


def _entry(one: Listed) -> bytes:
    reason = der.sequence(_extension(_REASON, der.enumerated(one.reason)))
    return der.sequence(der.integer(one.serial), der.time(one.since), reason)


def _extension(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.octets(value))
