"""Issuing through our HTTP API: phones that have made their keys ask for their certificates."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from bench.bank import in_memory
from bench.ca import load
from dojang.demo import Person
from dojang.gateways.twins.outside import Outside
from dojang.gateways.twins.people import SampleSubscriber
from dojang.journey.handset import Handset
from dojang.journey.issuing import NEW_LOGIN, claim_of
from dojang.journey.served import Served, served
from dojang.journey.world import HANEUL, PATTERN
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.phone.application import Application
from dojang.phone.customer import Customer

AT_ONCE: Final = 4
WARM_UP: Final = 4
PAIR: Final = 2


class Desk:
    """A demo bank in a process of its own, and people whom it never saw."""

    def __init__(self, folder: Path, bank: Served) -> None:
        self._folder = folder
        self._bank = bank
        self._clock, self._entropy = SystemClock(), SystemEntropy()
        self._outside = Outside(bank.folder / "handset.db", self._clock)
        self._client = httpx.Client(timeout=60)
        self._people = 0
        self.per_cpu_s(WARM_UP)

    def per_cpu_s(self, people: int) -> float:
        """Certificates by the second of the server's processes, two a person.

        Measured is `POST /v1/enrolments/current/finish` alone: the proof of the phone's key, both
        certificates written, linted, signed, logged and durable, and the answer with the chain.
        """
        numbers = range(self._people, self._people + people)
        self._people += people
        with ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = list(pool.map(self._up_to_the_end, numbers))
            pids = [self._bank.pid, *load.children(self._bank.pid)]
            before = load.cpu_seconds(pids)
            issued = list(pool.map(Application.finish, waiting))
            spent = load.cpu_seconds(pids) - before
        found = {der for one in issued for der in one["certificates"].values()}
        if len(found) != PAIR * people:
            raise RuntimeError(f"{len(found)} certificates for {people} people")
        return len(found) / spent

    def close(self) -> None:
        self._client.close()

    def _up_to_the_end(self, number: int) -> Application:
        """Everything before `finish`, both keys proved; the line has a fresh nonce."""
        person = replace(
            HANEUL,
            resident_number=f"9001012{number:06d}",
            phone=f"0105{number:07d}",
        )
        self._exists(person)
        phone = Customer(
            self._bank.origin,
            self._folder / "phones" / person.phone,
            clock=self._clock,
            entropy=self._entropy,
            client=self._client,
        )
        in_memory(phone)
        application = phone.apply()
        application.identity(claim_of(person))
        application.sms_code(Handset(self._bank, person).code())
        _, password, account_password = NEW_LOGIN
        application.internet_banking_enrolment(
            login_id=f"person{number:06d}",
            password=password,
            name=person.name,
            account_password=account_password,
        )
        phone.make_keys(person.pin, PATTERN)
        return application

    def _exists(self, person: Person) -> None:
        self._outside.subscribe(
            SampleSubscriber(
                carrier=person.carrier,
                name=person.name,
                resident_number=Secret(person.resident_number),
                phone=PhoneNumber(person.phone),
            )
        )


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    with served(folder / "bank") as bank:
        made = Desk(folder, bank)
        try:
            yield made
        finally:
            made.close()
