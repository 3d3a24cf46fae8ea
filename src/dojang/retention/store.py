"""What is known of customers, for the question whether their time is over; and the locks."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, or_, select

from dojang.certificates.model import State
from dojang.certificates.tables import credential
from dojang.customers.tables import customer
from dojang.db import Tx
from dojang.enrolment.tables import enrolment
from dojang.joint.model import Standing
from dojang.joint.tables import joint_certificate, joint_request
from dojang.kernel.clock import Instant
from dojang.ledger.tables import account, limit_profile, posting, transfer
from dojang.opening.tables import opening
from dojang.retention.model import Last
from dojang.transfers.model import State as OrderState
from dojang.transfers.tables import transfer_order

_IDS: Final[Any] = bindparam("ids", expanding=True)
_NOW: Final[Any] = bindparam("now")
_K: Final = customer.c
_C: Final = credential.c
_A: Final = account.c
_J: Final = joint_certificate.c
_O: Final = transfer_order.c
_UNDER_WAY: Final = (OrderState.AUTHORISED.value, OrderState.PENDING.value)

_customers: Final = (
    select(_K.id, _K.created_at)
    .where(_K.id > bindparam("after"))
    .order_by(_K.id)
    .limit(bindparam("page"))
)
_known: Final = select(_K.id, _K.created_at).where(_K.id == bindparam("id"))
_credentials: Final = select(
    _C.customer_id, _C.state, _C.opened_at, _C.issued_at, _C.ended_at
).where(_C.customer_id.in_(_IDS))
_joint: Final = select(_J.customer_id, _J.standing, _J.not_after, _J.changed_at).where(
    _J.customer_id.in_(_IDS)
)
_accounts: Final = select(_A.customer_id, _A.posted, _A.held, _A.opened_at).where(
    _A.customer_id.in_(_IDS)
)
_moved: Final = (
    select(_A.customer_id, func.max(transfer.c.created_at).label("at"))
    .join(posting, (posting.c.account_id == _A.id) & (posting.c.version == _A.version))
    .join(transfer, transfer.c.id == posting.c.transfer_id)
    .where(_A.customer_id.in_(_IDS))
    .group_by(_A.customer_id)
)
"""The last version of an account is its last movement."""
_ordered: Final = (
    select(_O.customer_id, func.max(_O.created_at).label("at"))
    .where(_O.customer_id.in_(_IDS))
    .group_by(_O.customer_id)
)
_own_orders: Final = select(_O.customer_id).where(
    _O.customer_id.in_(_IDS),
    or_(_O.state.in_(_UNDER_WAY), (_O.state == OrderState.WAITING.value) & (_O.expires_at > _NOW)),
)
_to_them: Final = (
    select(_A.customer_id)
    .join(transfer_order, _O.credit == _A.id)
    .where(_O.state.in_(_UNDER_WAY), _A.customer_id.in_(_IDS))
)
_enrolments: Final = select(enrolment.c.customer_id).where(
    enrolment.c.customer_id.in_(_IDS),
    enrolment.c.finished_at.is_(None),
    enrolment.c.expires_at > _NOW,
)
_openings: Final = select(opening.c.customer_id).where(
    opening.c.customer_id.in_(_IDS), opening.c.ended.is_(None), opening.c.expires_at > _NOW
)
_joint_requests: Final = select(joint_request.c.customer_id).where(
    joint_request.c.customer_id.in_(_IDS),
    joint_request.c.certificate_id.is_(None),
    joint_request.c.expires_at > _NOW,
)
_OPEN: Final = {
    "order": (_own_orders, _to_them),
    "enrolment": (_enrolments,),
    "identification": (_openings,),
    "joint_request": (_joint_requests,),
}

_MINE: Final[Any] = bindparam("id")
_locks: Final = (
    select(_K.id).where(_K.id == _MINE).with_for_update(),
    select(_C.id).where(_C.customer_id == _MINE).order_by(_C.id).with_for_update(),
    select(limit_profile.c.customer_id)
    .where(limit_profile.c.customer_id == _MINE)
    .with_for_update(),
    select(_A.id).where(_A.customer_id == _MINE).order_by(_A.id).with_for_update(),
)
"""In the order of the house: customers, credentials, accounts by id; the log's head comes last."""


def customers(tx: Tx, *, after: str, page: int) -> list[Row[Any]]:
    """(id, created_at), by id, behind `after`."""
    return list(tx.execute(_customers, {"after": after, "page": page}))


def known(tx: Tx, customer_id: str) -> Row[Any] | None:
    return tx.execute(_known, {"id": customer_id}).one_or_none()


def lock(tx: Tx, customer_id: str) -> None:
    """Nothing of theirs is opened, moved or certified until this transaction ends."""
    for statement in _locks:
        tx.execute(statement, {"id": customer_id}).all()


def open_things(tx: Tx, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(customer, what of theirs has not ended)."""
    asked = {"ids": list(ids)}
    for row in tx.execute(_credentials, asked):
        if row.state != State.REVOKED:
            yield row.customer_id, "certificate"
    for row in tx.execute(_joint, asked):
        if row.standing != Standing.REVOKED and row.not_after > tx.now:
            yield row.customer_id, "joint_certificate"
    for row in tx.execute(_accounts, asked):
        if row.posted or row.held:
            yield row.customer_id, "money"
    for what, queries in _OPEN.items():
        for query in queries:
            timed = {"now": tx.now} if "now" in query.compile().params else {}
            for row in tx.execute(query, {**asked, **timed}):
                yield row.customer_id, what


def happened(tx: Tx, ids: Sequence[str]) -> Iterator[tuple[str, Last]]:
    """(customer, what of theirs ended or happened, and when)."""
    asked = {"ids": list(ids)}
    for row in tx.execute(_credentials, asked):
        at = row.ended_at or row.issued_at or row.opened_at
        yield row.customer_id, Last(Instant(at), "certificate")
    for row in tx.execute(_joint, asked):
        ended = min(row.changed_at, row.not_after)
        at = ended if row.standing == Standing.REVOKED else row.not_after
        yield row.customer_id, Last(Instant(at), "joint_certificate")
    for row in tx.execute(_accounts, asked):
        yield row.customer_id, Last(Instant(row.opened_at), "account")
    for query in (_moved, _ordered):
        for row in tx.execute(query, asked):
            yield row.customer_id, Last(Instant(row.at), "transfer")
