"""Everything a journey needs: the bank in its own process, its people, phones and evidence."""

import base64
import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from dojang.crypto.encoding import unb64u
from dojang.demo import PEOPLE, Person
from dojang.gateways.twins import Outside, SampleSubscriber
from dojang.journey.books import Books
from dojang.journey.evidence import Authority, Told
from dojang.journey.handset import Handset
from dojang.journey.lie import prove, same
from dojang.journey.served import Served
from dojang.kernel.clock import DAY, SECOND, Instant, MovableClock, seoul_day
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.phone.customer import Customer
from dojang.phone.http import Watch

MINYONG, SEOYEON, HANEUL, GOEUN, YUSIM = PEOPLE
HANDSET: Final = "handset.db"
"""Where the parties outside a demo bank keep what they know."""
PATTERN: Final = "0-1-2-5-8"
WRONG_PIN: Final = "975312"
STEP_SECONDS_MAX: Final = 60
"""So long a step may take for what it counts of today to be of one day."""


@dataclass
class Issued:
    """A certificate as the phone got it. `certificates` by kind, parsed."""

    credential_id: str
    subject_id: str
    certificates: dict[str, x509.Certificate]


@dataclass
class World:
    """One journey's bank and everyone in it. Steps find here what earlier steps left."""

    folder: Path
    bank: Served
    clock: MovableClock = field(default_factory=lambda: MovableClock(running=True))
    entropy: SystemEntropy = field(default_factory=SystemEntropy)
    phones: dict[str, Customer] = field(default_factory=dict)
    issued: dict[str, list[Issued]] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)
    signed_csrs: dict[str, bytes] = field(default_factory=dict)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    receipts: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.books = Books(self.bank.folder)
        self.authority = Authority(self.bank.origin, self.clock)

    def phone(self, person: Person) -> Customer:
        """The person's phone; made new at the first call, and after `new_phone`."""
        if person.phone not in self.phones:
            self.phones[person.phone] = self.open_phone(self._home(person), self._watch(person))
        return self.phones[person.phone]

    def open_phone(self, home: Path, watch: Watch | None = None) -> Customer:
        """A phone over a folder, as after the app was started."""
        return Customer(self.bank.origin, home, clock=self.clock, entropy=self.entropy, watch=watch)

    def reopen(self, person: Person) -> Customer:
        """The same phone after its app was killed: everything not on disk is gone."""
        self.phones.pop(person.phone, None)
        return self.phone(person)

    def new_phone(self, person: Person) -> Customer:
        """Another phone for the same person; the old one stays in the drawer."""
        self.phones.pop(person.phone, None)
        home = self._home(person)
        shutil.move(home, home.with_name(f"{home.name}-old-{len(self.issued_to(person))}"))
        return self.phone(person)

    def copied_phone(self, person: Person) -> Customer:
        """A thief's copy of all that lies in the phone's storage."""
        copy = self._home(person).with_name(f"{self._home(person).name}-copy")
        shutil.copytree(self._home(person), copy)
        return self.open_phone(copy)

    def handset(self, person: Person) -> Handset:
        return Handset(self.bank, person)

    def move_clock(self, seconds: int) -> None:
        """Move the bank's clock and the phones' with it; jobs that are due run."""
        self.bank.move_clock(seconds)
        self.clock.move(seconds * SECOND)

    def stay_within_a_day(self) -> None:
        """Wait for Seoul's midnight to pass, where the next step might be walked over it."""
        time.sleep(over_midnight(self.clock.now(), STEP_SECONDS_MAX))

    def sim_changed(self, person: Person, *, days_ago: int) -> None:
        """From now on the telecom operator says so of the person's number."""
        outside = Outside(self.bank.folder / HANDSET, self.clock)
        outside.subscribe(
            SampleSubscriber(
                carrier=person.carrier,
                name=person.name,
                resident_number=Secret(person.resident_number),
                phone=PhoneNumber(person.phone),
                sim_changed_at=Instant(self.clock.now() - days_ago * DAY),
            )
        )
        outside.close()

    def issued_to(self, person: Person) -> list[Issued]:
        """Every certificate the person got, oldest first."""
        return self.issued.setdefault(person.phone, [])

    def newest(self, person: Person) -> Issued:
        return self.issued_to(person)[-1]

    def note_issued(self, person: Person, answer: dict[str, Any]) -> Issued:
        """Check what was issued against the phone's own keys, and keep it."""
        phone = self.phone(person)
        found = {
            kind: x509.load_der_x509_certificate(unb64u(text))
            for kind, text in answer["certificates"].items()
        }
        same(sorted(found), ["auth", "sign"], "the kinds of certificates")
        for kind, certificate in found.items():
            subject_id = self.authority.check_new(
                certificate, kind=kind, public_key=phone.public_key(kind), name=person.name
            )
            same(subject_id, answer["subject_id"], "the subject id in the certificate")
        issued = Issued(answer["id"], answer["subject_id"], found)
        self.issued_to(person).append(issued)
        self.authority.says(found, Told("good"))
        return issued

    def _home(self, person: Person) -> Path:
        return self.folder / "phones" / person.phone

    def _watch(self, person: Person) -> Watch | None:
        """The transcript follows one phone. A test artefact: it holds signing bodies."""
        if person is not MINYONG:
            return None

        def watch(method: str, path: str, sent: bytes, status: int, got: bytes) -> None:
            self.transcript.append(
                {
                    "at": self.clock.now(),
                    "method": method,
                    "path": path,
                    "request": _readable(sent),
                    "status": status,
                    "answer": _readable(got),
                }
            )

        return watch


def over_midnight(now: Instant, seconds: int) -> int:
    """So many seconds again where Seoul's day ends within them; else none."""
    return seconds if seoul_day(Instant(now + seconds * SECOND)) != seoul_day(now) else 0


def _readable(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return {"base64": base64.b64encode(data).decode()}


def no_clear_secret(world: World, person: Person) -> None:
    """Nothing that the person typed lies in the bank's tables or in the server's output."""
    canaries = [person.resident_number, person.password or person.resident_number]
    world.books.holds_nowhere(*canaries)
    said = world.bank.log_text()
    prove(not any(canary in said for canary in canaries), "the server printed personal data")
