"""CRLs of the issuing CA (RFC 5280 5), written in parts so that no list is ever held whole.

    head   SEQUENCE, and in it of the TBSCertList: version … nextUpdate, the header of the entries
    …      the entries, one after another
    foot   the extensions; algorithm and signature

A suspension stands in a complete list with certificateHold and leaves it when released; in a delta
it is then said with removeFromCRL (5.3.1).
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.model import CrlReason
from dojang.certificates.profiles import Addresses, Signer, is_everything
from dojang.certificates.store_lists import Listed
from dojang.kernel.clock import Instant

_AKI: Final = "2.5.29.35"
_CRL_NUMBER: Final = "2.5.29.20"
_REASON: Final = "2.5.29.21"
_DELTA_INDICATOR: Final = "2.5.29.27"
_ISSUING_POINT: Final = "2.5.29.28"
_FRESHEST: Final = "2.5.29.46"
_USER_CERTIFICATES_ONLY: Final = der.implicit(1, b"\xff")
"""onlyContainsUserCerts: a shard holds customers' certificates and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Title:
    """What a list says of itself. `base` is the number a delta builds on, 0: it is complete."""

    scope: int
    number: int
    base: int
    this_update: Instant
    next_update: Instant


@dataclass(frozen=True)
class Frame:
    """What stands around the entries of a TBSCertList."""

    before: bytes
    after: bytes


def frame(signer: Signer, at: Addresses, title: Title, entry_bytes: int) -> Frame:
    """Version 2, around so many bytes of entries. An empty list is left out (5.1.2.6)."""
    opening = b"".join(
        (
            der.integer(1),
            signer.algorithm,
            signer.name,
            der.time(title.this_update),
            der.time(title.next_update),
            der.header(der.SEQUENCE, entry_bytes) if entry_bytes else b"",
        )
    )
    after = der.explicit(0, der.sequence(*_extensions(signer, at, title)))
    size = len(opening) + entry_bytes + len(after)
    return Frame(der.header(der.SEQUENCE, size) + opening, after)


def wrapped(
    around: Frame, entry_bytes: int, algorithm: bytes, signature: bytes
) -> tuple[bytes, bytes]:
    """Head and foot of the CertificateList (5.1)."""
    foot = around.after + algorithm + der.bits(signature)
    size = len(around.before) + entry_bytes + len(foot)
    return der.header(der.SEQUENCE, size) + around.before, foot


def entries(listed: Iterable[Listed]) -> bytes:
    return b"".join([_entry(one) for one in listed])


def _entry(one: Listed) -> bytes:
    reason = CrlReason.REMOVE_FROM_CRL if one.reason is None else one.reason
    serial = der.integer(int(one.serial, 16))
    return der.sequence(serial, _time(one.since // 1_000_000), _reasons()[reason])


@functools.lru_cache(maxsize=4_096)
def _time(second: int) -> bytes:
    return der.time(Instant(second * 1_000_000))


@functools.cache
def _reasons() -> dict[CrlReason, bytes]:
    return {
        reason: der.sequence(_extension(_REASON, der.enumerated(reason))) for reason in CrlReason
    }


def _extensions(signer: Signer, at: Addresses, title: Title) -> list[bytes]:
    """A shard names itself as its certificates do (5.2.5), a delta its base (5.2.4)."""
    found = [
        _extension(_AKI, der.sequence(der.implicit(0, signer.key_id))),
        _extension(_CRL_NUMBER, der.integer(title.number)),
    ]
    if title.base:
        found.append(_critical(_DELTA_INDICATOR, der.integer(title.base)))
    if not is_everything(title.scope):
        point = _point(at.crl_of(title.scope))
        found.append(_critical(_ISSUING_POINT, der.sequence(point, _USER_CERTIFICATES_ONLY)))
    if not title.base:
        fresh = der.sequence(der.sequence(_point(at.delta_of(title.scope))))
        found.append(_extension(_FRESHEST, fresh))
    return found


def _point(url: str) -> bytes:
    """distributionPoint with a full name."""
    return der.explicit(0, der.explicit(0, der.implicit(6, url.encode("ascii"))))


def _extension(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.octets(value))


def _critical(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.true(), der.octets(value))
