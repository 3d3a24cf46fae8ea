"""Statements about accounts as their owners see them. The owner stands in every WHERE."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row, bindparam, case, cast, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.db.bulk import Among
from dojang.db.log import log_opening
from dojang.db.schema import Int
from dojang.kernel.clock import Instant
from dojang.ledger.model import AccountStatus, HoldState
from dojang.ledger.tables import account, hold, limit_profile, narration, posting, transfer
from dojang.ledger.views import AccountView, Line
from dojang.ledger.wanted import ESCAPE, Wanted

_overdue: Final = (
    select(cast(func.coalesce(func.sum(hold.c.amount), 0), Int))  # PostgreSQL sums to a Decimal
    .where(
        hold.c.debit == account.c.id,
        hold.c.state == HoldState.OPEN.value,
        hold.c.expires_at <= bindparam("b_now"),
    )
    .correlate(account)
)
_over: Final = _overdue.scalar_subquery()
"""What holds that are over by now still hold: shown as released at once."""
_over_of_the_day: Final = (
    _overdue.join(transfer, transfer.c.id == hold.c.id)
    .where(transfer.c.kst_day == account.c.used_day)
    .scalar_subquery()
)
"""What of it counts as used on the account's own day; asked for where that day has a cap."""
_used: Final = account.c.used - case((account.c.day_cap.is_not(None), _over_of_the_day), else_=0)
_account: Final = select(
    account, (account.c.held - _over).label("held_now"), _used.label("used_now")
)
_of_customer: Final = _account.where(account.c.customer_id == bindparam("b_customer")).order_by(
    account.c.opened_at, account.c.id
)
_owned: Final = _account.where(
    account.c.id == bindparam("b_id"), account.c.customer_id == bindparam("b_customer")
)
_by_number: Final = _account.where(account.c.number == bindparam("b_number"))
_ids_of: Final = Among(
    account.c.number, lambda these: select(account.c.id, account.c.number).where(these)
)
_exists: Final = select(account.c.id).where(account.c.id == bindparam("b_id"))
_committed: Final = select(func.count()).where(log_opening.c.field == "number")
_numbered: Final = select(func.count()).where(account.c.number.is_not(None))
_profile: Final = select(limit_profile.c.customer_id).where(
    limit_profile.c.customer_id == bindparam("b_customer")
)
_of_one_story: Final = func.coalesce(transfer.c.ref, transfer.c.id)
"""A hold and its post are one transfer to their owner: told by the hold's id and words."""
_other: Final = case((posting.c.amount < 0, narration.c.payee), else_=narration.c.payer)
_words: Final = func.coalesce(_other, "") + literal("\n") + func.coalesce(narration.c.memo, "")
_lines: Final = (
    select(
        posting.c.version,
        transfer.c.created_at,
        posting.c.amount,
        posting.c.balance_after,
        _other.label("other"),
        narration.c.memo,
        _of_one_story.label("transfer_id"),
    )
    .join_from(posting, account, posting.c.account_id == account.c.id)
    .join(transfer, posting.c.transfer_id == transfer.c.id)
    .join(narration, narration.c.transfer_id == _of_one_story, isouter=True)
    .where(
        account.c.id == bindparam("b_id"),
        account.c.customer_id == bindparam("b_customer"),
        posting.c.version < bindparam("b_before"),
        transfer.c.created_at >= bindparam("b_since"),
        transfer.c.created_at < bindparam("b_until"),
        posting.c.amount.between(bindparam("b_lowest"), bindparam("b_highest")),
        func.abs(posting.c.amount).between(bindparam("b_least"), bindparam("b_most")),
        or_(
            _words.like(bindparam("b_exact"), escape=ESCAPE),
            func.lower(_words).like(bindparam("b_pattern"), escape=ESCAPE),
        ),
    )
    .order_by(posting.c.version.desc())
    .limit(bindparam("b_limit"))
    .offset(bindparam("b_skipped"))
)
_close: Final = (
    update(account)
    .where(
        account.c.id == bindparam("b_id"),
        account.c.customer_id == bindparam("b_customer"),
        account.c.posted == 0,
        account.c.held == 0,
    )
    .values(status=AccountStatus.CLOSED.value)
)
_lift_day_cap: Final = (
    update(account)
    .where(account.c.id == bindparam("b_id"), account.c.customer_id == bindparam("b_customer"))
    .values(day_cap=None)
)
_designate: Final = (
    update(limit_profile)
    .where(limit_profile.c.customer_id == bindparam("b_customer"))
    .values(designated=bindparam("b_on"))
)
_own_limits: Final = (
    update(limit_profile)
    .where(limit_profile.c.customer_id == bindparam("b_customer"))
    .values(
        per_transfer=bindparam("b_per_transfer"),
        per_day=bindparam("b_per_day"),
        version=limit_profile.c.version + 1,
    )
)


def committed(tx: Tx) -> int:
    """To how many numbers the log commits, by the salts that are there."""
    return int(tx.execute(_committed).scalar_one())


def numbered(tx: Tx) -> int:
    """How many accounts have a number."""
    return int(tx.execute(_numbered).scalar_one())


def add(tx: Tx, row: dict[str, Any]) -> bool:
    """False where the number is taken already."""
    return _inserted(tx, insert(account), row)


def exists(tx: Tx, account_id: str) -> bool:
    return tx.execute(_exists, {"b_id": account_id}).one_or_none() is not None


def make_profile(tx: Tx, customer_id: str) -> None:
    """The customer's row of limits and use, once."""
    if tx.execute(_profile, {"b_customer": customer_id}).one_or_none() is None:
        fresh = {"used_day": 0, "used": 0, "used_pin_only": 0, "used_unregistered": 0}
        fresh |= {"designated": 0, "version": 0}
        _inserted(tx, insert(limit_profile), {"customer_id": customer_id, **fresh})


def set_limits(tx: Tx, customer_id: str, *, per_transfer: int, per_day: int) -> None:
    tx.execute(
        _own_limits,
        {"b_customer": customer_id, "b_per_transfer": per_transfer, "b_per_day": per_day},
    )


def designate(tx: Tx, customer_id: str, *, on: bool) -> None:
    tx.execute(_designate, {"b_customer": customer_id, "b_on": int(on)})


def of_customer(tx: Tx, customer_id: str) -> list[AccountView]:
    asked = {"b_customer": customer_id, "b_now": tx.now}
    return [_view(row) for row in tx.execute(_of_customer, asked)]


def owned(tx: Tx, customer_id: str, account_id: str) -> AccountView | None:
    asked = {"b_id": account_id, "b_customer": customer_id, "b_now": tx.now}
    row = tx.execute(_owned, asked).one_or_none()
    return None if row is None else _view(row)


def ids_of(tx: Tx, numbers: Collection[str]) -> dict[str, str]:
    """The id of each number that is ours."""
    rows = _ids_of(tx.connection, sorted(set(numbers)))
    return {row.number: row.id for row in rows}


def by_number(tx: Tx, number: str) -> tuple[AccountView, str] | None:
    """(the account, its owner's customer id)."""
    row = tx.execute(_by_number, {"b_number": number, "b_now": tx.now}).one_or_none()
    return None if row is None else (_view(row), row.customer_id)


def lines(
    tx: Tx,
    owned: tuple[str, str],
    wanted: Wanted,
    *,
    before: int,
    limit: int,
    skipped: int = 0,
) -> list[Line]:
    """Newest first, below version `before`. `owned` is (customer id, account id)."""
    lowest, highest = wanted.sides
    rows = tx.execute(
        _lines,
        {
            "b_customer": owned[0],
            "b_id": owned[1],
            "b_before": before,
            "b_since": wanted.since,
            "b_until": wanted.until,
            "b_lowest": lowest,
            "b_highest": highest,
            "b_least": wanted.least,
            "b_most": wanted.most,
            "b_exact": wanted.exact,
            "b_pattern": wanted.pattern,
            "b_limit": limit,
            "b_skipped": skipped,
        },
    )
    return [
        Line(
            version=row.version,
            at=Instant(row.created_at),
            amount=row.amount,
            balance_after=row.balance_after,
            counterparty=row.other or "",
            memo=row.memo or "",
            transfer_id=row.transfer_id,
        )
        for row in rows
    ]


def close(tx: Tx, customer_id: str, account_id: str) -> bool:
    """False where there is no such empty account of theirs."""
    return tx.execute(_close, {"b_id": account_id, "b_customer": customer_id}).rowcount == 1


def lift_day_cap(tx: Tx, customer_id: str, account_id: str) -> bool:
    """False where there is no such account of theirs."""
    done = tx.execute(_lift_day_cap, {"b_id": account_id, "b_customer": customer_id})
    return done.rowcount == 1


def _view(row: Row[Any]) -> AccountView:
    return AccountView(
        id=row.id,
        number=row.number,
        name=row.name,
        kind=row.kind,
        status=AccountStatus(row.status),
        balance=row.posted,
        held=row.held_now,
        version=row.version,
        opened_at=Instant(row.opened_at),
        day_cap=row.day_cap,
        used_day=row.used_day,
        used=row.used_now,
    )


def _inserted(tx: Tx, statement: Any, row: dict[str, Any]) -> bool:
    """Insert unless a key is taken: then nothing happens and the transaction goes on."""
    try:
        with tx.connection.begin_nested():
            tx.execute(statement, row)
    except IntegrityError:
        return False
    return True
