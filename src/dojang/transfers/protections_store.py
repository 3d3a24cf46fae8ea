"""Every statement about the row that names all of a customer's protections."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx, log
from dojang.db.bulk import Among
from dojang.db.prepared import Prepared
from dojang.ledger.tables import limit_profile
from dojang.ledger.views import OwnLimits
from dojang.transfers.tables import protection

_P: Final = protection.c
_L: Final = limit_profile.c


@dataclass(frozen=True)
class Sealed:
    """`chosen` is the digest of everything in force, `version` how many leaves it stands on."""

    customer_id: str
    version: int
    chosen: bytes
    seal: bytes


@dataclass(frozen=True)
class LimitsNow:
    customer_id: str
    row: Sealed | None
    limits: OwnLimits
    leaves: int


_one: Final = select(_P.customer_id, _P.version, _P.chosen, _P.seal).where(
    _P.customer_id == bindparam("b_customer")
)
_seen: Final = Prepared(_one)
_held: Final = Prepared(_one.with_for_update(read=True))
_locked: Final = Prepared(_one.with_for_update())
_put: Final = (
    update(protection)
    .where(_P.customer_id == bindparam("b_customer"))
    .values(version=bindparam("b_version"), chosen=bindparam("b_chosen"), seal=bindparam("b_seal"))
)
_now: Final = select(
    _L.customer_id,
    _L.per_transfer,
    _L.per_day,
    _L.designated,
    _P.version,
    _P.chosen,
    _P.seal,
    log.choices_of(_L.customer_id).label("leaves"),
).join_from(limit_profile, protection, _P.customer_id == _L.customer_id, isouter=True)
"""One statement, so that a row and the leaf of its change are seen together or not at all."""
_limits_now: Final = Among(_L.customer_id, _now.where)
_limits_of_one: Final = Prepared(_now.where(_L.customer_id == bindparam("b_customer")))
"""PostgreSQL plans a list anew each time that it is short, which costs more than the answer."""
_customers_before: Final = select(log.log_table.c.subject).where(log.CHOICES).distinct()


def seen(tx: Tx, customer_id: str) -> Sealed | None:
    return _made(_seen(tx.connection, {"b_customer": customer_id}).one_or_none())


def held(tx: Tx, customer_id: str) -> Sealed | None:
    """Nobody changes it until the transaction ends."""
    return _made(_held(tx.connection, {"b_customer": customer_id}).one_or_none())


def locked(tx: Tx, customer_id: str) -> Sealed | None:
    """The same, to be changed here."""
    return _made(_locked(tx.connection, {"b_customer": customer_id}).one_or_none())


def make(tx: Tx, row: Sealed) -> bool:
    """False where another transaction made it a moment ago."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(protection), vars(row))
    except IntegrityError:
        return False
    return True


def put(tx: Tx, row: Sealed) -> None:
    figures = {"b_version": row.version, "b_chosen": row.chosen, "b_seal": row.seal}
    tx.execute(_put, {"b_customer": row.customer_id, **figures})


def limits_now(tx: Tx, customers: Sequence[str]) -> list[LimitsNow]:
    """Of those who have limits at all: every customer with an account."""
    if len(customers) == 1:
        rows = _limits_of_one(tx.connection, {"b_customer": customers[0]})
    else:
        rows = _limits_now(tx.connection, customers)
    return [
        LimitsNow(
            row.customer_id,
            None
            if row.version is None
            else Sealed(row.customer_id, row.version, row.chosen, row.seal),
            OwnLimits(row.per_transfer, row.per_day, row.designated),
            row.leaves,
        )
        for row in rows
    ]


def customers_before(tx: Tx) -> list[str]:
    """Everybody who ever chose something."""
    return list(tx.execute(_customers_before).scalars())


def _made(row: Row[Any] | None) -> Sealed | None:
    return None if row is None else Sealed(row.customer_id, row.version, row.chosen, row.seal)
