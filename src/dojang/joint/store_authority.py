"""Every statement about the joint CA's own certificates and its lists."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.joint.events import JointAuthorityCertified
from dojang.joint.tables import joint_authority, joint_crl
from dojang.kernel.clock import Instant


@dataclass(frozen=True, kw_only=True)
class AuthorityRow:
    """A certificate of the CA's own; `number` counts up per role."""

    role: str
    number: int
    key_label: str
    serial: int
    not_before: Instant
    not_after: Instant
    der: bytes


@dataclass(frozen=True, kw_only=True)
class CrlRow:
    issuer: str
    number: int
    changes: int
    this_update: Instant
    next_update: Instant
    der: bytes


_a = joint_authority.c
_newest: Final = (
    select(joint_authority)
    .where(_a.role == bindparam("b_role"))
    .order_by(_a.number.desc())
    .limit(1)
)
_office: Final = select(func.count()).where(
    _a.serial == bindparam("b_serial"), _a.role.not_in(("root", "ca"))
)
_newest_crl: Final = (
    select(joint_crl)
    .where(joint_crl.c.issuer == bindparam("b_issuer"))
    .order_by(joint_crl.c.number.desc())
    .limit(1)
)


def newest(tx: Tx, role: str) -> AuthorityRow | None:
    row = tx.execute(_newest, {"b_role": role}).one_or_none()
    if row is None:
        return None
    return _read(row)


def every(tx: Tx) -> list[AuthorityRow]:
    """All that there ever were."""
    return [_read(row) for row in tx.execute(select(joint_authority))]


def is_office(tx: Tx, serial: int) -> bool:
    """Did the CA give this serial to itself?"""
    return bool(tx.execute(_office, {"b_serial": serial}).scalar_one())


def add_or_find(tx: Tx, made: AuthorityRow) -> AuthorityRow:
    """Store it; where another process stored this number first, that one is what counts."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(joint_authority), vars(made))
    except IntegrityError:
        found = newest(tx, made.role)
        if found is None:
            raise
        return found
    tx.emit(
        JointAuthorityCertified(
            subject="",
            role=made.role,
            serial=made.serial,
            fingerprint=hashlib.sha256(made.der).digest(),
        )
    )
    return made


def newest_crl(tx: Tx, issuer: str) -> CrlRow | None:
    row = tx.execute(_newest_crl, {"b_issuer": issuer}).one_or_none()
    if row is None:
        return None
    return CrlRow(
        issuer=row.issuer,
        number=row.number,
        changes=row.changes,
        this_update=Instant(row.this_update),
        next_update=Instant(row.next_update),
        der=row.der,
    )


def add_crl(tx: Tx, made: CrlRow) -> bool:
    """Store it; False when another process used this number first."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(joint_crl), vars(made))
    except IntegrityError:
        return False
    return True


def _read(row: Row[Any]) -> AuthorityRow:
    return AuthorityRow(
        role=row.role,
        number=row.number,
        key_label=row.key_label,
        serial=row.serial,
        not_before=Instant(row.not_before),
        not_after=Instant(row.not_after),
        der=row.der,
    )
