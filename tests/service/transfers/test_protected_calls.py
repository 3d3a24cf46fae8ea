"""An insider changes what stands for a call or stops a transfer; what stood before seals."""

import pytest
from sqlalchemy import delete, update
from tests.service.transfers.hands import act, available, choose, held, leaves
from tests.service.transfers.insiders import change
from tests.service.transfers.test_second_device import Key, ordered, register, show

from dojang.crypto.encoding import b64u
from dojang.kernel.clock import DAY, HOUR
from dojang.methods.tables import second_device
from dojang.transfers.holding import stop_all
from dojang.transfers.model import ProtectionsAltered, State
from dojang.transfers.tables import protection, safeguard, transfer_order

pytestmark = pytest.mark.usefixtures("insider")
MILLION = 1_000_000
ALL = 1_000_000_000


DEVICE = {
    "effective early": lambda _you: update(second_device).values(effective_at=1),
    "another key": lambda _you: update(second_device).values(public_key=b"k"),
    "another passkey": lambda _you: update(second_device).values(raw_id=b"r"),
    "given to another": lambda you: update(second_device).values(customer_id=you.customer.id),
    "row gone": lambda _you: delete(second_device),
}


@pytest.mark.parametrize("how", sorted(DEVICE))
def test_a_second_device_changed_by_hand_stands_for_no_call(world, me, you, how) -> None:
    register(world, me, Key())
    order = ordered(world, me)

    change(world, DEVICE[how](you))

    with pytest.raises(ProtectionsAltered):
        world.transfers.second_device.ask(me.session, order.id)


def test_a_second_device_made_effective_after_it_was_asked_stands_for_no_call(
    world, me, clock
) -> None:
    """The insider waits for the moment between the question and the answer."""
    old, new = Key(), Key()
    register(world, me, old)
    clock.move(2 * DAY)
    new_id = register(world, me, new)
    order = ordered(world, me)
    factor = world.transfers.second_device
    asked, options = factor.ask(me.session, order.id)

    change(world, update(second_device).where(second_device.c.id == new_id).values(effective_at=1))

    options["allowCredentials"] = [{"type": "public-key", "id": b64u(new.raw_id)}]
    with pytest.raises(ProtectionsAltered):
        factor.show(me.session, order.id, asked, new.get(options))


def test_one_s_own_device_still_works_and_moves_the_money(world, me, clock) -> None:
    key = Key()
    register(world, me, key)
    choose(world, me, undo=1)
    clock.move(2 * DAY)
    order = ordered(world, me)
    show(world, me, order, key)
    world.sign(me, order)
    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.PENDING


def test_a_message_registered_by_hand_stands_for_no_call(world, me) -> None:
    choose(world, me, undo=1)
    order = ordered(world, me)

    change(world, update(safeguard).where(safeguard.c.name == "sms_hold").values(value=1))

    with pytest.raises(ProtectionsAltered):
        world.transfers.sms_hold.send(me.customer.id, order.id)


@pytest.mark.parametrize("noted", [None, "customer"])
def test_a_stop_that_is_taken_off_the_order_still_stops_it(world, me, clock, noted) -> None:
    choose(world, me, delay_hours=3)
    order = held(world, me, 10)
    with world.db.transaction() as tx:
        stop_all(tx, me.customer.id)

    change(world, update(transfer_order).values(ended_why=noted))
    clock.move(4 * HOUR)
    world.transfers.holding.settle_due()
    world.transfers.holding.settle_due()

    told = world.told(me, order)
    assert (told.state, told.order.ended_why) == (State.CANCELLED, noted or "order_altered")
    assert available(world, me) == (ALL, ALL)
    assert [one["transfer_id"] for one in leaves(world, "transfer.stopped")] == [order.id]


def as_before_seals(world) -> None:
    """A bank of before: rows and leaves, and no seal."""
    change(world, delete(protection))
    change(world, update(transfer_order).values(seal=None))


def test_what_stood_before_is_sealed_once(world, me, clock) -> None:
    choose(world, me, delay_hours=3)
    act(world, me, "limits", {"per_transfer": MILLION, "per_day": MILLION})
    order = held(world, me, 10)
    as_before_seals(world)

    world.transfers.seal_what_stood()

    clock.move(4 * HOUR)
    world.transfers.holding.settle_due()
    assert world.told(me, order).state is State.POSTED
    assert world.order(me, 10).hold_seconds == 3 * 3_600
    (said,) = leaves(world, "protections.sealed")
    assert (said["customers"], said["transfers"]) == (1, 1)


def test_it_is_not_sealed_a_second_time(world, me) -> None:
    """Whoever takes a seal away finds nobody who makes another, at no start."""
    choose(world, me, delay_hours=3)
    world.transfers.seal_what_stood()
    as_before_seals(world)
    change(world, update(safeguard).values(value=0))

    world.transfers.seal_what_stood()

    with pytest.raises(ProtectionsAltered):
        world.order(me, 10)
    assert len(leaves(world, "protections.sealed")) == 1


@pytest.mark.parametrize(
    "altered", [{"due_at": 5}, {"hold_why": "undo"}, {"hold_until": 5}, {"cancellable_until": 5}]
)
def test_a_held_transfer_that_is_not_as_its_leaf_says_gets_no_seal(
    world, me, clock, altered
) -> None:
    choose(world, me, delay_hours=3)
    order = held(world, me, 10)
    as_before_seals(world)
    change(world, update(transfer_order).values(altered))

    world.transfers.seal_what_stood()
    clock.move(4 * HOUR)
    for _ in range(2):
        world.transfers.holding.settle_due()

    assert world.told(me, order).state is State.CANCELLED
    assert available(world, me) == (ALL, ALL)
    assert leaves(world, "protections.sealed")[0]["transfers"] == 0
