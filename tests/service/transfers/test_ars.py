"""The call: two digits from the screen, three tries, 9 reports fraud."""

import pytest

from dojang.db import log
from dojang.gateways.ars import Heard
from dojang.gateways.sms import GatewayDown
from dojang.kernel.clock import SECOND
from dojang.kernel.entropy import SeededEntropy
from dojang.phone.http import Refused
from dojang.transfers.ars import two_digits
from dojang.transfers.model import ArsSpent, CallState, OrderOver, State

AMOUNT = 50_000_001


@pytest.fixture
def order(world, me):
    """Waiting for its call: the password has been shown."""
    made = world.order(me, AMOUNT)
    world.show_password(me, made)
    return made


def call_of(world, me, order):
    world.transfers.ars.ring(me.customer.id, order.id)
    call = world.told(me, order).call
    world.ars.answer(call.id)
    return call


def wrong(number: str) -> str:
    return "00" if number != "00" else "01"


def kinds(world) -> list[str]:
    with world.db.snapshot() as tx:
        return [leaf.kind for leaf in log.read(tx.connection, 0, 500)]


def test_the_call_speaks_amount_and_masked_payee_and_warns(world, me, order) -> None:
    call = call_of(world, me, order)
    prompt = world.ars.calls(me.customer.phone)[0].prompt

    assert "50,000,001원" in prompt
    assert order.payee_holder not in prompt
    assert order.payee_holder[0] + "*" in prompt
    assert " ".join(order.payee_account[-4:]) in prompt
    assert order.payee_account not in prompt
    assert "사기" in prompt
    spoken = prompt.replace("50,000,001원", "").replace(" ".join(order.payee_account[-4:]), "")
    assert [c for c in spoken if c.isdigit()] == ["9"]
    assert len(call.number) == 2


def test_the_right_digits_pass(world, me, order) -> None:
    call = call_of(world, me, order)

    heard = world.ars.key(call.id, call.number)

    told = world.told(me, order)
    assert heard == Heard("passed", 3)
    assert (told.call_state, told.order.missing()) == (CallState.PASSED, ["pin"])
    assert "ars.passed" in kinds(world)


def test_three_wrong_entries_cancel_the_order(world, me, order) -> None:
    call = call_of(world, me, order)

    heard = [world.ars.key(call.id, wrong(call.number)).tries_left for _ in range(3)]

    assert heard == [2, 1, 0]
    assert world.told(me, order).state is State.CANCELLED
    assert world.transfers.ars.answered(call.id, call.number).heard == "over"
    assert kinds(world).count("ars.failed") == 3


def test_a_wrong_entry_is_remembered_over_calls(world, me, order, clock) -> None:
    call = call_of(world, me, order)
    world.ars.key(call.id, wrong(call.number))
    clock.move(120 * SECOND)
    after_no_answer = call_of(world, me, order)

    assert after_no_answer.id != call.id
    assert world.told(me, order).order.ars_tries_left == 1


def test_a_call_rings_for_two_minutes(world, me, order, clock) -> None:
    call = call_of(world, me, order)
    clock.move(120 * SECOND)

    assert world.told(me, order).call_state is CallState.EXPIRED
    assert world.transfers.ars.answered(call.id, call.number).heard == "over"


def test_calls_nobody_answers_are_spent_like_tries(world, me, order, clock) -> None:
    for _ in range(3):
        call_of(world, me, order)
        clock.move(120 * SECOND)

    with pytest.raises(ArsSpent):
        world.transfers.ars.ring(me.customer.id, order.id)


def test_asking_again_while_it_rings_is_the_same_call(world, me, order) -> None:
    first = call_of(world, me, order)

    again = call_of(world, me, order)

    assert again == first
    assert len(world.ars.calls(me.customer.phone)) == 1


@pytest.mark.parametrize("digits", ["9", "99", "91"])
def test_nine_freezes_the_certificate_and_cancels(world, me, order, digits) -> None:
    call = call_of(world, me, order)

    heard = world.ars.key(call.id, digits)

    assert heard == Heard("fraud_reported", 0)
    assert world.told(me, order).state is State.CANCELLED
    assert world.told(me, order).call_state is CallState.FRAUD_REPORTED
    assert world.house.state(me.phone) == "SUSPENDED_LOSS"
    assert {"ars.fraud_reported", "certificate.suspended"} <= set(kinds(world))
    with pytest.raises(Refused, match="credential_suspended"):
        world.sign(me, order)


def test_nine_on_a_call_that_is_over_freezes_nothing(world, me, order, clock) -> None:
    call = call_of(world, me, order)
    clock.move(120 * SECOND)

    assert world.transfers.ars.answered(call.id, "9").heard == "over"
    assert world.house.state(me.phone) == "ACTIVE"


def test_a_result_belongs_to_its_order_alone(world, me, order) -> None:
    other = world.order(me, AMOUNT)
    world.show_password(me, other)
    call = call_of(world, me, order)
    world.ars.key(call.id, call.number)

    assert world.told(me, other).order.missing() == ["ars", "pin"]
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, other)


def test_an_unknown_call_is_over(world) -> None:
    assert world.transfers.ars.answered("nobody", "27") == Heard("over", 0)


def test_a_cancelled_order_is_not_rung(world, me, order) -> None:
    world.transfers.orders.cancel(me.customer.id, order.id)

    with pytest.raises(OrderOver):
        world.transfers.ars.ring(me.customer.id, order.id)


def test_a_gateway_that_is_down_costs_nothing(world, me, order) -> None:
    class Down:
        def place(self, _call):
            raise GatewayDown

        def hang_up(self, _call_id):
            raise GatewayDown

    up, world.transfers.ars._gateway = world.transfers.ars._gateway, Down()
    with pytest.raises(GatewayDown):
        world.transfers.ars.ring(me.customer.id, order.id)
    world.transfers.ars._gateway = up
    call = call_of(world, me, order)

    assert world.ars.key(call.id, call.number).heard == "passed"


def test_neither_digit_is_ever_a_nine() -> None:
    entropy = SeededEntropy(b"ars")
    numbers = {two_digits(entropy) for _ in range(3_000)}

    assert len(numbers) == 81
    assert not any("9" in number for number in numbers)
