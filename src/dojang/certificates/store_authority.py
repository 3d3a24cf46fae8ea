"""Every statement on the authority's own certificates."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, case, insert, not_, or_, select
from sqlalchemy.exc import IntegrityError

from dojang.certificates.events import AuthorityCertified
from dojang.certificates.profiles import ISSUING, ROOT
from dojang.certificates.tables import authority
from dojang.db import Tx
from dojang.kernel.clock import Instant


@dataclass(frozen=True, kw_only=True)
class AuthorityRow:
    """A certificate of ours. `number` counts up per role; the issuing CA's is its generation.

    `key_label` is of the key that it is for.
    """

    role: str
    number: int
    key_label: str
    serial: str
    not_before: Instant
    not_after: Instant
    der: bytes


_newest: Final = (
    select(authority)
    .where(authority.c.role == bindparam("role"))
    .order_by(authority.c.number.desc())
    .limit(1)
)
_numbered: Final = select(authority).where(
    authority.c.role == bindparam("role"), authority.c.number == bindparam("number")
)
_IS_CROSS: Final = authority.c.role.like(f"{ROOT.name}-%")
_office: Final = select(authority.c.der).where(
    authority.c.serial == bindparam("serial"),
    authority.c.role.not_in((ROOT.name, ISSUING.name)),
    not_(_IS_CROSS),
)
_cas: Final = (
    select(authority)
    .where(or_(authority.c.role.in_((ROOT.name, ISSUING.name)), _IS_CROSS))
    .order_by(authority.c.role, authority.c.number)
)
_by_role: Final = (
    select(authority)
    .where(authority.c.role.in_(bindparam("roles", expanding=True)))
    .order_by(authority.c.role, authority.c.number)
)
_FIRST: Final = case(
    (authority.c.role == ROOT.name, 0),
    (_IS_CROSS, 1),
    (authority.c.role == ISSUING.name, 2),
    else_=3,
)
_every: Final = select(authority).order_by(_FIRST, authority.c.role, authority.c.number)
_insert_authority: Final = insert(authority)


def newest(tx: Tx, role: str) -> AuthorityRow | None:
    row = tx.execute(_newest, {"role": role}).one_or_none()
    return None if row is None else _row(row)


def numbered(tx: Tx, role: str, number: int) -> AuthorityRow | None:
    row = tx.execute(_numbered, {"role": role, "number": number}).one_or_none()
    return None if row is None else _row(row)


def office(tx: Tx, serial: str) -> bytes | None:
    """The certificate of this serial that an issuing CA gave to the house itself."""
    found: bytes | None = tx.execute(_office, {"serial": serial}).scalar_one_or_none()
    return found


def of_roles(tx: Tx, roles: Sequence[str]) -> list[AuthorityRow]:
    """Every certificate that ever stood in one of these roles, the oldest of each first."""
    return [_row(row) for row in tx.execute(_by_role, {"roles": list(roles)})]


def cas(tx: Tx) -> list[AuthorityRow]:
    """Roots, generations of the issuing CA, and the roots' cross certificates."""
    return [_row(row) for row in tx.execute(_cas)]


def every(tx: Tx) -> list[AuthorityRow]:
    """All that the house ever had: roots, cross certificates, issuing CAs, then the offices."""
    return [_row(row) for row in tx.execute(_every)]


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
