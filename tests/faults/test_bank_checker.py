"""Two processes, one PostgreSQL, 24 clients and kill -9: no promise broken; and every lie noticed.

An hour of it, and how soon a killed bank answers again: `./dev soak`.
Every broken bank: `./dev soak --mutants`.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.bank.checker import summary
from tests.faults.bank.mutants import ASYNC_WAL, EARLY, NO_DEDUP, NO_LOCK
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.run import QUIET_S_MAX, Plan, run
from tests.faults.bank.trials import TRIALS
from tests.postgresql import databases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.skipif("postgresql" not in databases(), reason="PostgreSQL is not wanted"),
]
SECONDS = 50.0
OUTCOMES = 5_000
FAULTS = 12
FAULTS_EVERY_S = (1.0, 3.0)
SEED = 23


@pytest.fixture(scope="module")
def postmaster() -> Iterator[Postmaster]:
    with (
        tempfile.TemporaryDirectory(prefix="dojang-checker-") as folder,
        Postmaster.started(Path(folder)) as running,
    ):
        yield running


def test_nothing_acknowledged_is_lost_doubled_or_late(postmaster: Postmaster):
    plan = Plan(SEED, SECONDS, OUTCOMES, FAULTS, every_s=FAULTS_EVERY_S)

    result = run(postmaster, plan)

    assert result.findings == [], f"seed {SEED}\n{summary(result.findings)}"
    assert result.outcomes >= OUTCOMES
    assert sum(result.faults.values()) >= FAULTS
    assert all(longest <= QUIET_S_MAX for _, longest in result.recovered_s.values())


@pytest.mark.parametrize("mutant", [EARLY, ASYNC_WAL, NO_LOCK, NO_DEDUP])
def test_the_checker_notices_a_broken_bank(postmaster: Postmaster, mutant: str):
    trial = TRIALS[mutant]

    result = trial.run(postmaster)

    assert trial.caught(result), summary(result.findings)


@pytest.mark.parametrize("mutant", [None, NO_LOCK])
def test_serializable_transactions_keep_the_same_promises(
    postmaster: Postmaster, mutant: str | None
):
    """The cross-check of the locks: with them nothing changes, and what they prevent is prevented
    by the database where they are missing.
    """
    plan = replace(TRIALS[NO_LOCK].plan, mutant=mutant, serializable=True, quiet_s=QUIET_S_MAX)

    result = run(postmaster, plan)

    assert result.findings == [], summary(result.findings)
    assert result.posted > 0
