"""Whoever asks about an order that is authorised is told its outcome, not to ask again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.service.transfers.conftest import World

from dojang.certificates.model import Hold
from dojang.kernel.problem import NotFound
from dojang.transfers.model import State


def shown(world: World, who, order):
    return world.transfers.shown(who.customer.id, order.id)


def signed(world: World, who, amount: int):
    order = world.order(who, amount)
    world.sign(who, order)
    return order


def test_asking_posts_and_says_what_every_later_look_says(world, me) -> None:
    order = signed(world, me, 10_000)
    asked = shown(world, me, order)
    assert asked.state is State.POSTED
    assert asked.outcome.balance_after == world.balance(me) == 1_000_000_000 - 10_000
    assert asked == shown(world, me, order) == world.told(me, order)


def test_asking_says_a_refusal_as_every_later_look_does(world, me) -> None:
    order = signed(world, me, 10_000)
    with world.db.transaction() as tx:
        world.house.lifecycle.suspend(tx, me.phone.credential_id, Hold.LOSS)
    asked = shown(world, me, order)
    assert (asked.state, asked.outcome.refusal.code) == (State.REJECTED, "credential_suspended")
    assert asked == world.told(me, order)


def test_the_poster_and_many_askers_at_once_post_once(world, me) -> None:
    order = signed(world, me, 10_000)
    with ThreadPoolExecutor(6) as pool:
        posting = pool.submit(world.transfers.poster.post_due)
        asked = [pool.submit(shown, world, me, order) for _ in range(5)]
        posting.result()
        states = {one.result().state for one in asked}
    assert states == {State.POSTED}
    assert world.balance(me) == 1_000_000_000 - 10_000


def test_a_stranger_who_asks_posts_nothing(world, me) -> None:
    order = signed(world, me, 10_000)
    with pytest.raises(NotFound):
        world.transfers.shown("somebody", order.id)
    assert world.told(me, order).state is State.AUTHORISED
