"""Every statement about customers, their ids, consents, reports and quotas. Sealed rows only."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.customers.tables import (
    consent,
    customer,
    internet_banking_id,
    internet_banking_tries,
    loss_report,
    quota,
)
from dojang.db.bulk import Among
from dojang.db.database import Tx
from dojang.kernel.clock import Instant

_by_id: Final = select(customer).where(customer.c.id == bindparam("b_id"))
_known_as: Final = Among(
    customer.c.id,
    lambda these: select(customer.c.id, customer.c.subject_id, customer.c.phone_since).where(these),
)
_one: Final = select(customer.c.id).limit(1)
_by_ci: Final = select(customer).where(customer.c.ci_index == bindparam("b_ci"))
_by_ci_held: Final = _by_ci.with_for_update(key_share=True, read=True)
_held: Final = (
    select(customer.c.id)
    .where(customer.c.id == bindparam("b_id"))
    .with_for_update(key_share=True, read=True)
)
_by_person: Final = (
    select(customer.c.id, customer.c.phone_index)
    .where(customer.c.person_index == bindparam("b_person"))
    .order_by(customer.c.id)
)
_new_phone: Final = (
    update(customer)
    .where(customer.c.id == bindparam("b_id"))
    .values(
        phone_sealed=bindparam("b_sealed"),
        phone_index=bindparam("b_index"),
        phone_since=bindparam("b_since"),
        carrier=bindparam("b_carrier"),
    )
)
_new_locale: Final = (
    update(customer).where(customer.c.id == bindparam("b_id")).values(locale=bindparam("b_locale"))
)
_checked: Final = (
    update(customer)
    .where(customer.c.id == bindparam("b_id"), customer.c.checked_at.is_(None))
    .values(checked_at=bindparam("b_at"))
)
_id_of_login: Final = select(
    internet_banking_id.c.customer_id, internet_banking_id.c.password_hash
).where(internet_banking_id.c.login_index == bindparam("b_login"))
_tries: Final = (
    select(internet_banking_tries.c.wrong, internet_banking_tries.c.last_at)
    .where(internet_banking_tries.c.login_index == bindparam("b_login"))
    .with_for_update()
)
_count_try: Final = (
    update(internet_banking_tries)
    .where(internet_banking_tries.c.login_index == bindparam("b_login"))
    .values(wrong=bindparam("b_wrong"), last_at=bindparam("b_at"))
)
_consents: Final = (
    select(consent.c.code, consent.c.version, consent.c.agreed_at)
    .where(consent.c.customer_id == bindparam("b_id"))
    .order_by(consent.c.agreed_at, consent.c.code)
)
_quota: Final = (
    select(quota.c.uses)
    .where(quota.c.kind == bindparam("b_kind"), quota.c.key == bindparam("b_key"))
    .with_for_update()
)
_quota_used: Final = (
    update(quota)
    .where(quota.c.kind == bindparam("b_kind"), quota.c.key == bindparam("b_key"))
    .values(uses=bindparam("b_uses"), last_at=bindparam("b_at"))
)
_quota_stale: Final = delete(quota).where(quota.c.last_at < bindparam("b_before"))
_reports: Final = (
    select(loss_report)
    .where(loss_report.c.settled_at.is_(None))
    .order_by(loss_report.c.at)
    .limit(bindparam("b_limit"))
)
_settled: Final = (
    update(loss_report)
    .where(loss_report.c.receipt == bindparam("b_receipt"), loss_report.c.settled_at.is_(None))
    .values(settled_at=bindparam("b_at"), customer_id=bindparam("b_customer"))
)


@dataclass(frozen=True)
class Reported:
    """A loss report that nobody has looked at yet."""

    receipt: str
    person_index: bytes
    phone_index: bytes | None
    account_sealed: bytes | None


def add(tx: Tx, row: dict[str, Any]) -> bool:
    """False when the CI is a customer's already."""
    return _inserted(tx, insert(customer), row)


def by_id(tx: Tx, customer_id: str) -> Row[Any] | None:
    return tx.execute(_by_id, {"b_id": customer_id}).one_or_none()


@dataclass(frozen=True)
class Known:
    """What is not sealed of a customer."""

    subject_id: str
    phone_since: Instant


def known_as(tx: Tx, customer_ids: Collection[str]) -> dict[str, Known]:
    if not customer_ids:
        return {}
    rows = _known_as(tx.connection, sorted(set(customer_ids)))
    return {row.id: Known(row.subject_id, Instant(row.phone_since)) for row in rows}


def any_customer(tx: Tx) -> bool:
    return tx.execute(_one).first() is not None


def by_ci(tx: Tx, ci_index: bytes, *, held: bool) -> Row[Any] | None:
    """`held`: nobody erases them until this transaction ends."""
    return tx.execute(_by_ci_held if held else _by_ci, {"b_ci": ci_index}).one_or_none()


def hold(tx: Tx, customer_id: str) -> bool:
    """Nobody erases them until this transaction ends; False where they are gone."""
    return tx.execute(_held, {"b_id": customer_id}).one_or_none() is not None


def by_person(tx: Tx, person_index: bytes) -> list[tuple[str, bytes]]:
    """(customer id, phone index) of everyone of this name and birth date."""
    rows = tx.execute(_by_person, {"b_person": person_index})
    return [(row.id, row.phone_index) for row in rows]


def change_phone(tx: Tx, customer_id: str, *, sealed: bytes, index: bytes, carrier: str) -> None:
    tx.execute(
        _new_phone,
        {
            "b_id": customer_id,
            "b_sealed": sealed,
            "b_index": index,
            "b_since": tx.now,
            "b_carrier": carrier,
        },
    )


def checked(tx: Tx, customer_id: str) -> None:
    tx.execute(_checked, {"b_id": customer_id, "b_at": tx.now})


def speak(tx: Tx, customer_id: str, locale: str) -> None:
    tx.execute(_new_locale, {"b_id": customer_id, "b_locale": locale})


def add_login(tx: Tx, login_index: bytes, customer_id: str, password_hash: str) -> bool:
    """False when the id is somebody's already, also when two ask for it at the same moment."""
    row = {
        "login_index": login_index,
        "customer_id": customer_id,
        "password_hash": password_hash,
        "created_at": tx.now,
    }
    return _inserted(tx, insert(internet_banking_id), row)


def of_login(tx: Tx, login_index: bytes) -> tuple[str, str] | None:
    """(customer id, password hash)."""
    row = tx.execute(_id_of_login, {"b_login": login_index}).one_or_none()
    return None if row is None else (row.customer_id, row.password_hash)


def tries_of(tx: Tx, login_index: bytes) -> tuple[int, Instant]:
    """(wrong in a row, when the last was), the row locked; made on first sight of an id."""
    row = tx.execute(_tries, {"b_login": login_index}).one_or_none()
    if row is None:
        fresh = {"login_index": login_index, "wrong": 0, "last_at": tx.now}
        _inserted(tx, insert(internet_banking_tries), fresh)
        row = tx.execute(_tries, {"b_login": login_index}).one()
    return row.wrong, row.last_at


def tries_known(tx: Tx, login_index: bytes) -> bool:
    """Whether anything was ever counted under this; nothing is made."""
    return tx.execute(_tries, {"b_login": login_index}).one_or_none() is not None


def count_try(tx: Tx, login_index: bytes, wrong: int) -> None:
    tx.execute(_count_try, {"b_login": login_index, "b_wrong": wrong, "b_at": tx.now})


def add_consents(tx: Tx, rows: list[dict[str, Any]]) -> None:
    tx.execute(insert(consent), rows)


def consents_of(tx: Tx, customer_id: str) -> list[tuple[str, int, Instant]]:
    """(code, version, when) of everything this customer ever agreed to, oldest first."""
    rows = tx.execute(_consents, {"b_id": customer_id})
    return [(row.code, row.version, row.agreed_at) for row in rows]


def uses_of(tx: Tx, kind: str, key: bytes) -> str:
    """The list of uses, its row locked; made on first sight."""
    found = tx.execute(_quota, {"b_kind": kind, "b_key": key}).scalar()
    if found is None:
        _inserted(tx, insert(quota), {"kind": kind, "key": key, "uses": "[]", "last_at": tx.now})
        found = tx.execute(_quota, {"b_kind": kind, "b_key": key}).scalar_one()
    return str(found)


def set_uses(tx: Tx, kind: str, key: bytes, uses: str) -> None:
    tx.execute(_quota_used, {"b_kind": kind, "b_key": key, "b_uses": uses, "b_at": tx.now})


def forget_quotas(tx: Tx, before: Instant) -> int:
    return tx.execute(_quota_stale, {"b_before": before}).rowcount


def add_report(tx: Tx, row: dict[str, Any]) -> None:
    tx.execute(insert(loss_report), row)


def open_reports(tx: Tx, limit: int) -> list[Reported]:
    rows = tx.execute(_reports, {"b_limit": limit})
    return [Reported(r.receipt, r.person_index, r.phone_index, r.account_sealed) for r in rows]


def settle_report(tx: Tx, receipt: str, customer_id: str | None) -> bool:
    """False when another worker has settled it already."""
    figures = {"b_receipt": receipt, "b_at": tx.now, "b_customer": customer_id}
    return tx.execute(_settled, figures).rowcount == 1


def _inserted(tx: Tx, statement: Any, row: dict[str, Any]) -> bool:
    """Insert, unless the key is taken: then nothing happens and the transaction goes on."""
    try:
        with tx.connection.begin_nested():
            tx.execute(statement, row)
    except IntegrityError:
        return False
    return True
