"""Every statement on passkeys of second devices; the owner is in each WHERE."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.methods.model import DeviceKey, SecondDevice
from dojang.methods.tables import passkey, second_device, second_device_challenge

_D: Final = second_device.c
_C: Final = second_device_challenge.c


@dataclass(frozen=True)
class Row:
    id: str
    customer_id: str
    raw_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: Instant
    effective_at: Instant | None
    last_used_at: Instant | None

    def shown(self) -> SecondDevice:
        assert self.effective_at is not None, "only what was signed for is shown"
        return SecondDevice(
            self.id, self.name, self.created_at, self.effective_at, self.last_used_at
        )


@dataclass(frozen=True)
class Challenge:
    id: str
    customer_id: str
    jkt: str
    purpose: str
    nonce: bytes
    expires_at: Instant


_mine: Final = select(second_device).where(_D.customer_id == bindparam("b_customer"))
_all: Final = _mine.where(_D.effective_at.is_not(None)).order_by(_D.created_at, _D.id)
_keys: Final = Prepared(
    select(_D.id, _D.raw_id, _D.public_key, _D.effective_at)
    .where(_D.customer_id == bindparam("b_customer"), _D.effective_at.is_not(None))
    .order_by(_D.id)
)
_one: Final = _mine.where(_D.id == bindparam("b_id"))
_by_raw_id: Final = _mine.where(_D.raw_id == bindparam("b_raw"), _D.effective_at.is_not(None))
_login_passkeys: Final = select(func.count()).where(passkey.c.raw_id == bindparam("b_raw"))
_unsigned: Final = delete(second_device).where(
    _D.customer_id == bindparam("b_customer"), _D.effective_at.is_(None)
)
_sign_for: Final = (
    update(second_device)
    .where(
        _D.id == bindparam("b_id"),
        _D.customer_id == bindparam("b_customer"),
        _D.effective_at.is_(None),
    )
    .values(effective_at=bindparam("b_at"))
)
_used: Final = (
    update(second_device)
    .where(_D.id == bindparam("b_id"), _D.customer_id == bindparam("b_customer"))
    .values(sign_count=bindparam("b_count"), last_used_at=bindparam("b_at"))
)
_remove: Final = delete(second_device).where(
    _D.id == bindparam("b_id"), _D.customer_id == bindparam("b_customer")
)
_older: Final = delete(second_device_challenge).where(
    (_C.customer_id == bindparam("b_customer")) & (_C.purpose == bindparam("b_purpose"))
    | (_C.expires_at <= bindparam("b_now"))
)
_challenge: Final = (
    select(second_device_challenge)
    .where(
        _C.id == bindparam("b_id"),
        _C.customer_id == bindparam("b_customer"),
        _C.jkt == bindparam("b_jkt"),
        _C.purpose == bindparam("b_purpose"),
    )
    .with_for_update()
)
_taken: Final = delete(second_device_challenge).where(_C.id == bindparam("b_id"))


def of_customer(tx: Tx, customer_id: str) -> list[Row]:
    """Those signed for, the oldest first; also those that do not count yet."""
    return [Row(*tuple(row)) for row in tx.execute(_all, {"b_customer": customer_id})]


def signed_for(tx: Tx, customer_id: str) -> list[DeviceKey]:
    """The keys of those that their owner signed for, also of those that do not count yet."""
    rows = _keys(tx.connection, {"b_customer": customer_id})
    return [DeviceKey(one.id, one.raw_id, one.public_key, one.effective_at) for one in rows]


def one(tx: Tx, customer_id: str, device_id: str) -> Row | None:
    """Also one that is not signed for yet."""
    row = tx.execute(_one, {"b_customer": customer_id, "b_id": device_id}).one_or_none()
    return None if row is None else Row(*tuple(row))


def locked(tx: Tx, customer_id: str, raw_id: bytes) -> Row | None:
    """Held until the transaction ends."""
    asked = {"b_customer": customer_id, "b_raw": raw_id}
    row = tx.execute(_by_raw_id.with_for_update(), asked).one_or_none()
    return None if row is None else Row(*tuple(row))


def add(tx: Tx, row: Row) -> bool:
    """Not signed for yet; an earlier one of that kind goes. False for a passkey that is known."""
    if tx.execute(_login_passkeys, {"b_raw": row.raw_id}).scalar_one():
        return False
    tx.execute(_unsigned, {"b_customer": row.customer_id})
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(second_device), asdict(row))
    except IntegrityError:
        return False
    return True


def sign_for(tx: Tx, customer_id: str, device_id: str, effective_at: Instant) -> bool:
    """False where there is none that waits for it."""
    asked = {"b_id": device_id, "b_customer": customer_id, "b_at": effective_at}
    return tx.execute(_sign_for, asked).rowcount == 1


def used(tx: Tx, row: Row, sign_count: int) -> None:
    asked = {"b_id": row.id, "b_customer": row.customer_id, "b_count": sign_count, "b_at": tx.now}
    tx.execute(_used, asked)


def remove(tx: Tx, customer_id: str, device_id: str) -> bool:
    return tx.execute(_remove, {"b_id": device_id, "b_customer": customer_id}).rowcount == 1


def put_challenge(tx: Tx, asked: Challenge) -> None:
    """One at a time for a customer and purpose; late ones go with it."""
    older = {"b_customer": asked.customer_id, "b_purpose": asked.purpose, "b_now": tx.now}
    tx.execute(_older, older)
    tx.execute(insert(second_device_challenge), asdict(asked))


def take_challenge(tx: Tx, challenge_id: str, **who: Any) -> Challenge | None:
    """Given to this customer, device and purpose (`customer_id`, `jkt`, `purpose`); it is gone."""
    asked = {"b_id": challenge_id, "b_customer": who["customer_id"]}
    row = tx.execute(
        _challenge, {**asked, "b_jkt": who["jkt"], "b_purpose": who["purpose"]}
    ).one_or_none()
    if row is None:
        return None
    tx.execute(_taken, {"b_id": challenge_id})
    return Challenge(*tuple(row))
