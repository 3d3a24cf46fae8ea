"""Whoever holds the phone and knows the PIN does not take a protection away with them alone."""

import pytest
from tests.service.transfers.hands import act, choose, leaves, session, sign_act

from dojang.kernel.clock import MINUTE
from dojang.kernel.problem import Malformed
from dojang.transfers.model import IdentityNeeded, RaiseNeedsIdentity
from dojang.transfers.safeguards import Safeguard

MILLION = 1_000_000
WEAKENING = [
    ({"delay_hours": 24}, {"delay_hours": 0}),
    ({"delay_hours": 24}, {"delay_hours": 23}),
    ({"delay_hours": 24}, {"delay_spares_designated": 1}),
    ({"delay_hours": 24}, {"undo": 1, "delay_hours": 0}),
    ({"designated_only": 1}, {"designated_only": 0}),
    ({"undo": 1}, {"sms_hold": 1}),
]


def in_force(world, who) -> dict[str, int]:
    shown = world.transfers.protecting.show(who.customer.id).settings
    return {name.value: shown[name].value for name in Safeguard}


@pytest.mark.parametrize(("chosen", "wish"), WEAKENING)
def test_a_protection_is_lowered_only_by_who_was_identified_again(world, me, chosen, wish):
    choose(world, me, **chosen)
    before = in_force(world, me)

    with pytest.raises(IdentityNeeded):
        choose(world, me, **wish)

    assert in_force(world, me) == before
    choose(world, me, identified=True, **wish)
    assert in_force(world, me) == {**before, **wish}


def test_making_it_safer_and_the_time_to_undo_ask_for_nothing(world, me):
    choose(world, me, identified=True, sms_hold=1)

    choose(world, me, undo=1, delay_hours=3, designated_only=1)
    choose(world, me, delay_hours=48, sms_hold=0)
    choose(world, me, undo=0)

    assert in_force(world, me) == {
        "undo": 0, "delay_hours": 48, "designated_only": 1, "sms_hold": 0,
        "delay_spares_designated": 0}  # fmt: skip


def test_being_identified_is_over_after_ten_minutes(world, me, clock):
    choose(world, me, delay_hours=24)
    mine = session(me, identified=True)
    clock.move(10 * MINUTE)

    with pytest.raises(IdentityNeeded):
        world.house.signing.acts.order(mine, "safeguards", {"delay_hours": 0})


def test_what_was_harmless_when_it_was_asked_for_lowers_nothing_when_it_is_signed(world, me):
    """A thief asks while there is no delay, the owner turns one on, the thief signs."""
    asked = world.house.signing.acts.order(
        session(me, identified=False), "safeguards", {"delay_hours": 3}
    )
    choose(world, me, delay_hours=48)

    sign_act(me, asked)

    assert in_force(world, me)["delay_hours"] == 48
    assert len(leaves(world, "safeguards.changed")) == 1


def test_limits_are_raised_by_who_was_identified_again_and_no_higher_than_for_all(world, me):
    lower = {"per_transfer": MILLION, "per_day": MILLION}
    higher = {"per_transfer": 2 * MILLION, "per_day": 500 * MILLION}
    act(world, me, "limits", lower)

    with pytest.raises(RaiseNeedsIdentity):
        act(world, me, "limits", higher)
    with pytest.raises(Malformed):
        act(world, me, "limits", {**higher, "per_day": 500 * MILLION + 1}, identified=True)
    act(world, me, "limits", higher, identified=True)

    shown = world.transfers.limits.show(me.session)
    assert (shown.per_transfer, shown.per_day) == (2 * MILLION, 500 * MILLION)


def test_a_limit_lowered_meanwhile_is_not_raised_by_who_was_not_identified(world, me):
    asked = world.house.signing.acts.order(
        session(me, identified=False), "limits", {"per_transfer": MILLION, "per_day": MILLION}
    )
    act(world, me, "limits", {"per_transfer": 1_000, "per_day": 1_000})

    sign_act(me, asked)

    shown = world.transfers.limits.show(me.session)
    assert (shown.per_transfer, shown.per_day) == (1_000, 1_000)
