"""What a policy says. Frozen; a change is a new version, and each decision names its version."""

import enum
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from dojang.policy.joint import Joint
from dojang.policy.opening import Opening, Statements, demand_sound

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Amount = Annotated[int, Meta(ge=0, le=10**15)]


class Factor(enum.StrEnum):
    """What a customer must show for an order, in the order in which it is asked."""

    ACCOUNT_PASSWORD = "account_password"  # noqa: S105 - the name of a factor
    ARS = "ars"
    PIN = "pin"


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """A band of amounts and what it needs. `up_to` is inclusive."""

    name: str
    up_to: Amount
    needs: tuple[Factor, ...]


class Transfers(Struct, frozen=True, forbid_unknown_fields=True):
    """Tiers and caps of sending money."""

    per_transfer: Amount
    per_day: Amount
    tiers: tuple[Tier, ...]
    ars_counts_day_total: bool
    """The boundary of the ARS tier counts what was already sent today."""
    pin_only_per_day: Amount | None
    """Above this day total, a PIN-only transfer needs the next tier's factors."""
    order_seconds: Seconds
    new_number_hours: Count
    new_device_hours: Count
    """After an issue without approval by the old phone: lowest tier only, for so long."""
    hold_seconds_max: Seconds
    """No hold lives longer."""
    unregistered_per_day: Amount
    """What a customer with designated payees may send to others in a day."""
    payee_lookups_per_hour: Count


class Safeguards(Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer may put between a signature and the money.

    A wait of `…_hours` is for what weakens a protection; what strengthens one is at once.
    """

    delay_hours_min: Count
    delay_hours_max: Count
    delay_off_hours: Count
    """Shortening the delay, turning it off or sparing designated payees waits so long."""
    cancel_before_minutes: Count
    """A delayed transfer is cancelled until so long before it is sent."""
    undo_seconds: Seconds
    designated_wait_hours: Count
    """A payee counts as designated so long after it was added."""
    designated_off_hours: Count
    designated_max: Count
    sms_hold_minutes: Count
    """A text message stands for the call only with a hold of this length."""
    sms_hold_wait_hours: Count
    post_within_hours: Count
    """A hold that could not be posted for so long after it was due is given up."""
    second_device_wait_hours: Count = 24
    """A passkey on a second device stands for the call so long after it was registered."""


class Ars(Struct, frozen=True, forbid_unknown_fields=True):
    seconds: Seconds
    tries: Count


class SmsCode(Struct, frozen=True, forbid_unknown_fields=True):
    digits: Count
    seconds: Seconds
    tries: Count
    resend_after_seconds: Seconds
    per_hour_and_number: Count


class Tries(Struct, frozen=True, forbid_unknown_fields=True):
    """How many wrong entries in a row each secret survives."""

    pin: Count
    pattern: Count
    account_password: Count
    internet_banking: Count
    internet_banking_per_source_hour: Count
    internet_banking_strangers: Count
    """Wrong entries in a row from all unknown devices together (SP 800-63B: no more than 100)."""
    internet_banking_lock_hours: Count
    """After the first round of wrong entries; each further round doubles it."""
    internet_banking_lock_hours_max: Count


class Sessions(Struct, frozen=True, forbid_unknown_fields=True):
    idle_seconds: Seconds
    absolute_seconds: Seconds
    identified_seconds: Seconds = 600
    """So long after being identified again a session may weaken a protection."""


class Life(Struct, frozen=True, forbid_unknown_fields=True):
    """The life of a certificate and of what leads to it."""

    dormant_days: Count
    dormancy_notice_days: tuple[Count, ...]
    enrolment_seconds: Seconds
    key_enrolment_seconds: Seconds
    signing_seconds: Seconds
    """How long a signing session stays open for the same bytes sent again."""
    method_change_seconds: Seconds
    login_seconds: Seconds
    sim_changed_hours: Count
    """A SIM younger than this is no evidence."""
    loss_reports_per_source_day: Count
    records_years: Count


class Status(Struct, frozen=True, forbid_unknown_fields=True):
    """How long what the CA says about a certificate may be believed."""

    ocsp_seconds: Seconds
    crl_seconds: Seconds


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """One version. `version` is the row's number and stands in everything decided by it."""

    version: int
    profile: str
    transfers: Transfers
    safeguards: Safeguards
    ars: Ars
    sms_code: SmsCode
    tries: Tries
    sessions: Sessions
    life: Life
    status: Status
    opening: Opening
    statements: Statements
    joint: Joint = Joint()


_POLICY: Final = msgspec.json.Decoder(Policy)
"""Made before there are threads: msgspec (0.22) learns a shape at its first use, and two threads
that do so at once end the process."""


def decode(body: bytes) -> Policy:
    """Strictly: unknown fields, strings for numbers and out-of-range figures are refused."""
    policy = _POLICY.decode(body)
    ceilings = [tier.up_to for tier in policy.transfers.tiers]
    if not ceilings or ceilings != sorted(set(ceilings)):
        raise ValueError("tiers must rise")
    if _longest_hold_seconds(policy.safeguards) > policy.transfers.hold_seconds_max:
        raise ValueError("a hold would outlive hold_seconds_max")
    demand_sound(policy.opening)
    return policy


def _longest_hold_seconds(rules: Safeguards) -> int:
    """The longest hold that these safeguards can ask for, with the time to post it late."""
    held = (rules.delay_hours_max * 3_600, rules.sms_hold_minutes * 60, rules.undo_seconds)
    return max(held) + rules.post_within_hours * 3_600
