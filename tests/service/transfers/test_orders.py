"""From an order to its one outcome, through every tier."""

import threading
from dataclasses import replace

import pytest
from tests.service.transfers.conftest import (
    NEIGHBOUR_ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_HOLDER,
    PASSWORD,
)
from tests.signing_house import PIN, THE_PIN, KeyKind

from dojang import policy
from dojang.certificates.model import CredentialSuspended, Hold
from dojang.crypto import ed25519, messages
from dojang.kernel.clock import MINUTE, SECOND
from dojang.kernel.problem import NotFound, Problem
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.ledger.committer import INTERBANK
from dojang.ledger.model import (
    AccountNotFound,
    IdMismatch,
    InsufficientFunds,
    OverDailyLimit,
    OverPerTransferLimit,
)
from dojang.methods.model import WrongAccountPassword
from dojang.phone.http import Refused
from dojang.phone.machine import Wanted
from dojang.policy import Factor
from dojang.policy.profiles import STRICT
from dojang.transfers.model import (
    Draft,
    FactorsMissing,
    OrderExpired,
    OrderOver,
    PayeeNotFound,
    State,
)


def adopt_strict(world) -> None:
    with world.db.transaction() as tx:
        policy.adopt(tx, STRICT)


def test_the_lowest_tier_needs_the_pin_and_posts(world, me) -> None:
    told = world.posted(me, 2_000_000)

    assert told.state is State.POSTED
    assert told.outcome.balance_after == world.balance(me) == 998_000_000
    assert told.order.shown == (Factor.PIN,)


def test_the_signed_bytes_are_what_the_ledger_did(world, me) -> None:
    told = world.posted(me, 2_000_000)

    _, signed = messages.read(told.order.message)
    assert signed["payee_holder"] == OTHER_HOLDER
    assert signed["from_account"] == me.number
    assert (signed["amount"], signed["fee"], signed["tier"]) == (2_000_000, 0, "pin")
    assert (told.outcome.debit, told.outcome.credit) == (me.account, INTERBANK)
    assert told.outcome.amount == signed["amount"]
    assert set(signed) == {
        "v", "transfer_id", "from_account", "payee_bank", "payee_account", "payee_holder",
        "amount", "fee", "currency", "memo", "tier", "policy_version", "kid", "origin", "nonce",
        "issued_at", "expires_at",
    }  # fmt: skip


def test_the_middle_tier_asks_for_the_account_password_first(world, me) -> None:
    order = world.order(me, 2_000_001)
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, order)
    world.show_password(me, order)
    world.sign(me, order)
    world.transfers.poster.post_due()

    assert order.needed == (Factor.ACCOUNT_PASSWORD, Factor.PIN)
    assert world.told(me, order).state is State.POSTED


def test_a_begin_before_its_turn_costs_no_try(world, me) -> None:
    order = world.order(me, 2_000_001)
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, order)

    assert world.house.tries_left(me.phone, PIN) == 5


def test_the_highest_tier_asks_for_password_call_and_pin(world, me) -> None:
    order = world.order(me, 500_000_000)
    with pytest.raises(FactorsMissing):
        world.transfers.ars.ring(me.customer.id, order.id)
    world.show_password(me, order)
    with pytest.raises(Refused, match="factors_missing"):
        world.sign(me, order)
    world.show_ars(me, order)
    world.sign(me, order)
    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.POSTED
    assert world.balance(me) == 500_000_000


def test_above_the_highest_tier_nothing_is_ordered(world, me) -> None:
    with pytest.raises(OverPerTransferLimit) as refused:
        world.order(me, 500_000_001)

    assert refused.value.fields == {"limit": 500_000_000}


def test_a_wrong_account_password_says_what_is_left(world, me) -> None:
    order = world.order(me, 2_000_001)

    with pytest.raises(WrongAccountPassword) as refused:
        world.transfers.orders.account_password(me.session, order.id, Secret("1593"))

    assert refused.value.fields == {"tries_left": 4}


def test_a_password_that_is_not_asked_for_costs_no_try(world, me) -> None:
    order = world.order(me, 1)

    world.transfers.orders.account_password(me.session, order.id, Secret("1593"))

    assert world.told(me, order).order.password_at is None


def test_the_same_order_again_is_the_same_order(world, me) -> None:
    first = world.order(me, 10)

    again, made = world.transfers.orders.order(me.session, first.id, world.draft(me, 10))

    assert (again.order, made) == (first, False)


@pytest.mark.parametrize(
    "change",
    [{"amount": 11}, {"memo": "x"}, {"payee_account": NEIGHBOUR_ACCOUNT}, {"payee_bank": "902"}],
)
def test_another_order_under_a_known_id_is_refused(world, me, change) -> None:
    first = world.order(me, 10)

    with pytest.raises(IdMismatch):
        world.transfers.orders.order(me.session, first.id, replace(world.draft(me, 10), **change))


def test_somebody_elses_order_is_not_there(world, me, you) -> None:
    mine = world.order(me, 10)
    for asked in (
        lambda: world.told(you, mine),
        lambda: world.order(you, 1, mine.id),
        lambda: world.transfers.orders.cancel(you.customer.id, mine.id),
        lambda: world.show_password(you, mine),
        lambda: world.transfers.ars.ring(you.customer.id, mine.id),
    ):
        with pytest.raises(NotFound):
            asked()


def test_the_bank_own_ids_cannot_be_ordered_under(world, me) -> None:
    deposit = world.house.ids.uuid7()
    world.ledger.deposit(deposit, me.account, 5, payer="현금")

    with pytest.raises(NotFound):
        world.order(me, 5, deposit)


@pytest.mark.parametrize(
    ("draft", "refused"),
    [
        ({"from_account": "110123456789"}, AccountNotFound),
        ({"payee_account": "00000000"}, PayeeNotFound),
        ({"payee_bank": "999"}, PayeeNotFound),
        ({"amount": 0}, Problem),
        ({"amount": -5}, Problem),
        ({"memo": "x" * 21}, Problem),
        ({"memo": "a\nb"}, Problem),
        ({"payee_account": "1234-5678"}, Problem),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_once(world, me, draft, refused) -> None:
    asked = replace(world.draft(me, 10), **draft)

    with pytest.raises(refused):
        world.order(me, 10, draft=asked)


def test_more_than_there_is_is_refused_at_once(world, you) -> None:
    with pytest.raises(InsufficientFunds) as refused:
        world.order(you, 2)

    assert refused.value.fields == {"available": 1}


def test_money_to_our_own_customer_arrives_at_once(world, me, you) -> None:
    draft = Draft(
        from_account=me.number,
        payee_bank="990",
        payee_account=you.number,
        amount=7_000,
        memo="점심",
    )
    order = world.order(me, 7_000, draft=draft)
    world.sign(me, order)
    world.transfers.poster.post_due()

    with world.db.snapshot() as tx:
        lines, _ = accounts.statement(tx, you.customer.id, you.account, before=None, limit=1)
        out, _ = accounts.statement(tx, me.customer.id, me.account, before=None, limit=1)
    assert order.payee_holder == "이서연"
    assert (lines[0].amount, lines[0].counterparty, lines[0].memo) == (7_000, "김민용", "점심")
    assert (out[0].amount, out[0].counterparty) == (-7_000, "이서연")


def test_an_order_lives_ten_minutes(world, me, clock) -> None:
    order = world.order(me, 2_000_001)
    clock.move(10 * MINUTE - SECOND)
    before = world.told(me, order).state
    clock.move(SECOND)

    assert (before, world.told(me, order).state) == (State.WAITING, State.EXPIRED)
    with pytest.raises(OrderExpired):
        world.show_password(me, order)
    with pytest.raises(Refused, match="order_expired"):
        world.sign(me, order)


def test_an_order_signed_too_late_to_be_posted_is_refused(world, me, clock) -> None:
    order = world.order(me, 10)
    world.sign(me, order)
    clock.move(10 * MINUTE)
    world.transfers.poster.post_due()

    told = world.told(me, order)
    assert (told.state, told.outcome.refusal.code) == (State.REJECTED, "order_expired")
    assert world.balance(me) == 1_000_000_000


def test_a_cancelled_order_cannot_be_signed(world, me) -> None:
    order = world.order(me, 10)
    world.transfers.orders.cancel(me.customer.id, order.id)
    world.transfers.orders.cancel(me.customer.id, order.id)

    with pytest.raises(Refused, match="order_over"):
        world.sign(me, order)


def test_a_signed_order_cannot_be_cancelled(world, me) -> None:
    order = world.order(me, 10)
    world.sign(me, order)

    with pytest.raises(OrderOver):
        world.transfers.orders.cancel(me.customer.id, order.id)


def test_a_certificate_suspended_after_signing_moves_nothing(world, me) -> None:
    order = world.order(me, 10)
    world.sign(me, order)
    with world.db.transaction() as tx:
        world.house.lifecycle.suspend(tx, me.phone.credential_id, Hold.LOSS)
    world.transfers.poster.post_due()

    told = world.told(me, order)
    assert told.state is State.REJECTED
    assert (told.outcome.refusal.code, dict(told.outcome.refusal.figures)) == (
        CredentialSuspended.code,
        {"reason": "loss_report"},
    )
    assert world.balance(me) == 1_000_000_000


def test_a_stricter_policy_adopted_meanwhile_is_enforced(world, me) -> None:
    order = world.order(me, 200_000_000)
    world.show_password(me, order)
    world.show_ars(me, order)
    world.sign(me, order)
    adopt_strict(world)
    world.transfers.poster.post_due()

    refusal = world.told(me, order).outcome.refusal
    assert (refusal.code, dict(refusal.figures)) == (
        "over_per_transfer_limit",
        {"limit": 100_000_000},
    )


def test_tiers_that_climbed_meanwhile_ask_for_a_new_order(world, me, clock) -> None:
    clock.move(25 * 60 * MINUTE)
    orders = [world.order(me, 40_000_000) for _ in range(2)]
    for order in orders:
        world.show_password(me, order)
        world.sign(me, order)
    with world.db.transaction() as tx:
        import msgspec

        settled = msgspec.structs.replace(STRICT.transfers, new_device_hours=0)
        policy.adopt(tx, msgspec.structs.replace(STRICT, transfers=settled))
    world.transfers.poster.post_due()

    told = [world.told(me, order) for order in orders]
    second = next(one for one in told if one.state is State.REJECTED)
    assert {one.state for one in told} == {State.POSTED, State.REJECTED}
    assert (second.outcome.refusal.code, dict(second.outcome.refusal.figures)) == (
        "more_factors_needed",
        {"needed": ["ars"]},
    )


def test_two_orders_at_the_daily_limit_leave_one(world, me) -> None:
    with world.db.transaction() as tx:
        accounts.set_limits(
            tx, me.customer.id, per_transfer=1_000, per_day=1_500, authorization="t"
        )
    orders = [world.order(me, 1_000) for _ in range(2)]
    for order in orders:
        world.sign(me, order)

    posting = [threading.Thread(target=world.transfers.poster.post_due) for _ in range(4)]
    for thread in posting:
        thread.start()
    for thread in posting:
        thread.join()

    states = sorted(world.told(me, order).state for order in orders)
    assert states == [State.POSTED, State.REJECTED]
    assert world.balance(me) == 999_999_000
    with pytest.raises(OverDailyLimit) as refused:
        world.order(me, 501)
    assert refused.value.fields == {"left_today": 500}


def test_posting_again_changes_nothing(world, me) -> None:
    told = world.posted(me, 1_000)

    for _ in range(3):
        assert world.transfers.poster.post_due() == 0

    assert world.told(me, told.order) == told


def test_a_signature_serves_no_second_order(world, me) -> None:
    first, second = world.order(me, 1_000), world.order(me, 1_000)
    world.sign(me, first)

    with pytest.raises(Refused, match="request_already_signed"):
        me.phone.machine.sign(Wanted(KeyKind.SIGN, PIN, THE_PIN, first.request_id, second.message))
    world.transfers.poster.post_due()

    assert world.told(me, second).state is State.WAITING
    assert world.balance(me) == 999_999_000


def test_the_receipt_verifies_under_the_certificate(world, me) -> None:
    from cryptography import x509

    told = world.posted(me, 1_000)

    key = x509.load_der_x509_certificate(told.certificate).public_key().public_bytes_raw()
    ed25519.verify(key, told.order.message, told.order.signature)


def test_the_poster_thread_posts_what_was_signed(world, me) -> None:
    order = world.order(me, 1_000)
    world.transfers.start()
    try:
        world.sign(me, order)
        done = threading.Event()
        for _ in range(500):
            if world.told(me, order).state is State.POSTED:
                break
            done.wait(0.01)
    finally:
        world.transfers.stop()

    assert world.told(me, order).state is State.POSTED
    assert world.faults == []


def test_recent_payees_are_those_who_were_paid(world, me) -> None:
    world.posted(me, 1_000)
    world.order(me, 5, draft=replace(world.draft(me, 5), payee_account=NEIGHBOUR_ACCOUNT))

    recent = world.transfers.payees.recent(me.customer.id)

    assert [(one.account, one.holder) for one in recent] == [(OTHER_ACCOUNT, OTHER_HOLDER)]


def test_the_password_of_the_tests_is_the_account_password(world, me) -> None:
    order = world.order(me, 2_000_001)

    told = world.transfers.orders.account_password(me.session, order.id, Secret(PASSWORD))

    assert told.order.shown == (Factor.ACCOUNT_PASSWORD,)


def test_fifty_racers_with_one_id_make_one_order(world, me) -> None:
    transfer_id = world.house.ids.uuid7()
    answers, errors = [], []

    def ask() -> None:
        try:
            answers.append(world.order(me, 10, transfer_id))
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    racers = [threading.Thread(target=ask) for _ in range(50)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert errors == []
    assert len({one.request_id for one in answers}) == 1


@pytest.mark.parametrize("place", ["before_transaction", "after_locks", "after_writes"])
def test_a_crash_before_the_commit_is_finished_at_the_next_start(world, me, place) -> None:
    order = world.order(me, 1_000)
    world.sign(me, order)
    world.ledger._failpoint = crash_at(place)
    with pytest.raises(Crash):
        world.transfers.poster.post_due()
    assert world.told(me, order).state is State.AUTHORISED
    world.ledger._failpoint = crash_at("nowhere")

    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.POSTED
    assert world.balance(me) == 999_999_000


def test_a_crash_after_the_commit_has_posted_once(world, me) -> None:
    order = world.order(me, 1_000)
    world.sign(me, order)
    world.ledger._failpoint = crash_at("after_commit")
    with pytest.raises(Crash):
        world.transfers.poster.post_due()
    world.ledger._failpoint = crash_at("nowhere")

    assert world.transfers.poster.post_due() == 0

    assert world.told(me, order).state is State.POSTED
    assert world.balance(me) == 999_999_000


def test_limits_are_lowered_by_a_signed_act_and_raised_by_none(world, me) -> None:
    wire = me.phone.wire
    asked = wire("/v1/acts", {"type": "limits", "per_transfer": 5_000, "per_day": 9_000}).must()
    message = messages.build(messages.Kind.ACT, asked["fields"])
    me.phone.machine.sign(Wanted(KeyKind.SIGN, PIN, THE_PIN, asked["request_id"], message))
    raised = wire("/v1/acts", {"type": "limits", "per_transfer": 5_001, "per_day": 9_000})

    shown = world.transfers.limits.show(me.session)

    assert (shown.per_transfer, shown.per_day) == (5_000, 9_000)
    assert (raised.status, raised.code) == (403, "raise_needs_identity")
    with pytest.raises(OverPerTransferLimit):
        world.order(me, 5_001)


class Crash(BaseException):
    """The process is gone."""


def crash_at(place: str):
    def failpoint(name: str) -> None:
        if name == place:
            raise Crash

    return failpoint
