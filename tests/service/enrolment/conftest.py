"""A bank with everything a journey needs, people outside it, and phones that speak to it."""

import re
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select

from dojang.certificates import Authority, Issuing, Lifecycle, Plan
from dojang.crypto.encoding import b64u, unb64u
from dojang.crypto.messages import KeyKind
from dojang.customers import (
    Agreed,
    Customers,
    InternetBanking,
    Person,
    Sessions,
    SmsCodes,
    Terms,
)
from dojang.db import schema
from dojang.enrolment import Bearer, Enrolments, Parts
from dojang.gateways.telecom import Claim
from dojang.gateways.twins import Outside, RecordedSms, SampleSubscriber, SimulatedTelecom
from dojang.gateways.twins.people import ci_of
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret
from dojang.ledger import Ledger
from dojang.methods.passwords import AccountPasswords
from dojang.phone.enrol import Enrolling
from dojang.phone.http import Answer
from dojang.phone.machine import Machine
from dojang.phone.state import MemoryStore, new_phone
from dojang.phone.talk import Talk
from dojang.signing import Begin, Signing, Wrong
from dojang.vault.fields import FieldKeys
from dojang.vault.software import SoftwareVault

SOURCE = "10.0.0.1"


@dataclass(frozen=True)
class Someone:
    """A person outside, and what they know."""

    name: str
    number: str
    phone: PhoneNumber
    login_id: str
    password: str = "Haneul-2026!"
    account_password: str = "5837"
    carrier: str = "hanbit"

    @property
    def claim(self) -> Claim:
        return Claim(self.carrier, self.name, Secret(self.number), self.phone)


MINYONG = Someone("김민용", "8503151234567", PhoneNumber("01024681357"), "minyong85")
SEOYEON = Someone("이서연", "9209202345678", PhoneNumber("01097531468"), "seoyeon92")
HANEUL = Someone("박하늘", "0105073456789", PhoneNumber("01086420975"), "haneul01")
"""The first two bank here; 박하늘 is new."""


class Phone:
    """A device key and the machine of PROTOCOL, speaking to services instead of HTTP."""

    def __init__(self, house: "House") -> None:
        entropy = SystemEntropy()
        self._house = house
        self.store = MemoryStore(new_phone(entropy))
        self.jkt = "jkt-" + b64u(_spki(self.store.read().private_key()))[-20:]
        self.machine = Machine(self.store, Talk(self._post, entropy, attempts=1), entropy)
        self.enrolling = Enrolling(self.machine, entropy)
        self.bearer = Bearer("no token", self.jkt)

    def begin(self, agreed=None, locale="ko"):
        terms = self._house.terms.all()
        wanted = [Agreed(t.code, t.version) for t in terms] if agreed is None else agreed
        begun = self._house.enrolments.journeys.begin(wanted, locale=locale, jkt=self.jkt)
        self.bearer = Bearer(begun.token, self.jkt)
        return begun.state

    def make_keys(self, pin="274915", pattern="0-1-2-5"):
        self.enrolling.both(pin, pattern)

    def _post(self, path, body):
        try:
            return Answer(200, self._answer(path, body))
        except Problem as refused:
            rid = {"rid": body["rid"]} if "rid" in body else {}
            return Answer(refused.status, {"code": refused.code, **refused.fields, **rid})

    def _answer(self, path, body):
        if path.endswith("/keys"):
            return self._begin_key(body)
        if path.endswith("/shares"):
            return self._answer_shares(path, body)
        if path.endswith("/begin"):
            return self._begin(body)
        return self._complete(body)

    def _begin_key(self, body):
        made = self._house.enrolments.finishing.begin_key(
            self.bearer,
            kind=KeyKind(body["kind"]),
            secrets=body["secrets"],
            c0=unb64u(body["C0"]),
            c1=unb64u(body["C1"]),
            proof=unb64u(body["pok"]),
        )
        return {
            "kid": b64u(made.kid),
            "C0": b64u(made.c0),
            "C1": b64u(made.c1),
            "pok": b64u(made.proof),
            "share": b64u(made.share),
        }

    def _answer_shares(self, path, body):
        answered = self._house.enrolments.finishing.answer_shares(
            self.bearer,
            unb64u(path.split("/")[-2]),
            share=unb64u(body["share"]),
            blinded={m: unb64u(point) for m, point in body["blinded"].items()},
        )
        return {
            "instances": {
                m: {"delta": b64u(delta), "evaluated": b64u(evaluated)}
                for m, (delta, evaluated) in answered.instances.items()
            },
            "cri": b64u(answered.cri),
            "requests": [
                {"request_id": one.request_id, "type": "proof" if one.members else "csr"}
                | (one.members or {})
                for one in answered.requests
            ],
        }

    def _begin(self, body):
        asked = Begin(
            rid=unb64u(body["rid"]),
            kid=unb64u(body["kid"]),
            m=body["m"],
            version=body["version"],
            gen=body["gen"],
            request_id=body["request_id"],
            blinded=unb64u(body["blinded"]),
            d1=unb64u(body["D1"]),
            e1=unb64u(body["E1"]),
            body_hash=unb64u(body["rid"]),
        )
        begun = self._house.signing.begin(self.jkt, asked)
        return {
            "rid": body["rid"],
            "sid": b64u(begun.sid),
            "evaluated": b64u(begun.evaluated),
            "D2": b64u(begun.d2),
            "E2": b64u(begun.e2),
            "message": b64u(begun.message),
            "expires_at": begun.expires_at,
            "tries_left": begun.tries_left,
        }

    def _complete(self, body):
        done = self._house.signing.complete(self.jkt, unb64u(body["sid"]), unb64u(body["z1"]))
        assert not isinstance(done, Wrong)
        deltas = [{"m": d.m, "version": d.version, "delta": b64u(d.delta)} for d in done.deltas]
        signature = b64u(done.signature)
        fixed = {"rid": body["rid"], "state": "done"}
        return {**fixed, "signature": signature, "gen": done.gen, "deltas": deltas}


@dataclass
class House:
    """The bank's parts."""

    db: object
    clock: object
    outside: Outside
    sms: RecordedSms
    terms: Terms
    customers: Customers
    internet_banking: InternetBanking
    passwords: AccountPasswords
    ledger: Ledger
    lifecycle: Lifecycle
    signing: Signing
    sessions: Sessions
    enrolments: Enrolments
    accounts: dict = field(default_factory=dict)

    def subscribe(self, someone: Someone, sim_changed_at=None, phone=None) -> None:
        self.outside.subscribe(
            SampleSubscriber(
                carrier=someone.carrier,
                name=someone.name,
                resident_number=Secret(someone.number),
                phone=phone or someone.phone,
                sim_changed_at=sim_changed_at,
            )
        )

    def move_in(self, someone: Someone) -> str:
        """Make someone a customer with internet banking and one account."""
        person = Person(
            name=someone.name,
            resident_number=Secret(someone.number),
            phone=someone.phone,
            carrier=someone.carrier,
            ci=ci_of(Secret(someone.number)),
        )
        hashed = self.internet_banking.hash(someone.login_id, Secret(someone.password))
        with self.db.transaction() as tx:
            joined = self.customers.add(tx, person, locale="ko")
            self.internet_banking.enrol(tx, joined.id, someone.login_id, hashed)
            account = self.ledger.open_account(tx, joined.id, name="생활비")
        password = self.passwords.hashed(
            account, Secret(someone.account_password), birth_date=None, phone=None
        )
        with self.db.transaction() as tx:
            self.passwords.put(tx, account_id=account, customer_id=joined.id, hashed=password)
        self.accounts[someone.name] = account
        return joined.id

    def code(self, phone) -> str:
        """The newest code in this phone's inbox."""
        return re.search(r"\d{6}", self.sms.inbox(phone)[-1].text)[0]

    def credentials(self) -> list:
        with self.db.snapshot() as tx:
            rows = tx.execute(select(schema.metadata.tables["credential"])).all()
        return [(row.customer_id, row.state) for row in rows]

    def kinds(self) -> list:
        """Every kind of leaf in the log, in order."""
        with self.db.snapshot() as tx:
            table = schema.metadata.tables["log"]
            return list(tx.execute(select(table.c.kind).order_by(table.c.idx)).scalars())


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory):
    return tmp_path_factory.mktemp("vault") / "keys"


@pytest.fixture
def outside(tmp_path, clock):
    made = Outside(tmp_path / "handset.db", clock)
    yield made
    made.close()


@pytest.fixture
def house(db, clock, ids, entropy, outside, vault_file) -> House:
    vault = SoftwareVault.open(vault_file, b"correct horse", entropy)
    fields = FieldKeys(vault, entropy)
    sessions, lifecycle = Sessions(db, ids), Lifecycle(ids)
    lifecycle.on_stop(sessions.end_all)
    customers = Customers(fields, ids, entropy)
    ledger = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    ledger.found()
    signing = Signing(
        db,
        vault,
        ids=ids,
        entropy=entropy,
        lifecycle=lifecycle,
        sessions=sessions,
        origin="http://localhost:8700",
    )
    authority = Authority(db, vault, clock, entropy, Plan(base_url="http://localhost:8700"))
    sms = RecordedSms(outside)
    internet_banking = InternetBanking(db, fields, entropy)
    passwords = AccountPasswords(
        db, entropy=entropy, pepper=lambda info: fields.index("pepper", info.hex())
    )
    terms = Terms.shipped()
    sender = {"ko": "도장은행", "en": "Dojang Bank"}
    parts = Parts(
        db=db,
        ids=ids,
        entropy=entropy,
        fields=fields,
        terms=terms,
        customers=customers,
        internet_banking=internet_banking,
        codes=SmsCodes(db, fields, sms, ids, entropy, sender=sender),
        telecom=SimulatedTelecom(outside),
        account_passwords=passwords,
        ledger=ledger,
        lifecycle=lifecycle,
        issuing=Issuing(db, vault, authority, clock, entropy),
        authority=authority,
        signing=signing,
        first_account="첫 통장",
    )
    made = House(
        db=db,
        clock=clock,
        outside=outside,
        sms=sms,
        terms=terms,
        customers=customers,
        internet_banking=internet_banking,
        passwords=passwords,
        ledger=ledger,
        lifecycle=lifecycle,
        signing=signing,
        sessions=sessions,
        enrolments=Enrolments(parts),
    )
    for someone in (MINYONG, SEOYEON, HANEUL):
        made.subscribe(someone)
    made.move_in(MINYONG)
    return made


@pytest.fixture
def phone(house) -> Phone:
    return Phone(house)


def _spki(key) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture
def raw(db):
    """Every byte the database keeps."""

    def dump() -> bytes:
        found = []
        with db.snapshot() as tx:
            for table in schema.metadata.sorted_tables:
                for row in tx.execute(select(table)):
                    found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
        return b"\0".join(found)

    return dump
