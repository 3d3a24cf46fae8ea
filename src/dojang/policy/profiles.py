"""The two profiles a bank starts from. Data: the first rows of `policy_version`."""

from typing import Final

import msgspec

from dojang.policy.model import (
    Ars,
    Factor,
    Life,
    Policy,
    Safeguards,
    Sessions,
    SmsCode,
    Status,
    Tier,
    Transfers,
    Tries,
)
from dojang.policy.opening import Check, OneWon, Opening, Statements

_TIERS: Final = (
    Tier(name="pin", up_to=2_000_000, needs=(Factor.PIN,)),
    Tier(name="password", up_to=50_000_000, needs=(Factor.ACCOUNT_PASSWORD, Factor.PIN)),
    Tier(name="ars", up_to=500_000_000, needs=(Factor.ACCOUNT_PASSWORD, Factor.ARS, Factor.PIN)),
)

_OPENING: Final = Opening(
    seconds=86_400,
    per_day=5,
    account=((Check.ID_CARD,), (Check.FACE, Check.ONE_WON)),
    unlock=((Check.ID_CARD,),),
    release=((Check.ID_CARD,),),
    tries=5,
    uploads_per_day=30,
    image_bytes_max=4 * 2**20,
    image_pixels_max=16_000_000,
    image_side_max=1_600,
    image_kept_days=0,
    one_won=OneWon(digits=4, seconds=600, tries=3, per_person_day=5, per_account_day=3),
    limited_per_day=1_000_000,
)

SEED: Final = Policy(
    version=0,
    profile="seed",
    transfers=Transfers(
        per_transfer=500_000_000,
        per_day=500_000_000,
        tiers=_TIERS,
        ars_counts_day_total=False,
        pin_only_per_day=None,
        order_seconds=600,
        new_number_hours=0,
        new_device_hours=0,
        hold_seconds_max=604_800,
        unregistered_per_day=1_000_000,
        payee_lookups_per_hour=100,
    ),
    safeguards=Safeguards(
        delay_hours_min=3,
        delay_hours_max=48,
        delay_off_hours=0,
        cancel_before_minutes=30,
        undo_seconds=10,
        designated_wait_hours=0,
        designated_off_hours=0,
        designated_max=100,
        sms_hold_minutes=30,
        sms_hold_wait_hours=0,
        post_within_hours=24,
        second_device_wait_hours=24,
    ),
    ars=Ars(seconds=120, tries=3),
    sms_code=SmsCode(
        digits=6, seconds=180, tries=5, resend_after_seconds=60, per_hour_and_number=5
    ),
    tries=Tries(
        pin=5,
        pattern=5,
        account_password=5,
        internet_banking=5,
        internet_banking_per_source_hour=30,
        internet_banking_strangers=100,
        internet_banking_lock_hours=1,
        internet_banking_lock_hours_max=24,
    ),
    sessions=Sessions(idle_seconds=600, absolute_seconds=43_200, identified_seconds=600),
    life=Life(
        dormant_days=365,
        dormancy_notice_days=(30, 7, 1),
        enrolment_seconds=3_600,
        key_enrolment_seconds=600,
        signing_seconds=120,
        method_change_seconds=600,
        login_seconds=300,
        sim_changed_hours=72,
        loss_reports_per_source_day=3,
        records_years=5,
    ),
    status=Status(ocsp_seconds=600, crl_seconds=86_400),
    opening=_OPENING,
    statements=Statements(csv_rows=10_000, pdf_rows=2_000),
)

STRICT: Final = msgspec.structs.replace(
    SEED,
    profile="strict",
    transfers=msgspec.structs.replace(
        SEED.transfers,
        per_transfer=100_000_000,
        ars_counts_day_total=True,
        pin_only_per_day=10_000_000,
        new_number_hours=24,
        new_device_hours=24,
    ),
    safeguards=msgspec.structs.replace(
        SEED.safeguards,
        delay_off_hours=24,
        designated_wait_hours=24,
        designated_off_hours=24,
        sms_hold_wait_hours=24,
    ),
    opening=msgspec.structs.replace(
        SEED.opening, account=((Check.ID_CARD,), (Check.FACE,), (Check.ONE_WON,))
    ),
)

PROFILES: Final = {policy.profile: policy for policy in (SEED, STRICT)}
