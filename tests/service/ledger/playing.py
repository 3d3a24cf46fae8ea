"""One sequence of requests, whole or in parts, on any database: to be compared byte by byte."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from dojang import policy
from dojang.db import Database, log, schema
from dojang.kernel.clock import DAY, HOUR, MINUTE, Instant, MovableClock
from dojang.kernel.entropy import Entropy, SeededEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Kind, Ledger, Request, accounts
from dojang.policy.profiles import SEED

START = Instant(1_800_000_000_000_000)
OWNERS = {"a": "c1", "b": "c1", "c": "c2", "d": "c3"}


@dataclass(frozen=True)
class Step:
    """`moved` is how far the clock goes before it."""

    asked: Request
    moved: int


def sequence(seed: int, count: int) -> list[Step]:
    """Transfers, holds, posts, voids, repeats and changes, with the clock going on."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable game
    now, steps = START, []
    for n in range(count):
        moved = chance.choice([0] * 8 + [1, MINUTE, HOUR, 7 * HOUR])
        now = Instant(now + moved)
        steps.append(Step(_asked(chance, n, now, [one.asked for one in steps]), moved))
    return steps


def _asked(chance: random.Random, n: int, now: Instant, before: Sequence[Request]) -> Request:
    debit, credit = chance.sample([*OWNERS, "nowhere"], 2)
    more: dict = {"amount": chance.choice([0, 1, 40, 99, 100, 101, 350])}
    holds = [one for one in before if one.kind is Kind.HOLD]
    what = chance.choice(["transfer"] * 4 + ["hold"] * 3 + ["resolve"] * 3 + ["again", "changed"])
    if what == "again" and before:
        return chance.choice(before)
    if what == "changed" and before:
        more["id"] = chance.choice(before).id
    if what == "hold":
        more |= {"kind": Kind.HOLD, "expires_at": Instant(now + chance.choice([1, HOUR, DAY]))}
    if what == "resolve" and holds:
        held = chance.choice(holds)
        debit, credit = held.debit, held.credit
        kind = chance.choice([Kind.POST, Kind.VOID])
        amount = held.amount if kind is Kind.VOID else max(1, held.amount - chance.choice([0, 7]))
        more |= {"kind": kind, "ref": held.id, "amount": amount}
    subject = OWNERS.get(debit, "c9")
    more["registered"] = chance.random() < 0.7
    return Request(**{"id": f"t{n}", "debit": debit, "credit": credit, "subject": subject, **more})


def play(url: str, steps: Sequence[Step], sizes: Sequence[int]) -> tuple[list, list[bytes]]:
    """(every answer, every leaf of the log). A batch ends where the clock moves, or it is full.

    Numbers and salts are drawn alike each time.
    """
    clock = MovableClock(START)
    db = Database(url, clock)
    try:
        ledger = _opened(db, clock, SeededEntropy(b"play"))
        answers: list = []
        batch: list[Request] = []
        size = iter(sizes)
        room = next(size, 1)
        for step in steps:
            if batch and (step.moved or len(batch) >= room):
                answers += ledger.post(batch)
                batch, room = [], next(size, room)
            clock.move(step.moved)
            batch.append(step.asked)
        answers += ledger.post(batch)
        with db.snapshot() as tx:
            return answers, [leaf.body for leaf in log.read(tx.connection, 0, 100_000)]
    finally:
        db.close()


def _opened(db: Database, clock: MovableClock, entropy: Entropy) -> Ledger:
    schema.metadata.create_all(db.engine)
    with db.engine.connect() as connection, connection.begin():
        log.start(connection)
    with db.transaction() as tx:
        policy.adopt(tx, SEED, effective_at=Instant(START - DAY))
    ledger = Ledger(db, ids=Ids(clock, entropy), entropy=entropy, bank_code="990")
    ledger.found()
    for name, owner in OWNERS.items():
        with db.transaction() as tx:
            ledger.open_account(tx, owner, name="생활비", account_id=name)
        ledger.deposit(f"opening-{name}", name, 1_000, payer="현금")
    for owner in sorted(set(OWNERS.values())):
        with db.transaction() as tx:
            accounts.set_limits(tx, owner, per_transfer=300, per_day=600, authorization="x")
            accounts.designate(tx, owner, on=True)
    return ledger
