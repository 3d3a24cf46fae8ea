"""A whole bank on each database, and a customer with a past who is a customer no more."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import MetaData, select, text
from tests.api.house import House, at_work
from tests.conftest import START
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases

from dojang import demo, retention
from dojang.app import Bank, build
from dojang.auditing import audited, own_roots
from dojang.customers import quota
from dojang.db import Database, Tx, roles
from dojang.db.migrate import migrate
from dojang.gateways.twins import Outside
from dojang.gateways.twins.banks import HOLDERS
from dojang.gateways.twins.people import ci_of
from dojang.journey.sending import OWN_BANK
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import DAY, Instant, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.ledger import Request
from dojang.ledger.committer import CASH_IN
from dojang.phone.customer import Customer
from dojang.phone.joint import JointCertificates
from dojang.phone.ordering import Order
from dojang.phone.safeguarding import Safeguarding
from dojang.transparency import Keep

FIVE_YEARS = 5 * 365 * DAY + 2 * DAY
"""From 2027: 2028 is a leap year, 2032 another; and a day more."""
MEMO = "빌린돈카나리아"
TO_ME = "생일축하카나리아"
AWAY = "월세카나리아"


@dataclass
class Former:
    """이서연, who left; what she had, and what her phone carried away."""

    id: str
    number: str
    receipt: bytes
    paid_minyong: str
    """A transfer of hers to 김민용, who stays."""
    paid_away: str
    paid_by_minyong: str


@dataclass
class Archive:
    """A bank that is not being served, and who may erase."""

    folder: Path
    url: str
    clock: MovableClock
    serving: Database
    owner: Database

    def ask(self, customer_id: str, by: str = "kim") -> None:
        with self.serving.transaction() as tx:
            retention.ask(tx, customer_id, by=by)

    def approve(self, customer_id: str, by: str = "lee", **more: Any) -> retention.Done:
        with self.owner.transaction() as tx:
            return retention.approve(tx, customer_id, by=by, **more)

    def erase(self, customer_id: str) -> retention.Done:
        self.ask(customer_id)
        return self.approve(customer_id)

    def read(self, look: Callable[[Tx], Any]) -> Any:
        with self.serving.snapshot() as tx:
            return look(tx)

    def by_hand(self, *statements: str, **values: object) -> None:
        """What somebody with the owner's rights does past the bank."""
        with self.owner.transaction() as tx:
            for statement in statements:
                tx.execute(text(statement), values)

    def says(self) -> list[str]:
        """What `dojang log verify` finds."""
        kept = Keep(self.folder / "log-head.json").read()
        assert kept is not None
        roots = own_roots(self.serving)
        found = audited(self.serving, kept, told=lambda *_: None, roots=roots, own_code=OWN_BANK)
        return [one.says for one in found.findings]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables as the database has them, whatever the code knows of it."""
        there = MetaData()
        there.reflect(self.owner.engine)
        asked = {one.name: select(one).order_by(*one.primary_key) for one in there.sorted_tables}
        with self.owner.snapshot() as tx:
            return {name: [one._asdict() for one in tx.execute(q)] for name, q in asked.items()}

    @contextmanager
    def served(self) -> Iterator[House]:
        with at_work(opened(self.folder, self.url, self.clock), self.folder.parent) as house:
            yield house


@dataclass
class Past:
    """What was laid down once a session, to be copied."""

    folder: Path
    url: str
    former: Former
    now: Instant


def opened(folder: Path, url: str, clock: MovableClock) -> Bank:
    settings = msgspec.structs.replace(demo.settings(folder, 8700), database=url)
    return build(settings, clock=clock, entropy=SystemEntropy())


@pytest.fixture(scope="session", params=databases())
def past(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Past]:
    """Everything of 이서연's until she left."""
    folder = tmp_path_factory.mktemp("past") / "bank"
    folder.mkdir()
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/bank.db"
        if request.param != "sqlite":
            cluster: Cluster = request.getfixturevalue("cluster")
            url = stack.enter_context(cluster.fresh_database())
        clock = MovableClock(START)
        owner = Database(as_role(url, OWNER), clock)
        migrate(owner)
        if not owner.embedded:
            roles.grant(owner, app=APP, reader=READER)
        owner.close()
        bank = opened(folder, as_role(url, APP), clock)
        demo.populate(bank, Outside(folder / "handset.db", clock))
        with at_work(bank, folder.parent) as house:
            former = lived(house)
            bank.transparency.publish()
        yield Past(folder, url, former, clock.now())


@pytest.fixture
def former(past: Past) -> Former:
    return past.former


@pytest.fixture
def archive(past: Past, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    folder = tmp_path / "bank"
    shutil.copytree(past.folder, folder)
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/bank.db"
        if not past.url.startswith("sqlite"):
            cluster: Cluster = request.getfixturevalue("cluster")
            url = stack.enter_context(cluster.fresh_database(past.url.rsplit("/", 1)[1]))
        clock = MovableClock(past.now)
        serving, owner = (Database(as_role(url, one), clock) for one in (APP, OWNER))
        yield Archive(folder, as_role(url, APP), clock, serving, owner)
        serving.close()
        owner.close()


def id_of(bank: Bank, person: demo.Person) -> str:
    with bank.db.snapshot() as tx:
        known = bank.customers.by_ci(tx, ci_of(Secret(person.resident_number)))
    assert known is not None
    return known.id


def pay(
    payer: Customer, person: demo.Person, payee: tuple[str, str], memo: str, won: int = 1_000_000
) -> str:
    holder = payer.payee(*payee)["holder"]
    order = Order(payer.accounts()[0]["number"], *payee, holder, won, memo)
    done = payer.transfer(order, person.pin, account_password=person.accounts[0].password)
    assert done["state"] == "posted"
    return str(done["id"])


def paid_out(bank: Bank, customer_id: str, account_id: str, amount: int) -> None:
    """The rest, at the counter."""
    asked = Request(
        id=bank.ids.uuid7(), debit=account_id, credit=CASH_IN, amount=amount, subject=customer_id
    )
    (answer,) = bank.ledger.post([asked])
    assert getattr(answer, "refusal", None) is None, answer


def lived(house: House) -> Former:
    """She was paid and paid, had a joint certificate and designated payees, and left."""
    bank = house.bank
    minyong, seoyeon = house.issue(MINYONG), house.issue(SEOYEON)
    who = id_of(bank, SEOYEON)
    number = seoyeon.accounts()[0]["number"]
    his = minyong.accounts()[0]["number"]
    there = HOLDERS[0][:2]
    to_her = pay(minyong, MINYONG, (OWN_BANK, number), TO_ME)
    to_him = pay(seoyeon, SEOYEON, (OWN_BANK, his), MEMO)
    Safeguarding(seoyeon).designate(seoyeon.payee(*there), SEOYEON.pin)
    away = pay(seoyeon, SEOYEON, there, AWAY)
    seoyeon.receipt(away, "receipt.pdf")
    receipt = seoyeon.receipt(away)
    JointCertificates(seoyeon, SystemEntropy()).issue(SEOYEON.pin)
    pay(seoyeon, SEOYEON, there, "", won=seoyeon.accounts()[0]["balance"])
    seoyeon.revoke("unused", SEOYEON.pin)
    return Former(who, number, receipt, to_him, away, to_her)


@pytest.fixture
def due(archive: Archive, former: Former) -> Former:
    """Her joint certificate ended a year after the other; five years after that.

    The worker went by, which forgets counts of codes and attempts after two days.
    """
    archive.clock.move(366 * DAY + FIVE_YEARS)
    with archive.serving.transaction() as tx:
        quota.forget(tx)
    return former


def credential_of(archive: Archive, who: str) -> str:
    asked = text("SELECT id FROM credential WHERE customer_id = :w")
    return str(archive.read(lambda tx: tx.execute(asked, {"w": who}).scalar()))


def owner_of_money(archive: Archive) -> str:
    """김민용, who stays."""
    asked = text("SELECT customer_id FROM account WHERE name = :n")
    named = {"n": MINYONG.accounts[0].name}
    return str(archive.read(lambda tx: tx.execute(asked, named).scalar()))
