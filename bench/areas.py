"""What is measured, by area. Every function gives named figures; medians of at least 5 rounds."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench import issuing, ledger, posting, site, starting, sweep
from bench.bank import PEOPLE, Measured, all_ceremonies, measured, memory_mb
from bench.bare import BareCeremonies
from bench.ca import certificates, lists, postgresql, rivals
from bench.ca import measure as ca
from bench.ground import Ground
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.phone.customer import Customer
from dojang.phone.ordering import Order

ROUNDS = 5
CEREMONIES = 20
"""Of each phone in one turn."""
Figures = dict[str, float]


def ceremony(ground: Ground, *, quick: bool) -> Figures:
    """Whole signing ceremonies over HTTP beside the bare core and beside a trivial handler.

    They take turns, many in a round: the machine's speed changes within a second.
    """
    bank, slices = ground.bank, 1 if quick else 6
    bare = BareCeremonies()
    bare.run(CEREMONIES)
    figures: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        seen: list[tuple[float, ...]] = []
        for _ in range(slices):
            bare_ran = bare.run(CEREMONIES)
            seen.append((*bare_ran, *all_ceremonies(bank, CEREMONIES)))
        core_ms, bare_per_s, http_ms, per_s = (
            statistics.mean(one) for one in zip(*seen, strict=True)
        )
        trivial_ms, trivial_per_s = _trivial(bank, CEREMONIES * slices)
        for name, value in (
            ("ceremony.cpu_vs_core", http_ms / core_ms),
            ("ceremony.cpu_ms", http_ms),
            ("ceremony.core_cpu_ms", core_ms),
            ("ceremony.per_s", per_s),
            ("ceremony.per_cpu_s", 1_000 / http_ms),
            ("ceremony.bare_per_s", bare_per_s),
            ("ceremony.trivial_cpu_ms", trivial_ms),
            ("ceremony.trivial_per_s", trivial_per_s),
        ):
            figures.setdefault(name, []).append(value)
    bare.close()
    return {name: statistics.median(values) for name, values in figures.items()}


def issue(_ground: Ground, *, quick: bool) -> Figures:
    """Certificates beside bare signatures, in-process; medians over many."""
    return issuing.measure(60 if quick else 200)


def transfer(ground: Ground, *, quick: bool) -> Figures:
    """Transfers of the lowest tier over HTTP: order, begin, complete; posted by the server."""
    bank, count = ground.bank, 10 if quick else 60
    cpu, rates, raw = [], [], []
    for _ in range(3 if quick else ROUNDS):
        if not quick:
            bank.an_hour_later()
        begun = time.perf_counter()
        spent = bank.cpu_seconds(lambda: _transfers(bank, count))
        rates.append(count * len(PEOPLE) / (time.perf_counter() - begun))
        cpu.append(spent * 1_000 / (count * len(PEOPLE)))
        raw.append(_raw_signature_ms())
    return {
        "transfer.http_cpu_ms": statistics.median(cpu),
        "transfer.per_s": statistics.median(rates),
        "transfer.raw_ed25519_ms": statistics.median(raw),
    }


def server(ground: Ground, *, quick: bool) -> Figures:
    """Memory of the idle server, and how it grew from the warm-up over so many ceremonies."""
    bank, wanted = ground.bank, 1_000 if quick else 10_000
    before, at = bank.warm
    while bank.ceremonies - at < wanted:
        all_ceremonies(bank, 50)
    return {
        "server.idle_mb": bank.idle_mb,
        "server.growth_mb": memory_mb(bank.bank.pid) - before,
        "server.growth_ceremonies": float(bank.ceremonies - at),
    }


def start(ground: Ground, *, quick: bool) -> Figures:
    """The second start of `./dev demo`, to the first answer."""
    return starting.measure(ground.bank.copy, 2 if quick else 9)


def app(ground: Ground, *, quick: bool) -> Figures:
    """The customer app in Chromium.

    The whole bench needs a bank of its own for it: after hours of transfers the handset no longer
    shows every message, and the code that the app waits for is one of them.
    """
    if quick:
        return site.measure(ground.bank.bank, quick=True)
    with measured() as fresh:
        return site.measure(fresh.bank, quick=False)


@dataclass(frozen=True)
class Part:
    """What is measured together, and how long that takes here in --quick when nothing else runs."""

    act: Callable[..., Figures]
    seconds: float
    beside: str = ""
    """A program of others that it starts; in a run of every area such parts come last."""


AREAS: dict[str, list[Part]] = {
    "ceremony": [Part(ceremony, 5)],
    "server": [Part(server, 5), Part(start, 4)],
    "issue": [Part(issue, 1)],
    "transfer": [Part(transfer, 2), Part(posting.measure, 10, beside="PostgreSQL")],
    "site": [Part(app, 11)],
    "sweep": [Part(sweep.measure, 3)],
    "ledger": [Part(ledger.measure, 10, beside="PostgreSQL")],
    "ca": [
        Part(act, 2, beside="other responders")
        for act in (
            ca.answers,
            ca.stamps,
            certificates.certificates,
            ca.ahead,
            lists.measure,
            rivals.rivals,
            postgresql.answers,
        )
    ],
}
"""What each area measures, part by part: one that cannot run here does not stop the others."""


def parts(area: str | None) -> list[tuple[str, Part]]:
    """Of one area or of all, in the order in which they are run."""
    names = [area] if area else [*AREAS]
    found = [(name, part) for name in names for part in AREAS[name]]
    return sorted(found, key=lambda one: bool(one[1].beside))


def _trivial(bank: Measured, count: int) -> tuple[float, float]:
    """As many requests to a handler that answers bytes it already has."""
    url = bank.bank.origin + "/pki/root.crt"

    def ask() -> None:
        with httpx.Client() as client:
            for _ in range(count * 2):
                client.get(url)

    def all_at_once() -> None:
        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            for done in [pool.submit(ask) for _ in PEOPLE]:
                done.result()

    begun = time.perf_counter()
    spent = bank.cpu_seconds(all_at_once)
    total = count * 2 * len(PEOPLE)
    return spent * 1_000 / total, total / (time.perf_counter() - begun)


def _transfers(bank: Measured, count: int) -> None:
    def send(phone: Customer, pin: str) -> None:
        own = phone.accounts()[0]["number"]
        holder = phone.payee(OTHER_BANK, OTHER_ACCOUNT)["holder"]
        for _ in range(count):
            order = Order(own, OTHER_BANK, OTHER_ACCOUNT, holder, 1_000)
            transfer_id = phone.new_transfer(order)
            phone.sign_order(order, phone.place(transfer_id, order), pin)
        phone.settled(transfer_id)

    bank.together(send)


def _raw_signature_ms() -> float:
    key = Ed25519PrivateKey.generate()
    begun = time.process_time_ns()
    for _ in range(500):
        key.sign(b"a transfer")
    return (time.process_time_ns() - begun) / 1e6 / 500
