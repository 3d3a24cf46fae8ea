"""Facts about time: a year unused ends it, and nobody is surprised."""

import pytest
from sqlalchemy import text

from dojang.certificates import EndReason, Hold, State, store, store_dormancy
from dojang.certificates.jobs import Swept, sweep_dormant, sweep_unfinished
from dojang.certificates.model import CrlReason, Standing
from dojang.certificates.store_dormancy import Sleeper
from dojang.db import log
from dojang.kernel.clock import DAY, SECOND


def sweep(house, **options):
    return sweep_dormant(house.db, house.lifecycle, **options)


def notices(house):
    with house.db.snapshot() as tx:
        leaves = log.read(tx.connection, 0, 500)
    return [leaf.fields()["days"] for leaf in leaves if leaf.kind.endswith("dormancy_notice")]


def state(house, made):
    with house.db.snapshot() as tx:
        return store.by_id(tx, made.id).state


def use(house, made):
    with house.db.transaction() as tx:
        house.lifecycle.used(tx, made.id)


def test_a_second_before_the_year_ends_it_lives(house):
    made = house.issue().credential
    house.clock.move(365 * DAY - SECOND)

    assert sweep(house).ended == 0
    assert state(house, made) is State.ACTIVE


@pytest.mark.parametrize("late", [0, SECOND])
def test_when_the_year_is_over_it_ends(house, late):
    made = house.issue().credential
    house.clock.move(365 * DAY + late)

    swept = sweep(house)

    assert swept == Swept(ended=1, noticed=0)
    with house.db.snapshot() as tx:
        kept = store.by_id(tx, made.id)
        (status,) = {(c.standing, c.reason) for c in store.certificates_of(tx, made.id)}
    assert (kept.state, kept.end_reason) == (State.REVOKED, EndReason.DORMANT)
    assert status == (Standing.REVOKED, CrlReason.CESSATION_OF_OPERATION)


def test_any_use_restarts_the_year(house):
    made = house.issue().credential
    house.clock.move(364 * DAY)
    use(house, made)
    house.clock.move(365 * DAY - SECOND)
    sweep(house)
    alive = state(house, made)

    house.clock.move(SECOND)
    sweep(house)

    assert alive is State.ACTIVE
    assert state(house, made) is State.REVOKED


@pytest.mark.parametrize("days", [30, 7, 1])
def test_a_notice_goes_out_on_the_second_and_not_before(house, days):
    house.issue()
    house.clock.move((365 - days) * DAY - SECOND)
    sweep(house)
    before = notices(house)

    house.clock.move(SECOND)
    sweep(house)

    assert days not in before
    assert notices(house)[-1] == days


def test_each_notice_goes_out_exactly_once(house):
    house.issue()

    for _ in range(366):
        house.clock.move(DAY)
        sweep(house)
        sweep(house)

    assert notices(house) == [30, 7, 1]


def test_a_worker_that_slept_gives_only_the_nearest_notice(house):
    house.issue()
    house.clock.move(360 * DAY)

    sweep(house)
    sweep(house)

    assert notices(house) == [7]


def test_after_a_use_the_notices_begin_anew(house):
    made = house.issue().credential
    house.clock.move(336 * DAY)
    sweep(house)
    use(house, made)

    house.clock.move(336 * DAY)
    sweep(house)

    assert notices(house) == [30, 30]


def test_a_suspended_credential_ends_too_but_is_not_told_to_be_used(house):
    made = house.issue().credential
    with house.db.transaction() as tx:
        house.lifecycle.suspend(tx, made.id, Hold.LOSS)
    house.clock.move(340 * DAY)
    sweep(house)

    house.clock.move(25 * DAY)
    sweep(house)

    assert notices(house) == []
    assert state(house, made) is State.REVOKED


def test_many_are_swept_page_by_page(house):
    made = [house.issue(f"c{n}").credential for n in range(5)]
    house.clock.move(340 * DAY)
    use(house, made[4])
    told = sweep(house, page=2)
    house.clock.move(25 * DAY)

    swept = sweep(house, page=2)

    assert told == Swept(ended=0, noticed=4)
    assert swept == Swept(ended=4, noticed=0)
    assert [state(house, one) for one in made] == [State.REVOKED] * 4 + [State.ACTIVE]


def test_a_sweep_that_was_cut_off_is_finished_by_the_next(house):
    made = [house.issue(f"c{n}").credential for n in range(4)]
    house.clock.move(365 * DAY)
    calls = []

    def power_cut(_tx, _of):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("power cut")

    house.lifecycle.on_end(power_cut)
    with pytest.raises(RuntimeError):
        sweep(house, page=2)
    halfway = [state(house, one) for one in made]

    swept = sweep(house, page=2)

    assert halfway.count(State.REVOKED) == 2
    assert swept.ended == 2
    assert {state(house, one) for one in made} == {State.REVOKED}


def test_a_use_while_the_sweep_runs_restarts_the_year(house):
    """Whoever logs in between two pages is in none of the later ones."""
    made = [house.issue(f"c{n}").credential for n in range(4)]
    house.clock.move(365 * DAY)

    swept = sweep(house, page=2, progress=lambda _so_far: use(house, made[3]))

    assert swept == Swept(ended=3, noticed=0)
    assert state(house, made[3]) is State.ACTIVE


def test_progress_is_told_of_what_is_committed(house):
    made = [house.issue(f"c{n}").credential for n in range(3)]
    house.clock.move(365 * DAY)
    seen = []

    sweep(
        house,
        page=2,
        progress=lambda so_far: seen.append((so_far.ended, [state(house, one) for one in made])),
    )

    assert [ended for ended, _ in seen] == [2, 3]
    assert [states.count(State.REVOKED) for _, states in seen] == [2, 3]


def test_a_loss_report_released_late_is_told_what_is_nearest_now(house):
    """What stood still while the others were told is not forgotten when it lives again."""
    made = house.issue().credential
    other = house.issue("c2").credential
    with house.db.transaction() as tx:
        house.lifecycle.suspend(tx, made.id, Hold.LOSS)
    house.clock.move(336 * DAY)
    sweep(house)
    house.clock.move(23 * DAY)
    with house.db.transaction() as tx:
        house.lifecycle.release(tx, made.id)

    sweep(house)

    assert notices(house) == [30, 7, 7]
    assert state(house, other) is State.ACTIVE


def test_a_notice_the_policy_no_longer_gives_does_not_hide_anybody(house):
    made = house.issue().credential
    with house.db.transaction() as tx:
        store_dormancy.noticed(tx, [Sleeper(made.id, "c1", made.last_used_at)], 14)
    house.clock.move(358 * DAY)

    sweep(house)
    house.clock.move(7 * DAY)

    assert notices(house) == [7]
    assert sweep(house).ended == 1


def explained(db, statement):
    made = statement.compile(dialect=db.engine.dialect)
    given = {name: value or 7 for name, value in made.params.items()} | {"after_id": ""}
    values = tuple(given[name] for name in made.positiontup) if made.positional else given
    with db.transaction() as tx:
        if not db.embedded:  # so small a table would be read whole
            tx.execute(text("SET LOCAL enable_seqscan = off"))
            tx.execute(text("SET LOCAL enable_sort = off"))
        explain = "EXPLAIN QUERY PLAN" if db.embedded else "EXPLAIN"
        plan = tx.connection.exec_driver_sql(f"{explain} {made}", values)
        return " ".join(str(row) for row in plan)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        *((one, "ix_credential_dormancy") for one in store_dormancy._dormant),
        *((one, "ix_credential_dormancy") for one in store_dormancy._to_notice),
        (store_dormancy._next_notice, "ix_credential_dormancy"),
        (store_dormancy._unfinished, "ix_credential_enrolling"),
        (store_dormancy._forgotten_intents, "ix_certificate_standing"),
    ],
)
def test_what_is_due_lies_side_by_side_in_an_index(db, statement, index):
    """Else a minute's sweep of ten million would read them all."""
    plan = explained(db, statement)

    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_an_enrolment_nobody_finished_is_ended(house):
    order = house.order()
    house.clock.move(3_600 * SECOND - 1)
    early = sweep_unfinished(house.db, house.lifecycle)

    house.clock.move(1)
    late = sweep_unfinished(house.db, house.lifecycle)

    with house.db.snapshot() as tx:
        assert store.by_id(tx, order.credential_id).end_reason is EndReason.NOT_ISSUED
    assert (early, late) == (0, 1)


def test_an_intent_nobody_redeemed_counts_as_revoked(house):
    order = house.order()
    issued = house.issuing.redeem(house.issuing.prepare(order))
    house.clock.move(600 * SECOND)

    assert sweep_unfinished(house.db, house.lifecycle) == 2

    with house.db.snapshot() as tx:
        kept = [store.certificate_by_serial(tx, made.serial) for made in issued.certificates]
    assert {one.standing for one in kept} == {Standing.REVOKED}
