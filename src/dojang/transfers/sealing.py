"""Once in a bank's life: what stood before it was sealed is sealed as it is.

It is done at the first start that knows of it, and a leaf says so: whoever takes a seal away later
finds nobody who makes another. A held transfer is sealed only where its row says what its own leaf
said when it was set aside.
"""

from typing import Any, Final

from dojang.db import Database, Tx, log
from dojang.ledger import holds
from dojang.ledger.refusals import HoldNotFound
from dojang.transfers import protections_store, store
from dojang.transfers.events import ProtectionsSealed, TransferHeld
from dojang.transfers.model import Order
from dojang.transfers.protections import Protections
from dojang.transfers.seals import Seals

PAGE: Final = 200
NOBODY: Final = ""
"""The subject of the leaf that says it was done."""


def seal_what_stood(db: Database, protections: Protections, seals: Seals) -> None:
    """Nothing where the log says that it was done. What a crash left open is done at the next."""
    with db.snapshot() as tx:
        if log.choices(tx.connection, NOBODY):
            return
        customers = protections_store.customers_before(tx)
    adopted = transfers = 0
    for start in range(0, len(customers), PAGE):
        with db.transaction() as tx:
            page = customers[start : start + PAGE]
            adopted += sum(protections.adopt(tx, one) for one in page)
    with db.snapshot() as tx:
        unsealed = store.held_unsealed(tx)
    for order_id in unsealed:
        with db.transaction() as tx:
            transfers += _sealed(tx, order_id, seals)
    with db.transaction() as tx:
        tx.emit(ProtectionsSealed(subject=NOBODY, customers=adopted, transfers=transfers))


def _sealed(tx: Tx, order_id: str, seals: Seals) -> bool:
    """Whether this order is as its leaf says, and has a seal now."""
    order = store.locked(tx, [order_id])[order_id]
    if order.seal is not None or not _as_told(tx, order):
        return False
    store.seal(tx, order_id, seals.first(order))
    return True


def _as_told(tx: Tx, order: Order) -> bool:
    told = [
        leaf.fields()
        for leaf in log.of_kind(tx.connection, TransferHeld.kind, subject=order.customer_id)
    ]
    mine = [fields for fields in told if fields["transfer_id"] == order.id]
    return len(mine) == 1 and _same(tx, order, mine[0])


def _same(tx: Tx, order: Order, told: dict[str, Any]) -> bool:
    """The leaf has the times; the ledger's hold, which nobody can change, its end."""
    try:
        hold = holds.owned(tx, order.customer_id, order.id)
    except HoldNotFound:
        return False
    return (order.due_at, order.cancellable_until, order.hold_why, order.hold_until) == (
        told["due_at"],
        told["cancellable_until"],
        told["why"],
        hold.expires_at,
    )
