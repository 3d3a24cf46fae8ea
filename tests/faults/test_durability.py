"""Power loss without pulling the plug: what is acknowledged was synced before, seen by strace."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults.bank.acknowledging import ACK
from tests.faults.bank.processes import ROOT
from tests.faults.bank.town import found

TRANSFERS = 40
_SYNCED = re.compile(r"\bf(data)?sync\(\d+\)\s+= 0|<\.\.\. f(data)?sync resumed>.*= 0")


def watchable() -> bool:
    """Whether this machine has strace and lets us use it."""
    strace = shutil.which("strace")
    return (
        strace is not None
        and not subprocess.run(
            [strace, "-qq", "-o", os.devnull, "true"], check=False, stderr=subprocess.DEVNULL
        ).returncode
    )


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not watchable(), reason="strace is missing, or may not trace here"),
]


@dataclass(frozen=True)
class Watched:
    """`unsynced` of `acks` answers left without any sync since the answer before."""

    acks: int
    unsynced: int


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('watched')}/bank.db"
    found(made)
    return made


def watched(url: str, synchronous: str, folder: Path) -> Watched:
    trace = folder / "trace"
    module = ["-m", "tests.faults.bank.acknowledging", url, str(TRANSFERS), synchronous]
    calls = ["-e", "trace=fsync,fdatasync,write", "-o", str(trace)]
    subprocess.run(
        ["strace", "-f", "-qq", "--seccomp-bpf", *calls, sys.executable, *module],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.DEVNULL,
    )
    acks = unsynced = syncs = 0
    for line in trace.read_text("utf-8", errors="replace").splitlines():
        if _SYNCED.search(line):
            syncs += 1
        elif f'write(1, "{ACK} ' in line:
            acks, unsynced, syncs = acks + 1, unsynced + (syncs == 0), 0
    return Watched(acks, unsynced)


def test_no_answer_leaves_before_its_commit_is_synced(url: str, tmp_path: Path):
    assert watched(url, "FULL", tmp_path) == Watched(TRANSFERS, 0)


def test_the_probe_notices_a_database_that_does_not_sync(url: str, tmp_path: Path):
    """WAL without FULL syncs at checkpoints only; a plug pulled before loses the answers."""
    seen = watched(url, "NORMAL", tmp_path)

    assert seen.acks == TRANSFERS
    assert seen.unsynced >= TRANSFERS - 5
