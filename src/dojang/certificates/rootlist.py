"""A root's revocation list: which generations of the issuing CA ended before their time.

A CRL of RFC 5280 5, short and signed whole. Its numbers go up, and nothing ever leaves it.
Each root has its own, about what it certified.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import der, profiles
from dojang.certificates.certifying import root_key, root_signer
from dojang.certificates.model import Plan
from dojang.certificates.profiles import Signer
from dojang.kernel.clock import DAY, SECOND, Instant, instant
from dojang.vault import Vault

DAYS: Final = 366
_AKI: Final = "2.5.29.35"
_CRL_NUMBER: Final = "2.5.29.20"
_REASON: Final = "2.5.29.21"
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)


class CaEnd(enum.StrEnum):
    """Why a generation of the issuing CA ends."""

    KEY_COMPROMISE = "key_compromise"
    SUPERSEDED = "superseded"
    CESSATION = "cessation"


_CODES: Final = {CaEnd.KEY_COMPROMISE: 2, CaEnd.SUPERSEDED: 4, CaEnd.CESSATION: 5}
"""CRLReason (5.3.1); a CA's compromised key is cACompromise."""
_ENDS: Final = {
    x509.ReasonFlags.ca_compromise: CaEnd.KEY_COMPROMISE,
    x509.ReasonFlags.superseded: CaEnd.SUPERSEDED,
    x509.ReasonFlags.cessation_of_operation: CaEnd.CESSATION,
}


class NotTheRoots(Exception):
    """These bytes are no list of this root, or not one that follows the last."""


@dataclass(frozen=True)
class Ended:
    """A CA below the root, by its serial number."""

    serial: int
    since: Instant
    why: CaEnd


@dataclass(frozen=True)
class RootList:
    number: int
    this_update: Instant
    next_update: Instant
    ended: tuple[Ended, ...]
    der: bytes

    @property
    def renew_at(self) -> Instant:
        """When half of its life is over."""
        return Instant(self.this_update + (self.next_update - self.this_update) // 2)


def scope_of(root: int) -> int:
    """A root's place among the stored lists, whose numbers from 0 up are the issuing CA's."""
    return -root


def following(
    vault: Vault,
    plan: Plan,
    last: RootList | None,
    new: Sequence[Ended],
    now: Instant,
    *,
    root: int = 1,
) -> RootList:
    """The list after `last`, with `new` on it, signed by this root's key of this vault."""
    this_update = Instant(now - now % SECOND)
    known = () if last is None else last.ended
    ended = (*known, *(one for one in new if one.serial not in {old.serial for old in known}))
    number = 1 if last is None else last.number + 1
    next_update = Instant(this_update + DAYS * DAY)
    signer = root_signer(vault, plan, root)
    tbs = _tbs(signer, number, this_update, next_update, ended)
    made = profiles.assemble(tbs, signer.algorithm, vault.sign(root_key(root), tbs))
    return RootList(number, this_update, next_update, ended, made)


def read(content: bytes, root: bytes) -> RootList:
    """A list that this root signed. Raises `NotTheRoots`."""
    try:
        above = x509.load_der_x509_certificate(root)
        key = above.public_key()
        parsed = x509.load_der_x509_crl(content)
        if not isinstance(key, ec.EllipticCurvePublicKey) or parsed.issuer != above.subject:
            raise NotTheRoots("it is of another issuer")
        if not parsed.is_signature_valid(key):
            raise NotTheRoots("the root did not sign it")
        number = parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        until = parsed.next_update_utc
        ended = tuple(_ended(one) for one in parsed)
    except x509.ExtensionNotFound:
        raise NotTheRoots("it has no number, or an entry no reason") from None
    except _UNREADABLE:
        raise NotTheRoots("it is no list") from None
    if until is None:
        raise NotTheRoots("it has no end")
    return RootList(number, instant(parsed.last_update_utc), instant(until), ended, content)


def follows(new: RootList, last: RootList | None, now: Instant) -> None:
    """May this one be published after the last? Raises `NotTheRoots`."""
    if not new.this_update <= now < new.next_update:
        raise NotTheRoots("it is not of now")
    if last is not None and new.number <= last.number:
        raise NotTheRoots(f"the list before has number {last.number}")
    if last is not None and not set(last.ended) <= set(new.ended):
        raise NotTheRoots("something has left it")


def _ended(one: x509.RevokedCertificate) -> Ended:
    reason = one.extensions.get_extension_for_class(x509.CRLReason).value.reason
    if reason not in _ENDS:
        raise NotTheRoots("an entry has a reason that no CA ends for")
    return Ended(one.serial_number, instant(one.revocation_date_utc), _ENDS[reason])


def _tbs(
    signer: Signer,
    number: int,
    this_update: Instant,
    next_update: Instant,
    ended: Sequence[Ended],
) -> bytes:
    entries = b"".join(_entry(one) for one in ended)
    extensions = der.sequence(
        _extension(_AKI, der.sequence(der.implicit(0, signer.key_id))),
        _extension(_CRL_NUMBER, der.integer(number)),
    )
    return der.sequence(
        der.integer(1),
        signer.algorithm,
        signer.name,
        der.time(this_update),
        der.time(next_update),
        der.sequence(entries) if entries else b"",
        der.explicit(0, extensions),
    )


def _entry(one: Ended) -> bytes:
    reason = der.sequence(_extension(_REASON, der.enumerated(_CODES[one.why])))
    return der.sequence(der.integer(one.serial), der.time(one.since), reason)


def _extension(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.octets(value))
