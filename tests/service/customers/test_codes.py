"""SMS codes: bound, counted, short-lived, single use."""

import re

import pytest
from tests.service.customers.conftest import PHONE

from dojang import policy
from dojang.customers import Bound
from dojang.customers.codes import Refused, Right
from dojang.customers.problems import ResendTooSoon, TooManyCodes
from dojang.gateways.sms import GatewayDown
from dojang.kernel.clock import HOUR, MINUTE, SECOND
from dojang.kernel.secret import Secret

BOUND = Bound("journey-1", "enrolment", PHONE)


def send(people, bound=BOUND):
    with people.db.snapshot() as tx:
        rules = policy.current(tx).sms_code
    drawn = people.codes.draw(bound, rules)
    with people.db.transaction() as tx:
        people.codes.place(tx, drawn)
    people.codes.send(drawn, "ko")
    return re.search(r"\d{6}", people.sms.inbox(bound.phone)[-1].text)[0]


def judge(people, code, bound=BOUND):
    mac = people.codes.mac(bound, Secret(code))
    with people.db.transaction() as tx:
        return people.codes.judge(tx, bound, mac)


def other(code):
    return f"{(int(code) + 1) % 10**6:06}"


def refusal(verdict):
    assert isinstance(verdict, Refused)
    return verdict.problem.code, verdict.problem.fields.get("tries_left")


def test_the_message_is_short_and_has_the_sender_first_and_no_link(people):
    send(people)

    text = people.sms.inbox(PHONE)[-1].text
    assert text.startswith("[도장은행]")
    assert len(text.encode("euc-kr")) <= 90
    assert "http" not in text


def test_the_right_code_is_right_once(people):
    code = send(people)

    assert isinstance(judge(people, code), Right)
    assert refusal(judge(people, code))[0] == "code_expired"


def test_five_wrong_entries_spend_a_code(people):
    code = send(people)

    left = [refusal(judge(people, other(code))) for _ in range(5)]

    assert left == [("wrong_code", n) for n in (4, 3, 2, 1, 0)]
    assert refusal(judge(people, code))[0] == "code_spent"


def test_a_code_lives_for_three_minutes(people, clock):
    code = send(people)
    clock.move(180 * SECOND)

    assert refusal(judge(people, code))[0] == "code_expired"


def test_a_code_is_good_for_nothing_else(people):
    code = send(people)

    for bound in (
        Bound("journey-2", "enrolment", PHONE),
        Bound("journey-1", "limits", PHONE),
        Bound("journey-1", "enrolment", "01099990000"),
    ):
        assert isinstance(judge(people, code, bound), Refused)
    assert isinstance(judge(people, code), Right)


def test_a_code_of_one_journey_does_not_fit_another_that_waits_for_one_too(people, clock):
    first = send(people)
    second_bound = Bound("journey-2", "enrolment", PHONE)
    second = send(people, second_bound)

    if first != second:
        assert refusal(judge(people, first, second_bound)) == ("wrong_code", 4)
    assert isinstance(judge(people, first), Right)


def test_a_new_code_waits_a_minute_and_ends_the_old_one(people, clock):
    first = send(people)
    with pytest.raises(ResendTooSoon) as soon:
        send(people)
    assert soon.value.fields["resend_at"] == clock.now() + 60 * SECOND
    clock.move(60 * SECOND)
    second = send(people)

    if first != second:
        assert refusal(judge(people, first))[0] == "wrong_code"
    assert isinstance(judge(people, second), Right)


def test_five_codes_an_hour_go_to_one_number_whatever_they_are_for(people, clock):
    for n in range(5):
        send(people, Bound(f"journey-{n}", "enrolment", PHONE))
    with pytest.raises(TooManyCodes):
        send(people, Bound("journey-9", "limits", PHONE))
    send(people, Bound("journey-9", "enrolment", "01011112222"))
    clock.move(HOUR - MINUTE)
    with pytest.raises(TooManyCodes):
        send(people)
    clock.move(MINUTE)

    assert send(people)


def test_a_code_that_was_never_taken_does_not_make_anyone_wait(people, monkeypatch):
    class Down:
        def send(self, _sms):
            raise GatewayDown

    monkeypatch.setattr(people.codes, "_gateway", Down())
    with pytest.raises(GatewayDown):
        send(people)
    monkeypatch.undo()

    assert isinstance(judge(people, send(people)), Right)


def test_no_code_and_no_number_is_in_the_database(people, raw):
    code = send(people)

    assert PHONE.encode() not in raw()
    with people.db.snapshot() as tx:
        rows = tx.connection.exec_driver_sql("SELECT mac FROM sms_code").all()
    assert code.encode() not in rows[0][0]
