"""What a comparison of standings reads: credentials, certificates, their entries in the lists.

Only SELECTs, customer by customer.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select

from dojang.certificates.tables import certificate, credential, status_entry
from dojang.db import Tx

PAGE: Final = 500
_C: Final = credential.c
_X: Final = certificate.c
_E: Final = status_entry.c
_IDS: Final[Any] = bindparam("ids", expanding=True)

_customers: Final = (
    select(_C.customer_id)
    .where(_C.customer_id > bindparam("after"))
    .distinct()
    .order_by(_C.customer_id)
    .limit(PAGE)
)
_credentials: Final = (
    select(_C.id, _C.customer_id, _C.state, _C.end_reason)
    .where(_C.customer_id.in_(_IDS))
    .order_by(_C.id)
)
_certificates: Final = (
    select(_X.serial, _X.credential_id, _X.standing, _X.reason)
    .join_from(certificate, credential, _C.id == _X.credential_id)
    .where(_C.customer_id.in_(_IDS))
    .order_by(_X.serial)
)
_newest: Final = (
    select(_E.serial, func.max(_E.change).label("change"))
    .where(_E.serial.in_(_IDS))
    .group_by(_E.serial)
    .subquery()
)
_listed: Final = select(_E.serial, _E.reason).join_from(
    status_entry, _newest, (_E.serial == _newest.c.serial) & (_E.change == _newest.c.change)
)


def customers(tx: Tx, *, after: str) -> list[str]:
    """A page of those who ever opened a credential."""
    return list(tx.execute(_customers, {"after": after}).scalars())


def credentials(tx: Tx, of: Sequence[str]) -> Sequence[Row[Any]]:
    return tx.execute(_credentials, {"ids": list(of)}).all()


def certificates(tx: Tx, of: Sequence[str]) -> Sequence[Row[Any]]:
    return tx.execute(_certificates, {"ids": list(of)}).all()


def listed(tx: Tx, serials: Sequence[str]) -> dict[str, int | None]:
    """The reason that each newest entry gives; None also where it is good again."""
    return {row.serial: row.reason for row in tx.execute(_listed, {"ids": list(serials)})}
