"""Facts about ending a customer's certificate by the staff: one asks, another approves."""

import pytest
from tests.service.certificates.test_status import step

from dojang.certificates import EndReason, State, deciding, store
from dojang.certificates.deciding import NotApproved
from dojang.certificates.model import Why
from dojang.db import log
from dojang.kernel.clock import DAY


@pytest.fixture
def credential(house):
    return house.issue("c1").credential


def ask(house, credential, by):
    with house.db.transaction() as tx:
        deciding.ask(tx, "c1", credential.id, by=by, why=Why.FRAUD)


def approve(house, credential, by, **more):
    with house.db.transaction() as tx:
        return deciding.approve(tx, house.lifecycle, "c1", credential.id, by=by, **more)


def state(house, credential):
    with house.db.snapshot() as tx:
        return store.by_id(tx, credential.id).state


def refused(house, credential, by, words):
    before = state(house, credential)
    with pytest.raises(NotApproved, match=words):
        approve(house, credential, by)
    assert state(house, credential) is before


def test_asking_ends_nothing(house, credential):
    ask(house, credential, "kim")

    assert state(house, credential) is State.ACTIVE


def test_another_of_the_staff_ends_it_and_the_log_names_both(house, credential):
    ask(house, credential, "kim")

    asked = approve(house, credential, "lee")

    with house.db.snapshot() as tx:
        (leaf,) = log.of_kind(tx.connection, "operator.revoked", subject="c1")
    said = leaf.fields()
    assert state(house, credential) is State.REVOKED
    assert (asked.by, asked.why) == ("kim", Why.FRAUD)
    assert (said["by"], said["approved_by"], said["why"]) == ("kim", "lee", "fraud")


def test_one_alone_ends_nothing_however_often_they_ask(house, credential):
    """SECURITY, STRIDE 23: a single operator is refused."""
    refused(house, credential, "kim", "nobody asked")
    for _ in range(2):
        ask(house, credential, "kim")
        refused(house, credential, "kim", "who asked does not approve")


def test_where_both_asked_either_approves_what_the_other_asked(house, credential):
    ask(house, credential, "kim")
    ask(house, credential, "lee")

    assert approve(house, credential, "lee").by == "kim"


def test_a_request_lapses_after_a_week(house, credential, clock):
    ask(house, credential, "kim")
    clock.move(7 * DAY + 1)

    refused(house, credential, "lee", "nobody asked for it in the last 7 days")


def test_a_request_is_for_one_credential_and_not_for_the_next(house, credential):
    """The customer reissued meanwhile: what was asked of the old one says nothing of the new."""
    ask(house, credential, "kim")
    after = house.issue("c1").credential

    refused(house, after, "lee", "nobody asked")
    refused(house, credential, "lee", "ended before")


def test_what_waits_is_told_until_it_is_done_or_lapses(house, credential, clock):
    other = house.issue("c2").credential
    ask(house, credential, "kim")
    with house.db.transaction() as tx:
        deciding.ask(tx, "c2", other.id, by="lee", why=Why.MISTAKE)

    def told():
        with house.db.snapshot() as tx:
            return [(one.credential_id, one.by) for one in deciding.waiting(tx)]

    assert told() == [(credential.id, "kim"), (other.id, "lee")]
    approve(house, credential, "lee")
    assert told() == [(other.id, "lee")]
    clock.move(8 * DAY)
    assert told() == []


def test_what_the_customer_does_waits_for_nobody(house, credential):
    step(house, "revoke", credential.id, EndReason.OTHER)

    assert state(house, credential) is State.REVOKED
