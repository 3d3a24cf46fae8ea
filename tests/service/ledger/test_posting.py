"""What posting does to the database, whatever is repeated, raced or cut off."""

import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from msgspec import structs
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from dojang.db import Database, log
from dojang.kernel.clock import DAY, MovableClock
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, Outcome, Permit, Refused, Request, Status, accounts
from dojang.ledger.committer import CASH_IN
from dojang.ledger.failpoints import NAMES, nowhere
from dojang.ledger.tables import account, posting, transfer


def request(ids: Ids, debit: str, credit: str, amount: int, **more) -> Request:
    return Request(id=ids.uuid7(), debit=debit, credit=credit, amount=amount, subject="c1", **more)


def one(ledger: Ledger, asked: Request) -> Outcome:
    answer = ledger.post([asked])[0]
    assert isinstance(answer, Outcome)
    return answer


def balance(db: Database, customer: str) -> int:
    with db.snapshot() as tx:
        return accounts.of_customer(tx, customer)[0].balance


def leaves(db: Database, kind: str) -> int:
    with db.snapshot() as tx:
        query = select(func.count()).select_from(log.log_table).where(log.log_table.c.kind == kind)
        return tx.execute(query).scalar_one()


def test_a_transfer_moves_money_and_is_a_leaf_of_the_log(db, ledger, ids, mine, theirs) -> None:
    done = one(ledger, request(ids, mine, theirs, 300_000, payer="김", payee="이", memo="밥값"))

    assert (done.status, done.balance_after) == (Status.OK, 700_000)
    assert (balance(db, "c1"), balance(db, "c2")) == (700_000, 300_000)
    with db.snapshot() as tx:
        leaf = log.read(tx.connection, done.log_idx, 1)[0]
    assert (leaf.kind, leaf.subject) == ("transfer.posted", "c1")
    assert leaf.fields()["transfer_id"] == done.id
    assert leaf.fields()["credited"] == "c2"


def test_the_same_request_again_gets_the_first_outcome(db, ledger, ids, mine, theirs) -> None:
    asked = request(ids, mine, theirs, 300_000)
    first = one(ledger, asked)

    again = one(ledger, asked)

    assert again == first
    assert balance(db, "c1") == 700_000


def test_a_rejection_is_final_even_when_there_is_money_later(db, ledger, ids, mine, theirs) -> None:
    asked = request(ids, theirs, mine, 5, memo="")
    poor = Request(id=asked.id, debit=theirs, credit=mine, amount=5, subject="c2")
    first = one(ledger, poor)
    ledger.deposit(ids.uuid7(), theirs, 100, payer="현금")

    again = one(ledger, poor)

    assert first.refusal is not None
    assert (first.refusal.code, dict(first.refusal.figures)) == (
        "insufficient_funds",
        {"available": 0},
    )
    assert again == first


def test_a_changed_request_under_a_known_id_is_refused(ledger, ids, mine, theirs) -> None:
    asked = request(ids, mine, theirs, 300)
    one(ledger, asked)
    changed = Request(id=asked.id, debit=mine, credit=theirs, amount=301, subject="c1")

    assert ledger.post([changed]) == [Refused(asked.id, "id_mismatch")]


def test_what_was_signed_speaks_for_the_texts_and_no_digest_of_names_stays(ids) -> None:
    signed = request(ids, "a", "b", 300, payer="김민용", memo="월세", evidence=b"e" * 32)

    assert structs.replace(signed, payer="이서연", memo="").digest == signed.digest
    assert structs.replace(signed, evidence=b"f" * 32).digest != signed.digest
    plain = structs.replace(signed, evidence=b"")
    assert structs.replace(plain, memo="").digest != plain.digest


def test_a_request_from_when_texts_were_in_every_digest_is_still_that_one(ids) -> None:
    signed = request(ids, "a", "b", 300, payer="김민용", evidence=b"e" * 32)
    before = signed._digest(signed._texts)

    assert signed.is_that(before)
    assert before != signed.digest
    assert not structs.replace(signed, amount=301).is_that(before)


def test_a_foreigner_learns_nothing_about_an_id(ledger, ids, mine, theirs) -> None:
    asked = request(ids, mine, theirs, 300)
    one(ledger, asked)
    foreign = Request(id=asked.id, debit=theirs, credit=mine, amount=300, subject="c2")

    assert ledger.post([foreign]) == [Refused(asked.id, "not_found")]


def test_nobody_spends_from_an_account_that_is_not_theirs(db, ledger, ids, mine, theirs) -> None:
    thief = Request(id=ids.uuid7(), debit=mine, credit=theirs, amount=1, subject="c2")
    bank = Request(id=ids.uuid7(), debit=CASH_IN, credit=theirs, amount=1, subject="c2")
    nobody = Request(id=ids.uuid7(), debit=mine, credit=theirs, amount=1)

    answers = ledger.post([thief, bank, nobody])

    assert [answer.code for answer in answers] == ["not_found"] * 3
    assert balance(db, "c1") == 1_000_000


def test_the_same_id_twice_inside_one_batch_is_one_transfer(db, ledger, ids, mine, theirs) -> None:
    asked = request(ids, mine, theirs, 400_000)

    first, second = ledger.post([asked, asked])

    assert first == second
    assert balance(db, "c1") == 600_000


def test_a_batch_is_decided_in_the_order_of_arrival(ledger, ids, mine, theirs) -> None:
    answers = ledger.post([request(ids, mine, theirs, 400_000) for _ in range(3)])

    assert [answer.status for answer in answers] == [Status.OK, Status.OK, Status.REJECTED]
    assert [answer.log_idx for answer in answers] == list(
        range(answers[0].log_idx, answers[0].log_idx + 3)
    )


def test_fifty_racers_with_one_id_see_one_outcome(db, ledger, ids, mine, theirs) -> None:
    asked = request(ids, mine, theirs, 30_000)

    answers = race(50, lambda: ledger.post([asked])[0])

    assert len({answer.log_idx for answer in answers}) == 1
    assert (balance(db, "c1"), leaves(db, "transfer.posted")) == (970_000, 2)


def test_racers_with_different_ids_never_overdraw(db, ledger, ids, mine, theirs) -> None:
    asked = iter([request(ids, mine, theirs, 300_000) for _ in range(12)])

    answers = race(12, lambda: ledger.post([next(asked)])[0])

    assert sum(answer.status is Status.OK for answer in answers) == 3
    assert balance(db, "c1") == 100_000


@pytest.mark.parametrize("place", NAMES)
def test_a_crash_anywhere_leaves_all_or_nothing(db, ledger, ids, mine, theirs, place) -> None:
    asked = request(ids, mine, theirs, 250_000)
    ledger.fail_at(crash_at(place))
    with pytest.raises(Crash):
        ledger.post([asked])
    assert balance(db, "c1") == (
        750_000 if place in {"after_commit", "before_answer"} else 1_000_000
    )
    ledger.fail_at(nowhere)

    outcome = one(ledger, asked)

    assert outcome.status is Status.OK
    assert (balance(db, "c1"), balance(db, "c2")) == (750_000, 250_000)
    assert everything_adds_up(db)


@pytest.mark.parametrize(
    "act",
    [
        'DELETE FROM "transfer"',
        'UPDATE "transfer" SET reason = NULL',
        'DELETE FROM "posting"',
        'UPDATE "posting" SET amount = 5',
        'DELETE FROM "log"',
        "UPDATE \"log\" SET kind = 'x'",
    ],
)
def test_history_cannot_be_changed_or_deleted(db, ledger, ids, mine, theirs, act) -> None:
    one(ledger, request(ids, mine, theirs, 1))

    with (
        pytest.raises(DBAPIError, match=r"only added to|permission denied"),
        db.transaction() as tx,
    ):
        tx.connection.exec_driver_sql(act)


def test_one_authorization_moves_money_once(db, ledger, ids, mine, theirs) -> None:
    ledger.admit_with(Yes())
    one(ledger, request(ids, mine, theirs, 1, authorization="a1"))

    again = one(ledger, request(ids, mine, theirs, 1, authorization="a1"))
    both = ledger.post([request(ids, mine, theirs, 1, authorization="a2") for _ in range(2)])

    assert again.refusal is not None
    assert again.refusal.code == "authorization_used"
    assert [answer.status for answer in both] == [Status.OK, Status.REJECTED]
    assert balance(db, "c1") == 999_998


def test_the_days_use_starts_again_at_midnight_in_seoul(
    db, ledger, ids, mine, theirs, clock: MovableClock
) -> None:
    with db.transaction() as tx:
        accounts.set_limits(tx, "c1", per_transfer=100, per_day=100, authorization="x")
    assert one(ledger, request(ids, mine, theirs, 100)).status is Status.OK
    over = one(ledger, request(ids, mine, theirs, 1))
    clock.move(DAY)

    after = one(ledger, request(ids, mine, theirs, 100))

    assert over.refusal is not None
    assert over.refusal.code == "over_daily_limit"
    assert after.status is Status.OK


def test_a_clock_that_steps_back_does_not_reopen_a_day(
    db, owner, ledger, ids, mine, theirs, clock: MovableClock, entropy
) -> None:
    with db.transaction() as tx:
        accounts.set_limits(tx, "c1", per_transfer=100, per_day=100, authorization="x")
    one(ledger, request(ids, mine, theirs, 100))
    clock.move(-DAY)
    restarted = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    with owner.transaction() as tx:
        _effective_since_long(tx)

    over = one(restarted, request(ids, mine, theirs, 100))

    assert over.refusal is not None
    assert over.refusal.code == "over_daily_limit"


def test_all_accounts_of_a_customer_share_the_day(db, ledger, ids, mine, theirs) -> None:
    with db.transaction() as tx:
        second = ledger.open_account(tx, "c1", name="비상금")
        accounts.set_limits(tx, "c1", per_transfer=100, per_day=100, authorization="x")
    ledger.deposit(ids.uuid7(), second, 1_000, payer="현금")
    one(ledger, request(ids, mine, theirs, 60))

    over = one(ledger, request(ids, second, theirs, 41))

    assert over.refusal is not None
    assert dict(over.refusal.figures) == {"left_today": 40}


def _effective_since_long(tx) -> None:
    from sqlalchemy import update

    from dojang.policy.tables import policy_version

    tx.execute(update(policy_version).values(effective_at=0))


class Yes:
    """Permits everything."""

    def lock(self, _tx, requests):
        return lambda: {r.id: Permit(None, lambda _use: None) for r in requests}

    def settled(self, _tx, _outcomes):
        return None


class Crash(BaseException):
    """The process is gone."""


def crash_at(place: str) -> Callable[[str], None]:
    def failpoint(name: str) -> None:
        if name == place:
            raise Crash

    return failpoint


def race(count: int, act):
    answers, errors = [], []
    gate = threading.Barrier(min(count, 50))

    def run() -> None:
        gate.wait()
        try:
            answers.append(act())
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return answers


def everything_adds_up(db: Database) -> bool:
    with db.snapshot() as tx:
        total = tx.execute(select(func.sum(account.c.posted))).scalar_one()
        lines = tx.execute(select(func.sum(posting.c.amount)).group_by(posting.c.transfer_id))
        ok = select(func.count()).select_from(transfer).where(transfer.c.status == "ok")
        postings = tx.execute(select(func.count()).select_from(posting)).scalar_one()
        return (
            total == 0
            and all(line == 0 for line in lines.scalars())
            and postings == 2 * tx.execute(ok).scalar_one()
            and log.broken_at(tx.connection) is None
        )


def test_a_statement_is_read_in_pages_without_gap_or_repeat(db, ledger, ids, mine, theirs) -> None:
    for n in range(25):
        one(ledger, request(ids, mine, theirs, n + 1, payee="이", memo=f"{n}"))
    pages, before = [], None
    while True:
        with db.snapshot() as tx:
            lines, before = accounts.statement(tx, "c1", mine, before=before, limit=10)
        pages.append(lines)
        if before is None:
            break

    lines = [line for page in pages for line in page]
    assert [len(page) for page in pages] == [10, 10, 6]
    assert [line.version for line in lines] == list(range(26, 0, -1))
    for newer, older in pairwise(lines):
        assert newer.balance_after == older.balance_after + newer.amount
    assert lines[-1].balance_after == lines[-1].amount == 1_000_000


def test_a_statement_is_its_owners_alone(db, ledger, mine) -> None:
    with db.snapshot() as tx, pytest.raises(accounts.AccountNotFound):
        accounts.statement(tx, "c2", mine, before=None, limit=10)


def test_a_closed_account_takes_and_gives_nothing(db, ledger, ids, mine, theirs) -> None:
    with db.transaction() as tx:
        assert accounts.close(tx, "c2", theirs)
        assert not accounts.close(tx, "c1", mine)

    refused = one(ledger, request(ids, mine, theirs, 1))

    assert refused.refusal is not None
    assert refused.refusal.code == "account_closed"


def test_the_database_itself_refuses_a_balance_under_the_floor(db, ledger, mine) -> None:
    with pytest.raises(DBAPIError), db.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE account SET posted = -1 WHERE customer_id = 'c1'")


@pytest.mark.parametrize("size", [1, 3, 7, 40])
def test_batches_of_any_size_come_to_the_same(db, ledger, ids, mine, theirs, size) -> None:
    asked = [request(ids, mine, theirs, 7_000 * (n % 9 + 1)) for n in range(40)]
    asked.insert(20, asked[3])

    answers = []
    for start in range(0, len(asked), size):
        answers += ledger.post(asked[start : start + size])

    money, expected = 1_000_000, []
    seen: dict[str, bool] = {}
    for one_asked in asked:
        if one_asked.id not in seen:
            seen[one_asked.id] = one_asked.amount <= money
            money -= one_asked.amount if seen[one_asked.id] else 0
        expected.append(seen[one_asked.id])
    assert [answer.status is Status.OK for answer in answers] == expected
    assert balance(db, "c1") == money
    assert everything_adds_up(db)
