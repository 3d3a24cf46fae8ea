"""kill -9 at every step of every journey: nothing acknowledged is lost, the phone goes on."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.faults.killing import DURING, LOST, SEEN, Killing, Survivor

from dojang.journey.books import Books
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.served import Served, served
from dojang.journey.world import MINYONG, WRONG_PIN
from dojang.phone.customer import Customer
from dojang.phone.http import NoAnswer, Refused
from dojang.phone.ordering import Order

pytestmark = pytest.mark.slow
PASSWORD = MINYONG.accounts[0].password


@pytest.fixture(scope="module")
def moved_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank with its sample people, stopped; to be copied."""
    folder = tmp_path_factory.mktemp("moved_in")
    with served(folder / "bank"):
        pass
    return folder


@pytest.fixture(scope="module")
def enrolled(moved_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same bank and a customer's phone with a certificate; to be copied."""
    folder = tmp_path_factory.mktemp("enrolled")
    shutil.copytree(moved_in / "bank", folder / "bank")
    with served(folder / "bank") as bank:
        someone = Survivor(bank, MINYONG, folder / "phone")
        someone.until_done(someone.enrol)
        someone.close()
    return folder


@pytest.fixture
def person(moved_in: Path, tmp_path: Path) -> Iterator[Survivor]:
    yield from living_in(moved_in, tmp_path)


@pytest.fixture
def customer(enrolled: Path, tmp_path: Path) -> Iterator[Survivor]:
    yield from living_in(enrolled, tmp_path)


def living_in(origin: Path, folder: Path) -> Iterator[Survivor]:
    shutil.copytree(origin, folder, dirs_exist_ok=True)
    with served(folder / "bank") as bank:
        someone = Survivor(bank, MINYONG, folder / "phone")
        yield someone
        someone.close()


def kill_at(person: Survivor, mode: str, *paths: str) -> Killing:
    """From now on the bank dies once at each of these."""
    person.close()
    line = Killing(person.bank, mode, wanted=lambda kind: any(path in kind for path in paths))
    person.transport = line
    return line


def books_hold(bank: Served) -> Books:
    books = Books(bank.folder)
    books.chain()
    books.balance_sheet()
    return books


def issued(bank: Served) -> int:
    books = Books(bank.folder)
    return sum(len(books.events(f"certificate.{kind}")) for kind in ("issued", "reissued"))


@pytest.mark.parametrize("mode", [LOST, SEEN, DURING])
def test_an_enrolment_survives_a_kill_at_every_step(person: Survivor, mode: str):
    bank = person.bank
    before = issued(bank)
    line = kill_at(person, mode, "/v1/enrolments", "/v1/signing/")

    person.until_done(person.enrol)

    assert len(line.killed) >= 9
    person.until_done(lambda phone: phone.login(MINYONG.pin))
    books_hold(bank)
    assert issued(bank) == before + 1


def sends(order_of: dict[str, Order]) -> Callable[[Customer], None]:
    """Send one transfer, going on where it stands; what is asked twice is asked with its id."""

    def act(phone: Customer) -> None:
        phone.recover()
        phone.login(MINYONG.pin)
        if not phone.pending_transfers():
            own = phone.account(MINYONG.accounts[0].name)
            holder = phone.payee(OTHER_BANK, OTHER_ACCOUNT)["holder"]
            phone.new_transfer(
                Order(own["number"], OTHER_BANK, OTHER_ACCOUNT, holder, 7_000_000, "이사")
            )
        (transfer_id, order), *_ = phone.pending_transfers().items()
        order_of[transfer_id] = order
        answer = phone.place(transfer_id, order)
        if answer["state"] == "waiting":
            if "account_password" not in answer["done"]:
                answer = phone.show_account_password(transfer_id, PASSWORD)
            phone.sign_order(order, answer, MINYONG.pin)
        assert phone.settled(transfer_id)["state"] == "posted"

    return act


@pytest.mark.parametrize("mode", [LOST, SEEN, DURING])
def test_a_transfer_survives_a_kill_at_every_step(customer: Survivor, mode: str):
    line = kill_at(customer, mode, "/v1/transfers", "/v1/signing/", "/v1/sessions", "/v1/login")
    order_of: dict[str, Order] = {}

    customer.until_done(sends(order_of))

    assert len(line.killed) >= 6
    (transfer_id,) = order_of
    books = books_hold(customer.bank)
    assert books.times_posted(transfer_id) == 1


def test_an_interrupted_attempt_stays_counted(customer: Survivor):
    """A thief who pulls the plug after each guess has as many guesses as anyone."""
    for _ in range(4):
        kill_at(customer, LOST, "/v1/signing/complete", "/v1/signing/begin")
        with pytest.raises(NoAnswer):
            customer.phone().login(WRONG_PIN)
        customer.bank.start()
    customer.close()
    customer.transport = httpx.HTTPTransport()
    phone = customer.phone()
    phone.recover()

    with pytest.raises(Refused) as refused:
        phone.login(WRONG_PIN)

    assert refused.value.body["tries_left"] == 0
    with pytest.raises(Refused, match="credential_locked"):
        phone.login(MINYONG.pin)
