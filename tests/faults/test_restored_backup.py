"""An old copy of the database put back: the bank notices that its log has become shorter."""

import json
import shutil
import time
from pathlib import Path

import pytest
from tests.faults.killing import Survivor

from dojang.journey.books import Books
from dojang.journey.served import Served, served
from dojang.journey.world import MINYONG

pytestmark = pytest.mark.slow
HEAD_SECONDS_MAX = 60.0
DATABASE = ("bank.db", "bank.db-wal", "bank.db-shm")


def put(origin: Path, folder: Path) -> None:
    """The database as it was in `origin`, and nothing else."""
    for name in DATABASE:
        (folder / name).unlink(missing_ok=True)
        if (origin / name).exists():
            shutil.copy2(origin / name, folder / name)


def head_reaches(folder: Path, size: int) -> None:
    """Wait until the head that is kept beside the vault covers so many leaves."""
    deadline = time.monotonic() + HEAD_SECONDS_MAX
    while time.monotonic() < deadline:
        for kept in folder.glob("*.json"):
            said = json.loads(kept.read_bytes())
            if (said.get("head") or {}).get("size", 0) >= size:
                return
        time.sleep(0.1)
    raise AssertionError(f"no head of {size} leaves was kept")


def test_a_bank_does_not_start_on_a_log_that_was_rolled_back(tmp_path: Path):
    folder, backup = tmp_path / "bank", tmp_path / "backup"
    with served(folder):
        pass
    backup.mkdir()
    put(folder, backup)
    with served(folder) as bank:
        someone = Survivor(bank, MINYONG, tmp_path / "phone")
        someone.until_done(someone.enrol)
        someone.close()
        head_reaches(folder, Books(folder).chain())
    put(backup, folder)

    with pytest.raises(RuntimeError, match="is shorter"):
        Served(folder).start()
