"""Two of the staff erase a former customer: one asks, another approves, and it is done for good.

The request is its leaf in the log and nothing else, as where a certificate is ended, and lapses by
its age. All of the erasure is one transaction, which ends with the leaf that says so.
"""

from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.db import Tx, log
from dojang.db.log import Leaf
from dojang.kernel import four_eyes
from dojang.kernel.clock import Instant, utc
from dojang.kernel.four_eyes import NotApproved
from dojang.retention import store, store_erasing
from dojang.retention.events import EraseAsked, Erased
from dojang.retention.model import Past
from dojang.retention.service import past_of

PAGE: Final = 500
_OPEN: Final = {
    "certificate": "a certificate that has not ended",
    "enrolment": "an enrolment under way",
    "identification": "an identification under way",
    "joint_certificate": "a joint certificate that has not ended",
    "joint_request": "a request for a joint certificate",
    "money": "an account with money",
    "order": "a transfer under way",
}
_LAST: Final = {
    "account": "an account was opened",
    "certificate": "the last certificate ended",
    "joined": "they became a customer",
    "joint_certificate": "a joint certificate ended",
    "transfer": "the last transfer was made",
}


@dataclass(frozen=True)
class Asked:
    """Who of the staff wants whom erased."""

    customer_id: str
    by: str
    at: Instant


@dataclass(frozen=True)
class Done:
    """`at` is when they were erased: now, or where `again`, before."""

    asked_by: str
    at: Instant
    rows: int
    again: bool


def ask(tx: Tx, customer_id: str, *, by: str) -> None:
    """`by` is an account name of the staff. Nothing changes yet. Raises `NotApproved`."""
    erased = _erased(tx, customer_id)
    if erased is not None and store.known(tx, customer_id) is None:
        raise NotApproved(f"they were erased on {_day(erased.at)}")
    _demand_due(tx, customer_id)
    tx.emit(EraseAsked(subject=customer_id, by=by))


def approve(tx: Tx, customer_id: str, *, by: str, alone: bool = False) -> Done:
    """Erase them, as another of the staff asked. Once more: whatever is left of them goes, too.

    `alone`: where there is one account of the staff only, in a demo. Raises `NotApproved`.
    """
    store.lock(tx, customer_id)
    erased = _erased(tx, customer_id)
    if erased is not None:
        return _again(tx, customer_id, erased)
    _demand_due(tx, customer_id)
    leaves = log.of_kind(tx.connection, EraseAsked.kind, subject=customer_id)
    said = four_eyes.of_another(_open(tx, leaves), by=by, alone=alone).by
    rows = store_erasing.erase(tx, customer_id)
    tx.emit(
        Erased(
            subject=customer_id,
            by=said,
            approved_by=by,
            policy_version=policy.current(tx).version,
        )
    )
    return Done(said, tx.now, rows, again=False)


def waiting(tx: Tx) -> list[Asked]:
    """What was asked for, has not lapsed and is not done, oldest first."""
    pages = log.pages_of(tx.connection, EraseAsked.kind, PAGE)
    found = [one for page in pages for one in _open(tx, page)]
    return [one for one in found if store.known(tx, one.customer_id) is not None]


def _again(tx: Tx, customer_id: str, erased: Leaf) -> Done:
    if store.known(tx, customer_id) is not None:
        raise NotApproved(
            "the log says that they were erased, and they are there: `dojang log verify`"
        )
    rows = store_erasing.erase(tx, customer_id)
    return Done(str(erased.fields()["by"]), erased.at, rows, again=True)


def _erased(tx: Tx, customer_id: str) -> Leaf | None:
    leaves = log.of_kind(tx.connection, Erased.kind, subject=customer_id)
    return leaves[-1] if leaves else None


def _demand_due(tx: Tx, customer_id: str) -> None:
    """Says what is open, or until when they are kept and why."""
    past = past_of(tx, customer_id)
    if past is None:
        raise NotApproved("there is no such customer")
    if past.open:
        raise NotApproved(f"still open: {', '.join(_OPEN[one] for one in past.open)}")
    since = past.due_at(policy.current(tx).life.records_years)
    assert since is not None, "nothing of theirs is open"
    if since > tx.now:
        raise NotApproved(f"they are kept until {_day(since)}: {_why(past)}")


def _why(past: Past) -> str:
    return f"{_LAST[past.last.what]} on {_day(past.last.at)}"


def _open(tx: Tx, leaves: list[Leaf]) -> list[Asked]:
    """Those that are young enough."""
    since = four_eyes.open_since(tx.now)
    young = [leaf for leaf in leaves if leaf.at >= since]
    return [Asked(leaf.subject, leaf.fields()["by"], Instant(leaf.at)) for leaf in young]


def _day(at: int) -> str:
    return f"{utc(Instant(at)):%Y-%m-%d} UTC"
