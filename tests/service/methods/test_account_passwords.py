"""Account passwords on a real database."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.service.methods.support import (
    ACCOUNT,
    CUSTOMER,
    RIGHT,
    WRONG,
    fields,
    guess,
    kinds,
    passwords,
)

from dojang.db import Database
from dojang.kernel.clock import DAY, MINUTE, Clock, MovableClock
from dojang.kernel.problem import NotFound
from dojang.kernel.secret import Secret
from dojang.methods import store
from dojang.methods.model import Locked, Right, WeakAccountPassword, Wrong
from dojang.methods.passwords import AccountPasswords

ROOT = Path(__file__).parents[3]


def choose(db: Database, password: str, account: str = ACCOUNT) -> AccountPasswords:
    made = passwords(db)
    hashed = made.hashed(account, Secret(password), birth_date="19900317", phone="01048275913")
    with db.transaction() as tx:
        made.put(tx, account_id=account, customer_id=CUSTOMER, hashed=hashed)
    return made


@pytest.fixture
def asked(db: Database) -> AccountPasswords:
    """The account passwords, with RIGHT chosen for ACCOUNT."""
    return choose(db, RIGHT)


def test_the_right_password_is_right(asked: AccountPasswords) -> None:
    assert asked.check(ACCOUNT, Secret(RIGHT)) == Right()


def test_a_wrong_password_is_remembered_and_told_with_what_is_left(
    db: Database, asked: AccountPasswords
) -> None:
    assert asked.check(ACCOUNT, Secret(WRONG)) == Wrong(tries_left=4)
    assert passwords(db).check(ACCOUNT, Secret(WRONG)) == Wrong(tries_left=3)
    assert [e["tries_left"] for e in fields(db, "account_password.wrong")] == [4, 3]


def test_a_right_one_gives_the_tries_back(asked: AccountPasswords) -> None:
    for _ in range(4):
        asked.check(ACCOUNT, Secret(WRONG))

    assert asked.check(ACCOUNT, Secret(RIGHT)) == Right()
    assert asked.check(ACCOUNT, Secret(WRONG)) == Wrong(tries_left=4)


def test_the_fifth_wrong_one_locks_for_everyone_and_time_does_not_unlock(
    db: Database, clock: MovableClock, asked: AccountPasswords
) -> None:
    verdicts = [asked.check(ACCOUNT, Secret(WRONG)) for _ in range(5)]
    clock.move(400 * DAY)

    assert verdicts == [Wrong(4), Wrong(3), Wrong(2), Wrong(1), Locked()]
    assert passwords(db).check(ACCOUNT, Secret(RIGHT)) == Locked()
    assert kinds(db)["account_password.locked"] == 1
    with db.snapshot() as tx:
        assert asked.locked(tx, ACCOUNT)


def test_the_lock_survives_a_restart(
    db_url: str, db: Database, clock: Clock, asked: AccountPasswords
) -> None:
    for _ in range(5):
        asked.check(ACCOUNT, Secret(WRONG))
    db.close()

    again = Database(db_url, clock)
    assert passwords(again).check(ACCOUNT, Secret(RIGHT)) == Locked()
    again.close()


def test_an_unlock_gives_all_tries_back(db: Database, asked: AccountPasswords) -> None:
    for _ in range(5):
        asked.check(ACCOUNT, Secret(WRONG))
    with db.transaction() as tx:
        asked.unlock(tx, ACCOUNT, reason="identified_again")

    assert asked.check(ACCOUNT, Secret(WRONG)) == Wrong(tries_left=4)
    assert asked.check(ACCOUNT, Secret(RIGHT)) == Right()
    assert fields(db, "account_password.unlocked")[0]["reason"] == "identified_again"


def test_a_new_password_does_not_end_a_lock(db: Database, asked: AccountPasswords) -> None:
    for _ in range(5):
        asked.check(ACCOUNT, Secret(WRONG))

    assert choose(db, "8264").check(ACCOUNT, Secret("8264")) == Locked()


def test_after_a_change_only_the_new_one_is_right(db: Database, asked: AccountPasswords) -> None:
    choose(db, "8264")

    assert asked.check(ACCOUNT, Secret(RIGHT)) == Wrong(tries_left=4)
    assert asked.check(ACCOUNT, Secret("8264")) == Right()


def test_a_hash_copied_to_another_account_opens_nothing(db: Database) -> None:
    asked = choose(db, RIGHT)
    choose(db, "8264", account="acc-2")
    with db.transaction() as tx:
        mine = store.password_row(tx, ACCOUNT)
        assert mine is not None
        store.replace_hash(tx, "acc-2", mine.hash)

    assert asked.check("acc-2", Secret(RIGHT)) == Wrong(tries_left=4)


def test_the_same_password_twice_leaves_different_hashes(db: Database) -> None:
    made = passwords(db)
    two = {made.hashed(ACCOUNT, Secret(RIGHT), birth_date=None, phone=None) for _ in range(2)}

    assert len(two) == 2
    assert all(hashed.startswith("$argon2id$") for hashed in two)


@pytest.mark.parametrize(
    ("password", "reason"),
    [("0317", "birth_date"), ("5913", "phone_digits"), ("7777", "all_equal")],
)
def test_a_weak_password_is_not_taken(db: Database, password: str, reason: str) -> None:
    with pytest.raises(WeakAccountPassword) as refused:
        choose(db, password)

    assert refused.value.fields == {"reason": reason}


def test_an_account_without_a_password_is_not_found(asked: AccountPasswords) -> None:
    with pytest.raises(NotFound):
        asked.check("acc-9", Secret(RIGHT))


def test_an_attempt_cut_off_before_its_verdict_counts(
    db: Database, clock: MovableClock, asked: AccountPasswords
) -> None:
    for _ in range(4):
        asked.check(ACCOUNT, Secret(WRONG))
    asked._take(ACCOUNT)  # the process dies here: the attempt was taken, nothing was compared

    assert asked.check(ACCOUNT, Secret(RIGHT)) == Locked()
    assert kinds(db)["account_password.locked"] == 0

    clock.move(2 * MINUTE)
    assert asked.check(ACCOUNT, Secret(RIGHT)) == Locked()
    assert asked.check(ACCOUNT, Secret(RIGHT)) == Locked()
    assert kinds(db)["account_password.locked"] == 1


def test_a_hundred_parallel_guesses_in_two_processes_evaluate_exactly_five(
    db_url: str, db: Database, clock: Clock, asked: AccountPasswords
) -> None:
    other = subprocess.Popen(
        [sys.executable, "-m", "tests.service.methods.support", db_url, str(clock.now()), "50"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}/src:{ROOT}", "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    here = guess(db, 50)
    there = other.communicate(timeout=300)[0].split()

    assert other.returncode == 0
    assert len(here) + len(there) == 100
    assert kinds(db)["account_password.wrong"] == 5
    assert kinds(db)["account_password.locked"] == 1
    assert (here + there).count("Right") == 0
    assert asked.check(ACCOUNT, Secret(RIGHT)) == Locked()
