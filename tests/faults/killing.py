"""A line that kills the bank: at a chosen request, before or after its answer was seen."""

import re
import threading
from collections.abc import Callable
from pathlib import Path

import httpx

from dojang.demo import Person
from dojang.journey import loopback
from dojang.journey.books import Books
from dojang.journey.handset import Handset
from dojang.journey.lie import Lie
from dojang.journey.served import Served
from dojang.journey.world import PATTERN
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.phone.application import Application
from dojang.phone.customer import Customer
from dojang.phone.http import NoAnswer

LOST, SEEN, DURING = "answer lost", "answer seen", "in the middle"
ROUNDS_MAX = 60
_IDS = re.compile(r"/(?:[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{22})(?=/|$)")


class Killing(httpx.BaseTransport):
    """Kills the bank once at each kind of request (its path without ids).

    LOST: the bank has done it and dies before the phone hears of it. SEEN: right after the phone
    has heard. DURING: some milliseconds after the request was sent, whatever it does then.
    """

    def __init__(self, bank: Served, mode: str, *, wanted: Callable[[str], bool]) -> None:
        self._bank = bank
        self._mode = mode
        self._wanted = wanted
        self._inner = httpx.HTTPTransport(verify=loopback.NOBODY)
        self.killed: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kind = f"{request.method} {_IDS.sub('/{id}', request.url.path)}"
        if kind in self.killed or not self._wanted(kind):
            return self._inner.handle_request(request)
        if self._mode == DURING:
            return self._during(kind, request)
        answer = self._inner.handle_request(request)
        answer.read()
        if answer.status_code >= 400:
            return answer
        self._kill(kind)
        if self._mode == LOST:
            raise httpx.ReadError("killed", request=request)
        return answer

    def _during(self, kind: str, request: httpx.Request) -> httpx.Response:
        delay = (len(self.killed) % 7) * 0.002
        self.killed.append(kind)
        timer = threading.Timer(delay, self._bank.kill)
        timer.start()
        try:
            answer = self._inner.handle_request(request)
            answer.read()
        finally:
            timer.join()
            self._anew()
        return answer

    def _kill(self, kind: str) -> None:
        self.killed.append(kind)
        self._bank.kill()
        self._anew()

    def _anew(self) -> None:
        self._inner.close()
        self._inner = httpx.HTTPTransport(verify=loopback.NOBODY)

    def close(self) -> None:
        self._inner.close()


class Survivor:
    """A person with a phone who goes on where it stopped, however often the bank dies."""

    def __init__(
        self, bank: Served, person: Person, home: Path, books: Books | None = None
    ) -> None:
        self.bank = bank
        self.books = books or Books(bank.folder)
        self.person = person
        self.home = home
        self.transport: httpx.BaseTransport = httpx.HTTPTransport(verify=loopback.NOBODY)
        self.handset = Handset(bank, person)
        self._client: httpx.Client | None = None

    def phone(self) -> Customer:
        """The app as it starts: nothing but what lies in its storage."""
        self.close()
        self._client = httpx.Client(transport=self.transport, timeout=60)
        return Customer(
            self.bank.origin,
            self.home,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            client=self._client,
        )

    def close(self) -> None:
        """What the app held open. The transport goes on to be used."""
        if self._client is not None:
            self.transport.close()

    def until_done(self, act: Callable[[Customer], object]) -> int:
        """Do it on a freshly opened phone until it is done; how often the bank had to be started.

        `act` must look where it stands, as the app does when it is opened.
        """
        for deaths in range(ROUNDS_MAX):
            try:
                act(self.phone())
            except (NoAnswer, httpx.TransportError):
                self.bank.kill()
                self.bank.start()
            else:
                return deaths
        raise AssertionError("it never came to an end")

    def enrol(self, phone: Customer) -> None:
        """From wherever the journey stands to the certificates."""
        person = self.person
        phone.recover()
        going_on = phone._pending()["enrolment"] is not None
        application = phone.resume_application() if going_on else phone.apply()
        if application.step == "identify":
            if application.state["prefilled"] is None:
                application.internet_banking(person.login_id or "", person.password or "")
            application.identity()
        if application.step == "sms_code":
            application.sms_code(self._code(application))
        if application.step == "account_password":
            account = application.state["accounts"][0]["id"]
            application.account_password(account, person.accounts[0].password)
        if application.step == "keys":
            ready = {one["kind"] for one in application.state["keys"] if one["state"] == "proved"}
            if ready != {"auth", "sign"} or set(phone.store.read().enrolling) != ready:
                phone.make_keys(person.pin, PATTERN)
        phone.finish(application)

    def begin_anew(self) -> None:
        """The journey that lies on the phone is over: `enrol` begins another, an hour later."""
        self.bank.move_clock(3_600)
        phone = self.phone()
        phone._keep({**phone._pending(), "enrolment": None})

    def _code(self, application: Application) -> str:
        """The code, asked for again where the bank died before it was sent."""
        try:
            return self.handset.code()
        except Lie:
            self.bank.move_clock(61)
            application.identity()
            return self.handset.code()
