"""The ledger against the simplest bank there is, with time and amounts aimed at the edges.

`apply` is walked as the committer does it, in batches of any size, and the same sequence cut into
other batches must come to the same. Mutants that must die: `doublepost`, `utcday`.
"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.unit.ledger.model import Purse, Simple

from dojang.kernel.clock import DAY, HOUR, SECOND, Instant, seoul_day, utc
from dojang.ledger import DayUse, Limits, Refused, Request, rules
from dojang.ledger.model import KRW, Account, AccountStatus, Again, Decision
from dojang.ledger.rules import State

PER_TRANSFER, PER_DAY = 500, 800
START = Instant(1_800_000_000_000_000)
OWNERS = {"a1": "c1", "a2": "c1", "b1": "c2"}
NAMES = st.sampled_from([*OWNERS, "nowhere"])
WHO = st.sampled_from(["c1", "c2", "c3"])
MIDNIGHTS = [
    (9 + 15) * HOUR - 9 * HOUR - SECOND,  # a second before midnight in Seoul (15:00 UTC)
    (9 + 15) * HOUR - 9 * HOUR,
    DAY - SECOND,  # a second before midnight in UTC
    DAY,
]


def account(name: str, owner: str | None, posted: int, floor: int = 0) -> Account:
    return Account(name, owner, KRW, posted, 0, floor, 0, AccountStatus.OPEN)


class Bank(RuleBasedStateMachine):
    """`apply` over a State that lives as long as the test, as rows would."""

    apply = staticmethod(rules.apply)
    day_of = staticmethod(seoul_day)

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.day = 0
        opening = {"a1": 2_000, "a2": 300, "b1": 1_000}
        accounts = {n: account(n, OWNERS[n], opening[n]) for n in OWNERS}
        accounts["bank"] = account("bank", None, -sum(opening.values()), -(10**17))
        limits = {c: Limits(c, PER_TRANSFER, PER_DAY, DayUse(0)) for c in ("c1", "c2", "c3")}
        self.state = State(day=0, accounts=accounts, limits=limits, now=self.now)
        self.simple = Simple(PER_TRANSFER, PER_DAY)
        self.simple.purses = {n: Purse(OWNERS[n], opening[n]) for n in OWNERS}
        self.results: dict[str, str] = {}
        self.lines: list = []
        self.sent: dict[tuple[str, int], int] = {}
        self.asked: list[Request] = []
        self.count = 0

    def fresh(self, who: str, debit: str, credit: str, amount: int) -> Request:
        self.count += 1
        return Request(id=f"t{self.count}", debit=debit, credit=credit, amount=amount, subject=who)

    def walk(self, request: Request) -> None:
        """One request through both banks; they agree."""
        self.day = max(self.day, self.day_of(self.now))
        self.state.day = self.day
        before = (dict(self.state.accounts), dict(self.state.limits))
        answer = self.apply(self.state, request)
        assert before == (self.state.accounts, self.state.limits)  # apply changes nothing
        said = self.said(answer)
        expected = self.simple.tell(
            self.now, request.id, request.subject, request.debit, request.credit, request.amount
        )
        assert said == expected

    def said(self, answer) -> str:
        if isinstance(answer, Refused):
            return str(answer.code)
        if isinstance(answer, Again):
            return self.results[answer.id]
        assert isinstance(answer, Decision)
        self.state.accept(answer)
        self.lines += answer.postings
        result = "ok" if answer.refusal is None else str(answer.refusal.code)
        self.results[answer.request.id] = result
        self.asked.append(answer.request)
        if result == "ok":
            key = (answer.request.subject, answer.kst_day)
            self.sent[key] = self.sent.get(key, 0) + answer.request.amount
        return result

    @rule(who=WHO, debit=NAMES, credit=NAMES, amount=st.integers(-1, 2_500))
    def transfer(self, who, debit, credit, amount) -> None:
        self.walk(self.fresh(who, debit, credit, amount))

    @rule(debit=st.sampled_from(sorted(OWNERS)), off=st.sampled_from([-1, 0, 1]))
    def to_the_balance(self, debit, off) -> None:
        money = self.simple.purses[debit].money
        self.walk(self.fresh(OWNERS[debit], debit, "b1" if debit != "b1" else "a1", money + off))

    @rule(debit=st.sampled_from(["a1", "a2"]), off=st.sampled_from([-1, 0, 1]))
    def to_the_transfer_limit(self, debit, off) -> None:
        self.walk(self.fresh("c1", debit, "b1", PER_TRANSFER + off))

    @rule(debit=st.sampled_from(["a1", "a2"]), off=st.sampled_from([-1, 0, 1]))
    def to_the_daily_limit(self, debit, off) -> None:
        left = PER_DAY - self.state.limits["c1"].use_on(self.day).total
        self.walk(self.fresh("c1", debit, "b1", max(1, min(left + off, PER_TRANSFER))))

    @rule(amount=st.integers(100, 700))
    def money_comes_back(self, amount) -> None:
        self.walk(self.fresh("c2", "b1", "a1", amount))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def retry(self, data) -> None:
        self.walk(data.draw(st.sampled_from(self.asked)))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), change=st.sampled_from(["amount", "credit", "subject"]))
    def mismatch(self, data, change) -> None:
        asked = data.draw(st.sampled_from(self.asked))
        other = {"amount": asked.amount + 1, "credit": "b1", "subject": "c2"}[change]
        self.walk(replace(asked, **{change: other}))

    @rule(at=st.sampled_from(MIDNIGHTS))
    def to_a_midnight(self, at) -> None:
        today = utc(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = Instant(int(today.timestamp()) * SECOND)
        self.now = Instant(begin + at + (DAY if begin + at <= self.now else 0))

    @rule(back=st.sampled_from([SECOND, HOUR, DAY]))
    def clock_steps_back(self, back) -> None:
        self.now = Instant(self.now - back)

    @invariant()
    def the_sum_is_zero(self) -> None:
        assert sum(one.posted for one in self.state.accounts.values()) == 0

    @invariant()
    def balances_are_those_of_the_simple_bank(self) -> None:
        for name, purse in self.simple.purses.items():
            assert self.state.accounts[name].posted == purse.money >= 0

    @invariant()
    def no_day_exceeds_its_limit(self) -> None:
        assert all(total <= PER_DAY for total in self.sent.values())

    @invariant()
    def postings_cancel_out_and_versions_are_contiguous(self) -> None:
        for asked in self.asked:
            mine = [line.amount for line in self.lines if line.transfer_id == asked.id]
            assert sum(mine) == 0
            assert len(mine) == (2 if self.results[asked.id] == "ok" else 0)
        for name in self.state.accounts:
            versions = [line.version for line in self.lines if line.account_id == name]
            assert versions == list(range(1, len(versions) + 1))


QUICK = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_the_ledger_is_the_simplest_bank_there_is() -> None:
    run_state_machine_as_test(Bank, settings=QUICK)


def test_a_ledger_that_posts_a_repeated_id_again_is_caught() -> None:
    class Doublepost(Bank):
        @staticmethod
        def apply(state, request):
            state.known.pop(request.id, None)
            return rules.apply(state, request)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Doublepost, settings=QUICK)


def test_a_ledger_that_counts_days_in_utc_is_caught() -> None:
    class UtcDay(Bank):
        @staticmethod
        def day_of(now):
            at = utc(now)
            return at.year * 10_000 + at.month * 100 + at.day

    with pytest.raises(AssertionError):
        run_state_machine_as_test(UtcDay, settings=QUICK)


def test_a_ledger_that_forgets_the_monotone_day_is_caught() -> None:
    class Backwards(Bank):
        @staticmethod
        def apply(state, request):
            limits = {
                c: replace(one, use=one.use if one.use.day == state.day else DayUse(state.day))
                for c, one in state.limits.items()
            }
            return rules.apply(replace(state, limits=limits), request)

        def walk(self, request):
            self.day = 0
            super().walk(request)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Backwards, settings=QUICK)
