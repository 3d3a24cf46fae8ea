"""Two processes, one PostgreSQL, 24 clients and kill -9: no promise broken; and every lie noticed.

An hour of it: `./dev soak`. Every broken bank: `./dev soak --mutants`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.bank.checker import summary
from tests.faults.bank.mutants import EARLY, NO_DEDUP, NO_LOCK
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.run import Plan, run
from tests.faults.bank.trials import TRIALS
from tests.postgresql import databases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.skipif("postgresql" not in databases(), reason="PostgreSQL is not wanted"),
]
SECONDS = 50.0
OUTCOMES = 5_000
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
    result = run(postmaster, Plan(SEED, SECONDS, at_least=OUTCOMES, every_s=FAULTS_EVERY_S))

    assert result.findings == [], f"seed {SEED}\n{summary(result.findings)}"
    assert result.outcomes >= OUTCOMES
    assert sum(result.faults.values()) >= 12
    assert result.recovered_s["kill app"][1] <= 5
    assert all(longest <= 15 for _, longest in result.recovered_s.values())


@pytest.mark.parametrize("mutant", [EARLY, NO_LOCK, NO_DEDUP])
def test_the_checker_notices_a_broken_bank(postmaster: Postmaster, mutant: str):
    trial = TRIALS[mutant]

    result = run(postmaster, trial.plan)

    assert trial.caught(result), summary(result.findings)
