"""The tier of an amount, at every boundary, under both profiles."""

import msgspec
import pytest

from dojang.kernel.clock import HOUR, Instant
from dojang.ledger import DayUse, Limits, Refusal
from dojang.ledger.model import AccountStatus
from dojang.ledger.views import AccountView
from dojang.policy import Factor
from dojang.policy.profiles import SEED, STRICT
from dojang.transfers import tiers
from dojang.transfers.limits import capped, next_midnight, room
from dojang.transfers.tiers import Standing

NOW = Instant(1_800_000_000_000_000)
LONG_AGO = Instant(0)
SETTLED = Standing(NOW, LONG_AGO, LONG_AGO)
DAY = 20270115
PIN, PASSWORD, ARS = "pin", "password", "ars"
OVER = "over_per_transfer_limit"


def decided(policy, amount: int, *, total: int = 0, pin_only: int = 0, standing=SETTLED) -> str:
    found = tiers.decide(policy.transfers, amount, DayUse(DAY, total, pin_only), standing)
    return str(found.code) if isinstance(found, Refusal) else found.name


@pytest.mark.parametrize(
    ("amount", "tier"),
    [
        (1, PIN),
        (1_999_999, PIN),
        (2_000_000, PIN),
        (2_000_001, PASSWORD),
        (49_999_999, PASSWORD),
        (50_000_000, PASSWORD),
        (50_000_001, ARS),
        (499_999_999, ARS),
        (500_000_000, ARS),
        (500_000_001, OVER),
        (10**15, OVER),
    ],
)
def test_the_seed_profile_goes_by_the_amount_alone(amount, tier) -> None:
    assert decided(SEED, amount) == tier
    assert decided(SEED, amount, total=450_000_000, pin_only=450_000_000) == tier


@pytest.mark.parametrize(
    ("amount", "total", "pin_only", "tier"),
    [
        (2_000_000, 0, 0, PIN),
        (2_000_001, 0, 0, PASSWORD),
        (50_000_000, 0, 0, PASSWORD),
        (50_000_001, 0, 0, ARS),
        (49_000_000, 1_000_000, 0, PASSWORD),
        (49_000_001, 1_000_000, 0, ARS),
        (1, 50_000_000, 0, ARS),
        (1, 49_999_999, 0, PIN),
        (2, 49_999_999, 0, ARS),
        (2_000_000, 8_000_000, 8_000_000, PIN),
        (2_000_000, 8_000_001, 8_000_001, PASSWORD),
        (1, 9_999_999, 9_999_999, PIN),
        (1, 10_000_000, 10_000_000, PASSWORD),
        (2_000_000, 30_000_000, 8_000_000, PIN),
    ],
)
def test_the_strict_profile_counts_the_day(amount, total, pin_only, tier) -> None:
    assert decided(STRICT, amount, total=total, pin_only=pin_only) == tier


def test_thirty_times_two_million_in_a_day_climb_through_every_tier() -> None:
    total = pin_only = 0
    climbed = []
    for _ in range(30):
        tier = decided(STRICT, 2_000_000, total=total, pin_only=pin_only)
        climbed.append(tier)
        total += 2_000_000
        pin_only += 2_000_000 if tier == PIN else 0

    assert climbed == [PIN] * 5 + [PASSWORD] * 20 + [ARS] * 5


def test_ten_times_forty_nine_million_do_not_skip_the_call() -> None:
    climbed = [decided(STRICT, 49_000_000, total=n * 49_000_000) for n in range(10)]

    assert climbed == [PASSWORD] + [ARS] * 9


@pytest.mark.parametrize(("hours", "open_"), [(23, False), (24, True)])
def test_a_new_device_sends_only_in_the_lowest_tier(hours, open_) -> None:
    fresh = Standing(NOW, Instant(NOW - hours * HOUR), LONG_AGO)

    assert decided(STRICT, 2_000_000, standing=fresh) == PIN
    assert decided(STRICT, 2_000_001, standing=fresh) == (PASSWORD if open_ else "new_device_limit")
    assert decided(SEED, 2_000_001, standing=fresh) == PASSWORD


@pytest.mark.parametrize(("hours", "open_"), [(23, False), (24, True)])
def test_a_new_number_is_not_called(hours, open_) -> None:
    fresh = Standing(NOW, LONG_AGO, Instant(NOW - hours * HOUR))

    assert decided(STRICT, 50_000_000, standing=fresh) == PASSWORD
    assert decided(STRICT, 50_000_001, standing=fresh) == (ARS if open_ else "ars_number_too_new")


@pytest.mark.parametrize(
    ("shown", "amount", "missing"),
    [
        ({Factor.PIN}, 2_000_000, None),
        ({Factor.PIN}, 2_000_001, ["account_password"]),
        ({Factor.PIN}, 50_000_001, ["account_password", "ars"]),
        ({Factor.PIN, Factor.ACCOUNT_PASSWORD}, 50_000_000, None),
        ({Factor.PIN, Factor.ACCOUNT_PASSWORD}, 50_000_001, ["ars"]),
        (set(Factor), 500_000_000, None),
    ],
)
def test_factors_shown_are_held_against_the_rules_of_the_moment(shown, amount, missing) -> None:
    use = DayUse(DAY)

    refused = tiers.still_enough(SEED.transfers, amount, use, SETTLED, frozenset(shown))

    assert (None if refused is None else refused.figures["needed"]) == missing


def test_bands_follow_one_another_without_a_gap() -> None:
    for total in (0, 1, 9_000_000, 49_999_999, 50_000_000, 99_000_000):
        for pin_only in (0, 9_000_000, 10_000_000):
            use = DayUse(DAY, max(total, pin_only), pin_only)
            found = [*tiers.bands(STRICT.transfers, use)]
            assert [b.above for b in found[1:]] == [b.up_to for b in found[:-1]]
            assert found[-1].up_to == STRICT.transfers.tiers[-1].up_to


def test_the_limits_screen_says_what_the_rules_do() -> None:
    limits = Limits("c1", 100_000_000, 500_000_000, DayUse(DAY, 9_000_000, 9_000_000))

    shown = room(STRICT, limits, SETTLED)

    ends = [(tier.name, tier.at_least, tier.up_to, tier.open) for tier in shown.tiers]
    assert ends == [
        (PIN, 1, 1_000_000, True),
        (PASSWORD, 1_000_001, 41_000_000, True),
        (ARS, 41_000_001, 100_000_000, True),
    ]
    for tier in shown.tiers:
        for amount in (tier.at_least, tier.up_to):
            assert decided(STRICT, amount, total=9_000_000, pin_only=9_000_000) == tier.name
    assert [str(reason.code) for reason in shown.reasons] == ["pin_only_cap", "day_total_needs_ars"]


def test_the_limits_screen_says_why_a_tier_is_closed() -> None:
    fresh = Standing(NOW, NOW, LONG_AGO)
    spent = Limits("c1", 3_000_000, 5_000_000, DayUse(DAY, 3_500_000))

    new_device = room(STRICT, spent, fresh)
    own_limits = room(SEED, spent, SETTLED)

    assert [tier.why_closed for tier in new_device.tiers] == [None] + ["new_device_limit"] * 2
    assert [tier.why_closed for tier in own_limits.tiers] == [
        None,
        "over_daily_limit",
        "over_per_transfer_limit",
    ]
    assert own_limits.tiers[0].up_to == own_limits.left_today == 1_500_000


def account(cap: int | None, used: int = 0, *, status=AccountStatus.OPEN) -> AccountView:
    return AccountView(
        id="a1", number="1", name="통장", kind="current", status=status, balance=10**9, held=0,
        version=0, opened_at=LONG_AGO, day_cap=cap, used_day=DAY, used=used,
    )  # fmt: skip


def test_who_has_nothing_but_limited_accounts_is_shown_what_those_may_send() -> None:
    limits = Limits("c1", 500_000_000, 500_000_000, DayUse(DAY, 400_000))
    own = [account(1_000_000, 400_000), account(0), account(None, status=AccountStatus.CLOSED)]

    shown = room(SEED, limits, SETTLED, caps=capped(own, DAY))

    assert shown.left_today == 600_000
    assert [(tier.up_to, tier.why_closed) for tier in shown.tiers] == [
        (600_000, None),
        (50_000_000, "over_account_day_limit"),
        (500_000_000, "over_account_day_limit"),
    ]
    first = shown.reasons[0]
    assert (first.code, dict(first.figures)) == (
        "over_account_day_limit",
        {"limit": 1_000_000, "left_today": 600_000},
    )


def test_caps_add_up_over_a_day_and_not_within_one_transfer() -> None:
    limits = Limits("c1", 500_000_000, 500_000_000, DayUse(DAY))
    own = [account(3_000_000), account(1_000_000)]

    shown = room(SEED, limits, SETTLED, caps=capped(own, DAY))

    assert shown.left_today == 4_000_000
    assert shown.tiers[1].up_to == 3_000_000


def test_an_account_for_which_no_check_was_passed_leaves_nothing_to_send() -> None:
    limits = Limits("c1", 500_000_000, 500_000_000, DayUse(DAY))

    shown = room(SEED, limits, SETTLED, caps=capped([account(0)], DAY))

    assert shown.left_today == 0
    assert {tier.why_closed for tier in shown.tiers} == {"over_account_day_limit"}


@pytest.mark.parametrize("own", [[], [account(None)], [account(0), account(None)]])
def test_one_account_without_a_cap_is_enough_to_send_the_whole(own) -> None:
    limits = Limits("c1", 500_000_000, 500_000_000, DayUse(DAY))

    shown = room(SEED, limits, SETTLED, caps=capped(own, DAY))

    assert (shown.left_today, shown.reasons) == (500_000_000, ())


def test_the_day_ends_at_midnight_in_seoul() -> None:
    reset = next_midnight(NOW)  # 2027-01-15 17:00 in Seoul

    assert reset == NOW + 7 * HOUR


def test_a_policy_without_a_call_never_asks_for_one() -> None:
    rules = msgspec.structs.replace(STRICT.transfers, tiers=STRICT.transfers.tiers[:2])

    found = tiers.decide(rules, 50_000_000, DayUse(DAY), SETTLED)

    assert not isinstance(found, Refusal)
    assert found.name == PASSWORD
