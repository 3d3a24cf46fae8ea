"""kill -9 around every step of a root's rollover: the old state is there or the new, never half."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.issuing import opened
from tests.faults.test_issuing_killed import recorded, signed

from dojang.certificates import checking, unfinished
from dojang.kernel.clock import HOUR, MovableClock
from dojang.transparency.issued import cross_check

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
WHERE = [
    *("before:1", "after:1", "after:2", "after:3", "after:4"),
    *("stored:1", "stored:2", "stored:3", "stored:4", "done"),
]
"""Signatures and rows: the new root, its key by the old, the old key by it, the issuing CA."""


@pytest.fixture(params=WHERE)
def where(request):
    return request.param


@pytest.fixture
def killed(where, tmp_path):
    """The folder of a bank that died there."""
    environment = {**os.environ, "PYTHONPATH": "src"}
    command = [sys.executable, "-m", "tests.faults.rooting", str(tmp_path), where]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == -9, done.stderr
    return tmp_path


def state(house):
    roots = house.authority.roots(anew=True)
    return len(roots.every), len(roots.crosses), len(house.authority.issuers())


def test_the_old_state_is_there_or_the_new_and_the_rollover_can_be_done_again(killed, where):
    clock = MovableClock(running=True)
    clock.move(HOUR)

    house = opened(killed, clock)

    assert state(house) == ((2, 2, 2) if where == "done" else (1, 0, 1))
    with house.db.snapshot() as tx:
        assert signed(killed) <= recorded(tx)
        assert unfinished.open_intents(tx) == []
    assert cross_check(house.db, told=lambda *_: None).mismatches == ()
    checking.chain(house.authority.chain_of(), clock.now())

    number = house.authority.roll_over_root().number

    assert number == (3 if where == "done" else 2)
    assert cross_check(house.db, told=lambda *_: None).mismatches == ()
    checking.chain(house.authority.chain_of(), clock.now())
    assert house.issue("c2", "이서연").credential.customer_id == "c2"
    house.db.close()
