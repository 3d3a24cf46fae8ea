"""People, keys for their fields, and a recorded SMS gateway."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from dojang.customers import (
    Customers,
    InternetBanking,
    LossReports,
    Person,
    Sessions,
    SmsCodes,
)
from dojang.db import schema
from dojang.gateways.twins import Outside, RecordedSms
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.vault.fields import FieldKeys
from dojang.vault.software import SoftwareVault

PHONE = PhoneNumber("01024681357")
NUMBER = "8503151234567"
PASSWORD = "Haneul-2026!"


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory):
    return tmp_path_factory.mktemp("vault") / "keys"


@pytest.fixture
def fields(vault_file, entropy) -> FieldKeys:
    return FieldKeys(SoftwareVault.open(vault_file, b"correct horse", entropy), entropy)


@pytest.fixture
def outside(tmp_path, clock):
    made = Outside(tmp_path / "handset.db", clock)
    yield made
    made.close()


@dataclass
class People:
    """The parts of the domain, and what the hooks were called with."""

    db: object
    customers: Customers
    internet_banking: InternetBanking
    sessions: Sessions
    codes: SmsCodes
    sms: RecordedSms
    losses: LossReports
    suspended: list
    woken: list

    def join(self, name="김민용", number=NUMBER, phone=PHONE, ci="ci-1"):
        person = Person(
            name=name, resident_number=Secret(number), phone=phone, carrier="hanbit", ci=ci
        )
        with self.db.transaction() as tx:
            return self.customers.add(tx, person, locale="ko")

    def enrol(self, customer, login_id="minyong85", password=PASSWORD):
        hashed = self.internet_banking.hash(login_id, Secret(password))
        with self.db.transaction() as tx:
            self.internet_banking.enrol(tx, customer.id, login_id, hashed)


@pytest.fixture
def people(db, fields, ids, entropy, outside) -> People:
    customers = Customers(fields, ids, entropy)
    sms = RecordedSms(outside)
    suspended, woken = [], []
    return People(
        db=db,
        customers=customers,
        internet_banking=InternetBanking(db, fields, entropy),
        sessions=Sessions(db, ids),
        codes=SmsCodes(
            db, fields, sms, ids, entropy, sender={"ko": "도장은행", "en": "Dojang Bank"}
        ),
        sms=sms,
        losses=LossReports(
            db,
            fields,
            customers,
            entropy,
            account_owner=lambda _tx, _number: None,
            suspend=lambda _tx, customer_id: suspended.append(customer_id),
            wake=lambda: woken.append(True),
        ),
        suspended=suspended,
        woken=woken,
    )


@pytest.fixture
def raw(db):
    """Every byte the database keeps, as a thief of its storage would see it."""

    def dump() -> bytes:
        found = []
        with db.snapshot() as tx:
            for table in schema.metadata.sorted_tables:
                for row in tx.execute(select(table)):
                    found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
        return b"\0".join(found)

    return dump
