"""Designated payees: all others together get little in a day; own accounts are no others."""

from dataclasses import replace

import pytest
from tests.service.transfers.conftest import (
    NEIGHBOUR_ACCOUNT,
    OTHER,
    OTHER_ACCOUNT,
    OTHER_HOLDER,
)
from tests.service.transfers.hands import choose, designate, held, seoul_midnight, use

from dojang import policy
from dojang.kernel.clock import DAY, HOUR
from dojang.ledger import accounts
from dojang.ledger.model import OverUnregisteredLimit
from dojang.policy.profiles import STRICT
from dojang.transfers.model import AlreadyDesignated, State

MILLION = 1_000_000


def test_payees_that_are_not_designated_share_a_million_a_day(world, me, clock):
    designate(world, me)
    choose(world, me, designated_only=1)
    stranger = replace(world.draft(me, MILLION), payee_account=NEIGHBOUR_ACCOUNT)

    assert held(world, me, draft=stranger).state is State.POSTED
    with pytest.raises(OverUnregisteredLimit) as refused:
        world.order(me, draft=replace(stranger, amount=1), amount=1)
    assert refused.value.fields == {"left_today": 0}
    assert held(world, me, 2 * MILLION).state is State.POSTED
    assert use(world, me).unregistered == MILLION
    clock.move(seoul_midnight(clock) - clock.now())
    assert held(world, me, draft=stranger).state is State.POSTED


def test_two_orders_at_the_edge_of_that_million_do_not_both_pass(world, me):
    choose(world, me, designated_only=1)
    orders = [world.order(me, 600_000) for _ in range(2)]
    for order in orders:
        world.sign(me, order)
    world.transfers.poster.post_due()

    told = [world.told(me, order) for order in orders]
    assert sorted(one.state for one in told) == [State.POSTED, State.REJECTED]
    refusal = next(one.outcome.refusal for one in told if one.state is State.REJECTED)
    assert (refusal.code, dict(refusal.figures)) == (
        "over_unregistered_limit", {"left_today": 400_000})  # fmt: skip


def test_a_held_transfer_counts_into_that_million_until_it_is_cancelled(world, me):
    choose(world, me, designated_only=1, delay_hours=3)
    order = held(world, me, 700_000)
    with pytest.raises(OverUnregisteredLimit):
        world.order(me, 300_001)

    world.transfers.orders.cancel(me.customer.id, order.id)

    assert world.order(me, MILLION).state is State.WAITING


def test_own_accounts_count_as_designated(world, me):
    choose(world, me, designated_only=1, delay_hours=3, delay_spares_designated=1)
    with world.db.transaction() as tx:
        second = world.ledger.open_account(tx, me.customer.id, name="비상금")
        number = accounts.owned(tx, me.customer.id, second).number
    draft = replace(world.draft(me, 2 * MILLION), payee_bank="990", payee_account=number)

    assert held(world, me, draft=draft).state is State.POSTED


def test_a_payee_counts_only_after_its_wait_and_no_longer_once_removed(world, me, clock):
    with world.db.transaction() as tx:
        policy.adopt(tx, STRICT)
    clock.move(25 * HOUR)
    choose(world, me, designated_only=1)
    designate(world, me)
    with pytest.raises(OverUnregisteredLimit):
        world.order(me, 2 * MILLION)
    with pytest.raises(AlreadyDesignated):
        designate(world, me)
    clock.move(DAY)
    assert world.order(me, 2 * MILLION).registered

    (listed,) = world.transfers.protecting.designated(me.customer.id)
    world.transfers.protecting.remove(me.customer.id, listed.id)

    with pytest.raises(OverUnregisteredLimit):
        world.order(me, 2 * MILLION)


def test_turning_designated_payees_off_reaches_the_ledger_when_its_wait_is_over(world, me, clock):
    with world.db.transaction() as tx:
        policy.adopt(tx, STRICT)
    clock.move(25 * HOUR)
    choose(world, me, designated_only=1)
    choose(world, me, identified=True, designated_only=0)
    world.transfers.sweep()
    with pytest.raises(OverUnregisteredLimit):
        world.order(me, 2 * MILLION)
    clock.move(DAY)
    world.transfers.sweep()

    assert world.order(me, 2 * MILLION).state is State.WAITING


def test_the_designated_payee_s_name_is_the_bank_s_not_the_phone_s(world, me):
    asked = {"payee_bank": OTHER, "payee_account": OTHER_ACCOUNT, "payee_holder": "나"}
    ordered = world.house.signing.acts.order(me.session, "designate_payee", asked)

    assert ordered.fields["payee_holder"] == OTHER_HOLDER
