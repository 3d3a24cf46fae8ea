"""Money set aside: made once, resolved once, back in the day it came from."""

import pytest
from tests.service.ledger.asking import (
    Yes,
    code,
    held,
    hold_of,
    kinds,
    one,
    race,
    request,
    used,
    view,
)

from dojang.kernel.clock import DAY, HOUR, SECOND, Instant
from dojang.ledger import HoldState, Kind, Ledger, Refused, Status, accounts, holds
from dojang.ledger.refusals import HoldNotFound


def test_a_hold_moves_no_money_but_takes_it_away(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)

    own = view(db, "c1")
    assert (own.balance, own.held, own.available) == (1_000_000, 300_000, 700_000)
    assert (view(db, "c2").balance, used(db)) == (0, 300_000)
    assert (made.state, made.amount, kinds(db)[-1]) == (HoldState.OPEN, 300_000, "hold.made")
    assert code(ledger, request(ids, mine, theirs, 700_001)) == "insufficient_funds"


def test_a_post_moves_the_money_once(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000, payee="이", memo="월세")
    asked = made.posting(ids.uuid7())

    first = one(ledger, asked)

    assert (first.status, first.balance_after, first.ref) == (Status.OK, 700_000, made.id)
    assert one(ledger, asked) == first
    assert code(ledger, made.posting(ids.uuid7())) == "hold_already_posted"
    assert code(ledger, made.voiding(ids.uuid7())) == "hold_already_posted"
    assert (view(db, "c1").held, view(db, "c2").balance, used(db)) == (0, 300_000, 300_000)


def test_a_statement_tells_a_post_by_its_holds_id_and_words(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000, payer="김", payee="이", memo="월세")
    one(ledger, made.posting(ids.uuid7()))

    with db.snapshot() as tx:
        (line, _), _ = accounts.statement(tx, "c1", mine, before=None, limit=10)
    assert (line.transfer_id, line.counterparty, line.memo) == (made.id, "이", "월세")


def test_a_partial_post_releases_the_rest(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)

    one(ledger, made.posting(ids.uuid7(), 100_000))

    own = view(db, "c1")
    assert (own.balance, own.held, own.available, used(db)) == (900_000, 0, 900_000, 100_000)
    assert hold_of(db, made.id).posted == 100_000


def test_more_than_was_set_aside_is_refused_with_its_figure(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)

    refusal = one(ledger, made.posting(ids.uuid7(), 300_001)).refusal

    assert refusal is not None
    assert (refusal.code, dict(refusal.figures)) == ("exceeds_hold", {"held": 300_000})
    assert kinds(db)[-1] == "hold.refused"
    assert hold_of(db, made.id).state is HoldState.OPEN


def test_a_void_gives_back_to_its_day_only(db, ledger, ids, mine, theirs, clock) -> None:
    today = held(db, ledger, ids, mine, theirs, 300_000, life=2 * DAY)
    other = held(db, ledger, ids, mine, theirs, 200_000, life=2 * DAY)
    one(ledger, today.voiding(ids.uuid7()))
    assert used(db) == 200_000
    clock.move(DAY)
    one(ledger, request(ids, mine, theirs, 50_000))

    one(ledger, other.voiding(ids.uuid7()))

    assert used(db) == 50_000
    assert (view(db, "c1").held, kinds(db)[-1]) == (0, "hold.released")


def test_a_hold_that_is_over_is_shown_as_released_at_once(
    db, ledger, ids, mine, theirs, clock
) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)
    clock.move(HOUR)

    own = view(db, "c1")
    assert (own.held, own.available, used(db)) == (0, 1_000_000, 0)
    assert hold_of(db, made.id).state is HoldState.EXPIRED
    with db.snapshot() as tx:
        assert holds.of_customer(tx, "c1") == []
    assert code(ledger, request(ids, mine, theirs, 1_000_000)) == ""
    assert kinds(db)[-2:] == ["hold.released", "transfer.posted"]


def test_a_due_hold_on_another_account_frees_the_day_too(
    db, ledger, ids, mine, theirs, clock
) -> None:
    with db.transaction() as tx:
        second = ledger.open_account(tx, "c1", name="비상금")
        accounts.set_limits(tx, "c1", per_transfer=1_000, per_day=1_000, authorization="x")
    ledger.deposit(ids.uuid7(), second, 5_000, payer="현금")
    held(db, ledger, ids, mine, theirs, 1_000)
    assert code(ledger, request(ids, second, theirs, 1)) == "over_daily_limit"
    clock.move(HOUR)

    assert code(ledger, request(ids, second, theirs, 1_000)) == ""


def test_a_sweep_expires_what_is_due_once(db, ledger, ids, mine, theirs, clock) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)
    later = held(db, ledger, ids, mine, theirs, 100_000, life=HOUR + 1)
    clock.move(HOUR)

    assert (ledger.sweep(), ledger.sweep()) == (1, 0)

    assert hold_of(db, made.id).resolved_by == f"{made.id}:expire"
    assert code(ledger, made.posting(ids.uuid7())) == "hold_already_expired"
    with db.snapshot() as tx:
        assert [one.id for one in holds.of_account(tx, "c1", mine)] == [later.id]


def test_nobody_ends_a_hold_before_its_time(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)

    assert ledger.post([made.expiring()]) == [Refused(f"{made.id}:expire", "malformed")]
    assert view(db, "c1").held == 300_000


@pytest.mark.parametrize("life", [-1, 0, 7 * DAY + 1])
def test_a_hold_that_is_over_or_too_long_is_none(ledger, ids, mine, theirs, clock, life) -> None:
    asked = request(ids, mine, theirs, 5, kind=Kind.HOLD, expires_at=Instant(clock.now() + life))

    assert ledger.post([asked]) == [Refused(asked.id, "malformed")]


def test_a_hold_asked_again_after_its_end_is_told_its_outcome(
    ledger, ids, mine, theirs, clock
) -> None:
    asked = request(ids, mine, theirs, 5, kind=Kind.HOLD, expires_at=Instant(clock.now() + SECOND))
    first = one(ledger, asked)
    clock.move(DAY)

    assert one(ledger, asked) == first


def test_a_hold_is_its_owners_alone(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)
    with db.transaction() as tx:
        hers = ledger.open_account(tx, "c3", name="생활비")
    ledger.deposit(ids.uuid7(), hers, 1_000_000, payer="현금")

    stolen = request(ids, hers, theirs, 300_000, subject="c3", kind=Kind.VOID, ref=made.id)
    turned = request(ids, mine, hers, 300_000, kind=Kind.POST, ref=made.id)

    assert code(ledger, stolen) == code(ledger, turned) == "hold_not_found"
    with db.snapshot() as tx, pytest.raises(HoldNotFound):
        holds.owned(tx, "c3", made.id)


def test_a_void_needs_no_open_account_to_pay(db, ledger, ids, mine, theirs) -> None:
    made = held(db, ledger, ids, mine, theirs, 300_000)
    with db.transaction() as tx:
        assert not accounts.close(tx, "c1", mine)
        assert accounts.close(tx, "c2", theirs)

    assert code(ledger, made.posting(ids.uuid7())) == "account_closed"
    assert code(ledger, made.voiding(ids.uuid7())) == ""


def test_the_signature_is_consumed_by_the_hold(db, ledger, ids, mine, theirs) -> None:
    ledger.admit_with(Yes())
    made = held(db, ledger, ids, mine, theirs, 300_000, authorization="s1")

    again = code(ledger, request(ids, mine, theirs, 1, authorization="s1"))
    posted = one(ledger, made.posting(ids.uuid7()))

    assert (again, posted.status, made.authorization) == ("authorization_used", Status.OK, "s1")


def test_a_hold_and_its_post_may_share_a_batch(db, ledger, ids, mine, theirs, clock) -> None:
    asked = request(ids, mine, theirs, 500, kind=Kind.HOLD, expires_at=Instant(clock.now() + HOUR))
    post = request(ids, mine, theirs, 400, kind=Kind.POST, ref=asked.id)

    answers = ledger.post([asked, post, post])

    assert [answer.status for answer in answers] == [Status.OK] * 3
    assert (view(db, "c1").balance, view(db, "c1").held, used(db)) == (999_600, 0, 400)


def test_of_many_who_resolve_a_hold_one_does(db, ledger, ids, mine, theirs, entropy) -> None:
    other = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    made = held(db, ledger, ids, mine, theirs, 300_000)
    asked = [made.posting(ids.uuid7()), made.voiding(ids.uuid7())] * 4

    answers = race(
        [lambda n=n: one((ledger, other)[n % 3 == 0], asked[n]) for n in range(len(asked))]
    )

    done = {answer.id for answer in answers if answer.status is Status.OK}
    assert len(done) == 1
    assert view(db, "c1").held == 0
    assert view(db, "c1").balance + view(db, "c2").balance == 1_000_000


def test_a_limited_account_gives_so_much_a_day(db, ledger, ids, theirs, clock) -> None:
    with db.transaction() as tx:
        small = ledger.open_account(tx, "c1", name="한도제한", day_cap=1_000)
    ledger.deposit(ids.uuid7(), small, 10_000, payer="현금")
    made = held(db, ledger, ids, small, theirs, 600)
    over = one(ledger, request(ids, small, theirs, 401)).refusal
    one(ledger, made.voiding(ids.uuid7()))

    assert over is not None
    assert (over.code, dict(over.figures)) == ("over_account_day_limit", {"left_today": 400})
    assert code(ledger, request(ids, small, theirs, 1_000)) == ""
    assert code(ledger, request(ids, small, theirs, 1)) == "over_account_day_limit"
    clock.move(DAY)
    assert code(ledger, request(ids, small, theirs, 1_000)) == ""
    with db.transaction() as tx:
        assert accounts.lift_day_cap(tx, "c1", small)
        assert not accounts.lift_day_cap(tx, "c2", small)
    assert code(ledger, request(ids, small, theirs, 2_000)) == ""


def test_who_designates_payees_sends_little_to_others(db, ledger, ids, mine, theirs) -> None:
    with db.transaction() as tx:
        accounts.designate(tx, "c1", on=True)
    ledger.deposit(ids.uuid7(), mine, 5_000_000, payer="현금")
    one(ledger, request(ids, mine, theirs, 600_000, registered=False))

    over = one(ledger, request(ids, mine, theirs, 400_001, registered=False)).refusal

    assert over is not None
    assert (over.code, dict(over.figures)) == ("over_unregistered_limit", {"left_today": 400_000})
    assert code(ledger, request(ids, mine, theirs, 3_000_000)) == ""
    with db.transaction() as tx:
        accounts.designate(tx, "c1", on=False)
    assert code(ledger, request(ids, mine, theirs, 400_001, registered=False)) == ""
