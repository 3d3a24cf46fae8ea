"""From an order to its one outcome, through every tier."""

from dataclasses import replace

import pytest
from tests.service.transfers.conftest import (
    NEIGHBOUR_ACCOUNT,
    OTHER_HOLDER,
    OWN,
)
from tests.signing_house import PIN

from dojang.crypto import messages
from dojang.kernel.clock import MINUTE, SECOND
from dojang.kernel.problem import NotFound, Problem
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.ledger.committer import INTERBANK
from dojang.ledger.model import (
    AccountNotFound,
    IdMismatch,
    InsufficientFunds,
    OverPerTransferLimit,
)
from dojang.methods.model import WrongAccountPassword
from dojang.phone.http import Refused
from dojang.policy import Factor
from dojang.policy.profiles import SEED
from dojang.transfers.model import (
    Draft,
    FactorsMissing,
    OrderExpired,
    OrderOver,
    PayeeNotFound,
    State,
    TooManyLookups,
)


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


def test_names_of_payees_cannot_be_looked_up_without_end(world, me, you):
    for _ in range(SEED.transfers.payee_lookups_per_hour):
        world.transfers.payees.look_up(me.customer.id, OWN.code, you.number)

    with pytest.raises(TooManyLookups):
        world.transfers.payees.look_up(me.customer.id, OWN.code, you.number)
