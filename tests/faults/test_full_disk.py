"""No space, and a disk that may not be written: refused, nothing lost, and on it goes after."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.bank.application import Application, Settings, decide, told
from tests.faults.bank.books import read
from tests.faults.bank.checker import check, summary
from tests.faults.bank.history import Asked, History
from tests.faults.bank.postgres import Postmaster
from tests.faults.bank.town import StridingClock, Town, found
from tests.postgresql import databases

from dojang.db import Database
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Unavailable
from dojang.ledger import gathering

UNTIL_FULL_MAX = 20_000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk does not come back by itself within the seconds that the committer tries again."""
    monkeypatch.setattr(gathering, "RERUN_SECONDS", (0.0, 0.05))


def may_mount() -> bool:
    """Root in a container often may not."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            mount(folder, "size=64k")
        except (subprocess.CalledProcessError, FileNotFoundError):
            return False
        subprocess.run(["umount", folder], check=True)
        return True


def mount(folder: str | Path, options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a small disk"),
]


@contextlib.contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    mount(folder, f"size={size}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Every byte of the disk is taken, until the block ends."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65_536, 4_096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    try:
        yield
    finally:
        ballast.unlink()


class Counter:
    """Asks for transfers, notes every answer, and asks again for what had none."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.history = History(tuple(one.id for one in town.accounts))
        self._ids = Ids(StridingClock(town.since), SystemEntropy())

    def ask(self, application: Application) -> None:
        """One more won. Raises what the bank raises; the id is kept."""
        debit, credit = self.town.accounts[0], self.town.accounts[5]
        request = {"id": self._ids.uuid7(), "kind": "transfer", "subject": debit.owner}
        request |= {"debit": debit.id, "credit": credit.id, "amount": 1}
        self.history.asked[request["id"]] = Asked(request, 0.0)
        self._send(application, request)

    def ask_until_refused(self, application: Application) -> None:
        """What fits into the space that is left is answered, then nothing more."""
        for _ in range(UNTIL_FULL_MAX):
            try:
                self.ask(application)
            except Unavailable:
                return
        raise AssertionError("the disk was never full")

    def ask_again(self, application: Application) -> None:
        """Everything that was ever asked for."""
        for one in list(self.history.asked.values()):
            self._send(application, one.request)

    def _send(self, application: Application, request: dict[str, object]) -> None:
        said = told(decide(application.ledger, [request])[0])
        self.history.tell(self.history.asked[str(request["id"])], said, 1.0)

    @property
    def waiting(self) -> int:
        return sum(one.said is None for one in self.history.asked.values())


@contextlib.contextmanager
def running(url: str, town: Town) -> Iterator[Application]:
    application = Application(Settings(url, 0, town.since))
    application.ready()
    try:
        yield application
    finally:
        application.close()


def books_hold(url: str, counter: Counter) -> None:
    db = Database(url, StridingClock(counter.town.since))
    findings = check(counter.town, counter.history, read(db))
    db.close()
    assert findings == [], summary(findings)
    assert counter.waiting == 0


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path):
    with disk(tmp_path / "disk", "12m") as folder:
        url = f"sqlite:///{folder}/bank.db"
        counter = Counter(found(url))
        with running(url, counter.town) as application:
            counter.ask(application)
            with full(folder):
                counter.ask_until_refused(application)
            assert counter.waiting == 1

            counter.ask_again(application)

        books_hold(url, counter)


def test_a_disk_that_may_not_be_written_refuses_and_loses_nothing(tmp_path: Path):
    with disk(tmp_path / "disk", "12m") as folder:
        url = f"sqlite:///{folder}/bank.db"
        counter = Counter(found(url))
        with running(url, counter.town) as application:
            counter.ask(application)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        application = Application(Settings(url, 0, counter.town.since))
        with pytest.raises(Unavailable):
            counter.ask(application)
        application.close()
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)

        with running(url, counter.town) as again:
            counter.ask_again(again)

        books_hold(url, counter)


@pytest.mark.postgresql
@pytest.mark.skipif("postgresql" not in databases(), reason="PostgreSQL is not wanted")
def test_postgresql_without_space_for_its_wal_loses_nothing():
    with (
        tempfile.TemporaryDirectory(prefix="dojang-full-") as home,
        disk(Path(home) / "wal", "40m") as wal,
    ):
        wal.chmod(0o777)  # the server runs as another user
        waldir = ("--waldir", str(wal / "pg_wal"), "--wal-segsize", "1")
        with Postmaster.started(Path(home), initdb=waldir) as server:
            url = server.url(server.fresh_database())
            counter = Counter(found(url))
            with running(url, counter.town) as application:
                counter.ask(application)
                with full(wal):
                    counter.ask_until_refused(application)
                server.start_again()

                counter.ask_again(application)

            books_hold(url, counter)
