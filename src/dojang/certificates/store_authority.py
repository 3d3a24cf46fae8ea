"""Every statement on the authority's own certificates, its CRLs, and what they list."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from dojang.certificates.events import AuthorityCertified
from dojang.certificates.model import CrlReason, Standing
from dojang.certificates.profiles import DOCUMENT, OCSP, TSA
from dojang.certificates.tables import authority, certificate, crl, status_change
from dojang.db import Tx
from dojang.kernel.clock import Instant


@dataclass(frozen=True, kw_only=True)
class AuthorityRow:
    """A certificate of ours; `number` counts up per role."""

    role: str
    number: int
    key_label: str
    serial: str
    not_before: Instant
    not_after: Instant
    der: bytes


@dataclass(frozen=True)
class CrlRow:
    number: int
    changes: int
    this_update: Instant
    next_update: Instant
    der: bytes


@dataclass(frozen=True)
class Listed:
    """A certificate on the CRL."""

    serial: int
    since: Instant
    reason: CrlReason


_newest: Final = (
    select(authority)
    .where(authority.c.role == bindparam("role"))
    .order_by(authority.c.number.desc())
    .limit(1)
)
_numbered: Final = select(authority).where(
    authority.c.role == bindparam("role"), authority.c.number == bindparam("number")
)
_of_issuing: Final = select(authority.c.serial).where(
    authority.c.serial == bindparam("serial"),
    authority.c.role.in_((OCSP.name, TSA.name, DOCUMENT.name)),
)
_by_role: Final = select(authority).where(authority.c.role.in_(bindparam("roles", expanding=True)))
_insert_authority: Final = insert(authority)
_changes: Final = select(status_change.c.changes)
_insert_changes: Final = insert(status_change)
_listed: Final = (
    select(certificate.c.serial, certificate.c.changed_at, certificate.c.reason)
    .where(certificate.c.standing.in_((Standing.HELD, Standing.REVOKED)))
    .order_by(certificate.c.changed_at, certificate.c.serial)
)
_newest_crl: Final = select(crl).order_by(crl.c.number.desc()).limit(1)
_insert_crl: Final = insert(crl)


def newest(tx: Tx, role: str) -> AuthorityRow | None:
    row = tx.execute(_newest, {"role": role}).one_or_none()
    return None if row is None else _row(row)


def is_office(tx: Tx, serial: str) -> bool:
    """Is this the serial of a certificate that the issuing CA gave to the house itself?"""
    return tx.execute(_of_issuing, {"serial": serial}).one_or_none() is not None


def of_roles(tx: Tx, roles: Sequence[str]) -> list[AuthorityRow]:
    """Every certificate that ever stood in one of these roles."""
    return [_row(row) for row in tx.execute(_by_role, {"roles": list(roles)})]


def add_or_find(tx: Tx, made: AuthorityRow) -> AuthorityRow:
    """Store it; where another process stored this number first, that one is what counts."""
    try:
        with tx.connection.begin_nested():
            tx.execute(_insert_authority, vars(made))
    except IntegrityError:
        asked = {"role": made.role, "number": made.number}
        return _row(tx.execute(_numbered, asked).one())
    tx.emit(
        AuthorityCertified(
            subject="",
            role=made.role,
            serial=made.serial,
            fingerprint=hashlib.sha256(made.der).digest(),
        )
    )
    return made


def start_counting(tx: Tx) -> None:
    """The one row that counts changes of status. Safe to run twice, and at once."""
    if tx.execute(_changes).one_or_none() is None:
        try:
            with tx.connection.begin_nested():
                tx.execute(_insert_changes, {"one": 1, "changes": 0})
        except IntegrityError:
            return


def changes(tx: Tx) -> int:
    """How many times any certificate's status changed: a CRL of fewer is stale."""
    return int(tx.execute(_changes).scalar_one())


def listed(tx: Tx) -> list[Listed]:
    """All that are held or revoked, in the order in which they became so."""
    return [
        Listed(int(row.serial, 16), Instant(row.changed_at), CrlReason(row.reason))
        for row in tx.execute(_listed)
    ]


def newest_crl(tx: Tx) -> CrlRow | None:
    row = tx.execute(_newest_crl).one_or_none()
    return (
        None
        if row is None
        else CrlRow(row.number, row.changes, row.this_update, row.next_update, row.der)
    )


def add_crl(tx: Tx, made: CrlRow) -> bool:
    """Store it; False when another process used this number first."""
    try:
        with tx.connection.begin_nested():
            tx.execute(_insert_crl, vars(made))
    except IntegrityError:
        return False
    return True


def _row(row: Row[Any]) -> AuthorityRow:
    return AuthorityRow(
        role=row.role,
        number=row.number,
        key_label=row.key_label,
        serial=row.serial,
        not_before=Instant(row.not_before),
        not_after=Instant(row.not_after),
        der=row.der,
    )
