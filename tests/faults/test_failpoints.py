"""kill -9 at each named place of a batch: all of it or nothing, and one outcome for every id."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.faults.bank.application import Application, Settings, decide, told
from tests.faults.bank.books import Books, read
from tests.faults.bank.checker import check, summary
from tests.faults.bank.history import Asked, History
from tests.faults.bank.teller import Batch, posted
from tests.faults.bank.town import StridingClock, Town, found
from tests.postgresql import databases

from dojang.db import Database
from dojang.kernel.clock import DAY
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger.failpoints import NAMES

pytestmark = pytest.mark.slow
DURABLE = {"after_commit", "before_answer"}
DIES_AT_BATCH = 3


@dataclass
class House:
    """A bank that is asked for more and more, and all that it ever said."""

    settings: Settings
    town: Town
    history: History
    ids: Ids
    asked: list[Batch] = field(default_factory=list)

    def batch(self) -> Batch:
        """A transfer, a hold, half of that hold, and an id from before."""
        debit, credit = self.town.accounts[0], self.town.accounts[4]
        both = {"debit": debit.id, "credit": credit.id, "subject": debit.owner}
        now = StridingClock(self.town.since).now()
        hold = {**both, "id": self.ids.uuid7(), "kind": "hold", "amount": 6}
        hold["expires_at"] = now + 6 * DAY  # in this town a day passes in twelve seconds
        made: Batch = [
            {**both, "id": self.ids.uuid7(), "kind": "transfer", "amount": 5},
            hold,
            {**both, "id": self.ids.uuid7(), "kind": "post", "amount": 3, "ref": hold["id"]},
        ]
        again = self.asked[-1][:1] if self.asked else []
        self.asked.append(made)
        for request in made:
            self.history.asked[request["id"]] = Asked(request, time.monotonic())
        return made + again

    def heard(self, batch: Batch, answers: list[list[Any]]) -> None:
        for request, said in zip(batch, answers, strict=True):
            self.history.tell(self.history.asked[request["id"]], said, time.monotonic())

    def books(self) -> Books:
        db = Database(self.settings.url, StridingClock(self.town.since))
        try:
            return read(db)
        finally:
            db.close()


@pytest.fixture(scope="module", params=databases())
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    if request.param == "sqlite":
        yield moved_in(f"sqlite:///{tmp_path_factory.mktemp('house')}/bank.db")
        return
    with request.getfixturevalue("cluster").fresh_database() as url:
        yield moved_in(url)


def moved_in(url: str) -> House:
    town = found(url)
    history = History(tuple(one.id for one in town.accounts))
    ids = Ids(StridingClock(town.since), SystemEntropy())
    return House(Settings(url, 0, town.since), town, history, ids)


@pytest.mark.parametrize("name", NAMES)
def test_a_kill_at_a_failpoint_leaves_one_outcome(house: House, name: str):
    batches = [house.batch() for _ in range(DIES_AT_BATCH)]
    dying = replace(house.settings, failpoint=f"{name}:{DIES_AT_BATCH}")

    heard, exit_code = posted(dying, batches)

    assert (exit_code, len(heard)) == (-signal.SIGKILL, DIES_AT_BATCH - 1)
    for batch, answers in zip(batches[:-1], heard, strict=True):
        house.heard(batch, answers)
    stored = [one["id"] in house.books().transfers for one in house.asked[-1]]
    assert stored == [name in DURABLE] * 3
    ask_again(house, batches)
    findings = check(house.town, house.history, house.books())
    assert findings == [], summary(findings)


def ask_again(house: House, batches: list[Batch]) -> None:
    """After a restart, twice: what was said before is said again, what was not is decided."""
    application = Application(house.settings)
    application.ready()
    try:
        for batch in batches * 2:
            house.heard(batch, [told(one) for one in decide(application.ledger, batch)])
    finally:
        application.close()
