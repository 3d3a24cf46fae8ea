"""Clocks that step: an hour forth and back, over midnight in Seoul, and two that disagree.

What may be sent in a day is never more than the limit, whichever clock says which day it is, and
the days of a customer only go forward.
"""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from sqlalchemy import text

from dojang.db import Database
from dojang.kernel.clock import DAY, HOUR, SECOND, Instant, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, Outcome, Request, accounts

MIDNIGHT = Instant(1_800_025_200 * SECOND)  # 2027-01-16T00:00 in Seoul
PER_DAY = 1_000
EACH = 300

STEPS = {
    "an hour back, over midnight": [SECOND, -HOUR, HOUR],
    "an hour forth, over midnight": [-HOUR // 2, HOUR, -HOUR, HOUR],
    "to and fro over midnight": [-SECOND, 2 * SECOND, -2 * SECOND, 2 * SECOND, -2 * SECOND],
    "a day forth and back": [-SECOND, DAY, -DAY, DAY, -DAY],
    "an hour back within the day": [12 * HOUR, -HOUR, HOUR],
}


class House:
    """A database and two processes on it, each with its own clock."""

    def __init__(self, url: str) -> None:
        self.clocks = [MovableClock(Instant(MIDNIGHT - 6 * HOUR)) for _ in range(2)]
        self.databases = [Database(url, clock) for clock in self.clocks]
        self._ids = Ids(self.clocks[0], SystemEntropy())
        self.ledgers = [self._process(n) for n in range(2)]
        self.ledgers[0].found()
        with self.databases[0].transaction() as tx:
            self.mine = self.ledgers[0].open_account(tx, "c1", name="생활비")
            self.theirs = self.ledgers[0].open_account(tx, "c2", name="월급")
            accounts.set_limits(tx, "c1", per_transfer=PER_DAY, per_day=PER_DAY, authorization="x")
        self.ledgers[0].deposit(self._ids.uuid7(), self.mine, 1_000_000, payer="현금")
        for clock in self.clocks:
            clock.move(6 * HOUR)

    def _process(self, n: int) -> Ledger:
        ids = Ids(self.clocks[n], SystemEntropy())
        return Ledger(self.databases[n], ids=ids, entropy=SystemEntropy(), bank_code="990")

    def restart(self, n: int) -> None:
        """It forgets every day that it has seen."""
        self.ledgers[n] = self._process(n)

    def requests(self) -> list[Request]:
        """For as much as the day gives, and then once more."""
        more = {"debit": self.mine, "credit": self.theirs, "amount": EACH, "subject": "c1"}
        return [Request(id=self._ids.uuid7(), **more) for _ in range(PER_DAY // EACH + 1)]

    def send(self, n: int, asked: list[Request]) -> list[Outcome]:
        """One after the other."""
        said = []
        for one in asked:
            answer = self.ledgers[n].post([one])[0]
            assert isinstance(answer, Outcome)
            said.append(answer)
        return said

    def send_all(self, n: int) -> list[Outcome]:
        return self.send(n, self.requests())

    def by_day(self) -> tuple[list[int], Counter[int]]:
        """(the days of c1 in the order of the log, what was sent on each)."""
        query = text("SELECT * FROM transfer WHERE subject = 'c1' ORDER BY log_idx")
        with self.databases[1].snapshot() as tx:
            rows = tx.connection.execute(query).all()
        sent: Counter[int] = Counter()
        for row in rows:
            sent[row.kst_day] += row.amount if row.status == "ok" else 0
        return [row.kst_day for row in rows], sent

    def close(self) -> None:
        for database in self.databases:
            database.close()


@pytest.fixture
def house(db: Database, db_url: str):
    made = House(db_url)
    yield made
    made.close()


@pytest.mark.parametrize("steps", STEPS.values(), ids=list(STEPS))
def test_a_clock_that_steps_never_reopens_a_day(house: House, steps: list[int]):
    """One process remembers the days that it has seen, the other is started anew each time."""
    for n, step in enumerate([0, *steps]):
        for clock in house.clocks:
            clock.move(step)
        house.restart(1)
        house.send_all(n % 2)
        house.send_all(1 - n % 2)

    days, sent = house.by_day()
    assert all(before <= after for before, after in pairwise(days))
    assert set(sent.values()) == {PER_DAY // EACH * EACH}


def test_an_id_asked_again_the_next_day_has_the_outcome_of_its_own_day(house: House):
    """Posted or refused, by the process that knew it, by one that was started since, by both.

    What is answered again is of no day: the new day's sum is what was newly sent.
    """
    for clock in house.clocks:
        clock.move(-SECOND)
    asked = house.requests()
    first = house.send(0, asked)
    assert [one.refusal is None for one in first] == [True, True, True, False]

    for clock in house.clocks:
        clock.move(2 * SECOND)
    house.restart(1)
    again = house.send(0, asked) + house.send(1, asked)
    mixed = house.ledgers[0].post([*asked, *asked])

    assert again == first * 2
    assert mixed == first * 2
    assert {one.kst_day for one in first} == {20270115}
    assert [one.kst_day for one in house.send_all(1)] == [20270116] * 4
    assert house.by_day()[1] == dict.fromkeys((20270115, 20270116), PER_DAY // EACH * EACH)


def test_two_processes_whose_clocks_disagree_share_the_days(house: House):
    """One lives an hour ahead of the other; around midnight they take turns."""
    house.clocks[0].move(-2 * HOUR)
    house.clocks[1].move(-HOUR - SECOND)
    seen: dict[int, set[int]] = defaultdict(set)

    for _ in range(6):
        for n in (0, 1):
            seen[n] |= {one.kst_day for one in house.send_all(n)}
            house.clocks[n].move(HOUR // 2)

    days, sent = house.by_day()
    assert all(before <= after for before, after in pairwise(days))
    assert sent == dict.fromkeys((20270115, 20270116), PER_DAY // EACH * EACH)
    assert seen[0] == seen[1] == {20270115, 20270116}
