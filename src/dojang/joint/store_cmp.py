"""Every statement about registrations and the exchanges of CMP."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.joint.tables import (
    joint_certificate,
    joint_exchange,
    joint_registration,
    joint_request,
)
from dojang.kernel.clock import Instant

_g = joint_registration.c
_x = joint_exchange.c


@dataclass(frozen=True)
class Registration:
    reference: str
    request_id: str
    customer_id: str
    code_sealed: bytes = field(repr=False)
    expires_at: Instant
    failures: int
    used_at: Instant | None

    def usable(self, now: Instant, failures_max: int) -> bool:
        return self.used_at is None and now <= self.expires_at and self.failures < failures_max


@dataclass(frozen=True)
class Exchange:
    """A certificate that was sent and not yet confirmed. `reference` "" for a kur."""

    transaction_id: bytes
    reference: str
    certificate_id: str
    customer_id: str
    confirmed_at: Instant | None


_registration: Final = select(joint_registration).where(_g.reference == bindparam("b_reference"))
_fail: Final = (
    update(joint_registration)
    .where(_g.reference == bindparam("b_reference"))
    .values(failures=_g.failures + 1)
)
_failures: Final = select(_g.failures).where(_g.reference == bindparam("b_reference"))
_use: Final = (
    update(joint_registration)
    .where(
        _g.reference == bindparam("b_reference"),
        _g.used_at.is_(None),
        _g.expires_at >= bindparam("b_now"),
        _g.failures < bindparam("b_limit"),
    )
    .values(used_at=bindparam("b_now"))
)
_fill: Final = (
    update(joint_request)
    .where(joint_request.c.id == bindparam("b_id"), joint_request.c.spki.is_(None))
    .values(spki=bindparam("b_spki"), virtual_id=bindparam("b_vid"))
)
_exchange: Final = select(joint_exchange).where(_x.transaction_id == bindparam("b_transaction"))
_unconfirmed: Final = (
    select(_x.transaction_id, _x.customer_id, _x.certificate_id)
    .join(joint_certificate, joint_certificate.c.id == _x.certificate_id)
    .where(_x.confirmed_at.is_(None), joint_certificate.c.issued_at <= bindparam("b_before"))
    .limit(bindparam("b_limit"))
)
_confirm: Final = (
    update(joint_exchange)
    .where(_x.transaction_id == bindparam("b_transaction"), _x.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("b_now"))
)


def add(tx: Tx, row: dict[str, Any]) -> bool:
    """False where the request has a registration already, or the reference is taken."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(joint_registration), row)
    except IntegrityError:
        return False
    return True


def registration(tx: Tx, reference: str) -> Registration | None:
    row = tx.execute(_registration, {"b_reference": reference}).one_or_none()
    if row is None:
        return None
    return Registration(
        reference=row.reference,
        request_id=row.request_id,
        customer_id=row.customer_id,
        code_sealed=row.code_sealed,
        expires_at=Instant(row.expires_at),
        failures=row.failures,
        used_at=row.used_at,
    )


def fail(tx: Tx, reference: str) -> int:
    """How many failures it has with this one."""
    tx.execute(_fail, {"b_reference": reference})
    return int(tx.execute(_failures, {"b_reference": reference}).scalar_one())


def use(tx: Tx, reference: str, failures_max: int) -> bool:
    asked = {"b_reference": reference, "b_now": tx.now, "b_limit": failures_max}
    return tx.execute(_use, asked).rowcount == 1


def fill(tx: Tx, request_id: str, spki: bytes, virtual_id: bytes) -> bool:
    """The key that a registered request is for. False where it has one."""
    asked = {"b_id": request_id, "b_spki": spki, "b_vid": virtual_id}
    return tx.execute(_fill, asked).rowcount == 1


def begin(tx: Tx, row: dict[str, Any]) -> bool:
    """False where this transaction id was used before."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(joint_exchange), row)
    except IntegrityError:
        return False
    return True


def exchange(tx: Tx, transaction_id: bytes) -> Exchange | None:
    row = tx.execute(_exchange, {"b_transaction": transaction_id}).one_or_none()
    if row is None:
        return None
    return Exchange(
        transaction_id=row.transaction_id,
        reference=row.reference,
        certificate_id=row.certificate_id,
        customer_id=row.customer_id,
        confirmed_at=row.confirmed_at,
    )


def confirm(tx: Tx, transaction_id: bytes) -> bool:
    asked = {"b_transaction": transaction_id, "b_now": tx.now}
    return tx.execute(_confirm, asked).rowcount == 1


def unconfirmed(tx: Tx, before: Instant, limit: int) -> list[tuple[bytes, str, str]]:
    """(transaction id, customer, certificate) of what nobody said they have."""
    rows = tx.execute(_unconfirmed, {"b_before": before, "b_limit": limit})
    return [(row.transaction_id, row.customer_id, row.certificate_id) for row in rows]
