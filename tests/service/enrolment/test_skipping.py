"""Whoever leaves out a step, or takes one out of turn, gets no certificate."""

import contextlib

import pytest
from tests.service.enrolment.conftest import HANEUL, MINYONG, Phone
from tests.service.enrolment.steps import (
    finish,
    identify,
    join,
    prove_banking,
    show_account,
    to_keys,
    to_keys_as_new,
    type_code,
)

from dojang.customers.problems import CodeExpired, WrongCode
from dojang.enrolment.model import Act, KeysNotProved, Step, WrongStep
from dojang.kernel.clock import MINUTE
from dojang.kernel.entropy import SeededEntropy
from dojang.kernel.problem import Problem


def begin_key(house, phone):
    """Only whether the door is open: E1 with an offer that is no offer."""
    return house.enrolments.finishing.begin_key(
        phone.bearer, kind="auth", secrets=["pin"], c0=b"", c1=b"", proof=b""
    )


TAKE = {
    Act.PROVE_INTERNET_BANKING: prove_banking,
    Act.CLAIM_IDENTITY: lambda house, phone: identify(house, phone, HANEUL),
    Act.TYPE_CODE: lambda house, phone: type_code(house, phone, HANEUL.phone, "000000"),
    Act.PROVE_ACCOUNT: show_account,
    Act.ENROL_INTERNET_BANKING: join,
    Act.MAKE_KEY: begin_key,
    Act.FINISH: finish,
}


def reach(house, phone, step):
    """Bring a journey to this step the proper way."""
    if step is Step.DONE:
        to_keys(house, phone)
        phone.make_keys()
        return finish(house, phone)
    if step is Step.KEYS:
        return to_keys(house, phone)
    phone.begin()
    if step is Step.IDENTIFY:
        return None
    if step is Step.ACCOUNT_PASSWORD:
        prove_banking(house, phone)
    who = HANEUL if step in {Step.SMS_CODE, Step.INTERNET_BANKING_ENROLMENT} else MINYONG
    identify(house, phone, who)
    return None if step is Step.SMS_CODE else type_code(house, phone, who.phone)


IN_TURN = {
    Step.IDENTIFY: {Act.PROVE_INTERNET_BANKING, Act.CLAIM_IDENTITY},
    Step.SMS_CODE: {Act.CLAIM_IDENTITY, Act.TYPE_CODE},
    Step.INTERNET_BANKING_REQUIRED: {Act.PROVE_INTERNET_BANKING},
    Step.ACCOUNT_PASSWORD: {Act.PROVE_ACCOUNT},
    Step.INTERNET_BANKING_ENROLMENT: {Act.ENROL_INTERNET_BANKING},
    Step.KEYS: {Act.MAKE_KEY, Act.FINISH},
    Step.DONE: {Act.FINISH},
}


@pytest.mark.parametrize("step", Step)
def test_every_step_out_of_turn_is_refused_and_changes_nothing(house, phone, step):
    reach(house, phone, step)
    before = house.enrolments.journeys.current(phone.bearer)
    logged, living = len(house.kinds()), house.credentials()
    assert before.step is step

    for act in (one for one in Act if one not in IN_TURN[step]):
        with pytest.raises(WrongStep) as refused:
            TAKE[act](house, phone)
        assert refused.value.fields == {"step": str(step)}

    assert house.enrolments.journeys.current(phone.bearer) == before
    assert (len(house.kinds()), house.credentials()) == (logged, living)


@pytest.mark.parametrize("seed", range(6))
def test_a_phone_that_takes_any_steps_in_any_order_gets_nothing_it_has_not_proved(
    house, phone, clock, seed
):
    chance = SeededEntropy(bytes([seed]))
    phone.begin()

    for _ in range(25):
        clock.move(MINUTE // 2)
        act = list(Act)[chance.bytes(1)[0] % len(Act)]
        with contextlib.suppress(Problem):
            TAKE[act](house, phone)

    assert house.credentials() == []
    step = house.enrolments.journeys.current(phone.bearer).step
    assert step in {Step.IDENTIFY, Step.SMS_CODE}


def test_keys_of_one_journey_do_not_finish_another(house, phone, clock):
    to_keys(house, phone)
    phone.make_keys()
    clock.move(MINUTE)
    other = Phone(house)
    to_keys_as_new(house, other)

    with pytest.raises(KeysNotProved):
        finish(house, other)


def test_a_code_is_typed_once_and_after_three_minutes_not_at_all(house, phone, clock):
    phone.begin()
    identify(house, phone, HANEUL)
    code = house.code(HANEUL.phone)
    clock.move(3 * MINUTE)
    with pytest.raises(CodeExpired):
        type_code(house, phone, HANEUL.phone, code)
    identify(house, phone, HANEUL)
    newer = house.code(HANEUL.phone)
    if newer != code:
        with pytest.raises(WrongCode):
            type_code(house, phone, HANEUL.phone, code)
    type_code(house, phone, HANEUL.phone, newer)

    with pytest.raises(WrongStep):
        type_code(house, phone, HANEUL.phone, newer)


def test_another_claim_ends_the_code_of_the_one_before(house, phone, clock):
    phone.begin()
    identify(house, phone, HANEUL)
    code = house.code(HANEUL.phone)
    clock.move(MINUTE)
    identify(house, phone, MINYONG)

    if code != house.code(MINYONG.phone):
        with pytest.raises(WrongCode):
            type_code(house, phone, HANEUL.phone, code)
    state = house.enrolments.journeys.current(phone.bearer)
    assert state.sms.phone == "010-****-1357"
