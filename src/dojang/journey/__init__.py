"""The whole main job (MISSION A 1 to 6) over HTTP against a fresh bank, every promise checked.

`walk(as_json=..., keep=...)` starts a demo bank in a process of its own on a temporary folder,
plays its customers with the Python phone, and compares what the bank says with what can be seen
from outside: signatures, CRL and OCSP, the books in the database file, the messages on a handset.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from dojang.journey import (
    issuing,
    kept,
    killing,
    living,
    opening,
    receiving,
    safeguarding,
    sending,
    unlocking,
    witnessing,
)
from dojang.journey.lie import Lie
from dojang.journey.report import Report, Stopwatch, reporting
from dojang.journey.served import Served
from dojang.journey.world import HANEUL, MINYONG, SEOYEON, World, no_clear_secret
from dojang.phone.http import NoAnswer, Refused

Step = Callable[[World], str]

BEFORE: Final[tuple[Step, ...]] = (
    issuing.a_bank_starts,
    issuing.terms_come_first,
    issuing.internet_banking_comes_before_prefilling,
    issuing.a_code_is_counted,
    issuing.an_account_password_is_the_second_evidence,
    issuing.both_certificates_are_issued,
    issuing.a_fresh_sim_issues_nothing,
    issuing.two_more_are_issued,
    unlocking.login_by_pin_and_pattern,
    unlocking.wrong_entries_are_counted_apart,
    sending.the_limits_are_explained,
    sending.up_to_two_million,
    sending.one_won_more,
    sending.fifty_million,
    sending.one_won_more_needs_a_call,
    sending.the_same_id_has_one_outcome,
    receiving.a_receipt_proves_the_transfer_without_the_bank,
    issuing.a_fresh_sim_reissues_nothing,
    living.the_customer_revokes,
)
"""These run in real time, so that what is kept after them holds for any machine's clock."""

AFTER: Final[tuple[Step, ...]] = (
    issuing.a_first_time_customer_enrols,
    issuing.a_code_ages,
    opening.an_account_is_opened_remotely,
    unlocking.an_idle_session_ends,
    unlocking.secrets_change_with_the_pin,
    sending.a_call_has_three_tries_and_two_minutes,
    unlocking.wrong_pins_lock_over_a_kill,
    issuing.a_reissue_ends_the_old_one,
    witnessing.the_phone_witnesses_the_log,
    safeguarding.a_delayed_transfer_waits,
    safeguarding.a_delayed_transfer_is_cancelled,
    safeguarding.a_mistake_is_undone,
    safeguarding.others_share_a_million_a_day,
    safeguarding.the_limit_for_others_ends_by_who_identified,
    safeguarding.a_message_stands_for_the_call,
    safeguarding.a_security_key_stands_for_the_call,
    sending.the_day_has_a_limit,
    killing.a_signed_transfer_survives_a_kill,
    killing.a_kill_in_the_middle_of_signing,
    sending.limits_go_down_freely,
    safeguarding.limits_are_raised_by_who_identified,
    sending.the_statement_adds_up,
    sending.nine_reports_fraud,
    living.a_copied_phone_is_noticed,
    living.a_loss_is_reported_without_login,
    living.a_year_unused_ends_it,
    witnessing.the_audit_finds_nothing,
)


def the_log_is_whole(world: World) -> str:
    """The last step: everything above, seen once more in the books."""
    leaves = world.books.chain()
    postings = world.books.balance_sheet()
    world.books.open_orders()
    for person in (MINYONG, SEOYEON, HANEUL):
        no_clear_secret(world, person)
    return f"{leaves} leaves, each hashed again; {postings} postings add to 0; no secret in clear"


def walk(*, as_json: bool, keep: Path | None) -> int:
    """0 when every step was proved, 1 at the first lie."""
    with tempfile.TemporaryDirectory(prefix="dojang-journey-") as temporary:
        folder = Path(temporary)
        kept_in = keep or folder / "kept"
        steps: tuple[Step, ...] = (*BEFORE, partial(_keep, kept_in), *AFTER, the_log_is_whole)
        bank = Served(folder / "bank")
        with reporting(as_json=as_json, steps=len(steps)) as report:
            try:
                bank.start()
                done = _walk(World(folder, bank), steps, report)
            finally:
                bank.stop()
            _end(report, done, len(steps))
        if done < len(steps):
            sys.stderr.write(bank.log_text()[-4_000:])
        return 0 if done == len(steps) else 1


def _keep(folder: Path, world: World) -> str:
    return kept.keep(world, folder)


def _walk(world: World, steps: tuple[Step, ...], report: Report) -> int:
    """How many steps were proved before the first lie."""
    for done, step in enumerate(steps):
        name = _name(step)
        report.begin(name)
        watch = Stopwatch()
        try:
            world.stay_within_a_day()
            proved = step(world)
        except (Lie, Refused, NoAnswer) as lie:
            report.told(name, f"{type(lie).__name__}: {lie}", watch.milliseconds, ok=False)
            return done
        except Exception as fault:  # noqa: BLE001 - whatever it is, the step was not proved
            words = f"{type(fault).__name__}: {fault}"
            report.told(name, words, watch.milliseconds, ok=False)
            return done
        report.told(name, proved, watch.milliseconds, ok=True)
    return len(steps)


def _name(step: Step) -> str:
    named = step.func if isinstance(step, partial) else step
    words = str(named.__name__) if named is not _keep else "what_an_outsider_can_check"
    return words.replace("_", " ")


def _end(report: Report, done: int, steps: int) -> None:
    ok = done == steps
    report.end(f"{done} of {steps} steps proved" + ("." if ok else "; then a lie."), ok=ok)
