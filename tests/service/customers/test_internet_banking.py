"""Internet-banking ids: counted by id and by source, the same for ids that do not exist."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.service.customers.conftest import PASSWORD

from dojang.customers import internet_banking as module
from dojang.customers.problems import (
    InternetBankingLocked,
    LoginIdTaken,
    TooManyFromHere,
    WeakPassword,
    WrongInternetBanking,
)
from dojang.kernel.clock import HOUR, SECOND
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret

KNOWN, UNKNOWN = "minyong85", "nobody_here"


@pytest.fixture
def customer(people):
    joined = people.join()
    people.enrol(joined)
    return joined


def prove(people, login_id=KNOWN, password=PASSWORD, source="10.0.0.1"):
    return people.internet_banking.prove(
        login_id, Secret(password), source=source, device="an unknown phone"
    )


def answers(people, login_id, count, source):
    """The problem codes of so many wrong passwords."""
    found = []
    for _ in range(count):
        with pytest.raises(Problem) as refused:
            prove(people, login_id, "Wrong-pass-1!", source)
        found.append((refused.value.code, refused.value.status, refused.value.fields))
    return found


def test_the_right_password_says_who_it_is(people, customer):
    assert prove(people) == customer.id


def test_an_id_that_does_not_exist_is_answered_exactly_as_one_that_does(people, customer):
    known = answers(people, KNOWN, 7, "10.0.0.1")
    unknown = answers(people, UNKNOWN, 7, "10.0.0.2")

    assert known == unknown
    assert [code for code, _, _ in known] == ["wrong_internet_banking"] * 5 + [
        "internet_banking_locked"
    ] * 2


def test_a_password_is_hashed_for_an_id_that_does_not_exist(people, customer, monkeypatch):
    hashed = []

    class Counting:
        def verify(self, kept, keyed):
            *cost, salt, digest = kept.split("$")
            hashed.append((cost, len(salt), len(digest)))
            return real.verify(kept, keyed)

    real = module.HASHER
    monkeypatch.setattr(module, "HASHER", Counting())
    answers(people, KNOWN, 1, "10.0.0.1")
    answers(people, UNKNOWN, 1, "10.0.0.1")

    assert len(hashed) == 2
    assert hashed[0] == hashed[1]


def test_the_lock_opens_after_an_hour_and_the_right_password_counts_anew(people, customer, clock):
    answers(people, KNOWN, 5, "10.0.0.1")
    with pytest.raises(InternetBankingLocked):
        prove(people)
    clock.move(HOUR - SECOND)
    with pytest.raises(InternetBankingLocked):
        prove(people)
    clock.move(SECOND)

    assert prove(people) == customer.id
    answers(people, KNOWN, 4, "10.0.0.3")
    assert prove(people) == customer.id


def test_thirty_attempts_an_hour_come_from_one_source(people, customer, clock):
    for n in range(30):
        answers(people, f"someone{n}", 1, "10.0.0.1")
    with pytest.raises(TooManyFromHere):
        prove(people)

    assert prove(people, source="10.0.0.2") == customer.id
    clock.move(HOUR)
    assert prove(people) == customer.id


def test_parallel_guesses_are_no_more_than_the_allowed_ones(people, customer):
    def guess(n):
        try:
            prove(people, KNOWN, f"Wrong-pass-{n}!")
        except Problem as refused:
            return type(refused)
        return None

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(16)))

    assert found.count(WrongInternetBanking) == 5
    assert found.count(InternetBankingLocked) == 11


def test_an_id_is_taken_once_and_one_person_may_have_two(people, customer):
    with pytest.raises(LoginIdTaken):
        people.enrol(people.join(name="이서연", ci="ci-2"), KNOWN)
    people.enrol(customer, "minyong_too")

    assert prove(people, "minyong_too") == customer.id


def test_a_weak_password_is_refused_with_the_reason(people):
    with pytest.raises(WeakPassword) as weak:
        people.internet_banking.hash(KNOWN, Secret("Password123!"))
    assert weak.value.fields == {"reason": "common"}
