"""Customers: sealed, found by keyed hashes, one per CI; history and loss reports."""

import pytest
from tests.service.customers.conftest import NUMBER, PASSWORD, PHONE

from dojang.customers import AlreadyCustomer, history
from dojang.customers.problems import TooManyReports
from dojang.db import log
from dojang.kernel.clock import DAY
from dojang.kernel.phone_numbers import PhoneNumber


def test_a_customer_is_read_back_and_found_by_ci(people, db):
    joined = people.join()

    with db.snapshot() as tx:
        assert people.customers.by_id(tx, joined.id) == joined
        assert people.customers.by_ci(tx, "ci-1") == joined
        assert people.customers.by_ci(tx, "ci-2") is None
        claim = people.customers.claim_of(tx, joined.id)
    assert (joined.birth_date, joined.phone) == ("19850315", PHONE)
    assert claim.resident_number.reveal() == NUMBER


def test_one_person_is_one_customer(people):
    people.join()

    with pytest.raises(AlreadyCustomer):
        people.join(name="다른이름")


def test_a_customer_shows_no_personal_value_when_printed(people):
    shown = repr(people.join())

    for value in ("김민용", PHONE, "19850315"):
        assert value not in shown


def test_the_database_holds_no_number_name_or_password_in_clear(people, db, raw):
    joined = people.join()
    people.enrol(joined)
    people.losses.report(
        name="김민용", birth_date="19850315", phone=PHONE, account="110123456789", source="10.9.8.7"
    )

    found = raw()
    for secret in (NUMBER, PHONE, "김민용", "19850315", PASSWORD, "minyong85", "10.9.8.7",
                   "110123456789", "ci-1"):  # fmt: skip
        assert secret.encode() not in found, secret
    assert joined.subject_id.encode() in found


def test_a_changed_number_is_the_new_one_from_now_on(people, db, clock):
    joined = people.join()
    clock.move(DAY)
    with db.transaction() as tx:
        people.customers.change_phone(tx, joined.id, PhoneNumber("01055556666"), "nuri")

    with db.snapshot() as tx:
        now = people.customers.by_id(tx, joined.id)
    assert (now.phone, now.carrier, now.phone_since) == ("01055556666", "nuri", clock.now())


def test_the_log_knows_a_changed_number_only_until_its_salt_is_erased(people, db, owner):
    joined = people.join()
    with db.transaction() as tx:
        people.customers.change_phone(tx, joined.id, PhoneNumber("01055556666"), "nuri")
    with db.snapshot() as tx:
        leaf = log.of_subject(tx.connection, joined.id, before=None, limit=1)[0]
        salt = log.openings(tx.connection, leaf.idx)["phone"]
    logged = leaf.fields()["phone"]

    assert log.Personal("01055556666", salt).commitment == logged
    assert log.Personal("01055556667", salt).commitment != logged

    with owner.transaction() as tx:
        tx.execute(log.log_opening.delete().where(log.log_opening.c.idx == leaf.idx))

    with db.snapshot() as tx:
        assert log.openings(tx.connection, leaf.idx) == {}
        assert log.broken_at(tx.connection) is None


def test_the_history_has_the_customers_own_leaves_newest_first(people, db):
    joined = people.join()
    people.join(name="이서연", ci="ci-2")
    people.enrol(joined)

    with db.snapshot() as tx:
        first = history.of_customer(tx, joined.id, before=None, limit=1)
        rest = history.of_customer(tx, joined.id, before=first.next, limit=1)
    assert [one.kind for one in first.entries] == ["internet_banking.enrolled"]
    assert [one.kind for one in rest.entries] == ["customer.joined"]
    assert rest.next is None
    assert rest.entries[0].what == {"subject_id": joined.subject_id}


def report(people, name="김민용", birth_date="19850315", phone=PHONE, source="10.0.0.1"):
    return people.losses.report(
        name=name, birth_date=birth_date, phone=phone, account=None, source=source
    )


def test_a_loss_report_that_meets_a_customer_suspends_after_the_answer(people):
    joined = people.join()

    receipt = report(people)
    assert (people.suspended, people.woken) == ([], [True])
    people.losses.settle()

    assert people.suspended == [joined.id]
    assert len(receipt) == 16


@pytest.mark.parametrize(
    "wrong", [{"name": "김만용"}, {"birth_date": "19850316"}, {"phone": "01000001111"}]
)
def test_a_loss_report_that_meets_nobody_is_answered_the_same(people, wrong):
    people.join()

    assert len(report(people, **wrong)) == 16
    people.losses.settle()

    assert people.suspended == []
    assert people.woken == [True]


def test_a_report_is_settled_once(people):
    people.join()
    report(people)

    assert [people.losses.settle() for _ in range(2)] == [1, 0]
    assert len(people.suspended) == 1


def test_an_account_number_names_its_owner_too(people, monkeypatch):
    joined = people.join()
    monkeypatch.setattr(people.losses, "_account_owner", lambda _tx, _number: joined.id)

    people.losses.report(
        name="김민용", birth_date="19850315", phone=None, account="110123456789", source="10.0.0.1"
    )
    people.losses.report(
        name="이서연", birth_date="19920920", phone=None, account="110123456789", source="10.0.0.1"
    )
    people.losses.settle()

    assert people.suspended == [joined.id]


def test_three_reports_a_day_come_from_one_source(people, clock):
    for _ in range(3):
        report(people)
    with pytest.raises(TooManyReports):
        report(people)
    report(people, source="10.0.0.2")
    clock.move(DAY)

    assert report(people)
