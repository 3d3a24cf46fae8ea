"""An erasure killed by `kill -9`, and one beside which money arrives: all, or nothing."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgresql import OWNER, as_role

from dojang import retention
from dojang.gateways.twins.people import ci_of
from dojang.journey.world import SEOYEON
from dojang.kernel.clock import DAY
from dojang.kernel.four_eyes import NotApproved
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.retention import store_erasing

BEGUN = text(
    "UPDATE enrolment SET step = 'keys', finished_at = NULL, expires_at = :until"
    " WHERE customer_id = :w"
)
PATIENCE_S = 60
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("place", [0, 9, len(store_erasing.STATEMENTS)])
def test_killed_anywhere_nothing_is_lost_and_the_next_run_does_all(archive, due, place):
    archive.ask(due.id)
    before = archive.everything()
    words = [as_role(archive.url, OWNER), str(archive.clock.now()), due.id, str(place)]

    killed = subprocess.run(
        [sys.executable, "-m", "tests.service.retention.killed", *words], cwd=ROOT, check=False
    )

    assert killed.returncode == -signal.SIGKILL
    assert archive.everything() == before
    assert not archive.approve(due.id).again
    assert archive.says() == []


def test_money_that_arrives_while_she_is_erased_finds_a_closed_account(archive, due):
    """It waits for the erasure's lock, whenever it comes, and then nobody gets it."""
    archive.ask(due.id)
    (mine,) = archive.read(lambda tx: accounts.of_customer(tx, due.id))
    answers = []
    with archive.served() as house:
        ids, ledger = house.bank.ids, house.bank.ledger

        def pay_in():
            answers.append(ledger.deposit(ids.uuid7(), mine.id, 5, payer="현금"))

        arriving = threading.Thread(target=pay_in)
        with archive.owner.transaction() as tx:
            retention.approve(tx, due.id, by="lee")
            arriving.start()
        arriving.join()

    assert answers[0].refusal.code == "account_closed"
    assert archive.says() == []


def until_somebody_waits(tx) -> None:
    asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    until = time.monotonic() + PATIENCE_S
    while not tx.connection.exec_driver_sql(asked).scalar():
        assert time.monotonic() < until, "nobody waits for a lock"
        time.sleep(0.005)


def test_money_that_arrived_first_stops_the_erasure(archive, due):
    """What the erasure looked at before it had the account's lock counts for nothing."""
    archive.ask(due.id)
    refused = []

    def erase():
        try:
            archive.approve(due.id)
        except NotApproved as wrong:
            refused.append(str(wrong))

    erasing = threading.Thread(target=erase)
    with archive.serving.transaction() as tx:
        tx.connection.exec_driver_sql(
            f"UPDATE account SET posted = 5 WHERE customer_id = '{due.id}'"  # noqa: S608
        )
        erasing.start()
        if not archive.owner.embedded:
            until_somebody_waits(tx)
    erasing.join()

    assert refused == ["still open: an account with money"]


def test_a_journey_begun_first_stops_the_erasure_and_one_begun_later_is_a_stranger_s(archive, due):
    """Whom the CI names is held until the journey is theirs; PostgreSQL alone has two writers."""
    if archive.owner.embedded:
        pytest.skip("SQLite has one writer")
    archive.ask(due.id)
    told = []
    with archive.served() as house:
        customers, ci = house.bank.customers, ci_of(Secret(SEOYEON.resident_number))

        def erase():
            try:
                archive.approve(due.id)
            except NotApproved as wrong:
                told.append(str(wrong))

        def identified():
            with archive.serving.transaction() as tx:
                told.append(customers.by_ci(tx, ci, held=True))
                told.append(customers.hold(tx, due.id))

        erasing, coming = threading.Thread(target=erase), threading.Thread(target=identified)
        with archive.serving.transaction() as tx:
            assert customers.by_ci(tx, ci, held=True).id == due.id
            erasing.start()
            until_somebody_waits(tx)
            tx.execute(BEGUN, {"w": due.id, "until": archive.clock.now() + 1})
        erasing.join()
        archive.clock.move(DAY)
        with archive.owner.transaction() as tx:
            retention.approve(tx, due.id, by="lee")
            coming.start()
            until_somebody_waits(tx)
        coming.join()

    assert told == ["still open: an enrolment under way", None, False]
