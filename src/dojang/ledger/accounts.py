"""Accounts as their owners see them, and the customer's own limits. Every function takes a `tx`."""

from collections.abc import Collection
from typing import Final

from dojang import policy
from dojang.db import Tx
from dojang.kernel.clock import seoul_day
from dojang.ledger import accounts_store, holds_store, store
from dojang.ledger.events import LimitsChanged
from dojang.ledger.model import AccountNotFound, DayUse, Limits, Outcome
from dojang.ledger.rules import given_back
from dojang.ledger.views import AccountView, Line, OwnLimits
from dojang.ledger.wanted import EVERY, Wanted

PAGE_MAX: Final = 200
_ABOVE_ALL: Final = 2**53


def of_customer(tx: Tx, customer_id: str) -> list[AccountView]:
    """All accounts of a customer, the oldest first."""
    return accounts_store.of_customer(tx, customer_id)


def owned(tx: Tx, customer_id: str, account_id: str) -> AccountView:
    """The account, if it is theirs. Raises AccountNotFound."""
    found = accounts_store.owned(tx, customer_id, account_id)
    if found is None:
        raise AccountNotFound
    return found


def by_number(tx: Tx, number: str) -> tuple[AccountView, str] | None:
    """The account of this number and its owner's customer id, whoever asks."""
    return accounts_store.by_number(tx, number)


def ids_of_numbers(tx: Tx, numbers: Collection[str]) -> dict[str, str]:
    """The ids of the accounts with these numbers, whoever asks; what is not ours is left out."""
    return accounts_store.ids_of(tx, numbers)


def owner_of_number(tx: Tx, number: str) -> str | None:
    """The customer who owns the account with this number, if anyone does."""
    found = accounts_store.by_number(tx, number.replace("-", ""))
    return None if found is None else found[1]


def close(tx: Tx, customer_id: str, account_id: str) -> bool:
    """Close an empty account for ever. False where it is not theirs, or not empty."""
    return accounts_store.close(tx, customer_id, account_id)


def designate(tx: Tx, customer_id: str, *, on: bool) -> None:
    """Whether the customer designates payees: then others get little in a day."""
    accounts_store.make_profile(tx, customer_id)
    accounts_store.designate(tx, customer_id, on=on)


def lift_day_cap(tx: Tx, customer_id: str, account_id: str) -> bool:
    """A limited account becomes an ordinary one. False where it is not theirs."""
    return accounts_store.lift_day_cap(tx, customer_id, account_id)


def statement(
    tx: Tx,
    customer_id: str,
    account_id: str,
    *,
    before: int | None,
    limit: int,
    wanted: Wanted = EVERY,
) -> tuple[list[Line], int | None]:
    """(lines newest first, `before` of the next page or None). Raises AccountNotFound."""
    owned(tx, customer_id, account_id)
    size = min(max(limit, 1), PAGE_MAX)
    below = _ABOVE_ALL if before is None else before
    mine = (customer_id, account_id)
    found = accounts_store.lines(tx, mine, wanted, before=below, limit=size)
    more = len(found) == size and found[-1].version > 1
    return found, found[-1].version if more else None


def longer_than(tx: Tx, customer_id: str, account_id: str, wanted: Wanted, rows: int) -> bool:
    """Whether there are more such lines than `rows`. Raises AccountNotFound."""
    owned(tx, customer_id, account_id)
    mine = (customer_id, account_id)
    last = accounts_store.lines(tx, mine, wanted, before=_ABOVE_ALL, limit=1, skipped=rows)
    return bool(last)


def outcome_of(tx: Tx, transfer_id: str) -> Outcome | None:
    """What became of this id, whoever asks: the caller checks the subject."""
    return store.outcomes(tx, [transfer_id]).get(transfer_id)


def limits(tx: Tx, customer_id: str) -> Limits:
    """What may be sent by this customer, with the use of the present Seoul day."""
    caps = policy.current(tx).transfers
    today = seoul_day(tx.now)
    found = store.limits(tx, customer_id, caps)
    if found is None:
        return Limits(customer_id, caps.per_transfer, caps.per_day, DayUse(today))
    for hold in holds_store.over(tx, customer_id):
        found = given_back(found, hold, hold.amount)
    return found.used(found.use_on(today))


def own_limits(tx: Tx, customer_id: str) -> OwnLimits | None:
    """What the customer set; None where they have neither account nor limits."""
    return store.own_limits(tx, customer_id)


def set_limits(
    tx: Tx, customer_id: str, *, per_transfer: int, per_day: int, authorization: str
) -> None:
    """Put the customer's own limits. Whether they may is for the caller to have decided."""
    accounts_store.make_profile(tx, customer_id)
    accounts_store.set_limits(tx, customer_id, per_transfer=per_transfer, per_day=per_day)
    tx.emit(
        LimitsChanged(
            subject=customer_id,
            per_transfer=per_transfer,
            per_day=per_day,
            authorization=authorization,
        )
    )
