"""The ledger beside the simplest bank there is, with time and amounts aimed at the edges.

`Bank` walks `apply` over a State that lives as long as the test, as rows would. A subclass asks a
real ledger instead, or a mutant of ours.
"""

from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import structs
from tests.unit.ledger.model import Purse, Simple

from dojang.kernel.clock import DAY, HOUR, SECOND, Instant, seoul_day, utc
from dojang.ledger import DayUse, Hold, HoldState, Kind, Limits, Refused, Request, rules
from dojang.ledger.model import KRW, Account, AccountStatus, Again
from dojang.ledger.rules import State

PER_TRANSFER, PER_DAY, STRANGERS_PER_DAY = 500, 800, 300
HOLD_MAX = 7 * DAY
START = Instant(1_800_000_000_000_000)
OWNERS = {"a1": "c1", "a2": "c1", "b1": "c2"}
OPENING = {"a1": 2_000, "a2": 300, "b1": 1_000}
NAMES = st.sampled_from([*OWNERS, "nowhere"])
WHO = st.sampled_from(["c1", "c2", "c3"])
OFF = st.sampled_from([-1, 0, 1])
MIDNIGHTS = [
    (9 + 15) * HOUR - 9 * HOUR - SECOND,  # a second before midnight in Seoul (15:00 UTC)
    (9 + 15) * HOUR - 9 * HOUR,
    DAY - SECOND,  # a second before midnight in UTC
    DAY,
]


def account(name: str, owner: str | None, posted: int, floor: int = 0) -> Account:
    return Account(name, owner, KRW, posted, 0, floor, 0, AccountStatus.OPEN)


class Bank(RuleBasedStateMachine):
    walk_all = staticmethod(rules.walk)
    day_of = staticmethod(seoul_day)

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.day = 0
        self.simple = Simple(PER_TRANSFER, PER_DAY, STRANGERS_PER_DAY, HOLD_MAX)
        self.simple.purses = {n: Purse(OWNERS[n], OPENING[n]) for n in OWNERS}
        self.results: dict[str, str] = {}
        self.lines: list = []
        self.asked: list[Request] = []
        self.count = 0
        self.open()

    def open(self) -> None:
        """The same bank for the code under test."""
        accounts = {n: account(n, OWNERS[n], OPENING[n]) for n in OWNERS}
        accounts["bank"] = account("bank", None, -sum(OPENING.values()), -(10**17))
        limits = {
            c: Limits(c, PER_TRANSFER, PER_DAY, DayUse(0), STRANGERS_PER_DAY)
            for c in ("c1", "c2", "c3")
        }
        self.state = State(0, accounts, limits, self.now, HOLD_MAX)

    def ask(self, request: Request) -> str:
        """What the code under test says."""
        self.day = max(self.day, self.day_of(self.now))
        self.state.day, self.state.now = self.day, self.now
        decided, (answer,) = self.walk_all(self.state, [request])
        for one in decided:
            self.lines += one.postings
            self.results[one.request.id] = "ok" if one.refusal is None else str(one.refusal.code)
        if isinstance(answer, Refused):
            return str(answer.code)
        return self.results[answer.id if isinstance(answer, Again) else answer.request.id]

    def balances(self) -> dict[str, tuple[int, int]]:
        """(posted, held) of each account."""
        return {n: (one.posted, one.held) for n, one in self.state.accounts.items()}

    def use(self, who: str) -> DayUse:
        return self.state.limits[who].use

    def holds(self) -> dict[str, Hold]:
        return self.state.holds

    def postings(self) -> Sequence:
        return self.lines

    def fresh(self, who: str, debit: str, credit: str, amount: int, **more) -> Request:
        self.count += 1
        asked = {"id": f"t{self.count}", "subject": who, **more}
        return Request(debit=debit, credit=credit, amount=amount, **asked)

    def walk(self, request: Request) -> None:
        """One request through both banks; they agree."""
        said = self.ask(request)
        assert said == self.simple.tell(self.now, request)
        if said not in {"malformed", "not_found", "id_mismatch"}:
            self.asked.append(request)

    @rule(who=WHO, debit=NAMES, credit=NAMES, amount=st.integers(-1, 2_500))
    def transfer(self, who, debit, credit, amount) -> None:
        self.walk(self.fresh(who, debit, credit, amount))

    @rule(debit=st.sampled_from(sorted(OWNERS)), off=OFF)
    def to_the_balance(self, debit, off) -> None:
        purse = self.simple.purses[debit]
        credit = "b1" if debit != "b1" else "a1"
        self.walk(self.fresh(OWNERS[debit], debit, credit, purse.money - purse.aside + off))

    @rule(debit=st.sampled_from(["a1", "a2"]), off=OFF)
    def to_the_transfer_limit(self, debit, off) -> None:
        self.walk(self.fresh("c1", debit, "b1", PER_TRANSFER + off))

    @rule(debit=st.sampled_from(["a1", "a2"]), off=OFF, held=st.booleans())
    def to_the_daily_limit(self, debit, off, held) -> None:
        self.simple.latest_day = max(self.simple.latest_day, seoul_day(self.now))
        left = PER_DAY - self.simple._today("c1").sent
        amount = max(1, min(left + off, PER_TRANSFER))
        self.walk(self.fresh("c1", debit, "b1", amount, **(self.until(HOUR) if held else {})))

    @rule(off=OFF)
    def to_the_limit_of_strangers(self, off) -> None:
        left = STRANGERS_PER_DAY - self.simple._today("c1").strangers
        self.walk(self.fresh("c1", "a1", "b1", max(1, left + off), registered=False))

    @rule(amount=st.integers(100, 700))
    def money_comes_back(self, amount) -> None:
        self.walk(self.fresh("c2", "b1", "a1", amount))

    def until(self, life: int) -> dict[str, object]:
        return {"kind": Kind.HOLD, "expires_at": Instant(self.now + life)}

    @rule(
        debit=st.sampled_from(["a1", "a2", "b1"]),
        amount=st.integers(1, 600),
        life=st.sampled_from([0, 1, SECOND, HOUR, DAY, HOLD_MAX, HOLD_MAX + 1]),
        pin_only=st.booleans(),
        registered=st.booleans(),
    )
    def hold(self, debit, amount, life, pin_only, registered) -> None:
        credit = "b1" if debit != "b1" else "a1"
        more = {**self.until(life), "pin_only": pin_only, "registered": registered}
        self.walk(self.fresh(OWNERS[debit], debit, credit, amount, **more))

    @precondition(lambda self: self.simple.notes)
    @rule(data=st.data(), kind=st.sampled_from([Kind.POST, Kind.VOID]), off=OFF | st.just(-50))
    def resolve(self, data, kind, off) -> None:
        ref = data.draw(st.sampled_from(sorted(self.simple.notes)))
        note = self.simple.notes[ref]
        amount = max(1, note.amount + off) if kind is Kind.POST else note.amount
        self.walk(self.fresh(note.owner, note.debit, note.credit, amount, kind=kind, ref=ref))

    @precondition(lambda self: self.simple.notes)
    @rule(data=st.data(), other=st.sampled_from(["debit", "credit", "ref"]))
    def resolve_what_is_not_there(self, data, other) -> None:
        ref = data.draw(st.sampled_from(sorted(self.simple.notes)))
        note = self.simple.notes[ref]
        asked = self.fresh(note.owner, note.debit, note.credit, 1, kind=Kind.POST, ref=ref)
        self.walk(
            structs.replace(asked, **{other: {"debit": "a2", "credit": "a2", "ref": "x"}[other]})
        )

    @precondition(lambda self: self.simple.notes)
    @rule(data=st.data(), off=st.sampled_from([-1, 0, 1]))
    def to_the_end_of_a_hold(self, data, off) -> None:
        ref = data.draw(st.sampled_from(sorted(self.simple.notes)))
        self.now = Instant(max(self.now, self.simple.notes[ref].until + off))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def retry(self, data) -> None:
        self.walk(data.draw(st.sampled_from(self.asked)))

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), change=st.sampled_from(["amount", "credit", "subject"]))
    def mismatch(self, data, change) -> None:
        asked = data.draw(st.sampled_from(self.asked))
        other = {"amount": asked.amount + 1, "credit": "b1", "subject": "c2"}[change]
        self.walk(structs.replace(asked, **{change: other}))

    @rule(at=st.sampled_from(MIDNIGHTS))
    def to_a_midnight(self, at) -> None:
        today = utc(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = Instant(int(today.timestamp()) * SECOND)
        self.now = Instant(begin + at + (DAY if begin + at <= self.now else 0))

    @rule(back=st.sampled_from([SECOND, HOUR, DAY]))
    def clock_steps_back(self, back) -> None:
        self.now = Instant(self.now - back)

    @invariant()
    def balances_are_those_of_the_simple_bank(self) -> None:
        found = self.balances()
        assert sum(posted for posted, _ in found.values()) == 0
        for name, purse in self.simple.purses.items():
            assert found[name] == (purse.money, purse.aside)
            assert purse.money >= purse.aside >= 0

    @invariant()
    def the_use_of_the_day_is_that_of_the_simple_bank(self) -> None:
        for who, slate in self.simple.slates.items():
            use = self.use(who)
            kept = (slate.day, slate.sent, slate.pin_only, slate.strangers)
            assert (use.day, use.total, use.pin_only, use.unregistered) == kept
            assert 0 <= use.total <= PER_DAY

    @invariant()
    def every_hold_has_come_to_the_same(self) -> None:
        states = {ref: one.state.value for ref, one in self.holds().items()}
        expected = {r: n.how or HoldState.OPEN.value for r, n in self.simple.notes.items()}
        assert states == expected

    @invariant()
    def postings_cancel_out_and_versions_are_contiguous(self) -> None:
        sums: dict[str, list[int]] = {}
        versions: dict[str, list[int]] = {}
        for line in self.postings():
            sums.setdefault(line.transfer_id, []).append(line.amount)
            versions.setdefault(line.account_id, []).append(line.version)
        assert all(sum(lines) == 0 and len(lines) == 2 for lines in sums.values())
        for found in versions.values():
            assert found == list(range(1, len(found) + 1))


def examples(count: int, steps: int = 40, **more) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        **more,
    )
