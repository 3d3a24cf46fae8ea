"""kill -9 in the ceremony of a new offline root: the old root goes on, and it can be held again."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ceremonies import LATER, Rooms, must
from tests.faults.ceremony import CROSSES, OFFLINE

from dojang.certificates import checking
from dojang.kernel.clock import SystemClock
from dojang.transparency.issued import cross_check

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A bank under its first root, which has asked for its next issuing certificate."""
    made = Rooms.of(tmp_path_factory.mktemp("rooms"))
    must(made.founded().asked(2))
    return made


def killed(rooms, where):
    environment = {**os.environ, "PYTHONPATH": "src"}
    command = [sys.executable, "-m", "tests.faults.ceremony", str(rooms.folder), where]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == -9, done.stdout + done.stderr


def state(rooms):
    bank = rooms.build()
    roots = bank.authority.roots()
    checking.chain(bank.authority.chain_of(), SystemClock().now())
    assert cross_check(bank.db, told=lambda *_: None).mismatches == ()
    bank.stop()
    return len(roots.every), len(roots.crosses), len(bank.authority.issuers())


@pytest.mark.parametrize("where", OFFLINE)
def test_a_ceremony_that_was_cut_off_is_held_again(before, tmp_path, where):
    rooms = before.copied(tmp_path / "rooms")

    killed(rooms, where)

    assert rooms.issuing(2).exists() == (where == "out")
    assert any(rooms.root(2).iterdir())
    assert not (rooms.root(2) / "root.pem").exists()
    must(rooms.signed(1, 2))  # the old root's transcript and shares are whole
    nothing, again = rooms.signed(2, 2, who=LATER), rooms.new_root(2, 2)
    assert (nothing.exit_code, again.exit_code) == (1, 1)
    assert "is not empty" in again.output
    shutil.rmtree(rooms.root(2))
    must(rooms.new_root(2, 2))
    must(rooms.adopted(2, 2, crosses=CROSSES))
    assert state(rooms) == (2, 2, 2)


@pytest.mark.parametrize("stored", [1, 2, 3, 4])
def test_a_new_root_that_was_half_adopted_is_not_there_and_is_adopted_whole(
    before, tmp_path, stored
):
    rooms = before.copied(tmp_path / "rooms")
    must(rooms.new_root(2, 2))

    killed(rooms, f"stored:{stored}")

    assert state(rooms) == (1, 0, 1)
    must(rooms.adopted(2, 2, crosses=CROSSES))
    assert state(rooms) == (2, 2, 2)
