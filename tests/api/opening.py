"""A customer who opens an account at a distance, and the parties outside that they meet."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.api.house import House

from dojang.demo import Person
from dojang.gateways.twins import Outside, SimulatedOneWon, samples
from dojang.kernel.clock import DAY, MINUTE, SECOND
from dojang.kernel.four_eyes import NotApproved
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.opening import lifting
from dojang.phone.customer import Customer
from dojang.phone.opening import Opening

PASSWORD = "7391"


@dataclass
class Opener:
    """One person, at whatever step of whichever journey."""

    house: House
    person: Person
    customer: Customer

    def __post_init__(self) -> None:
        self.outside = Outside(self.house.folder / "bank" / "handset.db", self.house.clock)
        self.elsewhere = SimulatedOneWon(self.outside)
        self.opening = Opening(self.customer.line)

    @property
    def number(self) -> PhoneNumber:
        return PhoneNumber(self.person.phone)

    def sample(self, kind: str, outcome: str = "passed") -> bytes:
        person = samples.person_of(self.outside.ci(self.number))
        return samples.drawn(samples.Told(kind, outcome, person))

    def begin(self) -> dict[str, Any]:
        """A fresh account opening, whatever was under way; the next day, so that nothing counts.

        The bank has seen meanwhile what an account opened before is for.
        """
        self.log_in_tomorrow()
        self.purposes_shown()
        if self.customer.line.get("/v1/identifications/current").done:
            self.opening.give_up()
        return self.opening.open_account()

    def purposes_shown(self) -> None:
        with self.house.bank.db.transaction() as tx:
            for account in self.customer.accounts():
                with suppress(NotApproved):
                    lifting.ask(tx, str(account["number"]), by="kim")
        with self.house.bank.db.transaction() as tx:
            for account in self.customer.accounts():
                with suppress(NotApproved):
                    lifting.approve(tx, str(account["number"]), by="lee")

    def log_in_tomorrow(self) -> None:
        self.house.clock.move(DAY + MINUTE)
        self.customer.line.token = None
        self.customer.login(self.person.pin)

    def by_code(self) -> dict[str, Any]:
        self.house.clock.move(61 * SECOND)
        self.opening.phone()
        return self.opening.sms_code(self.house.handset(self.person).code())

    def by_card(self) -> dict[str, Any]:
        return self.opening.id_card(self.sample("id_card"))

    def by_face(self) -> dict[str, Any]:
        return self.opening.face(self.sample("face"))

    def by_won(self) -> dict[str, Any]:
        assert self.person.elsewhere is not None
        self.opening.one_won(*self.person.elsewhere)
        return self.opening.one_won_code(self.digits())

    def digits(self) -> str:
        """The newest ones, as the other bank's app shows them."""
        return self.elsewhere.deposits(self.number)[0].sender[-4:]

    def up_to(self, step: str) -> "Opener":
        """A fresh journey that stands at this step; `second` is the check after the card."""
        self.begin()
        ways = {
            "phone": [],
            "check": [self.by_code],
            "second": [self.by_code, self.by_card],
            "purpose": [self.by_code, self.by_card, self.by_face],
            "password": [self.by_code, self.by_card, self.by_face, self.opening.purpose],
        }
        for way in ways[step]:
            way()
        return self
