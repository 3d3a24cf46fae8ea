"""The committer among many callers: batches, faults, bounds, two processes."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import OperationalError
from tests.faults.bank.mutants import blind
from tests.service.ledger.asking import Yes, one, race, request, view

from dojang.db import Database
from dojang.db.bulk import Among
from dojang.kernel.clock import HOUR, Instant
from dojang.kernel.problem import Unavailable
from dojang.ledger import (
    Fault,
    Kind,
    Ledger,
    Outcome,
    Request,
    Status,
    accounts,
    gathering,
    store,
)
from dojang.ledger.failpoints import NAMES, VARIABLE, armed

PATIENCE_S = 60
"""So long one thread waits for another before a test is given up."""
LOST = OperationalError("COMMIT", None, Exception("the server closed the connection"))


@pytest.fixture
def running(ledger: Ledger) -> Iterator[Ledger]:
    ledger.start()
    yield ledger
    ledger.stop()


@pytest.fixture
def other(db, ids, entropy) -> Iterator[Ledger]:
    """The committer of another process on the same database."""
    made = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    made.start()
    yield made
    made.stop()


def times(count: int, error: Exception, at: str):
    """A failpoint that raises so many times at one place."""
    left = [count]

    def failpoint(name: str) -> None:
        if name == at and left[0] > 0:
            left[0] -= 1
            raise error

    return failpoint


def holding(reached: threading.Event, go_on: threading.Event):
    """A failpoint at which a batch, its locks taken, stands until it may go on."""
    return lambda name: (reached.set(), go_on.wait(PATIENCE_S)) if name == "after_locks" else None


def test_many_callers_share_a_transaction(running, ids, mine, theirs, monkeypatch) -> None:
    """All who come while the first one's is under way."""
    monkeypatch.setattr(gathering, "QUEUE_SECONDS_MAX", PATIENCE_S)
    begun, reached, go_on = [], threading.Event(), threading.Event()

    def hold_the_first(name: str) -> None:
        if name == "before_transaction":
            begun.append(name)
            reached.set()
            go_on.wait(PATIENCE_S)

    def let_go_when_all_wait() -> Outcome:
        until = time.monotonic() + PATIENCE_S
        while running._gathering._queued < 63 and time.monotonic() < until:
            time.sleep(0.005)
        go_on.set()
        return first.result(PATIENCE_S)[0]

    running.fail_at(hold_the_first)
    first = running.submit(request(ids, mine, theirs, 10))
    assert reached.wait(PATIENCE_S)
    others = [lambda: one(running, request(ids, mine, theirs, 10)) for _ in range(63)]

    answers = race([let_go_when_all_wait, *others])

    assert [answer.status for answer in answers] == [Status.OK] * 64
    assert len({answer.log_idx for answer in answers}) == 64
    assert len(begun) == 2


def test_what_waits_while_a_batch_is_committed_becomes_the_next(running, ids, mine, theirs) -> None:
    reached, go_on, sizes = threading.Event(), threading.Event(), []

    def hold_the_first(name: str) -> None:
        if name == "before_commit" and not reached.is_set():
            reached.set()
            go_on.wait(PATIENCE_S)

    running.fail_at(hold_the_first)
    first = running.submit(request(ids, mine, theirs, 1))
    assert reached.wait(PATIENCE_S)
    waiting = [running.submit(request(ids, mine, theirs, 1)) for _ in range(40)]
    run = running._batches.run
    running._batches.run = lambda asked: sizes.append(len(asked)) or run(asked)
    go_on.set()

    done = [future.result(PATIENCE_S)[0] for future in (first, *waiting)]

    assert [answer.status for answer in done] == [Status.OK] * 41
    assert sizes == [40]


@pytest.mark.parametrize("place", ["after_locks", "before_commit", "after_commit"])
def test_a_lost_connection_is_met_by_the_same_batch_again(
    db, ledger, ids, mine, theirs, place
) -> None:
    """`after_commit`: the commit has happened, and the news of it was lost."""
    ledger.fail_at(times(2, LOST, place))

    answers = ledger.post([request(ids, mine, theirs, 10) for _ in range(5)])

    assert [answer.status for answer in answers] == [Status.OK] * 5
    assert view(db, "c1").balance == 999_950


def test_a_database_that_stays_away_is_told_as_unavailable(
    db, ledger, ids, mine, theirs, monkeypatch
) -> None:
    monkeypatch.setattr(gathering, "RERUN_SECONDS", (0.0, 0.0))
    asked = request(ids, mine, theirs, 10)
    ledger.fail_at(times(2, LOST, "after_locks"))

    with pytest.raises(Unavailable):
        ledger.post([asked])

    assert one(ledger, asked).status is Status.OK
    assert view(db, "c1").balance == 999_990


def test_a_request_that_cannot_be_stored_stands_alone(db, ledger, ids, mine, theirs) -> None:
    asked = [request(ids, mine, theirs, 10) for _ in range(9)]
    asked[4] = request(ids, mine, theirs, 10, memo="\ud800")

    answers = ledger.decide(asked)

    assert isinstance(answers[4], Fault)
    assert isinstance(answers[4].error, UnicodeEncodeError)
    assert [type(answer) for n, answer in enumerate(answers) if n != 4] == [Outcome] * 8
    assert view(db, "c1").balance == 999_920


def test_an_admission_that_stumbles_over_one_holds_up_no_other(
    db, ledger, ids, mine, theirs
) -> None:
    asked = [request(ids, mine, theirs, 10, authorization=f"s{n}") for n in range(6)]

    class Stumbling(Yes):
        def lock(self, tx, requests):
            if any(r.authorization == "s2" for r in requests):
                raise KeyError("s2")
            return super().lock(tx, requests)

    ledger.admit_with(Stumbling())

    answers = ledger.decide(asked)

    assert [isinstance(answer, Fault) for answer in answers] == [n == 2 for n in range(6)]
    with pytest.raises(KeyError):
        ledger.post([asked[2]])


def test_a_full_queue_says_so_at_once(running, ids, mine, theirs, monkeypatch) -> None:
    monkeypatch.setattr(gathering, "QUEUE_MAX", 3)
    reached, go_on = threading.Event(), threading.Event()
    running.fail_at(holding(reached, go_on))
    asked = [request(ids, mine, theirs, 1) for _ in range(5)]
    futures = [running.submit(asked[0])]
    assert reached.wait(PATIENCE_S)
    futures += [running.submit(one_more) for one_more in asked[1:4]]

    with pytest.raises(Unavailable):
        running.submit(asked[4])

    go_on.set()
    assert all(future.result(PATIENCE_S)[0].status is Status.OK for future in futures)
    assert one(running, asked[4]).status is Status.OK


def test_who_waited_too_long_is_sent_away_and_nothing_happens(
    db, running, ids, mine, theirs, monkeypatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    running.fail_at(holding(reached, go_on))
    first = running.submit(request(ids, mine, theirs, 1))
    assert reached.wait(PATIENCE_S)
    monkeypatch.setattr(gathering, "QUEUE_SECONDS_MAX", 0.05)

    with pytest.raises(Unavailable):
        running.post([request(ids, mine, theirs, 5)])

    go_on.set()
    assert first.result(PATIENCE_S)[0].status is Status.OK
    running.stop()
    assert view(db, "c1").balance == 999_999


def test_what_is_queued_is_answered_before_the_end(running, ids, mine, theirs) -> None:
    futures = [running.submit(request(ids, mine, theirs, 1)) for _ in range(700)]

    running.stop()

    assert all(future.result(0)[0].status is Status.OK for future in futures)
    assert one(running, request(ids, mine, theirs, 1)).status is Status.OK


def test_more_than_one_batch_can_be_handed_in(db, ledger, ids, mine, theirs) -> None:
    answers = ledger.decide([request(ids, mine, theirs, 1) for _ in range(1_001)])

    assert sum(answer.status is Status.OK for answer in answers) == 1_001
    assert view(db, "c2").balance == 1_001


def test_fifty_racers_with_one_id_on_two_processes_see_one_outcome(
    db, running, other, ids, mine, theirs
) -> None:
    asked = request(ids, mine, theirs, 30_000)

    answers = race([lambda n=n: one((running, other)[n % 2], asked) for n in range(50)])

    assert len({answer.log_idx for answer in answers}) == 1
    assert view(db, "c1").balance == 970_000


def test_two_racers_at_the_cap_on_two_processes_leave_one(
    db, running, other, ids, mine, theirs
) -> None:
    with db.transaction() as tx:
        accounts.set_limits(tx, "c1", per_transfer=1_000, per_day=1_500, authorization="x")

    answers = race(
        [lambda by=by: one(by, request(ids, mine, theirs, 1_000)) for by in (running, other)]
    )

    assert sorted(answer.status for answer in answers) == [Status.OK, Status.REJECTED]
    assert view(db, "c1").balance == 999_000


def test_a_committer_that_does_not_know_ids_is_caught(
    ledger, ids, mine, theirs, monkeypatch
) -> None:
    """The mutant `nodedup`: nothing is moved twice, but who asks again is never answered."""
    asked = request(ids, mine, theirs, 10)
    one(ledger, asked)
    monkeypatch.setattr(store, "outcomes", lambda _tx, _ids: {})

    (answer,) = ledger.decide([asked])

    assert isinstance(answer, Fault)
    assert isinstance(answer.error, store.Collision)


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    customers = store.limit_profile.c.customer_id
    monkeypatch.setattr(store, "_accounts_locked", Among(store.account.c.id, store._accounts.where))
    monkeypatch.setattr(
        store, "_limits_locked", Among(customers, store.limit_profile.select().where)
    )


def without_a_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_move", blind(store.account, "id", store.MOVED))
    monkeypatch.setattr(store, "_use", blind(store.limit_profile, "customer_id", store.USED))


@pytest.fixture
def two_at_once(db: Database, ids, entropy, mine, theirs):
    """Two committers that both read before either writes, where no lock stands between them."""
    if db.embedded:
        pytest.skip("SQLite has one writer; there is nothing to lock")

    def both(*asked: Request, patience_s: float = PATIENCE_S) -> list[Outcome | Fault]:
        meeting = threading.Barrier(2, timeout=patience_s)
        made = [Ledger(db, ids=ids, entropy=entropy, bank_code="990") for _ in range(2)]
        for each in made:
            each.fail_at(at_first("after_locks", lambda: meet(meeting)))
        return race([lambda n=n: made[n].decide([asked[n]])[0] for n in range(2)])

    return both


def test_a_committer_that_does_not_lock_is_caught(
    two_at_once, ids, mine, theirs, monkeypatch
) -> None:
    """The mutant `nolock`, on PostgreSQL: two batches read one balance. With locks both wait their
    turn. Without them, and without the second look, the key of the postings refuses the second.
    """

    def cash() -> list[Request]:
        return [request(ids, "bank:cash_in", to, 5, subject="") for to in (mine, theirs)]

    assert [type(answer) for answer in two_at_once(*cash(), patience_s=1)] == [Outcome, Outcome]
    without_locks(monkeypatch)
    without_a_second_look(monkeypatch)
    assert {type(answer) for answer in two_at_once(*cash())} == {Outcome, Fault}


@pytest.mark.parametrize("looks", [True, False])
def test_two_holds_of_the_same_money_are_one_even_without_a_lock(
    db: Database, two_at_once, ids, mine, theirs, monkeypatch, looks
) -> None:
    """A hold gives its account no new version, so no key of the postings would notice.

    The second look does: what is no longer as it was read is decided anew. Else both are told
    that it is theirs.
    """
    until = Instant(db._clock.now() + HOUR)
    holds = [
        request(ids, mine, theirs, 600_000, kind=Kind.HOLD, expires_at=until) for _ in range(2)
    ]
    without_locks(monkeypatch)
    if not looks:
        without_a_second_look(monkeypatch)

    answers = two_at_once(*holds)

    expected = [Status.OK, Status.REJECTED if looks else Status.OK]
    assert sorted(answer.status for answer in answers) == expected
    assert view(db, "c1").held == 600_000


def at_first(place: str, act: Callable[[], None]) -> Callable[[str], None]:
    """A failpoint for the first passing of a place; what is run again passes."""
    left = [act]

    def failpoint(name: str) -> None:
        if name == place and left:
            left.pop()()

    return failpoint


def meet(meeting: threading.Barrier) -> None:
    """Wait for the other one, unless the other one waits for us."""
    try:
        meeting.wait()
    except threading.BrokenBarrierError:
        return


def test_the_environment_kills_at_the_nth_passing() -> None:
    script = (
        "from dojang.ledger.failpoints import armed\n"
        "die = armed()\n"
        "for n in range(3): die('after_log'); die('after_locks'); print(n, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={VARIABLE: "after_log:3", "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (-9, "0\n1\n")


def test_a_failpoint_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="after_transfers"):
        armed({VARIABLE: "after_lunch"})
    assert len(NAMES) == 12
