"""Which factors an amount needs right now: the policy's tiers, as today's use has moved them.

Pure. The bands are computed once and then only looked up, so that what the limits screen shows,
what an order is told, and what the ledger enforces cannot differ.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from dojang.kernel.clock import HOUR, Instant
from dojang.ledger.model import DayUse, Refusal
from dojang.policy import Factor, Tier
from dojang.policy.model import Transfers

PIN_ONLY: Final = (Factor.PIN,)


class Standing(NamedTuple):
    """What is known of the customer besides the use of the day. 0 where nothing waits."""

    now: Instant
    issued_at: Instant
    """When the certificate was issued."""
    phone_since: Instant


class Band(NamedTuple):
    """A tier as it stands now: amounts from `above` (exclusive) to `up_to` (inclusive).

    `narrowed` says why it ends below what the policy's table says, if it does.
    """

    tier: Tier
    above: int
    up_to: int
    narrowed: str | None


def bands(rules: Transfers, use: DayUse) -> Iterator[Band]:
    """One band a tier, in rising order; a band whose `up_to` is not over its `above` is empty.

    `ars_counts_day_total`: what is sent without a call may not bring the day's total over the
    ceiling under the ARS tier. `pin_only_per_day`: what is sent with the PIN alone stays within it.
    """
    above = 0
    ceiling = _ceiling_without_ars(rules) if rules.ars_counts_day_total else 0
    for tier in rules.tiers:
        up_to, narrowed = tier.up_to, None
        if rules.ars_counts_day_total and Factor.ARS not in tier.needs:
            left = ceiling - use.total
            up_to, narrowed = _lower(up_to, narrowed, left, "day_total_needs_ars")
        if rules.pin_only_per_day is not None and tier.needs == PIN_ONLY:
            left = rules.pin_only_per_day - use.pin_only
            up_to, narrowed = _lower(up_to, narrowed, left, "pin_only_cap")
        up_to = max(up_to, above)
        yield Band(tier, above, up_to, narrowed)
        above = up_to


def decide(rules: Transfers, amount: int, use: DayUse, standing: Standing) -> Tier | Refusal:
    """The tier of this amount now, or why no tier takes it."""
    band = next((b for b in bands(rules, use) if amount <= b.up_to), None)
    if band is None:
        return Refusal("over_per_transfer_limit", {"limit": rules.tiers[-1].up_to})
    return closed(rules, band.tier, standing) or band.tier


def closed(rules: Transfers, tier: Tier, standing: Standing) -> Refusal | None:
    """Why this tier is closed to this customer for now, whatever the amount."""
    until = standing.issued_at + rules.new_device_hours * HOUR
    if tier.name != rules.tiers[0].name and standing.now < until:
        return Refusal("new_device_limit", {"until": until})
    callable_at = standing.phone_since + rules.new_number_hours * HOUR
    if Factor.ARS in tier.needs and standing.now < callable_at:
        return Refusal("ars_number_too_new", {"until": callable_at})
    return None


def still_enough(
    rules: Transfers, amount: int, use: DayUse, standing: Standing, shown: frozenset[Factor]
) -> Refusal | None:
    """Asked again where the money moves: do the factors shown still cover this amount?"""
    tier = decide(rules, amount, use, standing)
    if isinstance(tier, Refusal):
        return tier
    missing = [factor.value for factor in tier.needs if factor not in shown]
    return Refusal("more_factors_needed", {"needed": missing}) if missing else None


def _ceiling_without_ars(rules: Transfers) -> int:
    """The highest amount that the table lets through without a call."""
    return max((t.up_to for t in rules.tiers if Factor.ARS not in t.needs), default=0)


def _lower(up_to: int, narrowed: str | None, left: int, why: str) -> tuple[int, str | None]:
    return (max(left, 0), why) if left < up_to else (up_to, narrowed)
