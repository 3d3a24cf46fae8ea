"""Between the signature and the one outcome: checks again, races, crashes."""

import threading
import time
from dataclasses import replace

import pytest
from tests.service.transfers.conftest import (
    NEIGHBOUR_ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_HOLDER,
    PASSWORD,
)
from tests.service.transfers.hands import act
from tests.signing_house import PIN, THE_PIN, KeyKind

from dojang import policy
from dojang.certificates.model import CredentialSuspended, Hold
from dojang.crypto import ed25519, messages
from dojang.kernel.clock import MINUTE
from dojang.kernel.secret import Secret
from dojang.ledger.model import (
    OverDailyLimit,
    OverPerTransferLimit,
)
from dojang.phone.http import Refused
from dojang.phone.machine import Wanted
from dojang.policy import Factor
from dojang.policy.profiles import STRICT
from dojang.transfers.model import (
    State,
)

PATIENCE_S = 60


def adopt_strict(world) -> None:
    with world.db.transaction() as tx:
        policy.adopt(tx, STRICT)


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
    act(world, me, "limits", {"per_transfer": 1_000, "per_day": 1_500})
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
        until = time.monotonic() + PATIENCE_S
        while world.told(me, order).state is not State.POSTED and time.monotonic() < until:
            time.sleep(0.01)
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
    world.ledger.fail_at(crash_at(place))
    with pytest.raises(Crash):
        world.transfers.poster.post_due()
    assert world.told(me, order).state is State.AUTHORISED
    world.ledger.fail_at(crash_at("nowhere"))

    world.transfers.poster.post_due()

    assert world.told(me, order).state is State.POSTED
    assert world.balance(me) == 999_999_000


def test_a_crash_after_the_commit_has_posted_once(world, me) -> None:
    order = world.order(me, 1_000)
    world.sign(me, order)
    world.ledger.fail_at(crash_at("after_commit"))
    with pytest.raises(Crash):
        world.transfers.poster.post_due()
    world.ledger.fail_at(crash_at("nowhere"))

    assert world.transfers.poster.post_due() == 0

    assert world.told(me, order).state is State.POSTED
    assert world.balance(me) == 999_999_000


def test_limits_are_lowered_by_a_signed_act(world, me) -> None:
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
