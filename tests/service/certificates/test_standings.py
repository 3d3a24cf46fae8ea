"""Every credential stands as the log last said; who edits its rows is named by that leaf."""

import pytest
from sqlalchemy import delete, select, text, update

from dojang.certificates import EndReason, Hold, store
from dojang.certificates.events import CertificateReleased
from dojang.certificates.tables import certificate, credential, status_entry
from dojang.db import log
from dojang.transparency import Keep, Transparency, issued, standings
from dojang.transparency.audit import audit


@pytest.fixture
def lived(house):
    """One of each: alive, held, released, locked, ended, replaced, never finished."""
    life = house.lifecycle
    found = {name: house.issue(name).credential.id for name in STEPS}
    for name, steps in STEPS.items():
        for step in steps:
            with house.db.transaction() as tx:
                step(life, tx, found[name])
    house.issue("replaced")
    with house.db.transaction() as tx:
        life.open(tx, "enrolling", subject_id="S-enrolling")
        unfinished = life.open(tx, "unfinished", subject_id="S-unfinished")
        life.abandon(tx, unfinished.id)
    return found


STEPS = {
    "alive": [],
    "copied": [lambda life, tx, one: life.suspend(tx, one, Hold.COPY)],
    "lost": [lambda life, tx, one: life.suspend(tx, one, Hold.LOSS)],
    "released": [
        lambda life, tx, one: life.suspend(tx, one, Hold.LOSS),
        lambda life, tx, one: life.release(tx, one),
    ],
    "locked": [lambda life, tx, one: life.lock(tx, one)],
    "ended": [lambda life, tx, one: life.revoke(tx, one, EndReason.OPERATOR)],
    "replaced": [],
}


def found(house):
    with house.db.snapshot() as tx:
        return list(standings.unlike(tx))


def last_leaf(house, customer):
    with house.db.snapshot() as tx:
        return log.of_subject(tx.connection, customer, before=None, limit=1)[0].idx


def change(owner, statement):
    with owner.transaction() as tx:
        tx.execute(statement)


def test_a_bank_whose_rows_nobody_touched_stands_as_its_log_says(house, lived):
    assert found(house) == []


def revive(owner, one):
    change(
        owner,
        update(credential)
        .where(credential.c.id == one)
        .values(state="ACTIVE", end_reason=None, ended_at=None, last_used_at=1),
    )


@pytest.mark.parametrize("name", ["copied", "lost", "locked", "ended"])
def test_a_credential_revived_by_hand_is_named_by_the_leaf_that_stopped_it(
    house, owner, lived, name
):
    revive(owner, lived[name])

    (one,) = found(house)

    assert (one.idx, one.serial) == (last_leaf(house, name), lived[name])


@pytest.mark.parametrize("name", ["copied", "lost", "locked", "ended"])
def test_certificates_called_good_by_hand_are_named_by_that_leaf(house, owner, lived, name):
    mine = certificate.c.credential_id == lived[name]
    change(owner, update(certificate).where(mine).values(standing="issued", reason=None))

    assert [one.idx for one in found(house)] == [last_leaf(house, name)] * 2


def test_one_that_lives_and_is_stopped_by_hand_is_named_too(house, owner, lived):
    mine = credential.c.id == lived["alive"]
    change(owner, update(credential).where(mine).values(state="LOCKED"))

    assert [one.idx for one in found(house)] == [last_leaf(house, "alive")]


def test_an_end_for_another_reason_than_was_logged_is_named(house, owner, lived):
    mine = credential.c.id == lived["ended"]
    change(owner, update(credential).where(mine).values(end_reason="dormant"))

    assert [one.idx for one in found(house)] == [last_leaf(house, "ended")]


def test_a_revocation_taken_off_the_list_by_hand_is_named(house, owner, lived):
    serials = select(certificate.c.serial).where(certificate.c.credential_id == lived["ended"])
    change(owner, delete(status_entry).where(status_entry.c.serial.in_(serials)))

    assert [one.idx for one in found(house)] == [last_leaf(house, "ended")] * 2


def test_a_credential_that_no_leaf_brought_to_life_is_named(house, owner, lived):
    with owner.snapshot() as tx:
        asked = select(credential.c.id).where(credential.c.customer_id == "enrolling")
        enrolling = tx.execute(asked).scalar_one()
    revive(owner, enrolling)

    assert [(one.idx, one.serial) for one in found(house)] == [(-1, enrolling)]


@pytest.mark.parametrize("name", ["copied", "locked", "ended", "alive"])
def test_a_release_written_by_hand_with_its_leaf_is_named_where_none_can_be(
    house, owner, lived, name
):
    """As the bank writes one, in every row and in the log; only a reported loss is released."""
    with owner.snapshot() as tx:
        serials = [one.serial for one in store.certificates_of(tx, lived[name])]
    revive(owner, lived[name])
    mine = certificate.c.credential_id == lived[name]
    with owner.transaction() as tx:
        tx.execute(update(certificate).where(mine).values(standing="issued", reason=None))
        tx.execute(delete(status_entry).where(status_entry.c.serial.in_(serials)))
        tx.emit(
            CertificateReleased(
                subject=name, credential_id=lived[name], serials=serials, crl_reason="removeFromCRL"
            )
        )

    assert (last_leaf(house, name), lived[name]) in [(one.idx, one.serial) for one in found(house)]


def test_log_verify_and_ca_check_both_say_it(house, owner, lived, clock, tmp_path):
    keep = Keep(tmp_path / "log-head.json")
    Transparency(house.db, house.vault, clock, name="bank.example/log", keep=keep).publish()
    revive(owner, lived["ended"])
    with owner.transaction() as tx:
        tx.execute(text("UPDATE certificate SET standing = 'issued', reason = NULL"))

    checked = audit(house.db, keep.read(), told=lambda *_: None)
    crossed = issued.cross_check(house.db, told=lambda *_: None)

    leaf = last_leaf(house, "ended")
    assert leaf in {one.index for one in checked.findings if one.about == "standing"}
    assert lived["ended"] in {one.serial for one in crossed.mismatches if one.index == leaf}
