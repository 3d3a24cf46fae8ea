"""What users of other ledgers had to ask for, in issues; each is shown here or where it says.

| asked for | shown by |
|---|---|
| balance and pending in one read (tigerbeetle#2693) | here |
| an expired hold shows as released at once (tigerbeetle#2118) | here, `test_holds` |
| which holds timed out (mojaloop/project#3300) | here |
| one line for a transfer in two phases (interledger/rafiki#3134) | `test_holds` |
| a rejected hold cannot be committed by its queued id (blnk#182) | here |
| many holds are committed at once (blnk#195) | here |
| of two who commit a hold one does (blnk PR#171) | `test_holds` |
| a cancelled hold gives back its own amount (LerianStudio/midaz#2317) | here |
| one id twice within a batch (formancehq/stack#1633) | `test_posting` |
| an id of somebody else tells nothing (stack#1638) | `test_posting` |
| a fault is no refusal (five-bells-ledger#402) | `test_committer`, `tests/arch` |
| no lock over all (GaloyMoney/cala#746) | here |
| no source goes below its floor (bank-of-anthos#49) | `test_posting`, `test_floor` |
| one id from fifty callers is one withdrawal (elizaOS#10878) | `test_posting`, `test_committer` |
| no leaf is passed over by a reader of the log | `tests/service/db/test_log` |
"""

import threading

import pytest
from sqlalchemy import select
from tests.conftest import databases
from tests.service.ledger.asking import code, held, hold_of, one, request, used, view
from tests.service.ledger.conftest import opened

from dojang.db import Database, log
from dojang.kernel.clock import HOUR, Instant, seoul_day
from dojang.ledger import HoldState, Kind, Ledger, Refused, Status, accounts
from dojang.ledger.tables import account
from dojang.ledger.views import AccountView

MANY = 30


def read(db: Database, customer: str = "c1") -> AccountView:
    with db.snapshot() as tx:
        return accounts.of_customer(tx, customer)[-1]


def test_balance_and_pending_are_of_one_moment(db, ledger, ids, mine, theirs) -> None:
    """While holds are posted one by one, what is free never moves: not in any read."""
    made = [held(db, ledger, ids, mine, theirs, 1_000) for _ in range(MANY)]
    free, ended = [], threading.Event()

    def look() -> None:
        while not ended.is_set() or not free:
            own = read(db)
            free.append((own.available, own.balance - own.held))

    reader = threading.Thread(target=look)
    reader.start()
    for hold in made:
        one(ledger, hold.posting(ids.uuid7()))
    ended.set()
    reader.join()

    assert set(free) == {(1_000_000 - MANY * 1_000, 1_000_000 - MANY * 1_000)}
    assert (read(db).held, read(db, "c2").balance) == (0, MANY * 1_000)


def test_a_limited_account_has_its_day_back_when_a_hold_is_over(
    db, ledger, ids, theirs, clock
) -> None:
    """As its owner sees it, before anybody has noted it."""
    with db.transaction() as tx:
        small = ledger.open_account(tx, "c1", name="한도제한", day_cap=1_000)
    ledger.deposit(ids.uuid7(), small, 10_000, payer="현금")
    one(ledger, request(ids, small, theirs, 100))
    held(db, ledger, ids, small, theirs, 600)
    with db.snapshot() as tx:
        today = seoul_day(tx.now)
    assert read(db).left_of_cap(today) == 300
    clock.move(HOUR)

    assert (read(db).left_of_cap(today), read(db).available, used(db)) == (900, 9_900, 100)
    assert code(ledger, request(ids, small, theirs, 900)) == ""
    assert read(db).left_of_cap(today) == 0


def test_which_holds_timed_out_is_read_from_the_log(db, ledger, ids, mine, theirs, clock) -> None:
    late = [held(db, ledger, ids, mine, theirs, amount) for amount in (1, 2)]
    held(db, ledger, ids, mine, theirs, 3, life=2 * HOUR)
    voided = held(db, ledger, ids, mine, theirs, 4)
    one(ledger, voided.voiding(ids.uuid7()))
    clock.move(HOUR)
    ledger.sweep()

    with db.snapshot() as tx:
        ends = [one.fields() for one in log.of_kind(tx.connection, "hold.released", subject="c1")]

    assert {end["hold"] for end in ends if end["how"] == "expire"} == {one.id for one in late}
    assert [end["hold"] for end in ends if end["how"] == "void"] == [voided.id]


def test_a_rejected_hold_is_none_to_post_in_its_own_batch_and_later(
    db, ledger, ids, mine, theirs, clock
) -> None:
    soon = Instant(clock.now() + HOUR)
    asked = request(ids, mine, theirs, 1_000_001, kind=Kind.HOLD, expires_at=soon)
    post = request(ids, mine, theirs, 1, kind=Kind.POST, ref=asked.id)

    rejected, early = ledger.post([asked, post])

    assert not isinstance(rejected, Refused)
    assert str(rejected.refusal.code) == "insufficient_funds"
    assert str(early.refusal.code) == "hold_not_found"
    ledger.deposit(ids.uuid7(), mine, 1, payer="현금")
    later = request(ids, mine, theirs, 1, kind=Kind.POST, ref=asked.id)
    assert code(ledger, later) == "hold_not_found"
    assert (view(db, "c1").held, view(db, "c2").balance) == (0, 0)


def test_many_holds_are_ended_in_one_batch_each_its_own_way(db, ledger, ids, mine, theirs) -> None:
    with db.transaction() as tx:
        second = ledger.open_account(tx, "c1", name="비상금")
    ledger.deposit(ids.uuid7(), second, 1_000_000, payer="현금")
    made = [held(db, ledger, ids, (mine, second)[n % 2], theirs, 1_000 + n) for n in range(MANY)]
    asked = [
        (hold.posting(ids.uuid7()), hold.voiding(ids.uuid7()), hold.posting(ids.uuid7(), 1))[n % 3]
        for n, hold in enumerate(made)
    ]

    answers = ledger.post(asked)

    assert {answer.status for answer in answers} == {Status.OK}
    ends = (HoldState.POSTED, HoldState.VOIDED, HoldState.POSTED)
    states = [hold_of(db, hold.id).state for hold in made]
    assert states == [ends[n % 3] for n in range(MANY)]
    sent = sum((hold.amount, 0, 1)[n % 3] for n, hold in enumerate(made))
    assert (view(db, "c2").balance, used(db)) == (sent, sent)
    with db.snapshot() as tx:
        own = accounts.of_customer(tx, "c1")
    assert [one.held for one in own] == [0, 0]
    assert sum(one.balance for one in own) == 2_000_000 - sent


def test_a_cancelled_hold_gives_back_its_own_amount_whatever_came_between(
    db, ledger, ids, mine, theirs
) -> None:
    made = held(db, ledger, ids, mine, theirs, 600_000)
    one(ledger, request(ids, mine, theirs, 400_000))
    assert view(db, "c1").available == 0
    assert code(ledger, request(ids, mine, theirs, 1)) == "insufficient_funds"
    ledger.deposit(ids.uuid7(), mine, 50_000, payer="현금")

    one(ledger, made.voiding(ids.uuid7()))

    own = view(db, "c1")
    assert (own.balance, own.held, own.available, used(db)) == (650_000, 0, 650_000, 400_000)


WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
ABOVE_ROWS = """
SELECT locktype, mode FROM pg_locks WHERE granted AND pid <> pg_backend_pid()
AND (locktype = 'advisory' OR locktype = 'relation'
     AND mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
"""
"""Of all in this database: what keeps others from rows that nobody has touched."""


@pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
@pytest.mark.parametrize("owner_url", ["postgresql"], indirect=True)
def test_who_waits_for_one_account_holds_up_no_other(
    db, ledger, ids, mine, theirs, entropy
) -> None:
    """Rows are locked, nothing above them. SQLite has one writer anyway."""
    other = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    hers = opened(db, ledger, ids, "c3", 1_000)
    locked = select(account.c.id).where(account.c.id == mine).with_for_update()
    answers: list = []
    with db.engine.connect() as connection, connection.begin():
        connection.execute(locked)
        waits = threading.Thread(
            target=lambda: answers.append(one(ledger, request(ids, mine, theirs, 5)))
        )
        waits.start()
        while connection.exec_driver_sql(WAITS).scalar() == 0:
            assert waits.is_alive()

        assert connection.exec_driver_sql(ABOVE_ROWS).all() == []
        assert one(other, request(ids, hers, theirs, 5, subject="c3")).status is Status.OK
        assert answers == []
    waits.join()
    assert [answer.status for answer in answers] == [Status.OK]
