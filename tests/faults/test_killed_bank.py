"""kill -9 at every step of every journey: nothing acknowledged is lost, the phone goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.faults.homes import Home
from tests.faults.killing import DURING, LOST, SEEN, Killing, Survivor
from tests.postgresql import databases

from dojang.journey import loopback
from dojang.journey.books import Books
from dojang.journey.handset import Handset
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG, WRONG_PIN
from dojang.kernel.entropy import SystemEntropy
from dojang.phone.change import Changing
from dojang.phone.customer import Customer
from dojang.phone.http import NoAnswer, Refused
from dojang.phone.ordering import Order
from dojang.phone.security_key import SecurityKey

pytestmark = pytest.mark.slow
PASSWORD = MINYONG.accounts[0].password
OTHER_PIN = "718294"
LOWER = 3_000_000


def each(*modes: str, on_postgresql: str) -> pytest.MarkDecorator:
    """All these modes on SQLite, one of them on PostgreSQL too: each costs many starts."""
    cases = [("sqlite", mode) for mode in modes]
    if "postgresql" in databases():
        cases.append(("postgresql", on_postgresql))
    return pytest.mark.parametrize(("database", "mode"), cases)


class Banks:
    """Laid down, and with a customer enrolled, once for each database; to be copied."""

    def __init__(self, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> None:
        self._request = request
        self._factory = factory
        self._made: dict[tuple[str, str], Home] = {}

    def moved_in(self, database: str) -> Home:
        """A bank with its sample people, stopped."""
        return self._made.get(("moved_in", database)) or self._move_in(database)

    def enrolled(self, database: str) -> Home:
        """The same bank and a customer's phone with a certificate."""
        return self._made.get(("enrolled", database)) or self._enrol(database)

    def _move_in(self, database: str) -> Home:
        cluster = None if database == "sqlite" else self._request.getfixturevalue("cluster")
        home = Home.empty(self._factory.mktemp("moved_in"), cluster)
        with home.served():
            pass
        self._made["moved_in", database] = home
        return home

    def _enrol(self, database: str) -> Home:
        home = self.moved_in(database).copy(self._factory.mktemp("enrolled"))
        with home.served() as bank:
            someone = Survivor(bank, MINYONG, home.folder / "phone")
            someone.until_done(someone.enrol)
            someone.close()
        self._made["enrolled", database] = home
        return home


@pytest.fixture(scope="module")
def banks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Banks:
    return Banks(request, tmp_path_factory)


@pytest.fixture
def database() -> str:
    """Where a test does not say otherwise."""
    return "sqlite"


@pytest.fixture
def person(banks: Banks, database: str, tmp_path: Path) -> Iterator[Survivor]:
    yield from living_in(banks.moved_in(database).copy(tmp_path))


@pytest.fixture
def customer(banks: Banks, database: str, tmp_path: Path) -> Iterator[Survivor]:
    yield from living_in(banks.enrolled(database).copy(tmp_path))


def living_in(home: Home) -> Iterator[Survivor]:
    with home.served() as bank:
        someone = Survivor(bank, MINYONG, home.folder / "phone", home.books())
        yield someone
        someone.close()


def kill_at(person: Survivor, mode: str, *paths: str) -> Killing:
    """From now on the bank dies once at each of these."""
    person.close()
    line = Killing(person.bank, mode, wanted=lambda kind: any(path in kind for path in paths))
    person.transport = line
    return line


def books_hold(books: Books) -> Books:
    books.chain()
    books.balance_sheet()
    books.open_orders()
    return books


def issued(books: Books) -> int:
    return sum(len(books.events(f"certificate.{kind}")) for kind in ("issued", "reissued"))


@each(LOST, SEEN, DURING, on_postgresql=LOST)
def test_an_enrolment_survives_a_kill_at_every_step(person: Survivor, database: str, mode: str):
    before = issued(person.books)
    line = kill_at(person, mode, "/v1/enrolments", "/v1/signing/")

    person.until_done(person.enrol)

    assert len(line.killed) >= 9
    person.until_done(lambda phone: phone.login(MINYONG.pin))
    books_hold(person.books)
    assert issued(person.books) == before + 1


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


@each(LOST, SEEN, DURING, on_postgresql=DURING)
def test_a_transfer_survives_a_kill_at_every_step(customer: Survivor, database: str, mode: str):
    line = kill_at(customer, mode, "/v1/transfers", "/v1/signing/", "/v1/sessions", "/v1/login")
    order_of: dict[str, Order] = {}

    customer.until_done(sends(order_of))

    assert len(line.killed) >= 6
    (transfer_id,) = order_of
    books = books_hold(customer.books)
    assert books.times_posted(transfer_id) == 1


def sends_much(handset: Handset) -> Callable[[Customer], None]:
    """A transfer of the highest tier: password, call, PIN, going on where it stands."""

    def act(phone: Customer) -> None:
        phone.recover()
        phone.login(MINYONG.pin)
        if not phone.pending_transfers():
            own = phone.account(MINYONG.accounts[0].name)
            holder = phone.payee(OTHER_BANK, OTHER_ACCOUNT)["holder"]
            phone.new_transfer(
                Order(own["number"], OTHER_BANK, OTHER_ACCOUNT, holder, 50_000_001, "잔금")
            )
        (transfer_id, order), *_ = phone.pending_transfers().items()
        answer = phone.place(transfer_id, order)
        if answer["state"] == "waiting":
            if "account_password" not in answer["done"]:
                answer = phone.show_account_password(transfer_id, PASSWORD)
            if "ars" not in answer["done"]:
                handset.key_number(phone.ask_for_call(transfer_id))
            phone.sign_order(order, answer, MINYONG.pin)
        assert phone.settled(transfer_id)["state"] == "posted"

    return act


def test_a_transfer_with_a_call_survives_a_kill_at_every_step(customer: Survivor):
    line = kill_at(customer, LOST, "/v1/transfers", "/v1/signing/")

    customer.until_done(sends_much(customer.handset))

    assert {"POST /v1/transfers/{id}/ars", "PUT /v1/transfers/{id}"} <= set(line.killed)
    (transfer_id,) = customer.phone().pending_transfers()
    assert books_hold(customer.books).times_posted(transfer_id) == 1


def changes_the_pin(phone: Customer) -> None:
    """Goes on with the change that lies on the phone, begins one where there is none."""
    phone.recover()
    if phone.store.read().change is None:
        if phone.key("auth").instances["pin"][-1].version > 1:
            return
        phone.login(MINYONG.pin)
        phone.change_secret("pin", pin=MINYONG.pin, new=OTHER_PIN)
    else:
        phone.login(MINYONG.pin)
        Changing(phone.machine, SystemEntropy(), phone.origin).prove(OTHER_PIN)


@pytest.mark.parametrize("mode", [LOST, SEEN])
def test_a_change_of_the_pin_survives_a_kill_at_every_step(customer: Survivor, mode: str):
    line = kill_at(customer, mode, "/v1/method-changes", "/v1/acts", "/v1/signing/")

    customer.until_done(changes_the_pin)

    assert len(line.killed) >= 5
    phone = customer.phone()
    phone.login(OTHER_PIN)
    with pytest.raises(Refused, match="wrong_secret"):
        phone.login(MINYONG.pin)
    assert len(books_hold(customer.books).events("method.changed")) == 1


def lowers_the_limits(phone: Customer) -> None:
    phone.recover()
    phone.login(MINYONG.pin)
    if phone.limits()["per_day"] != LOWER:
        phone.change_limits(per_transfer=LOWER, per_day=LOWER, pin=MINYONG.pin)


def test_a_change_of_limits_survives_a_kill_at_every_step(customer: Survivor):
    line = kill_at(customer, LOST, "/v1/acts", "/v1/signing/", "/v1/limits")

    customer.until_done(lowers_the_limits)

    assert len(line.killed) >= 4
    (changed,) = books_hold(customer.books).events("limits.changed")
    assert changed["per_day"] == LOWER


def has_a_passkey(key: SecurityKey) -> Callable[[Customer], None]:
    """Adds this key where the certificate has none yet, and logs in with it."""

    def act(phone: Customer) -> None:
        phone.recover()
        phone.login(MINYONG.pin)
        mine = phone.certificate()
        if not mine["passkeys"]:
            asked = phone.line.post("/v1/passkeys/options", {}).must()
            made = {"challenge_id": asked["challenge_id"], "response": key.create(asked["options"])}
            phone.line.post("/v1/passkeys", {**made, "name": "열쇠"}).must()
        this = {"credential_id": mine["id"]}
        asked = phone.line.post("/v1/login/passkey/options", this).must()
        shown = {"challenge_id": asked["challenge_id"], "response": key.sign(asked["options"])}
        phone.line.post("/v1/login/passkey", shown).must()

    return act


def has_no_passkey(phone: Customer) -> None:
    phone.recover()
    phone.login(MINYONG.pin)
    for one in phone.certificate()["passkeys"]:
        phone.line.delete(f"/v1/passkeys/{one['id']}").must()


def test_a_passkey_survives_a_kill_at_every_step(customer: Survivor):
    line = kill_at(customer, LOST, "passkey")

    customer.until_done(has_a_passkey(SecurityKey(customer.bank.origin, SystemEntropy())))
    customer.until_done(has_no_passkey)

    assert len(line.killed) == 5
    books = books_hold(customer.books)
    (added,) = books.events("passkey.added")
    (removed,) = books.events("passkey.removed")
    assert removed["passkey_id"] == added["passkey_id"]


def is_revoked(phone: Customer) -> bool:
    """Logs in, unless there is nothing left to log in with."""
    try:
        phone.login(MINYONG.pin)
    except Refused as refused:
        return refused.code == "credential_revoked"
    return False


def revokes(phone: Customer) -> None:
    phone.recover()
    if not is_revoked(phone):
        phone.revoke("unused", MINYONG.pin)


def test_a_revocation_survives_a_kill_at_every_step(customer: Survivor):
    line = kill_at(customer, LOST, "/v1/acts", "/v1/signing/")

    customer.until_done(revokes)

    assert len(line.killed) >= 3
    with pytest.raises(Refused, match="credential_revoked"):
        customer.phone().login(MINYONG.pin)
    assert len(books_hold(customer.books).events("certificate.revoked")) == 1


def test_a_reissue_survives_a_kill_at_every_step(customer: Survivor):
    customer.begin_anew()
    line = kill_at(customer, LOST, "/v1/enrolments", "/v1/signing/")

    customer.until_done(customer.enrol)

    assert len(line.killed) >= 9
    customer.until_done(lambda phone: phone.login(MINYONG.pin))
    books = books_hold(customer.books)
    (old,) = books.events("certificate.issued")[-1:]
    assert [one["replaces"] for one in books.events("certificate.reissued")] == [
        old["credential_id"]
    ]


def test_a_loss_report_that_was_answered_survives_a_kill(customer: Survivor):
    """The certificate is suspended after the answer; the bank dies between the two."""
    body = {"name": MINYONG.name, "birth_date": MINYONG.birth_date, "phone": MINYONG.phone}
    answered = loopback.post(customer.bank.origin + "/v1/loss-reports", json=body, timeout=60)
    customer.bank.kill()
    customer.bank.start()

    assert answered.status_code == 202
    suspended = customer.handset.received("사고신고로 인증서를 정지", 0)
    assert suspended
    with pytest.raises(Refused, match="credential_suspended"):
        customer.phone().login(MINYONG.pin)
    books_hold(customer.books)


def test_an_interrupted_attempt_stays_counted(customer: Survivor):
    """A thief who pulls the plug after each guess has as many guesses as anyone."""
    for _ in range(4):
        kill_at(customer, LOST, "/v1/signing/complete", "/v1/signing/begin")
        with pytest.raises(NoAnswer):
            customer.phone().login(WRONG_PIN)
        customer.bank.start()
    customer.close()
    customer.transport = httpx.HTTPTransport(verify=loopback.NOBODY)
    phone = customer.phone()
    phone.recover()

    with pytest.raises(Refused) as refused:
        phone.login(WRONG_PIN)

    assert refused.value.body["tries_left"] == 0
    with pytest.raises(Refused, match="credential_locked"):
        phone.login(MINYONG.pin)
