"""The same requests come to the same outcomes and the same log, however they meet the bank."""

import random
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgresql import databases
from tests.service.ledger.playing import play, sequence

from dojang.db import Database
from dojang.kernel.clock import Clock

STEPS = 240


@pytest.mark.parametrize("seed", range(3))
def test_a_sequence_in_parts_of_any_size_writes_the_same_log(tmp_path, seed) -> None:
    steps = sequence(seed, STEPS)
    chance = random.Random(seed)  # noqa: S311 - a repeatable game
    sizes = [chance.randint(1, 50) for _ in steps]

    ones = play(f"sqlite:///{tmp_path}/ones.db", steps, [1])
    parts = play(f"sqlite:///{tmp_path}/parts.db", steps, sizes)

    assert parts == ones
    answers, leaves = ones
    said = {type(one).__name__: one for one in answers}
    assert set(said) == {"Outcome", "Refused"}
    assert len(leaves) > STEPS / 3


@pytest.mark.postgresql
@pytest.mark.skipif("postgresql" not in databases(), reason="PostgreSQL is not asked for")
@pytest.mark.parametrize("seed", range(2))
def test_sqlite_and_postgresql_write_the_same_log(tmp_path: Path, cluster, seed) -> None:
    steps = sequence(seed, STEPS)
    sizes = [7, 1, 50, 3] * STEPS

    embedded = play(f"sqlite:///{tmp_path}/bank.db", steps, sizes)
    with cluster.fresh_database() as url:
        served = play(url, steps, sizes)

    assert served == embedded


@pytest.mark.postgresql
@pytest.mark.skipif("postgresql" not in databases(), reason="PostgreSQL is not asked for")
def test_serializable_transactions_write_the_same_log(clock, cluster) -> None:
    """The cross-check of our locks: what is decided does not rest on READ COMMITTED."""
    steps = sequence(7, STEPS)
    sizes = [5, 1, 20] * STEPS

    with cluster.fresh_database() as url:
        as_served = play(url, steps, sizes)
    with cluster.fresh_database() as url:
        strict = url + "?options=-c%20default_transaction_isolation%3Dserializable"
        assert isolation(strict, clock) == "serializable"
        serializable = play(strict, steps, sizes)

    assert serializable == as_served


def isolation(url: str, clock: Clock) -> str:
    db = Database(url, clock)
    with db.transaction() as tx:
        found: str = tx.execute(text("SHOW transaction_isolation")).scalar_one()
    db.close()
    return found
