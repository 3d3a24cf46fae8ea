"""The demo bank: a folder with a SQLite bank, a software vault, simulated parties, sample people.

Everything here is invented. The people exist in two places, as in life: at the simulated telecom
operator (who they are) and, where they bank with us already, in the bank.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from dojang import customers
from dojang.app import build
from dojang.demo_folder import ORIGIN, clock_of, settings
from dojang.gateways.twins import Outside, SampleSubscriber, SimulatedSwitch
from dojang.gateways.twins.people import ci_of
from dojang.house import Bank
from dojang.kernel.clock import DAY, Clock, Instant
from dojang.kernel.entropy import Entropy, SystemEntropy
from dojang.kernel.money import Won
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.vault import Vault

SLEEPS_SINCE_DAYS: Final = 340


@dataclass(frozen=True)
class Account:
    """An account a sample person starts with."""

    name: str
    balance: Won
    password: str


@dataclass(frozen=True)
class Person:
    """What one types to be this person. `login_id` is None for someone new to the bank."""

    name: str
    carrier: str
    resident_number: str
    phone: str
    story: str
    login_id: str | None = None
    password: str | None = None
    accounts: tuple[Account, ...] = field(default=())
    pin: str = "280461"
    """What the demo and the journey use; the person chooses another in the app."""
    sim_age_days: int = 900
    elsewhere: tuple[str, str] | None = None
    """(bank, account) that the person holds at another bank."""

    @property
    def birth_date(self) -> str:
        """YYYYMMDD, the century from the resident number's seventh digit."""
        century = {"1": "19", "2": "19", "5": "19", "6": "19"}.get(self.resident_number[6], "20")
        return century + self.resident_number[:6]


PEOPLE: Final = (
    Person(
        name="김민용",
        carrier="hanbit",
        resident_number="8503151234567",
        phone="01024681357",
        story="existing",
        login_id="minyong85",
        password="Haneul-2026!",  # noqa: S106 - invented, for the demo
        accounts=(
            Account("생활비 통장", Won(1_250_000_000), "5837"),
            Account("비상금 통장", Won(3_400_000), "5837"),
        ),
        elsewhere=("901", "90185031500017"),
    ),
    Person(
        name="이서연",
        carrier="duru",
        resident_number="9209202345678",
        phone="01097531468",
        story="existing",
        login_id="seoyeon92",
        password="Nabi.flies.7",  # noqa: S106 - invented, for the demo
        accounts=(Account("월급 통장", Won(48_000_000), "8264"),),
        elsewhere=("902", "90292092000023"),
    ),
    Person(
        name="박하늘",
        carrier="nuri",
        resident_number="0105073456789",
        phone="01086420975",
        story="first_time",
        elsewhere=("903", "90301050700031"),
    ),
    Person(
        name="최고은",
        carrier="hanbit",
        resident_number="5811022456789",
        phone="01013579246",
        story="sleeping",
        login_id="goeun58",
        password="Gamja#tang88",  # noqa: S106 - invented, for the demo
        accounts=(Account("연금 통장", Won(27_500_000), "9172"),),
        elsewhere=("904", "90458110200049"),
    ),
    Person(
        name="정유심",
        carrier="duru",
        resident_number="7712121567890",
        phone="01075319864",
        story="sim_changed_yesterday",
        login_id="yusim77",
        password="Ojakgyo=1212",  # noqa: S106 - invented, for the demo
        accounts=(Account("주거래 통장", Won(9_000_000), "6048"),),
        sim_age_days=1,
        elsewhere=("905", "90577121200053"),
    ),
)


def make(
    folder: Path,
    port: int,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    origin: str | None = None,
    vault: Callable[[], Vault] | None = None,
) -> Bank:
    """The demo bank of a folder, made at first use, with its people in it.

    `vault` as `app.build` takes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    used = clock or clock_of(folder)
    said = settings(folder, port, origin=origin)
    (folder / ORIGIN).write_text(said.origin, "ascii")
    bank = build(said, clock=used, entropy=entropy or SystemEntropy(), vault=vault)
    bank.sample_people = [public(person) for person in PEOPLE]
    if not bank.has_customers():
        populate(bank, Outside(folder / "handset.db", used))
    return bank


def populate(bank: Bank, outside: Outside, *, today: Instant | None = None) -> None:
    """Put the sample people where they are at the start.

    `today` is the day that "yesterday" in their stories counts from: the bank's own, unless it is
    made in the past.
    """
    for person in PEOPLE:
        changed = Instant((today or bank.clock.now()) - person.sim_age_days * DAY)
        outside.subscribe(
            SampleSubscriber(
                carrier=person.carrier,
                name=person.name,
                resident_number=Secret(person.resident_number),
                phone=PhoneNumber(person.phone),
                sim_changed_at=changed,
            )
        )
        if person.elsewhere is not None:
            SimulatedSwitch(outside).open_account(*person.elsewhere, person.name)
        if person.login_id is not None:
            move_in(bank, person)


def move_in(bank: Bank, person: Person) -> None:
    """Make a sample person a customer with internet banking and accounts with money in them."""
    if person.login_id is None or person.password is None:
        raise ValueError("only people with internet banking live here already")
    known = customers.Person(
        name=person.name,
        resident_number=Secret(person.resident_number),
        phone=PhoneNumber(person.phone),
        carrier=person.carrier,
        ci=ci_of(Secret(person.resident_number)),
    )
    hashed = bank.internet_banking.hash(person.login_id, Secret(person.password))
    with bank.db.transaction() as tx:
        customer = bank.customers.add(tx, known, locale="ko")
        bank.internet_banking.enrol(tx, customer.id, person.login_id, hashed)
    for account in person.accounts:
        _open_account(bank, customer, account)


def _open_account(bank: Bank, owner: customers.Customer, account: Account) -> None:
    account_id = bank.ids.uuid7()
    hashed = bank.account_passwords.hashed(
        account_id, Secret(account.password), birth_date=owner.birth_date, phone=owner.phone
    )
    with bank.db.transaction() as tx:
        bank.ledger.open_account(tx, owner.id, name=account.name, account_id=account_id)
        bank.account_passwords.put(tx, account_id=account_id, customer_id=owner.id, hashed=hashed)
    bank.ledger.deposit(bank.ids.uuid7(), account_id, account.balance, payer="개설 입금")


def public(person: Person) -> dict[str, Any]:
    """What the handset page shows of a sample person: all of it, they are invented."""
    told = asdict(person)
    told["birth_date"] = person.birth_date
    return told
