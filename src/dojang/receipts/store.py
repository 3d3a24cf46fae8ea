"""Every statement on receipts, and the reads of the log that they are made from."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cbor2
from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.db.log import cursor_table, log_head, log_table
from dojang.kernel.clock import Instant
from dojang.receipts.tables import receipt, receipt_pdf, receipt_seal

CURSOR: Final = "receipts"
POSTED: Final = "transfer.posted"
AUTHORISED: Final = "transfer.authorised"
SEARCH_PAGE: Final = 100

_C: Final = cursor_table.c
_L: Final = log_table.c
_R: Final = receipt.c
_size: Final = select(log_head.c.size).where(log_head.c.one == 1)
_position: Final = select(_C.next_idx).where(_C.name == CURSOR)
_locked: Final = _position.with_for_update()
_advance: Final = (
    update(cursor_table)
    .where(_C.name == CURSOR, _C.next_idx < bindparam("reached"))
    .values(next_idx=bindparam("reached"))
)
_leaves: Final = (
    select(_L.idx, _L.subject, _L.body, _L.leaf)
    .where(_L.idx >= bindparam("first"), _L.idx < bindparam("end"), _L.kind == POSTED)
    .order_by(_L.idx)
)
_back: Final = (
    select(_L.idx, _L.subject, _L.body, _L.leaf)
    .where(_L.subject == bindparam("who"), _L.kind == bindparam("what"))
    .where(_L.idx < bindparam("below"))
    .order_by(_L.idx.desc())
    .limit(SEARCH_PAGE)
)
_known: Final = select(_R.transfer_id).where(_R.transfer_id.in_(bindparam("ids", expanding=True)))
_mine: Final = select(receipt).where(
    _R.transfer_id == bindparam("one"), _R.customer_id == bindparam("who")
)
_seal: Final = select(receipt_seal).where(receipt_seal.c.transfer_id == bindparam("one"))
_pdf: Final = select(receipt_pdf.c.content).where(
    receipt_pdf.c.transfer_id == bindparam("one"), receipt_pdf.c.locale == bindparam("locale")
)
_insert: Final = insert(receipt)


@dataclass(frozen=True)
class Leaf:
    """A leaf about a transfer; `order_id` is the order whose signature it rests on."""

    idx: int
    subject: str
    hash: bytes
    fields: dict[str, Any]

    @property
    def order_id(self) -> str:
        """A held transfer is posted under an id of its own and names the hold."""
        return str(self.fields.get("hold") or self.fields["transfer_id"])


@dataclass(frozen=True)
class Kept:
    """A receipt as its row keeps it."""

    transfer_id: str
    customer_id: str
    log_idx: int
    evidence: bytes
    time_stamp: bytes


@dataclass(frozen=True)
class Sealed:
    """What was added when its owner first asked."""

    transfer_id: str
    log: bytes
    sealed_at: Instant
    certificate: bytes
    signature: bytes


def position(tx: Tx) -> int:
    """The next leaf to look at."""
    return int(tx.execute(_position).scalar_one_or_none() or 0)


def log_size(tx: Tx) -> int:
    return int(tx.execute(_size).scalar_one_or_none() or 0)


def posted(tx: Tx, first: int, end: int) -> list[Leaf]:
    """The outcomes of signed transfers among these leaves."""
    found = [_leaf(row) for row in tx.execute(_leaves, {"first": first, "end": end})]
    return [leaf for leaf in found if leaf.fields["authorization"]]


def leaf_of(tx: Tx, customer_id: str, kind: str, order_id: str, *, below: int) -> Leaf | None:
    """The customer's latest leaf of this kind about this order, below an idx."""
    while True:
        asked = {"who": customer_id, "what": kind, "below": below}
        found = [_leaf(row) for row in tx.execute(_back, asked)]
        for leaf in found:
            if leaf.order_id == order_id:
                return leaf
        if len(found) < SEARCH_PAGE:
            return None
        below = found[-1].idx


def keep(tx: Tx, made: Sequence[Kept]) -> None:
    """Store those that are not stored yet. The cursor's row is held, so nobody else does it now."""
    _hold(tx)
    known = set(tx.execute(_known, {"ids": [one.transfer_id for one in made]}).scalars())
    fresh = [vars(one) for one in made if one.transfer_id not in known]
    if fresh:
        tx.execute(_insert, fresh)


def advance(tx: Tx, reached: int) -> None:
    """Move forward, never back."""
    _hold(tx)
    tx.execute(_advance, {"reached": reached})


def owned(tx: Tx, customer_id: str, transfer_id: str) -> Kept | None:
    row = tx.execute(_mine, {"one": transfer_id, "who": customer_id}).one_or_none()
    return None if row is None else Kept(**row._mapping)  # noqa: SLF001 - its public name


def sealed(tx: Tx, transfer_id: str) -> Sealed | None:
    row = tx.execute(_seal, {"one": transfer_id}).one_or_none()
    return None if row is None else Sealed(**row._mapping)  # noqa: SLF001 - its public name


def seal(tx: Tx, made: Sealed) -> None:
    """The first one counts; a second one made at the same moment is dropped."""
    with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
        tx.execute(insert(receipt_seal), vars(made))


def pdf(tx: Tx, transfer_id: str, locale: str) -> bytes | None:
    found: bytes | None = tx.execute(_pdf, {"one": transfer_id, "locale": locale}).scalar()
    return found


def keep_pdf(tx: Tx, transfer_id: str, locale: str, content: bytes) -> None:
    """The first one counts, as with seals."""
    row = {"transfer_id": transfer_id, "locale": locale, "content": content}
    with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
        tx.execute(insert(receipt_pdf), row)


def _hold(tx: Tx) -> None:
    """Make the cursor if there is none, and keep its row until the transaction ends."""
    if tx.execute(_locked).one_or_none() is None:
        with contextlib.suppress(IntegrityError), tx.connection.begin_nested():
            tx.execute(insert(cursor_table), {"name": CURSOR, "next_idx": 0})
        tx.execute(_locked)


def _leaf(row: Row[Any]) -> Leaf:
    return Leaf(row.idx, row.subject, row.leaf, cbor2.loads(row.body))
