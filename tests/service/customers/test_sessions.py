"""Sessions against the clock, the wrong phone, and the end of the certificate."""

import pytest

from dojang.customers import Claim
from dojang.customers.problems import SessionEnded, SessionIdle, SessionOverAge
from dojang.kernel.clock import SECOND
from dojang.kernel.problem import NotFound, Unauthenticated


@pytest.fixture
def opened(people, db):
    grant(people, db, "r1")
    return people.sessions.claim("r1", "jkt-1")


def grant(people, db, request_id, customer="c1", credential="k1", jkt="jkt-1"):
    with db.transaction() as tx:
        people.sessions.grant(
            tx,
            request_id=request_id,
            customer_id=customer,
            credential_id=credential,
            jkt=jkt,
            method="pin",
        )


def test_a_granted_session_is_claimed_by_the_phone_that_signed(people, opened):
    session = people.sessions.check(opened.token, "jkt-1")

    assert (session.customer_id, session.credential_id, session.method) == ("c1", "k1", "pin")


def test_nothing_is_claimed_without_a_grant_or_by_another_phone(people, db):
    grant(people, db, "r1")

    for request_id, jkt in (("r2", "jkt-1"), ("r1", "jkt-2")):
        with pytest.raises(Unauthenticated):
            people.sessions.claim(request_id, jkt)


def test_a_token_is_worth_nothing_on_another_phone(people, opened):
    with pytest.raises(Unauthenticated) as refused:
        people.sessions.check(opened.token, "jkt-2")
    assert refused.value.code == "not_signed_in"


def test_claiming_again_gives_a_new_token_and_the_old_one_dies(people, opened):
    again = people.sessions.claim("r1", "jkt-1")

    assert people.sessions.check(again.token, "jkt-1").id == opened.session.id
    with pytest.raises(Unauthenticated):
        people.sessions.check(opened.token, "jkt-1")


def test_many_are_looked_up_at_once_each_by_its_own_token_and_phone(people, db, opened):
    grant(people, db, "r2", customer="c2", credential="k2", jkt="jkt-2")
    other = people.sessions.claim("r2", "jkt-2")
    claims = [
        Claim(opened.token, "jkt-1"),
        Claim(other.token, "jkt-2"),
        Claim(opened.token, "jkt-2"),
        Claim(other.token, "jkt-1"),
        Claim("nobody's", "jkt-1"),
    ]

    with db.snapshot() as tx:
        mine, theirs, *none = people.sessions.among(tx, claims)

    assert (mine.customer_id, theirs.customer_id) == ("c1", "c2")
    assert [type(one) for one in none] == [Unauthenticated] * 3


def test_among_many_only_the_one_that_ended_is_refused(people, db, opened):
    grant(people, db, "r2", customer="c2", credential="k2")
    other = people.sessions.claim("r2", "jkt-1")
    with db.transaction() as tx:
        people.sessions.end(tx, other.session.id)

    with db.snapshot() as tx:
        claims = [Claim(opened.token, "jkt-1"), Claim(other.token, "jkt-1")]
        mine, ended = people.sessions.among(tx, claims)

    assert mine.id == opened.session.id
    assert isinstance(ended, SessionEnded)


def test_ten_minutes_without_use_end_a_session(people, opened, clock):
    clock.move(599 * SECOND)
    people.sessions.check(opened.token, "jkt-1")
    clock.move(599 * SECOND)
    people.sessions.check(opened.token, "jkt-1")
    clock.move(600 * SECOND)

    with pytest.raises(SessionIdle):
        people.sessions.check(opened.token, "jkt-1")
    with pytest.raises(SessionIdle):
        people.sessions.claim("r1", "jkt-1")


def test_twelve_hours_end_a_session_however_busy_it_is(people, opened, clock):
    for _ in range(12 * 7 - 1):
        clock.move(43_200 * SECOND // (12 * 7))
        people.sessions.check(opened.token, "jkt-1")
    clock.move(43_200 * SECOND // (12 * 7) + SECOND)

    with pytest.raises(SessionOverAge):
        people.sessions.check(opened.token, "jkt-1")


def test_the_end_of_the_certificate_ends_every_session_of_it(people, db, opened):
    grant(people, db, "r2", credential="k2")
    other = people.sessions.claim("r2", "jkt-1")
    with db.transaction() as tx:
        people.sessions.end_all(tx, "k1")

    with pytest.raises(SessionEnded):
        people.sessions.check(opened.token, "jkt-1")
    with pytest.raises(SessionEnded):
        people.sessions.claim("r1", "jkt-1")
    assert people.sessions.check(other.token, "jkt-1").credential_id == "k2"


def test_one_ends_ones_own_sessions_and_nobody_elses(people, db, opened):
    grant(people, db, "r2", customer="c2", credential="k2", jkt="jkt-2")
    theirs = people.sessions.claim("r2", "jkt-2")

    with pytest.raises(NotFound):
        people.sessions.end_own(opened.session, theirs.session.id)
    people.sessions.end_own(opened.session, opened.session.id)

    assert people.sessions.check(theirs.token, "jkt-2").customer_id == "c2"
    with pytest.raises(SessionEnded):
        people.sessions.check(opened.token, "jkt-1")


def test_the_list_shows_living_claimed_sessions_only(people, db, opened, clock):
    grant(people, db, "r2")
    with db.snapshot() as tx:
        assert [one.id for one in people.sessions.of_customer(tx, "c1")] == [opened.session.id]
    clock.move(601 * SECOND)
    with db.snapshot() as tx:
        assert people.sessions.of_customer(tx, "c1") == []


def test_no_token_is_in_the_database(opened, raw):
    assert opened.token.encode() not in raw()
