"""A sweep that is killed, again and again, beside another one: everybody is told and ended once."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from dojang.certificates import Lifecycle, State
from dojang.certificates.jobs import Swept, sweep_dormant
from dojang.certificates.tables import credential
from dojang.db import log
from dojang.kernel.clock import DAY
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids

ROOT = Path(__file__).parents[2]
EACH = 15
UNUSED_DAYS = {"ended": 400, "told_1": 364, "told_7": 359, "told_30": 340, "awake": 300}


@pytest.fixture
def sleepers(db, clock):
    """So many of each kind; nobody was told of anything yet, as after a year without a worker."""
    rows = [
        {
            "id": f"{kind}-{number:03}",
            "customer_id": f"{kind}-{number:03}",
            "subject_id": "S",
            "state": State.ACTIVE.value,
            "opened_at": 0,
            "issued_at": 0,
            "last_used_at": clock.now() - days * DAY - number,
        }
        for kind, days in UNUSED_DAYS.items()
        for number in range(EACH)
    ]
    with db.transaction() as tx:
        tx.execute(credential.insert(), rows)
    return rows


def swept_by_two(db, clock, *ends):
    """Two processes at once, each with its end; what they came to."""
    words = [db.url.render_as_string(hide_password=False), str(clock.now())]
    pair = [
        subprocess.Popen([sys.executable, "-m", "tests.faults.sweeping", *words, *end], cwd=ROOT)
        for end in ends
    ]
    return [one.wait(120) for one in pair]


def test_killed_before_and_after_a_commit_and_beside_another_each_once(db, clock, sleepers):
    killed = swept_by_two(db, clock, ("before", "5"), ("after", "3"))
    whole = swept_by_two(db, clock, ("never", "0"), ("never", "0"))

    assert (killed, whole) == ([-9, -9], [0, 0])
    lifecycle = Lifecycle(Ids(clock, SystemEntropy()))
    assert sweep_dormant(db, lifecycle) == Swept(ended=0, noticed=0)
    with db.snapshot() as tx:
        leaves = [
            leaf.fields()
            for leaf in log.read(tx.connection, 0, 1_000)
            if leaf.kind.startswith("certificate.")
        ]
        states = {row.id: row.state for row in tx.execute(select(credential)).all()}
    told = Counter((fields["credential_id"], fields.get("days")) for fields in leaves)
    assert set(told.values()) == {1}
    assert set(told) == {
        (f"{kind}-{number:03}", days)
        for kind, days in (("ended", None), ("told_1", 1), ("told_7", 7), ("told_30", 30))
        for number in range(EACH)
    }
    assert {of for of, state in states.items() if state == State.REVOKED} == {
        row["id"] for row in sleepers if row["id"].startswith("ended")
    }
