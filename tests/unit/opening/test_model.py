"""The machine of a journey, looked at as a whole."""

import itertools
from dataclasses import replace

import msgspec
import pytest

from dojang.enrolment.model import WrongStep
from dojang.opening.model import MACHINE, PROVES, Act, Answers, Funds, Goal, Journey, Purpose, Step
from dojang.policy.opening import Check, demand_sound
from dojang.policy.profiles import PROFILES, SEED

TWO = ((Check.ID_CARD,), (Check.FACE, Check.ONE_WON))


def at(step: Step, *passed: Check, goal: Goal = Goal.ACCOUNT, checks=TWO) -> Journey:
    return Journey(
        id="o1",
        goal=goal,
        customer_id="c1",
        jkt=None,
        step=step,
        checks=checks,
        passed=passed,
        card_tries=5,
        face_tries=5,
        agreed=(),
        agreed_at=0,
        policy_version=1,
        expires_at=1,
        account_id=None,
        credential_id=None,
        ended=None,
    )


def follow(mine: Journey, act: Act) -> Journey:
    """The journey after a success of this act. Raises WrongStep."""
    if act is Act.RECEIVE_ONE_WON:
        mine.demand(act)
        return mine
    if act in PROVES:
        passed, step = mine.after_check(act)
        return replace(mine, passed=passed, step=step)
    return replace(mine, step=mine.after(act))


def ways(mine: Journey, done: tuple[Act, ...] = ()) -> list[tuple[Act, ...]]:
    """Every sequence of acts, none in vain, that leads to the end."""
    if mine.step is Step.DONE:
        return [done]
    found = []
    for act in Act:
        try:
            after = follow(mine, act)
        except WrongStep:
            continue
        if after != mine:
            found += ways(after, (*done, act))
    return found


def test_there_are_exactly_two_ways_to_an_account_and_both_pass_two_checks():
    card, face, won = Act.SHOW_ID_CARD, Act.SHOW_FACE, Act.TYPE_ONE_WON
    begin, end = (Act.ASK_CODE, Act.TYPE_CODE), (Act.SAY_PURPOSE, Act.GIVE_PASSWORD)

    assert sorted(ways(at(Step.PHONE))) == sorted(
        [(*begin, card, face, *end), (*begin, card, won, *end)]
    )


@pytest.mark.parametrize("goal", [Goal.UNLOCK_PASSWORD, Goal.RELEASE_LOSS])
def test_a_lock_and_a_loss_report_end_with_an_id_card_and_without_questions(goal: Goal):
    mine = at(Step.PHONE, goal=goal, checks=((Check.ID_CARD,),))

    assert ways(mine) == [(Act.ASK_CODE, Act.TYPE_CODE, Act.SHOW_ID_CARD, Act.GIVE_PASSWORD)]


@pytest.mark.parametrize(
    ("step", "act"),
    [pair for pair in itertools.product(Step, Act) if pair not in MACHINE],
    ids=str,
)
def test_what_the_table_does_not_hold_is_refused_with_the_step_that_is_due(step: Step, act: Act):
    with pytest.raises(WrongStep) as refused:
        follow(at(step), act)

    assert refused.value.fields == {"step": step.value}


def test_a_check_that_is_not_asked_for_now_is_refused():
    for act in (Act.SHOW_FACE, Act.RECEIVE_ONE_WON, Act.TYPE_ONE_WON):
        with pytest.raises(WrongStep):
            at(Step.CHECK).demand(act)
    with pytest.raises(WrongStep):
        at(Step.CHECK, Check.ID_CARD).demand(Act.SHOW_ID_CARD)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.profile)
def test_both_profiles_ask_for_independent_checks(profile):
    demand_sound(profile.opening)


@pytest.mark.parametrize(
    "checks",
    [
        ((Check.ID_CARD,),),
        ((Check.ID_CARD,), (Check.ID_CARD,)),
        ((Check.FACE,), (Check.ID_CARD,)),
        ((Check.ID_CARD, Check.ONE_WON), (Check.FACE,)),
        ((Check.ID_CARD,), ()),
        ((Check.ID_CARD,), (Check.ONE_WON, Check.ID_CARD)),
    ],
    ids=str,
)
def test_a_policy_whose_checks_lean_on_each_other_is_refused(checks):
    with pytest.raises(ValueError, match=r"check|face"):
        demand_sound(msgspec.structs.replace(SEED.opening, account=checks))


def test_a_policy_that_unlocks_without_an_id_card_is_refused():
    with pytest.raises(ValueError, match="ID card"):
        demand_sound(msgspec.structs.replace(SEED.opening, unlock=((Check.ONE_WON,),)))


def test_two_answers_make_opening_impossible():
    fine = Answers(Purpose.LIVING, Funds.SALARY, asked_by_other=False, tax_abroad=False)

    assert fine.obstacle is None
    assert replace(fine, asked_by_other=True).obstacle == "asked_by_other"
    assert replace(fine, tax_abroad=True).obstacle == "tax_abroad"
