"""Every statement about holders' certificates and requests. The customer is in the WHERE."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.joint.model import Certificate, Kind, Op, Reason, Request, Standing, Step
from dojang.joint.tables import joint_certificate, joint_counter, joint_request
from dojang.kernel.clock import Instant

SERIAL: Final = "serial"
HOLDER: Final = "holder"
CHANGES: Final = "changes"


@dataclass(frozen=True)
class Issued:
    """What the log has to say of a certificate."""

    id: str
    customer_id: str
    serial: int
    der: bytes


_c = joint_certificate.c
_r = joint_request.c
_of_customer: Final = (
    select(joint_certificate)
    .where(_c.customer_id == bindparam("b_customer"), _c.issued_at.is_not(None))
    .order_by(_c.issued_at.desc(), _c.id.desc())
)
_one: Final = select(joint_certificate).where(
    _c.customer_id == bindparam("b_customer"), _c.id == bindparam("b_id")
)
_one_locked: Final = _one.with_for_update()
_current: Final = (
    select(joint_certificate)
    .where(
        _c.customer_id == bindparam("b_customer"),
        _c.kind == bindparam("b_kind"),
        _c.current == 1,
    )
    .with_for_update()
)
_by_serial: Final = select(joint_certificate).where(_c.serial == bindparam("b_serial"))
_by_key: Final = select(_c.id).where(_c.spki_hash == bindparam("b_hash"))
_any_issued: Final = select(_c.der).where(func.length(_c.der) > 0).limit(1)
_issued: Final = select(_c.id, _c.customer_id, _c.serial, _c.der).where(_c.der.is_not(None))
_issued_page: Final = (
    _issued.where(_c.id > bindparam("b_after")).order_by(_c.id).limit(bindparam("b_limit"))
)
_issued_as: Final = _issued.where(_c.id.in_(bindparam("b_ids", expanding=True)))
_listed: Final = (
    select(_c.serial, _c.changed_at, _c.reason)
    .where(
        _c.standing == Standing.REVOKED,
        _c.serial.is_not(None),
        _c.not_after > bindparam("b_now"),
    )
    .order_by(_c.changed_at, _c.serial)
)
_issue: Final = (
    update(joint_certificate)
    .where(_c.id == bindparam("b_id"), _c.standing == Standing.PREPARED)
    .values(
        standing=str(Standing.ISSUED),
        current=1,
        serial=bindparam("b_serial"),
        der=bindparam("b_der"),
        issued_at=bindparam("b_at"),
        changed_at=bindparam("b_at"),
    )
)
_number: Final = (
    update(joint_certificate)
    .where(_c.id == bindparam("b_id"), _c.serial.is_(None))
    .values(serial=bindparam("b_serial"))
)
_revoke: Final = (
    update(joint_certificate)
    .where(_c.id == bindparam("b_id"), _c.standing != Standing.REVOKED)
    .values(
        standing=str(Standing.REVOKED),
        current=None,
        reason=bindparam("b_reason"),
        changed_at=bindparam("b_at"),
    )
)
_let_go: Final = update(joint_certificate).where(_c.id == bindparam("b_id")).values(current=None)
_request: Final = select(joint_request).where(
    _r.customer_id == bindparam("b_customer"), _r.id == bindparam("b_id")
)
_request_locked: Final = _request.with_for_update()
_step: Final = update(joint_request).where(_r.id == bindparam("b_id"))
_late: Final = (
    update(joint_request)
    .where(_r.expires_at <= bindparam("b_now"), _r.step.in_((Step.WAITING, Step.SIGNED)))
    .values(step=str(Step.OVER), enclosed=None)
)
_untold: Final = (
    select(joint_certificate)
    .where(
        _c.standing == Standing.REVOKED,
        _c.serial.is_not(None),
        _c.told_at.is_(None),
        _c.not_after > bindparam("b_now"),
    )
    .order_by(_c.changed_at, _c.id)
    .limit(bindparam("b_limit"))
)
_told: Final = (
    update(joint_certificate).where(_c.id == bindparam("b_id")).values(told_at=bindparam("b_now"))
)
_left_behind: Final = (
    select(joint_certificate)
    .where(_c.standing == Standing.PREPARED, _c.changed_at <= bindparam("b_before"))
    .order_by(_c.id)
    .limit(bindparam("b_limit"))
    .with_for_update()
)
_count: Final = (
    update(joint_counter)
    .where(joint_counter.c.name == bindparam("b_name"))
    .values(value=joint_counter.c.value + 1)
)
_counted: Final = select(joint_counter.c.value).where(joint_counter.c.name == bindparam("b_name"))


def of_customer(tx: Tx, customer_id: str) -> list[Certificate]:
    """Every certificate that was issued to this customer, newest first."""
    return [_read(row) for row in tx.execute(_of_customer, {"b_customer": customer_id})]


def certificate(
    tx: Tx, customer_id: str, certificate_id: str, *, locked: bool = False
) -> Certificate | None:
    statement = _one_locked if locked else _one
    asked = {"b_customer": customer_id, "b_id": certificate_id}
    row = tx.execute(statement, asked).one_or_none()
    return None if row is None else _read(row)


def current(tx: Tx, customer_id: str, kind: Kind) -> Certificate | None:
    """The one that counts, locked. It may have expired meanwhile."""
    asked = {"b_customer": customer_id, "b_kind": str(kind)}
    row = tx.execute(_current, asked).one_or_none()
    return None if row is None else _read(row)


def by_serial(tx: Tx, serial: int) -> Certificate | None:
    row = tx.execute(_by_serial, {"b_serial": serial}).one_or_none()
    return None if row is None else _read(row)


def any_issued(tx: Tx) -> bytes | None:
    """Some certificate that was issued here."""
    found: bytes | None = tx.execute(_any_issued).scalar_one_or_none()
    return found


def every_issued(tx: Tx, size: int) -> Iterator[list[Issued]]:
    """All that were ever issued, page by page."""
    after = ""
    while found := _issued_of(tx.execute(_issued_page, {"b_after": after, "b_limit": size})):
        yield found
        after = found[-1].id


def issued_as(tx: Tx, ids: Sequence[str]) -> dict[str, Issued]:
    return {one.id: one for one in _issued_of(tx.execute(_issued_as, {"b_ids": ids}))}


def key_is_known(tx: Tx, spki_hash: bytes) -> bool:
    return tx.execute(_by_key, {"b_hash": spki_hash}).first() is not None


def prepare(tx: Tx, row: dict[str, Any]) -> bool:
    """Store the intent; False where the key was certified before."""
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(joint_certificate), row)
    except IntegrityError:
        return False
    return True


def number(tx: Tx, certificate_id: str, serial: int) -> None:
    tx.execute(_number, {"b_id": certificate_id, "b_serial": serial})


def issue(tx: Tx, certificate_id: str, serial: int, der: bytes) -> bool:
    """False where it was issued or revoked already, or the customer has another current one."""
    asked = {"b_id": certificate_id, "b_serial": serial, "b_der": der, "b_at": tx.now}
    try:
        with tx.connection.begin_nested():
            return tx.execute(_issue, asked).rowcount == 1
    except IntegrityError:
        return False


def revoke(tx: Tx, certificate_id: str, reason: Reason) -> bool:
    """False where it was revoked before. A list that counts fewer changes is stale from now on."""
    asked = {"b_id": certificate_id, "b_reason": str(reason), "b_at": tx.now}
    if tx.execute(_revoke, asked).rowcount == 0:
        return False
    count(tx, CHANGES)
    return True


def let_go(tx: Tx, certificate_id: str) -> None:
    """An expired certificate makes room for the next."""
    tx.execute(_let_go, {"b_id": certificate_id})


def listed(tx: Tx) -> list[tuple[int, Instant, Reason]]:
    """(serial, since, why) of all that are revoked and not yet expired."""
    rows = tx.execute(_listed, {"b_now": tx.now})
    return [(row.serial, Instant(row.changed_at), Reason(row.reason)) for row in rows]


def add_request(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(insert(joint_request), row)


def request(tx: Tx, customer_id: str, request_id: str, *, locked: bool = False) -> Request | None:
    statement = _request_locked if locked else _request
    row = tx.execute(statement, {"b_customer": customer_id, "b_id": request_id}).one_or_none()
    return None if row is None else _read_request(row)


def move(tx: Tx, request_id: str, step: Step, certificate_id: str | None = None) -> None:
    changed: dict[str, Any] = {"step": str(step)}
    if step in (Step.DONE, Step.OVER):
        changed["enclosed"] = None
    if certificate_id is not None:
        changed["certificate_id"] = certificate_id
    tx.execute(_step.values(**changed), {"b_id": request_id})


def sweep(tx: Tx) -> int:
    """Requests whose time is over. How many."""
    return tx.execute(_late, {"b_now": tx.now}).rowcount


def untold(tx: Tx, limit: int) -> list[Certificate]:
    """Made, revoked, and its CA does not know."""
    return [_read(row) for row in tx.execute(_untold, {"b_now": tx.now, "b_limit": limit})]


def told(tx: Tx, certificate_id: str) -> None:
    tx.execute(_told, {"b_id": certificate_id, "b_now": tx.now})


def left_behind(tx: Tx, before: Instant, limit: int) -> list[Certificate]:
    """Intents that nothing came of, locked."""
    return [_read(row) for row in tx.execute(_left_behind, {"b_before": before, "b_limit": limit})]


def count(tx: Tx, name: str, *, first: int = 1) -> int:
    """The next number of this counter; it belongs to the transaction."""
    if tx.execute(_count, {"b_name": name}).rowcount == 0:
        try:
            with tx.connection.begin_nested():
                tx.execute(insert(joint_counter), {"name": name, "value": first})
        except IntegrityError:
            tx.execute(_count, {"b_name": name})
    return counted(tx, name)


def counted(tx: Tx, name: str) -> int:
    """The last number that was given; 0 before the first."""
    found: int | None = tx.execute(_counted, {"b_name": name}).scalar_one_or_none()
    return found or 0


def _issued_of(rows: Iterable[Row[Any]]) -> list[Issued]:
    return [Issued(row.id, row.customer_id, row.serial, row.der) for row in rows]


def _read(row: Row[Any]) -> Certificate:
    return Certificate(
        id=row.id,
        customer_id=row.customer_id,
        kind=Kind(row.kind),
        policy=row.policy,
        standing=Standing(row.standing),
        serial=row.serial,
        not_before=Instant(row.not_before),
        not_after=Instant(row.not_after),
        der=row.der,
        issued_at=row.issued_at,
        changed_at=Instant(row.changed_at),
        reason=None if row.reason is None else Reason(row.reason),
        replaces=row.replaces,
    )


def _read_request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        customer_id=row.customer_id,
        op=Op(row.op),
        step=Step(row.step),
        kind=Kind(row.kind),
        common_name_sealed=row.common_name_sealed,
        real_name_sealed=row.real_name_sealed,
        policy=row.policy,
        concerns=row.concerns,
        spki=row.spki,
        virtual_id=row.virtual_id,
        enclosed=row.enclosed,
        not_before=Instant(row.not_before),
        not_after=Instant(row.not_after),
        reason=None if row.reason is None else Reason(row.reason),
        expires_at=Instant(row.expires_at),
        certificate_id=row.certificate_id,
    )
