"""A passkey on a second device stands for the call of one order, and for nothing else."""

from dataclasses import replace

import pytest
from sqlalchemy import update
from tests.service.methods.authenticator import PRESENT, VERIFIED, Authenticator
from tests.service.transfers.conftest import ORIGIN
from tests.service.transfers.hands import leaves, session, sign_act

from dojang.kernel.clock import HOUR, MINUTE
from dojang.kernel.problem import NotFound
from dojang.methods.model import NoSecondDevice, NotASecondDevice, PasskeyRefused
from dojang.phone.http import Refused
from dojang.transfers.model import FactorsMissing, IdentityNeeded, OrderOver, State
from dojang.transfers.tables import transfer_order

MILLION = 1_000_000
BACKED_UP = 0x08


class Key(Authenticator):
    """A security key that is plugged in, or says so."""

    def __init__(self, *, attachment: str = "cross-platform") -> None:
        super().__init__()
        self.attachment = attachment
        self.origin = ORIGIN

    def _wrapped(self, response):
        return {**super()._wrapped(response), "authenticatorAttachment": self.attachment}


def register(world, who, key) -> str:
    """Identified again, made on the device, signed for with the PIN."""
    mine, factor = session(who, identified=True), world.transfers.second_device
    asked, options = factor.adding_options(mine)
    owner = factor_owner(who)
    device_id, _ = factor.devices.keep(owner, asked, "보안 키", key.create(options))
    sign_act(who, world.house.signing.acts.order(mine, "second_device", {"device_id": device_id}))
    return device_id


def factor_owner(who):
    from dojang.methods.second_devices import Owner

    return Owner(who.customer.id, who.session.jkt)


def ordered(world, who, amount=60 * MILLION):
    """Of the highest tier, the account password shown."""
    order = world.order(who, amount)
    world.show_password(who, order)
    return order


def show(world, who, order, key, *, as_of=None) -> None:
    factor = world.transfers.second_device
    asked, options = factor.ask(who.session, (as_of or order).id)
    factor.show(who.session, order.id, asked, key.get(options))


@pytest.fixture
def key(world, me, clock) -> Key:
    """Registered a day ago."""
    made = Key()
    register(world, me, made)
    clock.move(24 * HOUR)
    return made


def test_it_stands_for_the_call_and_is_named_as_what_it_was(world, me, key):
    order = ordered(world, me)
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, order)
    show(world, me, order, key)
    world.sign(me, order)
    world.transfers.poster.post_due()

    told = world.told(me, order)
    assert (told.state, told.order.ars_at) == (State.POSTED, None)
    assert told.order.factors == ["account_password", "second_device", "pin"]
    (authorised,) = leaves(world, "transfer.authorised")
    assert authorised["factors"] == ["account_password", "second_device", "pin"]
    assert leaves(world, "second_device.passed")[0]["transfer_id"] == order.id
    assert world.faults == []


def test_it_replaces_neither_the_account_password_nor_the_pin(world, me, key):
    order = world.order(me, 60 * MILLION)
    with pytest.raises(FactorsMissing):
        show(world, me, order, key)
    world.show_password(me, order)
    show(world, me, order, key)
    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.WAITING


def test_a_thief_with_phone_and_pin_registers_none(world, me):
    with pytest.raises(IdentityNeeded):
        world.transfers.second_device.adding_options(session(me, identified=False))
    mine, factor = session(me, identified=True), world.transfers.second_device
    asked, options = factor.adding_options(mine)
    device_id, _ = factor.devices.keep(factor_owner(me), asked, "열쇠", Key().create(options))
    with pytest.raises(IdentityNeeded):
        world.house.signing.acts.order(me.session, "second_device", {"device_id": device_id})


def test_a_thief_who_was_identified_too_cannot_use_it_for_a_day_and_the_owner_is_told(
    world, me, clock
):
    key = Key()
    device_id = register(world, me, key)
    order = ordered(world, me)
    with pytest.raises(NoSecondDevice) as refused:
        show(world, me, order, key)
    (added,) = leaves(world, "second_device.added")
    clock.move(24 * HOUR - 1)
    late = ordered(world, me)
    with pytest.raises(NoSecondDevice):
        show(world, me, late, key)

    assert refused.value.fields == {"until": added["effective_at"]}
    world.transfers.second_device.remove(me.customer.id, device_id)
    clock.move(1)
    with pytest.raises(NoSecondDevice):
        show(world, me, ordered(world, me), key)


def test_one_that_nobody_signed_for_never_counts(world, me, clock):
    mine, factor, key = session(me, identified=True), world.transfers.second_device, Key()
    asked, options = factor.adding_options(mine)
    factor.devices.keep(factor_owner(me), asked, "열쇠", key.create(options))
    clock.move(48 * HOUR)

    assert factor.devices.of_customer(me.customer.id) == []
    with pytest.raises(NoSecondDevice):
        show(world, me, ordered(world, me), key)


def test_the_pin_signs_for_a_key_only_while_one_is_identified(world, me, clock):
    mine, factor = session(me, identified=True), world.transfers.second_device
    asked, options = factor.adding_options(mine)
    device_id, _ = factor.devices.keep(factor_owner(me), asked, "열쇠", Key().create(options))
    clock.move(10 * MINUTE)

    with pytest.raises(IdentityNeeded):
        world.house.signing.acts.order(mine, "second_device", {"device_id": device_id})


def test_a_key_put_in_the_row_is_not_the_one_that_was_signed_for(world, me, clock):
    from dojang.methods.tables import second_device

    mine, factor = session(me, identified=True), world.transfers.second_device
    asked, options = factor.adding_options(mine)
    device_id, _ = factor.devices.keep(factor_owner(me), asked, "열쇠", Key().create(options))
    act = world.house.signing.acts.order(mine, "second_device", {"device_id": device_id})
    with world.db.transaction() as tx:
        tx.execute(update(second_device).values(public_key=b"another"))

    sign_act(me, act)

    assert factor.devices.of_customer(me.customer.id) == []


@pytest.mark.parametrize("lie", ["on the phone", "kept in step", "nobody verified"])
def test_a_passkey_that_is_on_the_phone_or_on_many_devices_is_none(world, me, lie):
    key = Key(attachment="platform" if lie == "on the phone" else "cross-platform")
    if lie == "kept in step":
        key.flags |= BACKED_UP
    if lie == "nobody verified":
        key.flags = PRESENT
    refusal = PasskeyRefused if lie == "nobody verified" else NotASecondDevice

    with pytest.raises(refusal):
        register(world, me, key)


def test_an_answer_fits_the_order_it_was_asked_for_and_no_other(world, me, key):
    small, large = ordered(world, me, 60 * MILLION), ordered(world, me, 90 * MILLION)

    with pytest.raises(PasskeyRefused):
        show(world, me, large, key, as_of=small)

    assert world.told(me, large).order.device_at is None


def test_an_answer_does_not_fit_an_order_that_was_changed_meanwhile(world, me, key):
    order, factor = ordered(world, me), world.transfers.second_device
    asked, options = factor.ask(me.session, order.id)
    with world.db.transaction() as tx:
        changed = replace(world.told(me, order).order, payee_account="99999999")
        tx.execute(
            update(transfer_order)
            .where(transfer_order.c.id == order.id)
            .values(payee_account=changed.payee_account, message=changed.rebuilt())
        )

    with pytest.raises(PasskeyRefused):
        factor.show(me.session, order.id, asked, key.get(options))


def test_an_answer_is_good_once(world, me, key):
    order, factor = ordered(world, me), world.transfers.second_device
    asked, options = factor.ask(me.session, order.id)
    answer = key.get(options)
    key.flags = PRESENT
    with pytest.raises(PasskeyRefused):
        factor.show(me.session, order.id, asked, key.get(options))
    key.flags = PRESENT | VERIFIED

    with pytest.raises(PasskeyRefused):
        factor.show(me.session, order.id, asked, answer)


@pytest.mark.parametrize("lie", ["nobody verified", "on the phone", "another site", "too late"])
def test_a_wrong_answer_confirms_nothing(world, me, key, clock, lie):
    order, factor = ordered(world, me), world.transfers.second_device
    asked, options = factor.ask(me.session, order.id)
    if lie == "nobody verified":
        key.flags = PRESENT
    elif lie == "on the phone":
        key.attachment = "platform"
    elif lie == "another site":
        key.origin = "https://evil.example"
    else:
        clock.move(5 * MINUTE)

    with pytest.raises(PasskeyRefused):
        factor.show(me.session, order.id, asked, key.get(options))

    assert world.told(me, order).order.device_at is None


def test_a_copied_key_is_noticed_and_refused(world, me, key):
    show(world, me, ordered(world, me), key)
    order = ordered(world, me)
    key.sign_count -= 1

    with pytest.raises(PasskeyRefused):
        show(world, me, order, key)

    assert world.told(me, order).order.device_at is None
    assert len(leaves(world, "second_device.counter_fell")) == 1


def test_anothers_device_confirms_nothing_of_mine(world, me, you, key):
    order = ordered(world, me)
    factor = world.transfers.second_device
    with pytest.raises(NotFound):
        factor.ask(you.session, order.id)
    (mine,) = factor.devices.of_customer(me.customer.id)
    with pytest.raises(NotFound):
        factor.remove(you.customer.id, mine.id)
    asked, options = factor.ask(me.session, order.id)

    with pytest.raises(PasskeyRefused):
        factor.show(replace(me.session, jkt="another"), order.id, asked, key.get(options))


def test_a_row_that_says_it_was_shown_is_not_believed(world, me):
    order = ordered(world, me)
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(device_at=order.created_at))
    world.sign(me, order)
    world.transfers.poster.post_due()

    assert world.told(me, order).outcome.refusal.code == "order_altered"


def test_an_order_that_is_over_asks_no_device(world, me, key):
    order = ordered(world, me)
    world.transfers.orders.cancel(me.customer.id, order.id)

    with pytest.raises(OrderOver):
        show(world, me, order, key)
