"""A short round for each mutant, aimed at what is broken about it, and what it must show."""

from dataclasses import dataclass

from tests.faults.bank import checker, mutants, reads, replay
from tests.faults.bank.clients import Mix
from tests.faults.bank.nemesis import KILL_APP, KILL_POSTMASTER
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.run import Plan, Result, run

ROUNDS_MAX = 12
OUTCOMES_MIN = 500


@dataclass(frozen=True)
class Trial:
    """One of `shows` must be found, and nothing outside it and `may_show`."""

    plan: Plan
    shows: frozenset[str]
    may_show: frozenset[str]

    def caught(self, result: Result) -> bool:
        return bool(self.shows & result.kinds) and result.kinds <= self.may_show

    def run(self, postmaster: Postmaster) -> Result:
        """The first round that shows it, or something else: when threads meet, the machine says."""
        for _ in range(ROUNDS_MAX):
            result = run(postmaster, self.plan)
            if self.shows & result.kinds or not result.kinds <= self.may_show:
                break
        return result


def _trial(plan: Plan, shows: set[str], may_show: set[str] | None = None) -> Trial:
    return Trial(plan, frozenset(shows), frozenset(shows | (may_show or set())))


_AFTER_LOSS = {
    checker.DIFFERS,
    checker.ORDER,
    checker.PHANTOM,
    replay.NEVER_SO,
    reads.UNREAL,
    reads.STALE,
    reads.FORK,
    reads.FUTURE,
}
"""What follows where something acknowledged is gone and the same id is decided anew; also for
who asked once more in other words, which was refused as long as the first were known.
"""

TRIALS = {
    mutants.EARLY: _trial(
        Plan(
            seed=1,
            seconds=6.0,
            mutant=mutants.EARLY,
            weights={KILL_APP: 1},
            every_s=(0.8, 1.4),
        ),
        {checker.LOST, checker.ALTERED},
        _AFTER_LOSS,
    ),
    mutants.ASYNC_WAL: _trial(
        Plan(
            seed=1,
            seconds=8.0,
            mutant=mutants.ASYNC_WAL,
            weights={KILL_POSTMASTER: 1},
            every_s=(1.5, 2.0),
        ),
        {checker.LOST, checker.ALTERED},
        _AFTER_LOSS,
    ),
    mutants.NO_LOCK: _trial(
        Plan(
            seed=1,
            seconds=5.0,
            at_least=OUTCOMES_MIN,
            mutant=mutants.NO_LOCK,
            weights={},
            mix=Mix(holds=0.0, ends=0.0),
        ),
        {replay.REPLAY},
        {replay.FINAL, replay.DAY, replay.NEVER_SO, replay.OVERDUE},
    ),
    mutants.NO_DEDUP: _trial(
        Plan(
            seed=1,
            seconds=4.0,
            mutant=mutants.NO_DEDUP,
            weights={},
            mix=Mix(again=0.3, holds=0.0, ends=0.0),
            quiet_s=4.0,
        ),
        {checker.STUCK},
    ),
    mutants.DOUBLE_POST: _trial(
        Plan(
            seed=1,
            seconds=5.0,
            mutant=mutants.DOUBLE_POST,
            weights={},
            mix=Mix(holds=0.3, ends=0.4),
            quiet_s=5.0,
        ),
        {replay.REPLAY},
        {replay.FINAL, replay.DAY, replay.NEVER_SO, replay.OVERDUE, checker.STUCK},
    ),
    mutants.HOLD_FREE: _trial(
        Plan(
            seed=1,
            seconds=5.0,
            mutant=mutants.HOLD_FREE,
            weights={},
            mix=Mix(holds=0.4, ends=0.1),
            quiet_s=5.0,
        ),
        {replay.REPLAY, checker.BALANCE},
        {replay.FINAL, replay.DAY, replay.NEVER_SO, replay.OVERDUE, checker.STUCK},
    ),
    mutants.STANDBY: _trial(
        Plan(seed=1, seconds=4.0, mutant=mutants.STANDBY, weights={}, quiet_s=5.0),
        {reads.STALE},
    ),
    mutants.LATE_LEAF: _trial(
        Plan(
            seed=1,
            seconds=6.0,
            mutant=mutants.LATE_LEAF,
            weights={KILL_APP: 1},
            every_s=(0.8, 1.4),
            quiet_s=10.0,
        ),
        {checker.CHAIN},
        {replay.REPLAY, replay.FINAL, replay.DAY, replay.NEVER_SO, replay.OVERDUE},
    ),
}
