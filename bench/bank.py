"""A served bank to measure: its CPU and memory by /proc, and phones that do not touch the disk."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dojang.crypto.messages import KeyKind
from dojang.journey import issuing
from dojang.journey.served import Served
from dojang.journey.world import GOEUN, MINYONG, PATTERN, SEOYEON, World
from dojang.phone.customer import Customer
from dojang.phone.ordering import life, same_members
from dojang.phone.state import MemoryStore

TICKS = os.sysconf("SC_CLK_TCK")
PEOPLE = (MINYONG, SEOYEON, GOEUN)


class Measured:
    """A demo bank of its own with three enrolled customers."""

    def __init__(self, folder: Path, bank: Served) -> None:
        self.bank = bank
        self.copy = folder / "copy"
        """Its data after the first start, for others to start."""
        self.idle_mb = memory_mb(bank.pid)
        self.ceremonies = 0
        self.warm = (self.idle_mb, 0)
        self.world = World(folder, bank)
        for person in PEOPLE:
            application = self.world.phone(person).apply()
            issuing.identify(self.world, person, application)
            self.world.phone(person).make_keys(person.pin, PATTERN)
            self.world.phone(person).finish(application)
            in_memory(self.world.phone(person))
            self.world.phone(person).login(person.pin)

    @property
    def phones(self) -> list[tuple[Customer, str]]:
        return [(self.world.phone(person), person.pin) for person in PEOPLE]

    def an_hour_later(self) -> None:
        """So that hourly quotas are open again; everyone logs in anew."""
        self.world.move_clock(3_700)
        for phone, pin in self.phones:
            phone.login(pin)

    def cpu_seconds(self, act: Callable[[], object]) -> float:
        """User and system time of the server's process while `act` ran."""
        before = _cpu(self.bank.pid)
        act()
        return _cpu(self.bank.pid) - before

    def together(self, act: Callable[[Customer, str], object]) -> None:
        """`act` on every phone at the same time."""
        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            for done in [pool.submit(act, phone, pin) for phone, pin in self.phones]:
                done.result()


@contextmanager
def measured() -> Iterator[Measured]:
    with tempfile.TemporaryDirectory(prefix="dojang-bench-") as temporary:
        folder = Path(temporary)
        bank = Served(folder / "bank")
        bank.start()  # moves the people in, which costs memory that a server does not need
        bank.stop()
        shutil.copytree(bank.folder, folder / "copy")
        bank.start()
        try:
            yield Measured(folder, bank)
        finally:
            bank.stop()


def in_memory(phone: Customer) -> None:
    """The phone's fsync is the phone's business: it must not slow down what is measured."""
    kept = MemoryStore(phone.store.read())
    phone.store = kept  # type: ignore[misc, assignment]
    phone.machine.store = kept
    phone._keep = lambda _pending: None  # type: ignore[method-assign]


def warmed_up(bank: Measured) -> None:
    """Caches filled, pools grown: what comes after this is what lasts."""
    all_ceremonies(bank, 40)
    bank.warm = (memory_mb(bank.bank.pid), bank.ceremonies)


def all_ceremonies(bank: Measured, count: int) -> tuple[float, float]:
    """(server CPU milliseconds a ceremony, ceremonies a second) with every phone at once."""
    asked = {phone.home: challenges(phone, count) for phone, _ in bank.phones}
    begun = time.perf_counter()
    spent = bank.cpu_seconds(
        lambda: bank.together(lambda phone, pin: ceremonies(phone, pin, asked[phone.home]))
    )
    total = count * len(PEOPLE)
    bank.ceremonies += total
    return spent * 1_000 / total, total / (time.perf_counter() - begun)


def challenges(phone: Customer, count: int) -> list[dict[str, Any]]:
    """Login challenges made beforehand, so that only begin and complete are measured."""
    kid = phone.kid(KeyKind.AUTH)
    from dojang.crypto.encoding import b64u

    made = [
        phone.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must() for _ in range(count)
    ]
    for one in made:
        same_members(one, {"origin": phone.origin, "kid": b64u(kid)})
    return made


def ceremonies(phone: Customer, pin: str, asked: list[dict[str, Any]]) -> None:
    """One whole signature for each challenge: begin and complete over HTTP."""
    from dojang.crypto import messages

    kid = phone.kid(KeyKind.AUTH)
    for one in asked:
        message = messages.auth(life(kid, one), origin=phone.origin)
        phone._sign(KeyKind.AUTH, str(one["request_id"]), message, messages.PIN, pin)


def memory_mb(pid: int) -> float:
    """Resident set of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no such process")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
