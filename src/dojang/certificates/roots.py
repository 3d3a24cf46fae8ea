"""The roots of this bank, and the cross certificates between them (RFC 4210 4.4).

Each root has a number, a name, a key, an address and a list of its own. When root n is made, root
n - 1 certifies its key ("new with old"), and it certifies those of the roots before it ("old with
new"); so whoever trusts one of them gets to what the others stand over, until the older one ends.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from dojang.certificates.certifying import RootEnded
from dojang.certificates.profiles import ROOT
from dojang.certificates.store_authority import AuthorityRow
from dojang.kernel.clock import Instant, instant, utc

ROOTS_MAX: Final = 9
"""Over two centuries of them."""
_CROSS_ROLE: Final = re.compile(rf"{ROOT.name}-(?P<of>[1-9])-with-(?P<by>[1-9])")


@dataclass(frozen=True)
class Root:
    """A root's own certificate, and where its key is."""

    number: int
    key_label: str
    der: bytes
    certificate: x509.Certificate
    not_before: Instant
    not_after: Instant

    @property
    def name(self) -> bytes:
        return self.certificate.subject.public_bytes()

    @property
    def key_id(self) -> bytes:
        return _subject_key(self.certificate)

    def signs_at(self, now: Instant) -> None:
        """Raises `RootEnded` where it does no more."""
        if not self.not_before <= now <= self.not_after:
            until = utc(self.not_after)
            raise RootEnded(f"root {self.number} ended at {until:%Y-%m-%d}; it signs nothing new")

    def signed(self, certificate: x509.Certificate) -> bool:
        """Name and signature are looked at."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    @classmethod
    def of(cls, row: AuthorityRow) -> "Root":
        return cls.read(row.der, row.number, row.key_label)

    @classmethod
    def read(cls, der: bytes, number: int, key_label: str) -> "Root":
        """Raises ValueError for what is no certificate."""
        made = x509.load_der_x509_certificate(der)
        start, end = made.not_valid_before_utc, made.not_valid_after_utc
        return cls(number, key_label, der, made, instant(start), instant(end))


@dataclass(frozen=True)
class Cross:
    """The key of root `of`, certified by root `by`."""

    of: int
    by: int
    der: bytes
    not_after: Instant


@dataclass(frozen=True)
class Roots:
    """The oldest first; never empty."""

    every: tuple[Root, ...]
    crosses: tuple[Cross, ...]

    @property
    def newest(self) -> Root:
        """Who signs new issuing CAs."""
        return self.every[-1]

    def numbered(self, number: int) -> Root:
        """Raises LookupError where there is none."""
        if not 1 <= number <= len(self.every):
            raise LookupError(f"no root {number}")
        return self.every[number - 1]

    def over(self, certificate: x509.Certificate) -> Root:
        """Whose name and key identifier stand in it as its issuer's. Raises LookupError.

        Its signature is not judged.
        """
        name, by = certificate.issuer.public_bytes(), _authority_key(certificate)
        for one in self.every:
            if one.name == name and one.key_id == by:
                return one
        raise LookupError("no root of ours has this name and key")

    def cross(self, of: int, by: int) -> Cross | None:
        return next((one for one in self.crosses if (one.of, one.by) == (of, by)), None)

    def above(self, certificate: x509.Certificate, now: Instant) -> Iterator[bytes]:
        """The root over this certificate, then for each older one that has not ended, in DER:

        the certificate by which it vouches for the newer, and its own. Raises LookupError.
        """
        root = self.over(certificate)
        yield root.der
        while (cross := self.cross(root.number, root.number - 1)) and now <= cross.not_after:
            root = self.numbered(root.number - 1)
            yield from (cross.der, root.der)

    @classmethod
    def of(cls, rows: Sequence[AuthorityRow]) -> "Roots":
        """Of rows in any roles; others than roots and cross certificates are passed over."""
        own = sorted((row for row in rows if row.role == ROOT.name), key=lambda row: row.number)
        crosses = [
            Cross(*pair, row.der, row.not_after)
            for row in rows
            if (pair := crossed(row.role)) is not None
        ]
        return cls(tuple(Root.of(row) for row in own), tuple(crosses))


def cross_role(of: int, by: int) -> str:
    """How rows and the log call the certificate for the key of root `of` by root `by`."""
    return f"{ROOT.name}-{of}-with-{by}"


def cross_name(role: str) -> str:
    """As files and addresses call it: `2-with-1`."""
    return role.removeprefix(f"{ROOT.name}-")


def crossed(role: str) -> tuple[int, int] | None:
    """(of, by) where the role is a cross certificate's."""
    found = _CROSS_ROLE.fullmatch(role)
    return None if found is None else (int(found["of"]), int(found["by"]))


def _subject_key(certificate: x509.Certificate) -> bytes:
    kind = x509.SubjectKeyIdentifier
    return certificate.extensions.get_extension_for_class(kind).value.digest


def _authority_key(certificate: x509.Certificate) -> bytes | None:
    kind = x509.AuthorityKeyIdentifier
    return certificate.extensions.get_extension_for_class(kind).value.key_identifier
