"""For whom a call is no good: a code by message, and half an hour in which to cancel."""

import pytest
from tests.service.transfers.conftest import OTHER_ACCOUNT
from tests.service.transfers.hands import choose

from dojang.customers.problems import WrongCode
from dojang.gateways.twins import RecordedSms
from dojang.kernel.clock import MINUTE
from dojang.kernel.secret import Secret
from dojang.phone.http import Refused
from dojang.transfers.model import FactorsMissing, SmsHoldNotRegistered, State
from dojang.transfers.safeguards import Why

MILLION = 1_000_000


def test_a_message_stands_for_the_call_only_where_that_was_registered(world, me):
    order = world.order(me, 60 * MILLION)
    world.show_password(me, order)

    with pytest.raises(SmsHoldNotRegistered):
        world.transfers.sms_hold.send(me.customer.id, order.id)


def test_a_code_by_message_stands_for_the_call_and_holds_half_an_hour(world, me, outside, clock):
    choose(world, me, identified=True, sms_hold=1)
    order = world.order(me, 60 * MILLION)
    world.show_password(me, order)
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, order)
    world.transfers.sms_hold.send(me.customer.id, order.id)
    text = RecordedSms(outside).inbox(me.customer.phone)[-1].text
    assert "60,000,000" in text
    assert OTHER_ACCOUNT[-4:] in text
    code = text.split("인증번호 ")[1][:6]
    world.transfers.sms_hold.enter(me.customer.id, order.id, Secret(code))
    world.sign(me, order)
    world.transfers.poster.post_due()

    waiting = world.told(me, order).order
    assert (waiting.state, waiting.hold_why) == (State.PENDING, Why.SMS)
    assert waiting.factors == ["account_password", "sms", "pin"]
    clock.move(30 * MINUTE)
    world.transfers.holding.settle_due()
    assert world.told(me, order).state is State.POSTED


def test_the_code_comes_after_the_account_password_and_a_wrong_one_is_counted(world, me, outside):
    choose(world, me, identified=True, sms_hold=1)
    order = world.order(me, 60 * MILLION)
    with pytest.raises(FactorsMissing):
        world.transfers.sms_hold.send(me.customer.id, order.id)
    world.show_password(me, order)
    world.transfers.sms_hold.send(me.customer.id, order.id)
    right = RecordedSms(outside).inbox(me.customer.phone)[-1].text.split("인증번호 ")[1][:6]
    wrong = "000000" if right != "000000" else "000001"

    with pytest.raises(WrongCode) as refused:
        world.transfers.sms_hold.enter(me.customer.id, order.id, Secret(wrong))

    assert refused.value.fields == {"tries_left": 4}
    assert world.transfers.showing.one(me.customer.id, order.id).sms.tries_left == 4
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, order)
