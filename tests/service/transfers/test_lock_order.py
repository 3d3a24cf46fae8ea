"""A signed act beside the ledger's batch, about the same customer: neither waits in a circle."""

import threading

import pytest
from sqlalchemy import select
from tests.service.transfers.conftest import OTHER, OTHER_ACCOUNT
from tests.service.transfers.hands import act, choose, held

from dojang.ledger.tables import limit_profile
from dojang.transfers import store
from dojang.transfers.model import State
from dojang.transfers.protections import Protections
from dojang.transfers.tables import transfer_order

LOOKS = 20_000
ACTS = {
    "limits": {"per_transfer": 500, "per_day": 500},
    "safeguards": {"designated_only": 1},
    "designate_payee": {"payee_bank": OTHER, "payee_account": OTHER_ACCOUNT},
}


def one_order(order_id):
    return select(transfer_order.c.id).where(transfer_order.c.id == order_id)


def somebody_waits(tx) -> None:
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(LOOKS):
        if tx.connection.exec_driver_sql(asked).scalar():
            return
    pytest.fail("the batch did not wait for the act")


def test_orders_that_are_stopped_are_locked_by_their_ids_as_a_batch_locks_them(world, me) -> None:
    """Whose first one is taken waits for it, and has none of the later ones by then."""
    if world.db.embedded:
        pytest.skip("SQLite has one writer")
    choose(world, me, delay_hours=3)
    first, second = world.house.ids.uuid7(), world.house.ids.uuid7()
    for each in (second, first):  # a phone gives the ids, in any order
        held(world, me, 10, transfer_id=each)

    def stop():
        with world.db.transaction() as tx:
            store.stop_customer(tx, me.customer.id, "certificate_stopped")

    stopping = threading.Thread(target=stop)
    with world.db.transaction() as tx:
        tx.execute(
            select(transfer_order.c.id).where(transfer_order.c.id == first).with_for_update()
        )
        stopping.start()
        somebody_waits(tx)
        assert tx.execute(one_order(second).with_for_update(nowait=True)).all()
    stopping.join()


@pytest.mark.parametrize("kind", ACTS)
def test_an_act_in_its_middle_finds_the_limits_free_while_the_batch_waits(
    world, me, monkeypatch, kind
) -> None:
    """The act has its credential; a batch that had the limits by now would wait for it for ever."""
    if world.db.embedded:
        pytest.skip("SQLite has one writer")
    order = world.order(me, 1_000)
    world.sign(me, order)
    posting = threading.Thread(target=world.transfers.poster.post_due)
    free = []

    def meanwhile(protections, tx, customer_id):
        chosen = for_change(protections, tx, customer_id)
        posting.start()
        somebody_waits(tx)
        mine = limit_profile.c.customer_id == customer_id
        tx.execute(select(limit_profile).where(mine).with_for_update(nowait=True)).all()
        free.append(kind)
        return chosen

    for_change = Protections.for_change
    monkeypatch.setattr(Protections, "for_change", meanwhile)

    act(world, me, kind, ACTS[kind])
    posting.join()

    assert free == [kind]
    assert world.told(me, order).state is (State.REJECTED if kind == "limits" else State.POSTED)
