"""Two processes, one PostgreSQL: whatever begins at one goes on at the other, once."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.faults.two.pair import InTurn, Pair
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang.db import Database, log, roles
from dojang.db.migrate import migrate
from dojang.journey import issuing
from dojang.journey.handset import Handset
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG, PATTERN
from dojang.kernel.clock import DAY, SECOND, SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.phone.customer import Customer
from dojang.phone.ordering import Order

pytestmark = pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
NOTICE_DAYS = 336
PATIENCE_S = 60
FOUNDED = ("document", "issuing", "ocsp", "root", "tsa")


class Town:
    """A customer whose every request goes to the other process, and the books behind both."""

    def __init__(self, pair: Pair, database: Database, home: Path) -> None:
        self.pair = pair
        self.founded = founded(database)
        self.line = InTurn(pair.ports)
        self.database = database
        self.phone = Customer(
            pair.origin,
            home,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            client=httpx.Client(transport=self.line, timeout=60),
        )

    def handset(self, person) -> Handset:
        return Handset(self.pair, person)  # type: ignore[arg-type]

    def issued_to(self, _person) -> bool:
        return False

    def has_leaf(self, kind: str) -> None:
        """Wait for one: who finds a row taken by somebody else's job leaves it to that one."""
        until = time.monotonic() + PATIENCE_S
        while not self.leaves(kind):
            assert time.monotonic() < until, f"no {kind}"
            time.sleep(0.05)

    def leaves(self, kind: str) -> int:
        with self.database.snapshot() as tx:
            there = log.read(tx.connection, 0, 10_000)
        return sum(leaf.kind == kind for leaf in there)


def founded(database: Database) -> tuple[list[tuple[str, int]], list[int]]:
    """(offices and their keys' numbers, versions of the policy)."""
    with database.engine.connect() as connection:
        offices = connection.exec_driver_sql("SELECT role, number FROM authority").all()
        versions = connection.exec_driver_sql("SELECT version FROM policy_version").scalars()
        return sorted((role, number) for role, number in offices), list(versions)


@pytest.fixture(scope="module")
def town(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("two")
    (folder / "bank").mkdir()
    with cluster.fresh_database() as url:
        owner = Database(as_role(url, OWNER), SystemClock())
        migrate(owner)
        roles.grant(owner, app=APP, reader=READER)
        owner.close()
        database = Database(as_role(url, APP), SystemClock())
        with Pair.served(folder / "bank", as_role(url, APP)) as pair:
            made = Town(pair, database, folder / "phone")
            yield made
            made.line.close()
        database.close()


@dataclass(frozen=True)
class Journey:
    """What the way to the certificate came to, and how it was answered."""

    issued: int
    answered: list[int]
    refused: dict[str, int]


@pytest.fixture(scope="module")
def journey(town: Town) -> Journey:
    """The customer's phone has a certificate, and has logged in once."""
    phone, before = town.phone, town.leaves("certificate.issued")
    application = phone.apply()
    issuing.identify(town, MINYONG, application)  # type: ignore[arg-type]
    phone.make_keys(MINYONG.pin, PATTERN)
    phone.finish(application)
    phone.login(MINYONG.pin)
    phone.accounts()
    issued = town.leaves("certificate.issued") - before
    return Journey(issued, list(town.line.answered.values()), dict(town.line.refused))


@pytest.fixture
def phone(town: Town, journey: Journey) -> Customer:
    """With a session of its own, whatever the test before it did."""
    town.phone.login(MINYONG.pin)
    return town.phone


def test_two_first_starts_found_one_bank(town: Town) -> None:
    """Both were started at once on an empty database.

    Looked at before any clock is moved: an OCSP responder is renewed after a week, once.
    """
    assert town.founded == ([(role, 1) for role in FOUNDED], [1])


def test_a_journey_goes_on_at_the_other_process(phone: Customer, journey: Journey) -> None:
    assert len(phone.accounts()) == len(MINYONG.accounts)
    assert min(journey.answered) >= 8
    assert journey.issued == 1


def test_a_nonce_of_one_process_is_good_at_the_other(journey: Journey) -> None:
    """Asked for once at the very beginning, and never again because another process answered."""
    assert journey.refused.get("use_dpop_nonce", 0) <= 1
    assert set(journey.refused) <= {"use_dpop_nonce"}


def test_a_transfer_begun_at_one_is_signed_at_the_other_and_posted_once(
    town: Town, phone: Customer
) -> None:
    own = phone.account(MINYONG.accounts[0].name)
    holder = phone.payee(OTHER_BANK, OTHER_ACCOUNT)["holder"]
    order = Order(own["number"], OTHER_BANK, OTHER_ACCOUNT, holder, 60_000_000, "이사")
    handset = town.handset(MINYONG)
    before = handset.mark()

    done = phone.transfer(
        order,
        MINYONG.pin,
        account_password=MINYONG.accounts[0].password,
        call=handset.key_number,
    )

    assert done["state"] == "posted"
    assert town.leaves("transfer.authorised") == town.leaves("transfer.posted") - deposits(town)
    told = handset.received("60,000,000", before)
    assert handset.texts().count(told) == 1


def deposits(town: Town) -> int:
    """Opening balances are transfers that nobody signed."""
    with town.database.snapshot() as tx:
        there = log.read(tx.connection, 0, 10_000)
    posted = [leaf.fields() for leaf in there if leaf.kind == "transfer.posted"]
    return sum(not leaf["authorization"] for leaf in posted)


def test_a_session_ended_at_one_is_over_at_the_other(phone: Customer) -> None:
    phone.log_out()

    for _ in range(2):
        with pytest.raises(Exception, match="not_signed_in"):
            phone.accounts()


def test_a_job_that_is_due_at_both_is_done_once(town: Town, journey: Journey) -> None:
    town.pair.move_clocks(NOTICE_DAYS * DAY // SECOND)

    town.has_leaf("certificate.dormancy_notice")
    with town.database.snapshot() as tx:
        there = log.read(tx.connection, 0, 10_000)
        notices = [leaf.subject for leaf in there if leaf.kind == "certificate.dormancy_notice"]
        assert log.broken_at(tx.connection) is None
    assert len(notices) == len(set(notices))


def test_neither_process_recorded_an_error(town: Town) -> None:
    assert '"level":"error"' not in town.pair.said().replace(" ", "")
