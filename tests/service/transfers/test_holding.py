"""Between the signature and the money: delayed, undone, stopped, posted exactly once."""

import subprocess
import sys
import threading

import pytest
from tests.service.transfers.hands import available, choose, held, leaves, seoul_midnight, use

from dojang.certificates.model import EndReason, Hold
from dojang.db import Database
from dojang.kernel.clock import HOUR, MINUTE, SECOND, MovableClock
from dojang.kernel.problem import NotFound
from dojang.ledger import Ledger, holds
from dojang.transfers.holding import Holding, cancel_id, resolving, stop_all
from dojang.transfers.model import Draft, OrderOver, State, TooLateToCancel, evidence
from dojang.transfers.safeguards import Why


def test_a_delayed_transfer_waits_holds_the_money_and_is_posted_when_due(world, me, clock):
    choose(world, me, delay_hours=3)
    order = world.order(me, 10)
    signed_at = clock.now()
    world.sign(me, order)
    world.transfers.poster.post_due()

    waiting = world.told(me, order).order
    assert (order.hold_why, waiting.state) == (Why.DELAY, State.PENDING)
    assert (waiting.due_at, waiting.cancellable_until) == (
        signed_at + 3 * HOUR, signed_at + 150 * MINUTE)  # fmt: skip
    assert available(world, me) == (1_000_000_000, 999_999_990)
    clock.move(3 * HOUR - 1)
    assert world.transfers.holding.settle_due() == 0
    clock.move(1)
    assert world.transfers.holding.settle_due() == 1
    told = world.told(me, order)
    assert (told.state, told.outcome.balance_after) == (State.POSTED, 999_999_990)
    assert available(world, me) == (999_999_990, 999_999_990)
    assert world.transfers.holding.settle_due() == 0
    assert leaves(world, "transfer.held")[0]["due_at"] == waiting.due_at
    assert world.faults == []


def test_a_cancelled_one_gives_money_and_limit_back_and_can_be_cancelled_again(world, me):
    choose(world, me, delay_hours=3)
    order = held(world, me, 10)
    assert use(world, me).total == 10

    world.transfers.orders.cancel(me.customer.id, order.id)
    world.transfers.orders.cancel(me.customer.id, order.id)

    told = world.told(me, order)
    assert (told.state, told.order.ended_why) == (State.CANCELLED, "customer")
    assert available(world, me) == (1_000_000_000, 1_000_000_000)
    assert use(world, me).total == 0
    assert [leaf["why"] for leaf in leaves(world, "transfer.cancelled")] == ["customer"]


def test_half_an_hour_before_it_is_too_late_to_cancel(world, me, clock):
    choose(world, me, delay_hours=3)
    order = held(world, me)
    clock.move(150 * MINUTE)

    with pytest.raises(TooLateToCancel) as refused:
        world.transfers.orders.cancel(me.customer.id, order.id)

    assert refused.value.fields == {"cancellable_until": order.cancellable_until}


def cancelled_late(world, who, order, clock, late) -> None:
    """Asked for in time; the ledger comes to it `late` after the last moment."""
    clock.move(order.cancellable_until - clock.now() - SECOND)

    def queue(name: str) -> None:
        if name == "before_transaction":
            clock.move(order.cancellable_until - clock.now() + late)

    world.ledger.fail_at(queue)
    try:
        world.transfers.orders.cancel(who.customer.id, order.id)
    finally:
        world.ledger.fail_at(lambda _name: None)


def test_a_cancellation_that_waited_past_the_line_is_too_late(world, me, clock):
    choose(world, me, delay_hours=3)
    order = held(world, me)

    with pytest.raises(TooLateToCancel) as refused:
        cancelled_late(world, me, order, clock, 0)

    assert refused.value.fields == {"cancellable_until": order.cancellable_until}
    (leaf,) = leaves(world, "hold.refused")
    assert (leaf["how"], leaf["reason"]) == ("void", "too_late_to_cancel")
    clock.move(order.due_at - clock.now())
    world.transfers.holding.settle_due()
    assert world.told(me, order).state is State.POSTED


def test_one_that_is_decided_a_moment_before_it_is_not(world, me, clock):
    choose(world, me, delay_hours=3)
    order = held(world, me)

    cancelled_late(world, me, order, clock, -1)

    assert world.told(me, order).state is State.CANCELLED


def test_what_could_no_longer_be_cancelled_is_still_stopped(world, me, clock):
    """The refused void is final for its id; the one after a loss report has another."""
    choose(world, me, delay_hours=3)
    order = held(world, me)
    with pytest.raises(TooLateToCancel):
        cancelled_late(world, me, order, clock, 0)

    with world.db.transaction() as tx:
        world.house.lifecycle.suspend(tx, me.phone.credential_id, Hold.LOSS)
    world.transfers.holding.settle_due()

    assert world.told(me, order).state is State.CANCELLED
    assert available(world, me) == (1_000_000_000, 1_000_000_000)


def test_nobody_else_cancels_or_sees_it(world, me, you):
    choose(world, me, delay_hours=3)
    order = held(world, me)

    with pytest.raises(NotFound):
        world.transfers.orders.cancel(you.customer.id, order.id)

    assert world.transfers.pending(you.customer.id) == []
    assert [one.order.id for one in world.transfers.pending(me.customer.id)] == [order.id]


def test_an_undo_window_is_ten_seconds(world, me, clock):
    choose(world, me, undo=1)
    undone, sent = held(world, me), held(world, me)

    clock.move(9 * SECOND)
    world.transfers.orders.cancel(me.customer.id, undone.id)
    assert world.transfers.holding.settle_due() == 0
    clock.move(SECOND)
    world.transfers.holding.settle_due()

    assert world.told(me, undone).state is State.CANCELLED
    assert world.told(me, sent).state is State.POSTED


def test_a_delay_chosen_between_order_and_signature_counts(world, me):
    order = world.order(me, 10)
    choose(world, me, delay_hours=48)
    world.sign(me, order)
    world.transfers.poster.post_due()

    assert order.hold_why is None
    assert world.told(me, order).state is State.PENDING


@pytest.mark.parametrize("what", ["loss", "copy", "lost", "reported_while_locked"])
def test_a_doubtful_certificate_s_transfers_are_stopped(world, me, clock, what):
    choose(world, me, delay_hours=3)
    order = held(world, me, 10)
    with world.db.transaction() as tx:
        if what == "lost":
            world.house.lifecycle.revoke(tx, me.phone.credential_id, EndReason.PHONE_LOST)
        elif what == "reported_while_locked":
            world.house.lifecycle.lock(tx, me.phone.credential_id)
            stop_all(tx, me.customer.id)
        else:
            hold = Hold.COPY if what == "copy" else Hold.LOSS
            world.house.lifecycle.suspend(tx, me.phone.credential_id, hold)
    clock.move(4 * HOUR)
    world.transfers.holding.settle_due()

    told = world.told(me, order)
    assert (told.state, told.order.ended_why) == (State.CANCELLED, "certificate_stopped")
    assert available(world, me) == (1_000_000_000, 1_000_000_000)


@pytest.mark.parametrize("what", ["locked", "unused"])
def test_an_ordinary_end_of_the_certificate_stops_nothing(world, me, clock, what):
    choose(world, me, delay_hours=3)
    order = held(world, me, 10)
    with world.db.transaction() as tx:
        if what == "locked":
            world.house.lifecycle.lock(tx, me.phone.credential_id)
        else:
            world.house.lifecycle.revoke(tx, me.phone.credential_id, EndReason.UNUSED)
    clock.move(3 * HOUR)
    world.transfers.holding.settle_due()

    assert world.told(me, order).state is State.POSTED


def test_a_payee_s_account_closed_meanwhile_frees_the_money_and_says_why(world, me, you, clock):
    choose(world, me, delay_hours=3)
    draft = Draft(from_account=me.number, payee_bank="990", payee_account=you.number, amount=5,
                  memo="")  # fmt: skip
    order = held(world, me, draft=draft)
    with world.db.transaction() as tx:
        from sqlalchemy import update

        from dojang.ledger.tables import account

        tx.execute(update(account).where(account.c.id == you.account).values(status="closed"))
    clock.move(3 * HOUR)
    world.transfers.holding.settle_due()
    world.transfers.holding.settle_due()

    told = world.told(me, order)
    assert (told.state, told.order.ended_why) == (State.CANCELLED, "account_closed")
    assert available(world, me) == (1_000_000_000, 1_000_000_000)


def test_a_hold_nobody_could_post_for_a_day_is_given_up(world, me, clock):
    choose(world, me, delay_hours=3)
    order = held(world, me)
    clock.move(27 * HOUR)
    world.ledger.sweep()

    assert world.told(me, order).state is State.EXPIRED
    assert available(world, me) == (1_000_000_000, 1_000_000_000)
    assert len(leaves(world, "transfer.lapsed")) == 1
    assert world.transfers.holding.settle_due() == 0


@pytest.mark.parametrize("before_midnight", [MINUTE, 9 * HOUR])
def test_the_limit_of_the_day_it_was_signed_is_used(world, me, clock, before_midnight):
    """Over Seoul's midnight, and with UTC's in between."""
    clock.move(seoul_midnight(clock) - before_midnight - clock.now())
    choose(world, me, delay_hours=10)
    signed_on = use(world, me).day
    order = held(world, me, 10)
    assert use(world, me).total == 10
    clock.move(10 * HOUR)
    world.transfers.holding.settle_due()

    assert world.told(me, order).state is State.POSTED
    today = use(world, me)
    assert (today.day, today.total) == (signed_on + 1, 0)


def test_a_clock_that_steps_back_posts_nothing_early(world, me, clock):
    choose(world, me, delay_hours=3)
    order = held(world, me)
    clock.move(3 * HOUR)
    with world.db.snapshot() as tx:
        asked = resolving(order, holds.owned(tx, me.customer.id, order.id))
    clock.move(-HOUR)

    answer = world.ledger.post([asked])[0]

    assert answer.refusal.code == "not_due"
    assert world.told(me, order).state is State.PENDING
    clock.move(HOUR)
    world.transfers.holding.settle_due()
    assert world.told(me, order).state is State.POSTED


def test_cancelling_and_posting_at_the_same_instant_end_in_one_of_them(world, me, clock, db_url):
    """Two processes, each with its own ledger over the same database, and the other's clock is
    ahead: by ours it is not too late to cancel, by theirs it is time to post.
    """
    choose(world, me, undo=1)
    ahead = MovableClock(clock.now())
    their_db = Database(db_url, ahead)
    other = Ledger(their_db, ids=world.house.ids, entropy=world.house.entropy, bank_code="990")
    other.admit_with(world.ledger._batches.admission)
    second = Holding(their_db, other, on_fault=world.faults.append)
    for _ in range(5):
        order = held(world, me, 10)
        with world.db.snapshot() as tx:
            voiding = holds.owned(tx, me.customer.id, order.id).voiding(cancel_id(order))
        ahead.move(order.due_at - ahead.now())
        together = [
            threading.Thread(target=lambda asked=voiding: world.ledger.post([asked])),
            threading.Thread(target=second.settle_due),
        ]
        for one in together:
            one.start()
        for one in together:
            one.join()

        state = world.told(me, order).state
        assert state in {State.POSTED, State.CANCELLED}
        outcomes = [leaf for kind in ("transfer.posted", "transfer.cancelled")
                    for leaf in leaves(world, kind)
                    if order.id in (leaf.get("hold"), leaf["transfer_id"])]  # fmt: skip
        assert len(outcomes) == 1
    their_db.close()
    balance, free = available(world, me)
    assert balance == free
    assert world.faults == []


def test_another_process_posts_while_this_one_cancels_and_one_of_them_happens(
    world, me, clock, db_url, vault_file
):
    """Its clock is ahead: by ours it is not too late to cancel."""
    choose(world, me, undo=1)
    orders = [held(world, me, 10) for _ in range(6)]
    with world.db.snapshot() as tx:
        voiding = [
            holds.owned(tx, me.customer.id, order.id).voiding(cancel_id(order)) for order in orders
        ]
    ahead = clock.now() + 10 * SECOND
    command = [sys.executable, "-m", "tests.service.transfers.other_process", db_url]
    with subprocess.Popen(
        [*command, str(ahead), str(vault_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        for asked in voiding:
            world.ledger.post([asked])
        assert other.stdout.readline() == "0 faults\n"
    clock.move(10 * SECOND)
    world.transfers.holding.settle_due()

    states = [world.told(me, order).state for order in orders]
    assert set(states) <= {State.POSTED, State.CANCELLED}
    posted = states.count(State.POSTED)
    assert available(world, me) == (1_000_000_000 - 10 * posted,) * 2
    assert use(world, me).total == 10 * posted
    assert len(leaves(world, "transfer.cancelled")) == 6 - posted


def test_two_processes_that_post_the_same_hold_ask_for_one_thing(world, me, clock):
    choose(world, me, undo=1)
    order = held(world, me, 10)
    clock.move(10 * SECOND)
    with world.db.snapshot() as tx:
        asked = resolving(order, holds.owned(tx, me.customer.id, order.id))

    first, second = world.ledger.post([asked])[0], world.ledger.post([asked])[0]

    assert first == second
    assert leaves(world, "hold.refused") == []
    (posted,) = leaves(world, "transfer.posted")[1:]
    assert (posted["hold"], posted["evidence"]) == (
        order.id, evidence(order.message, order.signature))  # fmt: skip


class Died(Exception):
    """The process, at a failpoint."""


@pytest.mark.parametrize("point", ["after_writes", "before_commit", "after_commit"])
def test_a_process_that_dies_while_posting_neither_loses_nor_doubles(world, me, clock, point):
    choose(world, me, delay_hours=3)
    order = held(world, me, 10)
    clock.move(3 * HOUR)

    def die(name: str) -> None:
        if name == point:
            raise Died

    world.ledger.fail_at(die)
    world.transfers.holding.settle_due()
    world.ledger.fail_at(lambda _name: None)
    world.transfers.holding.settle_due()

    assert world.told(me, order).state is State.POSTED
    assert available(world, me) == (999_999_990, 999_999_990)
    assert len([leaf for leaf in leaves(world, "transfer.posted") if leaf["hold"]]) == 1


def test_a_cancelled_transfer_cannot_be_cancelled_into_being(world, me, clock):
    choose(world, me, undo=1)
    order = held(world, me)
    clock.move(10 * SECOND)
    world.transfers.holding.settle_due()

    with pytest.raises(OrderOver) as refused:
        world.transfers.orders.cancel(me.customer.id, order.id)

    assert refused.value.fields == {"state": "posted"}
