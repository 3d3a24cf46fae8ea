"""What is open among the orders is led to by a row, and by nothing that anybody else wrote."""

import pytest
from sqlalchemy import insert, select, update
from tests.service.transfers.hands import available, choose, held, lead, leaves

from dojang.kernel.clock import HOUR, MINUTE
from dojang.transfers import store
from dojang.transfers.holding import stop_all
from dojang.transfers.model import State
from dojang.transfers.tables import transfer_due, transfer_order


def led_to(world) -> dict[str, tuple[str, int]]:
    with world.db.snapshot() as tx:
        return {row.order_id: (row.state, row.at) for row in tx.execute(select(transfer_due))}


def test_a_row_follows_its_order_from_the_first_to_the_last(world, me, clock) -> None:
    order = world.order(me, 10)
    assert led_to(world) == {order.id: ("waiting", order.expires_at)}

    clock.move(MINUTE)
    world.sign(me, order)
    assert led_to(world) == {order.id: ("authorised", clock.now())}

    world.transfers.poster.post_due()
    assert world.told(me, order).state is State.POSTED
    assert led_to(world) == {}


def test_a_held_one_is_looked_at_when_it_is_due(world, me, clock) -> None:
    choose(world, me, delay_hours=3)
    order = held(world, me)
    assert led_to(world) == {order.id: ("pending", order.due_at)}

    clock.move(3 * HOUR)
    world.transfers.holding.settle_due()
    assert world.told(me, order).state is State.POSTED
    assert led_to(world) == {}


@pytest.mark.parametrize(
    "stop",
    [
        lambda tx, order: stop_all(tx, order.customer_id),
        lambda tx, order: store.stop(tx, order.id, "account_closed"),
    ],
)
def test_a_stopped_one_is_looked_at_at_once(world, me, clock, stop) -> None:
    choose(world, me, delay_hours=3)
    order = held(world, me)
    clock.move(MINUTE)

    with world.db.transaction() as tx:
        stop(tx, order)

    assert led_to(world) == {order.id: ("pending", clock.now())}
    assert world.transfers.holding.settle_due() == 1
    assert led_to(world) == {}


def test_one_stopped_before_it_is_held_is_looked_at_as_soon_as_it_is(world, me) -> None:
    choose(world, me, delay_hours=3)
    order = world.order(me, 10)
    world.sign(me, order)
    with world.db.transaction() as tx:
        stop_all(tx, me.customer.id)

    world.transfers.poster.post_due()
    world.transfers.holding.settle_due()

    assert world.told(me, order).state is State.CANCELLED
    assert led_to(world) == {}
    assert available(world, me) == (1_000_000_000, 1_000_000_000)


def test_what_ends_unsigned_is_led_to_no_more(world, me, clock) -> None:
    cancelled, late = world.order(me, 1), world.order(me, 2)
    clock.move(9 * MINUTE)
    young = world.order(me, 3)
    world.transfers.orders.cancel(me.customer.id, cancelled.id)
    clock.move(MINUTE)

    with world.db.transaction() as tx:
        assert store.expire(tx) == 1

    assert led_to(world) == {young.id: ("waiting", young.expires_at)}
    assert world.told(me, late).state is State.EXPIRED


def test_a_refused_one_is_led_to_no_more(world, me) -> None:
    order = world.order(me, 10)
    world.sign(me, order)
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(amount=11))

    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.REJECTED
    assert led_to(world) == {}


def test_who_refuses_an_order_that_is_held_meanwhile_takes_its_row_from_nobody(world, me) -> None:
    """Two processes: this one's refusal comes after the other one has placed the hold."""
    choose(world, me, delay_hours=3)
    order = held(world, me)

    with world.db.transaction() as tx:
        store.finish(tx, [(order.id, me.customer.id, State.REJECTED)])

    assert led_to(world) == {order.id: ("pending", order.due_at)}
    assert world.told(me, order).state is State.PENDING


def test_who_takes_the_rows_away_keeps_nobody_from_their_money(world, me, clock) -> None:
    """A signed one is sent when its owner looks; a held one's money is given back in time."""
    order = world.order(me, 10)
    world.sign(me, order)
    lead(world)
    assert world.transfers.poster.post_due() == 0
    assert world.transfers.showing.one(me.customer.id, order.id).state is State.POSTED

    choose(world, me, delay_hours=3)
    waiting = held(world, me)
    lead(world)
    clock.move(27 * HOUR)
    assert world.transfers.holding.settle_due() == 0
    world.ledger.sweep()
    assert world.told(me, waiting).state is State.EXPIRED
    assert len(leaves(world, "transfer.lapsed")) == 1
    assert available(world, me) == (999_999_990, 999_999_990)


def test_who_calls_a_held_one_due_sends_nothing_and_asks_the_ledger_nothing(world, me) -> None:
    choose(world, me, delay_hours=24)
    order = held(world, me)

    lead(world, at=0)

    assert world.transfers.holding.settle_due() == 0
    after = world.told(me, order).order
    assert (after.state, after.post_attempts) == (State.PENDING, 0)


def test_who_calls_a_waiting_one_late_ends_nothing(world, me) -> None:
    order = world.order(me, 10)

    lead(world, at=0)

    with world.db.transaction() as tx:
        assert store.expire(tx) == 0
    assert world.told(me, order).order.state is State.WAITING


def test_who_leads_one_customer_to_another_s_order_shows_them_nothing(world, me, you) -> None:
    choose(world, me, delay_hours=3)
    held(world, me)

    lead(world, customer_id=you.customer.id)

    assert world.transfers.pending(you.customer.id) == []


@pytest.mark.parametrize("state", ["authorised", "pending"])
def test_a_row_for_what_is_over_does_nothing(world, me, state) -> None:
    posted = world.posted(me, 10)
    row = {"order_id": posted.order.id, "customer_id": me.customer.id, "state": state, "at": 0}
    with world.db.transaction() as tx:
        tx.execute(insert(transfer_due), row)

    assert (world.transfers.poster.post_due(), world.transfers.holding.settle_due()) == (0, 0)
    assert world.balance(me) == 999_999_990
