"""A whole bank behind a test client, real phones of its customers, and a look at all it stores."""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from litestar.testing import TestClient
from tests.conftest import DEMO_ORIGIN, START

from dojang import demo
from dojang.app import Bank
from dojang.crypto import dpop
from dojang.crypto.encoding import b64u
from dojang.demo import Person
from dojang.gateways.twins import Outside, RecordedSms
from dojang.journey import issuing
from dojang.journey.world import PATTERN
from dojang.kernel.clock import SECOND, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.phone.customer import Customer
from dojang.phone.http import Answer, Line
from dojang.web import create

ORIGIN = DEMO_ORIGIN
IN_PROCESS = "http://testserver.local"
_CODE = re.compile(r"\b(\d{6})\b")
_MAY_CHANGE = {
    "quota",
    "session",
    "cursor",
    "log_tile",
    "log_sth",
    "log_sth_stamp",
    "receipt",
    "time_stamp_series",
}
"""Counting who asked, when a session was last used, what was told by SMS, and what was signed over
the log and collected for receipts meanwhile: no change of anything that a request asks for."""


@dataclass
class Inbox:
    sms: RecordedSms
    phone: PhoneNumber

    def code(self) -> str:
        found = [m for one in self.sms.inbox(self.phone) if (m := _CODE.search(one.text))]
        return found[-1].group(1)


@dataclass
class House:
    """What the tests of this folder talk to."""

    bank: Bank
    client: httpx.Client
    clock: MovableClock
    folder: Path
    entropy: SystemEntropy = field(default_factory=SystemEntropy)
    phones: dict[str, Customer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sms = RecordedSms(Outside(self.folder / "bank" / "handset.db", self.clock))

    def new_phone(self, name: str) -> Customer:
        return Customer(
            ORIGIN,
            self.folder / name,
            clock=self.clock,
            entropy=self.entropy,
            client=self.client,
        )

    def phone(self, person: Person) -> Customer:
        if person.phone not in self.phones:
            self.phones[person.phone] = self.new_phone(person.phone)
        return self.phones[person.phone]

    def handset(self, person: Person) -> Inbox:
        return Inbox(self.sms, PhoneNumber(person.phone))

    def issued_to(self, person: Person) -> bool:
        return "sign" in {kind.value for kind in self.phone(person).store.read().keys}

    def issue(self, person: Person) -> Customer:
        """The person's phone with a certificate and a fresh session."""
        phone = self.phone(person)
        application = phone.apply()
        issuing.identify(self, person, application)  # type: ignore[arg-type]
        phone.make_keys(person.pin, PATTERN)
        phone.finish(application)
        phone.login(person.pin)
        return phone

    def move_clock(self, seconds: int) -> None:
        self.clock.move(seconds * SECOND)
        self.bank.run_due_jobs()

    def contents(self) -> dict[str, str]:
        """A digest of each table, all at one moment: two equal ones mean nothing was changed."""
        found: dict[str, str] = {}
        path = f"{(self.folder / 'bank' / 'bank.db').as_uri()}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as connection:
            connection.execute("BEGIN")
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (name,) in tables.fetchall():
                if name in _MAY_CHANGE:
                    continue
                rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
                text = repr(sorted(map(repr, rows)))
                found[name] = hashlib.sha256(text.encode()).hexdigest()
        return found


def moved_in(laid_down: Path, folder: Path) -> Bank:
    """A demo bank of a file of tests: `bank` in this folder, at START, its people in it."""
    shutil.copytree(laid_down, folder / "bank")
    return demo.make(folder / "bank", 8700, clock=MovableClock(START), origin=ORIGIN)


@contextmanager
def at_work(bank: Bank, folder: Path, *, base_url: str = IN_PROCESS) -> Iterator[House]:
    """The bank at work. What the clock makes due is done when a test moves the clock, and not
    each minute beside a test that compares what is stored before and after.
    """
    bank.tasks = [task for task in bank.tasks if task.name != "jobs"]
    with TestClient(create(bank), base_url=base_url) as client:
        yield House(bank, client, bank.clock, folder)  # type: ignore[arg-type]


@dataclass
class Raw:
    """A request whose every part a test may bend. None leaves a part as an honest phone's."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)


def proof(line: Line, raw: Raw) -> str:
    """A proof by the line's device key, as `raw.claims` bend it."""
    wanted = {
        "method": raw.method,
        "url": ORIGIN + raw.path.partition("?")[0],
        "body": raw.body,
        "nonce": line._nonce,
        "jti": b64u(line._entropy.bytes(16)),
        "iat": line._clock.now() // SECOND,
        "access_token": line.token,
    } | raw.claims
    return dpop.create(line._key, **wanted)


def send(line: Line, raw: Raw) -> Answer:
    """Send with a proof made now, or with the one in `raw.headers`."""
    line.get("/v1/bank")
    headers = {"dpop": proof(line, raw)}
    if raw.body:
        headers["content-type"] = "application/json"
    if line.token is not None:
        headers["authorization"] = f"DPoP {line.token}"
    response = line._client.request(
        raw.method, ORIGIN + raw.path, content=raw.body or None, headers=headers | raw.headers
    )
    is_json = "json" in response.headers.get("content-type", "")
    return Answer(response.status_code, response.json() if is_json else {})
