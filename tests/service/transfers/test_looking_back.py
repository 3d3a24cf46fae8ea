"""What an owner finds again of transfers that are over, and nobody else does."""

from tests.service.transfers.hands import choose, held

from dojang.kernel.clock import DAY, HOUR, MINUTE
from dojang.transfers.model import State


def test_what_was_held_is_found_when_it_was_sent_or_given_up(world, me, you, clock):
    choose(world, me, delay_hours=3)
    sent, cancelled = held(world, me, 10), held(world, me, 20)
    world.transfers.orders.cancel(me.customer.id, cancelled.id)
    assert [one.state for one in world.transfers.ended(me.customer.id)] == [State.CANCELLED]

    clock.move(3 * HOUR)
    world.transfers.holding.settle_due()

    ended = {one.order.id: one for one in world.transfers.ended(me.customer.id)}
    assert {one: told.state for one, told in ended.items()} == {
        sent.id: State.POSTED,
        cancelled.id: State.CANCELLED,
    }
    assert ended[sent.id].outcome.balance_after == 999_999_990
    assert world.transfers.ended(you.customer.id) == []
    clock.move(7 * DAY)
    assert world.transfers.ended(me.customer.id) == []


def test_the_latest_due_comes_first_and_there_is_an_end_to_them(world, me, clock):
    choose(world, me, delay_hours=3)
    orders = []
    for _ in range(3):
        orders.append(held(world, me, 10).id)
        clock.move(MINUTE)
    clock.move(3 * HOUR)
    world.transfers.holding.settle_due()

    found = [one.order.id for one in world.transfers.ended(me.customer.id)]

    assert found == orders[::-1]


def test_what_never_waited_is_not_among_them(world, me):
    order = world.order(me, 10)
    world.sign(me, order)
    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.POSTED
    assert world.transfers.ended(me.customer.id) == []


def test_signed_transfers_are_told_from_other_ids_and_from_those_of_others(world, me, you):
    signed, unsigned = world.order(me, 10), world.order(me, 20)
    world.sign(me, signed)
    ids = [signed.id, unsigned.id, "0" * 36]

    with world.db.snapshot() as tx:
        mine = world.transfers.signed_by(tx, me.customer.id, ids)
        theirs = world.transfers.signed_by(tx, you.customer.id, ids)
        none = world.transfers.signed_by(tx, me.customer.id, [])

    assert (mine, theirs, none) == ({signed.id}, frozenset(), frozenset())
