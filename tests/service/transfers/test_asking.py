"""Whoever asks about an order that is authorised is told its outcome, not to ask again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.service.transfers.conftest import World

from dojang.certificates.model import Hold
from dojang.customers import Claim
from dojang.customers.problems import SessionEnded
from dojang.kernel.problem import NotFound, Unauthenticated
from dojang.transfers.model import State
from dojang.transfers.showing import Asked
from dojang.transfers.tables import transfer_order


def shown(world: World, who, order):
    return world.transfers.showing.one(who.customer.id, order.id)


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
        world.transfers.showing.one("somebody", order.id)
    assert world.told(me, order).state is State.AUTHORISED


def signed_in(world: World, who) -> Claim:
    """A session of their own, as a login would give it."""
    login, jkt = world.house.ids.uuid7(), who.phone.wire.jkt
    with world.db.transaction() as tx:
        world.house.sessions.grant(
            tx,
            request_id=login,
            customer_id=who.customer.id,
            credential_id=who.phone.credential_id,
            jkt=jkt,
            method="pin",
        )
    return Claim(world.house.sessions.claim(login, jkt).token, jkt)


@pytest.fixture
def rich(world):
    return world.move_in("박서준", "01086420975", won=1_000_000_000)


def test_who_ask_together_are_each_told_their_own_outcome(world, me, rich) -> None:
    orders = [signed(world, me, 10_000), signed(world, rich, 20_000), signed(world, me, 30_000)]
    mine, theirs = signed_in(world, me), signed_in(world, rich)
    asked = [Asked(mine, orders[0].id), Asked(theirs, orders[1].id), Asked(mine, orders[2].id)]
    asked.append(asked[0])

    told = world.transfers.showing.all(asked)

    assert [one.order.id for one in told] == [one.order_id for one in asked]
    assert {one.state for one in told} == {State.POSTED}
    assert told[0] == told[3] == shown(world, me, orders[0])
    assert world.balance(me) == 1_000_000_000 - 40_000
    assert world.balance(rich) == 1_000_000_000 - 20_000


def test_a_session_that_ended_posts_nothing_beside_one_that_did_not(world, me, rich) -> None:
    orders = [signed(world, me, 10_000), signed(world, rich, 20_000)]
    ended, good = signed_in(world, me), signed_in(world, rich)
    with world.db.transaction() as tx:
        world.house.sessions.end_all(tx, me.phone.credential_id)

    refused, told = world.transfers.showing.all(
        [Asked(ended, orders[0].id), Asked(good, orders[1].id)]
    )

    assert isinstance(refused, SessionEnded)
    assert told.state is State.POSTED
    assert world.told(me, orders[0]).state is State.AUTHORISED


def test_nobody_sees_or_posts_the_order_of_who_asks_beside_them(world, me, rich) -> None:
    order = signed(world, me, 10_000)
    stranger, thief = signed_in(world, rich), Claim("a token of nobody's", me.phone.wire.jkt)

    refused = world.transfers.showing.all([Asked(stranger, order.id), Asked(thief, order.id)])

    assert [type(one) for one in refused] == [NotFound, Unauthenticated]
    assert world.told(me, order).state is State.AUTHORISED


def test_a_certificate_that_was_stopped_is_met_by_the_very_next_turn(world, me, rich) -> None:
    orders = [signed(world, who, 10_000) for who in (me, rich, me)]
    mine, theirs = signed_in(world, me), signed_in(world, rich)
    world.transfers.showing.all([Asked(mine, orders[0].id)])
    with world.db.transaction() as tx:
        world.house.lifecycle.suspend(tx, me.phone.credential_id, Hold.LOSS)
    again = signed_in(world, me)  # as if another credential of theirs had logged in

    other, stopped = world.transfers.showing.all(
        [Asked(theirs, orders[1].id), Asked(again, orders[2].id)]
    )

    assert other.state is State.POSTED
    assert (stopped.state, stopped.outcome.refusal.code) == (State.REJECTED, "credential_suspended")
    assert world.balance(me) == 1_000_000_000 - 10_000


def test_a_row_that_cannot_be_read_is_told_to_its_owner_alone(world, me, rich) -> None:
    orders = [signed(world, me, 10_000), signed(world, rich, 20_000)]
    claims = [signed_in(world, me), signed_in(world, rich)]
    with world.db.transaction() as tx:
        broken = transfer_order.update().where(transfer_order.c.id == orders[0].id)
        tx.execute(broken.values(needed="nothing we know"))

    fault, told = world.transfers.showing.all(
        [Asked(claim, order.id) for claim, order in zip(claims, orders, strict=True)]
    )

    assert isinstance(fault, ValueError)
    assert told.state is State.POSTED
