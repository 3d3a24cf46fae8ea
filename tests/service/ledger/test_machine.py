"""The whole ledger, on a real database, beside the simplest bank there is."""

import os

import msgspec
import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from tests.unit.ledger.machine import (
    HOLD_MAX,
    OPENING,
    OWNERS,
    PER_DAY,
    PER_TRANSFER,
    START,
    STRANGERS_PER_DAY,
    Bank,
    examples,
)

from dojang import policy
from dojang.db import Database
from dojang.kernel.clock import DAY, HOUR, SECOND, Instant, MovableClock
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import DayUse, Hold, Ledger, Refused, Request, accounts, holds_store
from dojang.ledger.committer import OWN
from dojang.ledger.tables import account, hold, limit_profile, posting
from dojang.policy.profiles import SEED

EXAMPLES = int(os.environ.get("DOJANG_MACHINE_EXAMPLES", "15"))
"""A night's run takes 2000."""


@pytest.fixture
def served(db: Database, clock: MovableClock, ids: Ids, entropy: Entropy):
    """The machine over this database. Every example is a bank of its own within it."""
    figures = msgspec.structs.replace(
        SEED.transfers,
        unregistered_per_day=STRANGERS_PER_DAY,
        hold_seconds_max=HOLD_MAX // SECOND,
    )
    with db.transaction() as tx:
        policy.adopt(
            tx,
            msgspec.structs.replace(SEED, transfers=figures),
            effective_at=Instant(START - HOUR),
        )

    class Served(Bank):
        made = 0

        def open(self) -> None:
            Served.made += 1
            self.run = f"{Served.made}-"
            clock.move(self.now - clock.now())
            self.ledger = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
            self.ledger.found()
            for name, owner in OWNERS.items():
                with db.transaction() as tx:
                    self.ledger.open_account(
                        tx, self.run + owner, name="", account_id=self.run + name
                    )
                self.ledger.deposit(
                    f"{self.run}opening-{name}", self.run + name, OPENING[name], payer=""
                )
            for who in ("c1", "c2"):
                with db.transaction() as tx:
                    accounts.set_limits(
                        tx,
                        self.run + who,
                        per_transfer=PER_TRANSFER,
                        per_day=PER_DAY,
                        authorization="",
                    )
                    accounts.designate(tx, self.run + who, on=True)

        def named(self, request: Request) -> Request:
            """The same request among the names of this example."""
            names = {n: self.run + getattr(request, n) for n in ("id", "debit", "credit")}
            ref = None if request.ref is None else self.run + request.ref
            return msgspec.structs.replace(
                request, subject=self.run + request.subject, ref=ref, **names
            )

        def ask(self, request: Request) -> str:
            clock.move(self.now - clock.now())
            (answer,) = self.ledger.post([self.named(request)])
            if isinstance(answer, Refused):
                return str(answer.code)
            return "ok" if answer.refusal is None else str(answer.refusal.code)

        def mine(self, name: str) -> bool:
            return name.startswith(self.run)

        def rows(self, query) -> list:
            with db.snapshot() as tx:
                return tx.execute(query).all()

        def balances(self) -> dict[str, tuple[int, int]]:
            rows = self.rows(select(account.c.id, account.c.posted, account.c.held))
            found = {
                r.id.removeprefix(self.run): (r.posted, r.held) for r in rows if self.mine(r.id)
            }
            outside = sum(r.posted for r in rows if r.id in OWN or not self.mine(r.id))
            return {**found, "all others": (outside, 0)}

        def use(self, who: str) -> DayUse:
            own = limit_profile.c.customer_id == self.run + who
            (row,) = self.rows(select(limit_profile).where(own))
            return DayUse(row.used_day, row.used, row.used_pin_only, row.used_unregistered)

        def holds(self) -> dict[str, Hold]:
            ids = [r.id for r in self.rows(select(hold.c.id)) if self.mine(r.id)]
            with db.snapshot() as tx:
                found = holds_store.concerned(tx, [], ids)
            return {name.removeprefix(self.run): one for name, one in found.items()}

        def postings(self) -> list:
            order = (posting.c.account_id, posting.c.version)
            return self.rows(select(posting).order_by(*order))

        @rule(back=st.sampled_from([SECOND, HOUR, DAY]))
        def clock_steps_back(self, back) -> None:
            self.now = Instant(max(START, self.now - back))

        @invariant()
        def the_owner_sees_what_the_notes_say(self) -> None:
            clock.move(self.now - clock.now())
            with db.snapshot() as tx:
                shown = {n: accounts.owned(tx, self.run + OWNERS[n], self.run + n) for n in OWNERS}
            for name, one in shown.items():
                held = sum(
                    note.amount
                    for note in self.simple.notes.values()
                    if note.debit == name and not note.how and self.now < note.until
                )
                assert (one.balance, one.held) == (self.simple.purses[name].money, held)

    return Served


def test_the_ledger_on_a_database_is_the_simplest_bank_there_is(served) -> None:
    run_state_machine_as_test(served, settings=examples(EXAMPLES, 30))


def test_a_ledger_that_reads_held_money_as_free_is_caught(served, monkeypatch) -> None:
    from dojang.ledger import store

    locked = store.locked_accounts
    monkeypatch.setattr(
        store,
        "locked_accounts",
        lambda tx, ids: {n: one._replace(held=0) for n, one in locked(tx, ids).items()},
    )

    with pytest.raises(Exception, match=r"assert|CHECK|ck_|hold"):
        run_state_machine_as_test(
            served, settings=examples(60, 30, phases=[Phase.generate], derandomize=True)
        )
