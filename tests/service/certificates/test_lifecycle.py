"""Facts about a credential's life: both certificates, the log and the hooks move together."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from dojang.certificates import EndReason, Hold, State, store
from dojang.certificates.model import CrlReason, Kind, Standing, WrongState
from dojang.certificates.tables import credential
from dojang.db import log
from dojang.kernel.clock import SECOND
from dojang.kernel.problem import NotFound


def leaves(house):
    with house.db.snapshot() as tx:
        return [leaf for leaf in log.read(tx.connection, 0, 100) if leaf.kind[:4] == "cert"]


def standing(house, credential_id):
    with house.db.snapshot() as tx:
        return {(one.standing, one.reason) for one in store.certificates_of(tx, credential_id)}


def found(house, credential_id):
    with house.db.snapshot() as tx:
        return store.by_id(tx, credential_id)


def step(house, name, *arguments):
    with house.db.transaction() as tx:
        return getattr(house.lifecycle, name)(tx, *arguments)


def test_an_issue_is_active_used_now_and_in_the_log(house):
    made = house.issue("c1").credential

    kept = found(house, made.id)
    (leaf,) = leaves(house)
    assert kept.state is State.ACTIVE
    assert kept == made
    assert kept.issued_at == kept.last_used_at == house.clock.now()
    assert standing(house, made.id) == {(Standing.ISSUED, None)}
    assert (leaf.kind, leaf.subject) == ("certificate.issued", "c1")
    assert leaf.fields()["subject_id"] == "S-c1"


def test_a_reissue_ends_the_old_one_in_the_same_transaction(house):
    old = house.issue("c1").credential

    activated = house.issue("c1")

    new = activated.credential
    assert activated.replaced.id == old.id
    assert new.subject_id == old.subject_id
    assert found(house, old.id).end_reason is EndReason.REISSUED
    assert standing(house, old.id) == {(Standing.REVOKED, CrlReason.SUPERSEDED)}
    kinds = [leaf.kind for leaf in leaves(house)]
    assert kinds == ["certificate.issued", "certificate.revoked", "certificate.reissued"]
    revoked, reissued = leaves(house)[1:]
    assert revoked.at == reissued.at
    assert reissued.fields()["replaces"] == old.id


def test_a_reissue_that_fails_leaves_the_old_one_working(house):
    old = house.issue("c1").credential
    issued = house.issuing.redeem(house.issuing.prepare(house.order("c1")))

    def burn(_tx, _of):
        raise RuntimeError("the bank burns")

    house.lifecycle.on_end(burn)
    with pytest.raises(RuntimeError):
        step(house, "activate", issued)

    assert found(house, old.id).state is State.ACTIVE
    assert standing(house, old.id) == {(Standing.ISSUED, None)}
    assert len(leaves(house)) == 1


def test_the_same_certificates_are_activated_once(house):
    issued = house.issuing.redeem(house.issuing.prepare(house.order("c1")))
    step(house, "activate", issued)

    with pytest.raises(WrongState):
        step(house, "activate", issued)

    assert len(leaves(house)) == 1


def test_two_answers_for_one_enrolment_make_one_credential(house):
    order = house.order("c1")
    first, second = (house.issuing.redeem(house.issuing.prepare(order)) for _ in range(2))
    step(house, "activate", first)

    with pytest.raises(WrongState):
        step(house, "activate", second)

    with house.db.snapshot() as tx:
        kept = {one.serial for one in store.certificates_of(tx, order.credential_id)}
    assert kept == {made.serial for made in first.certificates}


def test_certificates_that_were_never_prepared_are_not_taken(house):
    issued = house.issuing.redeem(house.issuing.prepare(house.order("c1")))
    with house.db.transaction() as tx:
        for made in issued.certificates:
            store.abandon(tx, made.serial)

    with pytest.raises(WrongState):
        step(house, "activate", issued)

    assert found(house, issued.credential_id).state is State.ENROLLING


def test_one_person_has_one_living_credential(house):
    house.issue("c1")
    with house.db.transaction() as tx:
        second = house.lifecycle.open(tx, "c1", subject_id="S-c1")

    with pytest.raises(IntegrityError), house.db.transaction() as tx:
        tx.execute(
            update(credential)
            .where(credential.c.id == second.id)
            .values(state="LOCKED", last_used_at=1)
        )


def test_a_subject_id_never_changes(house):
    house.issue("c1")

    with pytest.raises(ValueError, match="never changes"), house.db.transaction() as tx:
        house.lifecycle.open(tx, "c1", subject_id="S-other")


def test_a_lock_holds_both_certificates_and_is_told_once(house):
    made = house.issue("c1").credential

    assert step(house, "lock", made.id) is State.LOCKED
    assert step(house, "lock", made.id) is State.LOCKED

    assert standing(house, made.id) == {(Standing.HELD, CrlReason.CERTIFICATE_HOLD)}
    assert [leaf.kind for leaf in leaves(house)] == ["certificate.issued", "certificate.locked"]


def test_a_loss_is_suspended_and_released_with_the_same_certificates(house):
    made = house.issue("c1").credential
    step(house, "suspend", made.id, Hold.LOSS)
    held = standing(house, made.id)

    step(house, "release", made.id)

    assert held == {(Standing.HELD, CrlReason.CERTIFICATE_HOLD)}
    assert found(house, made.id).state is State.ACTIVE
    assert standing(house, made.id) == {(Standing.ISSUED, None)}
    suspended, released = leaves(house)[1:]
    assert suspended.fields()["reason"] == "loss_report"
    assert released.fields()["crl_reason"] == "removeFromCRL"


@pytest.mark.parametrize("stuck", ["locked", "copy"])
def test_a_loss_report_is_no_way_around_a_lock_or_a_copy(house, stuck):
    made = house.issue("c1").credential
    if stuck == "locked":
        step(house, "lock", made.id)
    else:
        step(house, "suspend", made.id, Hold.COPY)

    step(house, "suspend", made.id, Hold.LOSS)

    with pytest.raises(WrongState):
        step(house, "release", made.id)
    assert found(house, made.id).state is not State.ACTIVE


def test_a_copied_credential_ends_as_compromised(house):
    old = house.issue("c1").credential
    step(house, "suspend", old.id, Hold.COPY)

    house.issue("c1")

    assert standing(house, old.id) == {(Standing.REVOKED, CrlReason.KEY_COMPROMISE)}


def test_revoking_twice_is_revoking_once(house):
    made = house.issue("c1").credential

    step(house, "revoke", made.id, EndReason.UNUSED)
    step(house, "revoke", made.id, EndReason.OPERATOR)

    assert found(house, made.id).end_reason is EndReason.UNUSED
    assert [leaf.kind for leaf in leaves(house)] == ["certificate.issued", "certificate.revoked"]
    assert leaves(house)[1].fields()["crl_reason"] == "cessationOfOperation"
    assert len(leaves(house)[1].fields()["serials"]) == 2


def test_hooks_hear_of_ends_and_of_stops(house):
    ended, stopped = [], []
    house.lifecycle.on_end(lambda _tx, of: ended.append(of))
    house.lifecycle.on_stop(lambda _tx, of: stopped.append(of))
    made = house.issue("c1").credential

    step(house, "suspend", made.id, Hold.LOSS)
    step(house, "release", made.id)
    step(house, "revoke", made.id, EndReason.OTHER)

    assert stopped == [made.id, made.id]
    assert ended == [made.id]


def test_a_hook_that_fails_undoes_the_step(house):
    made = house.issue("c1").credential

    def refuse(_tx, _of):
        raise RuntimeError("keys cannot be erased")

    house.lifecycle.on_end(refuse)

    with pytest.raises(RuntimeError):
        step(house, "revoke", made.id, EndReason.OTHER)
    assert found(house, made.id).state is State.ACTIVE


def test_an_enrolment_that_is_abandoned_is_in_no_list_and_no_log(house):
    opened = house.order("c1")

    step(house, "abandon", opened.credential_id)

    assert found(house, opened.credential_id).state is State.REVOKED
    assert found(house, opened.credential_id).end_reason is EndReason.NOT_ISSUED
    assert leaves(house) == []


def test_an_issued_credential_is_not_abandoned(house):
    made = house.issue("c1").credential

    step(house, "abandon", made.id)

    assert found(house, made.id).state is State.ACTIVE


def test_use_moves_the_year_and_never_back(house):
    made = house.issue("c1").credential
    house.clock.move(10 * SECOND)
    step(house, "used", made.id)
    used_at = house.clock.now()

    house.clock.move(-5 * SECOND)
    step(house, "used", made.id)

    assert found(house, made.id).last_used_at == used_at


def test_an_ended_credential_is_not_used(house):
    made = house.issue("c1").credential
    step(house, "revoke", made.id, EndReason.OTHER)
    house.clock.move(SECOND)

    step(house, "used", made.id)

    assert found(house, made.id).last_used_at == made.last_used_at


def test_nobody_sees_anothers_credential(house):
    made = house.issue("c1").credential

    with house.db.snapshot() as tx:
        assert store.owned(tx, made.id, "c1") == made
        assert store.owned(tx, made.id, "c2") is None
        assert store.living(tx, "c2") is None


def test_a_step_on_nothing_is_not_found(house):
    with pytest.raises(NotFound):
        step(house, "lock", "no-such-credential")


def test_the_log_names_the_certificates_by_fingerprint(house):
    import hashlib

    made = house.issue("c1").credential

    fields = leaves(house)[0].fields()
    with house.db.snapshot() as tx:
        kept = {one.kind: one for one in store.certificates_of(tx, made.id)}
    assert fields["auth_fingerprint"] == hashlib.sha256(kept[Kind.AUTH].der).digest()
    assert fields["sign_serial"] == kept[Kind.SIGN].serial
