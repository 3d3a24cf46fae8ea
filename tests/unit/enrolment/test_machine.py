"""The journey's table, looked at as a whole."""

import itertools

import pytest

from dojang.certificates import Assurance
from dojang.customers.model import Customer
from dojang.enrolment.model import (
    MACHINE,
    Act,
    Enrolment,
    Kind,
    PersonKind,
    Step,
    Who,
    WrongStep,
    assurance,
)

SECOND_EVIDENCE = {Act.PROVE_ACCOUNT, Act.ENROL_INTERNET_BANKING}


def at(step):
    return Enrolment(
        id="e1",
        jkt="jkt",
        step=step,
        kind=Kind.UNKNOWN,
        person=PersonKind.UNKNOWN,
        locale="ko",
        agreed=(),
        agreed_at=0,
        expires_at=1,
        customer_id=None,
        internet_banking_proved=False,
        claim=None,
        credential_id=None,
    )


def paths(step=Step.IDENTIFY, done=(), seen=frozenset()):
    """Every way to the end that visits no step twice, as the acts on it."""
    if step is Step.DONE:
        yield done
        return
    for (here, act, _who), there in MACHINE.items():
        if here is step and there not in seen | {step}:
            yield from paths(there, (*done, act), seen | {step})


def test_no_way_to_a_certificate_is_without_identity_code_second_evidence_and_finish():
    ways = list(paths())

    assert len(ways) == 3
    for way in ways:
        assert way[:2] == (Act.CLAIM_IDENTITY, Act.TYPE_CODE)
        assert way[-1] is Act.FINISH
        assert SECOND_EVIDENCE & set(way)


def test_a_known_person_reaches_the_keys_only_by_proving_internet_banking_and_an_account():
    after_code = MACHINE[Step.SMS_CODE, Act.TYPE_CODE, Who.KNOWN]
    ways = list(paths(after_code))

    assert ways == [(Act.PROVE_INTERNET_BANKING, Act.PROVE_ACCOUNT, Act.FINISH)]


@pytest.mark.parametrize(("step", "act"), list(itertools.product(Step, Act)))
def test_every_act_out_of_turn_is_refused_with_the_step_that_is_due(step, act):
    here = at(step)
    allowed = [who for who in Who if (step, act, who) in MACHINE]

    for who in Who:
        if who in allowed:
            assert here.after(act, who) in Step
            continue
        with pytest.raises(WrongStep) as refused:
            here.after(act, who)
        assert refused.value.fields == {"step": str(step)}
    if allowed:
        here.demand(act)
    else:
        with pytest.raises(WrongStep):
            here.demand(act)


@pytest.mark.parametrize(
    ("met_by_phone_at", "checked_at", "level"),
    [
        (None, None, Assurance.KNOWN_CUSTOMER),
        (None, 2, Assurance.KNOWN_CUSTOMER),
        (1, None, Assurance.PHONE_ALONE),
        (1, 2, Assurance.REMOTE_CHECKS),
    ],
)
def test_a_level_says_what_the_bank_knew(met_by_phone_at, checked_at, level):
    someone = Customer(
        id="c1",
        subject_id="S",
        name="",
        birth_date="",
        phone="",
        phone_since=0,
        carrier="",
        locale="ko",
        created_at=0,
        met_by_phone_at=met_by_phone_at,
        checked_at=checked_at,
    )

    assert assurance(someone) is level
