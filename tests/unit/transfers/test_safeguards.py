"""What protects more is in force at once; what protects less waits."""

import msgspec
import pytest

from dojang.kernel.clock import HOUR, MINUTE, SECOND, Instant
from dojang.kernel.problem import Malformed
from dojang.policy.model import decode
from dojang.policy.profiles import SEED, STRICT
from dojang.transfers.safeguards import (
    Safeguard,
    Setting,
    Why,
    changed,
    checked,
    longer,
    pause,
    planned,
    sms_pause,
)

NOW = Instant(1_800_000_000_000_000)
RULES = STRICT.safeguards
DELAY, SPARES = Safeguard.DELAY_HOURS, Safeguard.DELAY_SPARES_DESIGNATED


@pytest.mark.parametrize(
    ("name", "was", "wish", "waits"),
    [
        (Safeguard.DESIGNATED_ONLY, 0, 1, 0),
        (Safeguard.DESIGNATED_ONLY, 1, 0, 24),
        (DELAY, 0, 3, 0),
        (DELAY, 3, 48, 0),
        (DELAY, 48, 47, 24),
        (DELAY, 3, 0, 24),
        (Safeguard.UNDO, 1, 0, 0),
        (Safeguard.UNDO, 0, 1, 0),
        (Safeguard.SMS_HOLD, 0, 1, 24),
        (Safeguard.SMS_HOLD, 1, 0, 0),
    ],
)
def test_only_what_weakens_waits(name, was, wish, waits):
    after = changed({name: Setting(was)}, {name: wish}, RULES, NOW)[name]

    assert after.at(NOW) == (was if waits else wish)
    assert after.at(Instant(NOW + waits * HOUR)) == wish
    assert after.at(Instant(NOW + waits * HOUR - 1)) == (was if waits else wish)


def test_sparing_designated_payees_waits_only_where_a_delay_is_on():
    without = changed({}, {DELAY: 3, SPARES: 1}, RULES, NOW)
    with_delay = changed({DELAY: Setting(3)}, {SPARES: 1}, RULES, NOW)

    assert without[SPARES].at(NOW) == 1
    assert with_delay[SPARES].at(NOW) == 0


def test_a_new_wish_takes_the_place_of_one_that_waits():
    off = changed({DELAY: Setting(24)}, {DELAY: 0}, RULES, NOW)
    kept = changed(off, {DELAY: 24}, RULES, Instant(NOW + HOUR))

    assert kept[DELAY] == Setting(24)


def test_the_seed_profile_waits_for_nothing():
    assert changed({DELAY: Setting(24)}, {DELAY: 0}, SEED.safeguards, NOW)[DELAY] == Setting(0)


@pytest.mark.parametrize(
    "wishes",
    [{}, {"delay_hours": 2}, {"delay_hours": 49}, {"delay_hours": -1}, {"undo": 2},
     {"undo": True}, {"undo": "1"}, {"nothing": 1}, {"sms_hold": -1}],
)  # fmt: skip
def test_figures_outside_the_policy_s_bounds_are_malformed(wishes):
    with pytest.raises(Malformed):
        checked(wishes, RULES)


def test_a_delay_outlasts_the_time_to_undo_and_designated_payees_are_spared_only_by_choice():
    settings = {DELAY: Setting(3), Safeguard.UNDO: Setting(1)}

    assert pause(settings, RULES, NOW, designated=True).why is Why.DELAY
    spared = pause({**settings, SPARES: Setting(1)}, RULES, NOW, designated=True)
    assert (spared.why, spared.seconds) == (Why.UNDO, 10)
    other = pause({**settings, SPARES: Setting(1)}, RULES, NOW, designated=False)
    assert (other.why, other.seconds) == (Why.DELAY, 3 * 3600)
    assert pause({}, RULES, NOW, designated=False) is None


def test_a_delayed_transfer_is_cancelled_until_half_an_hour_before():
    delay = planned(pause({DELAY: Setting(3)}, RULES, NOW, designated=False), RULES, NOW,
                    registered=False)  # fmt: skip
    undo = planned(pause({Safeguard.UNDO: Setting(1)}, RULES, NOW, designated=False), RULES, NOW,
                   registered=False)  # fmt: skip

    assert (delay.due_at, delay.cancellable_until) == (NOW + 3 * HOUR, NOW + 150 * MINUTE)
    assert (undo.due_at, undo.cancellable_until) == (NOW + 10 * SECOND, NOW + 10 * SECOND)
    assert delay.hold_until == delay.due_at + 24 * HOUR


def test_a_message_in_the_call_s_place_holds_at_least_half_an_hour():
    undo = pause({Safeguard.UNDO: Setting(1)}, RULES, NOW, designated=False)
    delay = pause({DELAY: Setting(3)}, RULES, NOW, designated=False)

    assert longer(undo, sms_pause(RULES)).seconds == 30 * 60
    assert longer(delay, sms_pause(RULES)) == delay
    assert longer(None, sms_pause(RULES)).why is Why.SMS


@pytest.mark.parametrize("profile", [SEED, STRICT])
def test_a_policy_whose_holds_would_outlive_the_ledger_s_is_no_policy(profile):
    body = msgspec.json.encode(profile)
    longer_wait = msgspec.structs.replace(profile.safeguards, post_within_hours=24 * 7)
    too_long = msgspec.structs.replace(profile, safeguards=longer_wait)

    assert decode(body) == profile
    with pytest.raises(ValueError, match="hold_seconds_max"):
        decode(msgspec.json.encode(too_long))
