"""The rules of the ledger against the simplest bank there is; and mutants that must be caught.

Each mutant is one mistake a ledger can make. A machine that does not notice it proves nothing.
"""

from dataclasses import replace

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from tests.unit.ledger.machine import HOLD_MAX, Bank, examples

from dojang.kernel.clock import DAY, HOUR, Instant, utc
from dojang.ledger import DayUse, Kind, Request, rules
from dojang.ledger.model import Decision

QUICK = examples(100)
MUTANT = examples(2_000, 50, phases=[Phase.generate], derandomize=True)


def test_the_ledger_is_the_simplest_bank_there_is() -> None:
    run_state_machine_as_test(Bank, settings=QUICK)


class Doublepost(Bank):
    """A repeated id is posted again."""

    @staticmethod
    def walk_all(state, requests):
        state.known.clear()
        return rules.walk(state, requests)


class UtcDay(Bank):
    """Days end at midnight in Greenwich."""

    @staticmethod
    def day_of(now):
        at = utc(now)
        return at.year * 10_000 + at.month * 100 + at.day


class Backwards(Bank):
    """A clock that steps back opens the day again."""

    def ask(self, request):
        self.day = 0
        for who, one in self.state.limits.items():
            if one.use.day > self.day_of(self.now):
                self.state.limits[who] = one.used(DayUse(self.day_of(self.now)))
        return super().ask(request)


class Holdfree(Bank):
    """Money set aside can be spent."""

    @staticmethod
    def walk_all(state, requests):
        held = {name: one.held for name, one in state.accounts.items()}
        state.accounts = {n: one._replace(held=0) for n, one in state.accounts.items()}
        found = rules.walk(state, requests)
        state.accounts = {
            n: one._replace(held=held[n] + one.held) for n, one in state.accounts.items()
        }
        return found


class Norefund(Bank):
    """What is voided stays counted into the day."""

    @staticmethod
    def walk_all(state, requests):
        before = dict(state.limits)
        found = rules.walk(state, requests)
        for one in found[0]:
            if one.request.kind is Kind.VOID and one.limits is not None:
                state.limits[one.limits.customer_id] = before[one.limits.customer_id]
        return found


class Immortal(Bank):
    """A hold whose time is over can still be posted."""

    @staticmethod
    def walk_all(state, requests):
        now, state.now = state.now, Instant(0)
        kinds = {asked.kind for asked in requests}
        found = rules.walk(state, requests) if Kind.POST in kinds else None
        state.now = now
        return found or rules.walk(state, requests)


class Twice(Bank):
    """A hold can be resolved more than once."""

    @staticmethod
    def walk_all(state, requests):
        for asked in requests:
            if asked.ref in state.holds and asked.kind is Kind.POST:
                resolved = state.holds[asked.ref]
                state.holds[asked.ref] = replace(
                    resolved, state=rules.HoldState.OPEN, resolved_by=None, posted=None
                )
        return rules.walk(state, requests)


@pytest.mark.parametrize(
    "mutant", [Doublepost, UtcDay, Backwards, Holdfree, Norefund, Immortal, Twice]
)
def test_a_mutant_is_caught(mutant) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(mutant, settings=MUTANT)


KINDS = st.sampled_from(list(Kind))
IDS = st.sampled_from(["t1", "t2", "t3", "t1:expire"])
PLACES = st.sampled_from(["a1", "a2", "b1", "bank", "nowhere"])
REQUESTS = st.builds(
    Request,
    id=IDS,
    kind=KINDS,
    debit=PLACES,
    credit=PLACES,
    amount=st.sampled_from([-1, 0, 1, 299, 300, 301, 500, 501, 10**15, 10**15 + 1]),
    subject=st.sampled_from(["c1", "c2", ""]),
    currency=st.sampled_from(["KRW", "USD"]),
    ref=st.none() | IDS,
    expires_at=st.none() | st.sampled_from([Instant(0), Instant(1_800_000_000_000_000 + HOUR)]),
    authorization=st.none() | st.just("s"),
    pin_only=st.booleans(),
    registered=st.booleans(),
)


@examples(300)
@given(st.lists(REQUESTS, max_size=12), st.integers(0, 2 * DAY))
def test_whatever_is_asked_a_refusal_leaves_everything_as_it_was(asked, later) -> None:
    bank = Bank()
    state = bank.state
    for n, request in enumerate(asked):
        state.now = Instant(bank.now + later * n)
        before = (dict(state.accounts), dict(state.limits), dict(state.holds), dict(state.known))

        answer = rules.apply(state, request)

        after = (state.accounts, state.limits, state.holds, state.known)
        assert before == after
        if isinstance(answer, Decision):
            if answer.refusal is not None:
                nothing = (answer.postings, answer.accounts, answer.limits, answer.hold)
                assert nothing == ((), (), None, None)
            state.accept(answer)
        assert all(one.available >= one.floor and one.held >= 0 for one in state.accounts.values())
        assert sum(one.posted for one in state.accounts.values()) == 0


@examples(100)
@given(st.lists(REQUESTS, max_size=30), st.data())
def test_a_sequence_comes_to_the_same_in_parts_of_any_size(asked, data) -> None:
    whole, cut = Bank().state, Bank().state
    whole.hold_max = cut.hold_max = HOLD_MAX
    decided, answers = rules.walk(whole, asked)
    found, told = [], []
    while len(told) < len(asked):
        size = data.draw(st.integers(1, 30))
        more, said = rules.walk(cut, asked[len(told) : len(told) + size])
        found += more
        told += said

    assert (found, told) == (decided, answers)
    assert (cut.accounts, cut.limits, cut.holds) == (whole.accounts, whole.limits, whole.holds)
