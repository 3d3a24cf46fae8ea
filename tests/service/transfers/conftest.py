"""A bank that sends money: real signing, a real phone, the twins of ARS and the switch."""

import hashlib
from dataclasses import dataclass

import pytest
from sqlalchemy import insert
from tests.conftest import START
from tests.signing_house import PASSPHRASE, PIN, THE_PIN, House, Phone, enrol, new_owner

from dojang.certificates import Authority, Plan, profiles
from dojang.certificates.events import CertificateIssued
from dojang.certificates.model import NO_EXPIRY
from dojang.certificates.tables import certificate
from dojang.crypto.messages import KeyKind
from dojang.customers import Customer, Customers, Person, Session, SmsCodes
from dojang.db import Database
from dojang.gateways.banks import OtherBank
from dojang.gateways.twins import Outside, RecordedSms, SimulatedArs, SimulatedSwitch
from dojang.gateways.twins.banks import HOLDERS
from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.ledger import Ledger, accounts
from dojang.methods.model import RelyingParty
from dojang.methods.passwords import AccountPasswords
from dojang.phone.machine import Wanted
from dojang.signing import keys
from dojang.transfers import Draft, Parts, Transfers
from dojang.vault.fields import FieldKeys
from dojang.vault.software import SoftwareVault

OWN = OtherBank("990", "도장은행", "Dojang Bank")
OTHER, OTHER_ACCOUNT, OTHER_HOLDER = HOLDERS[0]
NEIGHBOUR_ACCOUNT = next(a for bank, a, _ in HOLDERS[1:] if bank == OTHER)
PASSWORD = "5837"
ORIGIN = "http://localhost:8700"
RP = RelyingParty("localhost", OWN.name_ko, ORIGIN)


@dataclass
class Owner:
    customer: Customer
    phone: Phone
    account: str
    number: str

    @property
    def session(self) -> Session:
        return self.phone.wire.session()


@dataclass
class World:
    db: Database
    house: House
    customers: Customers
    ledger: Ledger
    transfers: Transfers
    passwords: AccountPasswords
    ars: SimulatedArs
    authority: Authority
    vault: SoftwareVault
    faults: list[Exception]
    altered: list[str]
    """Customers of whom the bank said that somebody changed their rows."""
    insider: Database | None = None

    def move_in(self, name: str, phone: str, *, won: int) -> Owner:
        person = Person(
            name=name,
            resident_number=Secret("8503151234567"),
            phone=PhoneNumber(phone),
            carrier="hanbit",
            ci=f"ci-{name}",
        )
        with self.db.transaction() as tx:
            customer = self.customers.add(tx, person, locale="ko")
        handset = new_owner(self.house, customer_id=customer.id)
        enrol(self.house, handset)
        with self.db.transaction() as tx:
            account = self.ledger.open_account(tx, customer.id, name="생활비")
            hashed = self.passwords.hashed(account, Secret(PASSWORD), birth_date=None, phone=None)
            self.passwords.put(tx, account_id=account, customer_id=customer.id, hashed=hashed)
            self._certify(tx, handset.credential_id, customer)
        self.ledger.deposit(self.house.ids.uuid7(), account, won, payer="현금")
        with self.db.snapshot() as tx:
            number = accounts.owned(tx, customer.id, account).number
        return Owner(customer, handset, account, number)

    def draft(self, who: Owner, amount: int, *, memo: str = "") -> Draft:
        return Draft(
            from_account=who.number,
            payee_bank=OTHER,
            payee_account=OTHER_ACCOUNT,
            amount=amount,
            memo=memo,
        )

    def order(self, who: Owner, amount: int, transfer_id: str | None = None, **how):
        transfer_id = transfer_id or self.house.ids.uuid7()
        draft = how.pop("draft", None) or self.draft(who, amount, **how)
        return self.transfers.orders.order(who.session, transfer_id, draft)[0].order

    def sign(self, who: Owner, order) -> None:
        """The whole ceremony with the PIN, as the phone does it."""
        who.phone.machine.sign(Wanted(KeyKind.SIGN, PIN, THE_PIN, order.request_id, order.message))

    def show_password(self, who: Owner, order) -> None:
        self.transfers.orders.account_password(who.session, order.id, Secret(PASSWORD))

    def show_ars(self, who: Owner, order) -> None:
        self.transfers.ars.ring(who.customer.id, order.id)
        told = self.told(who, order)
        self.ars.answer(told.call.id)
        assert self.ars.key(told.call.id, told.call.number).heard == "passed"

    def told(self, who: Owner, order):
        return self.transfers.orders.show(who.customer.id, order.id)

    def posted(self, who: Owner, amount: int):
        """An order of the lowest tier, signed and posted: what the customer sees."""
        order = self.order(who, amount)
        self.sign(who, order)
        self.transfers.poster.post_due()
        return self.told(who, order)

    def balance(self, who: Owner) -> int:
        with self.db.snapshot() as tx:
            return accounts.owned(tx, who.customer.id, who.account).balance

    def _certify(self, tx, credential_id: str, customer: Customer) -> None:
        for key in keys.of_credential(tx, credential_id):
            if key.kind is KeyKind.SIGN:
                row = {
                    "serial": profiles.serial_text(serial_of(key.public_key)),
                    "credential_id": credential_id,
                    "kind": "sign",
                    "standing": "issued",
                    "not_before": tx.now,
                    "tbs_hash": b"",
                    "der": certified(
                        self.authority, self.vault, key.public_key, customer.subject_id
                    ),
                    "changed_at": tx.now,
                    "reason": None,
                }
                tx.execute(insert(certificate), row)
                tx.emit(issued(customer, row))


def issued(customer: Customer, row) -> CertificateIssued:
    """The leaf of a credential that has one certificate here."""
    return CertificateIssued(
        subject=customer.id,
        credential_id=row["credential_id"],
        subject_id=customer.subject_id,
        auth_serial="",
        auth_fingerprint=b"",
        sign_serial=row["serial"],
        sign_fingerprint=hashlib.sha256(row["der"]).digest(),
    )


def serial_of(public_key: bytes) -> int:
    return int.from_bytes(public_key[:15], "big")


def certified(
    authority: Authority, vault: SoftwareVault, public_key: bytes, subject_id: str
) -> bytes:
    """A certificate of the bank's own CA over the key, as the profile `sign` has it."""
    spki = profiles.ed25519_spki(public_key)
    fields = profiles.Fields(
        serial=serial_of(public_key),
        subject=profiles.person_name("test", subject_id),
        spki=spki,
        key_id=profiles.spki_key_id(spki),
        not_before=Instant(START),
        not_after=NO_EXPIRY,
    )
    tbs = profiles.Writer(profiles.SIGN, authority.issuer.signer, authority.plan).tbs(fields)
    signature = vault.sign(authority.issuer.key_label, tbs)
    return profiles.assemble(tbs, authority.issuer.signer.algorithm, signature)


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory):
    return tmp_path_factory.mktemp("vault") / "keys"


@pytest.fixture
def outside(tmp_path, clock):
    made = Outside(tmp_path / "handset.db", clock)
    yield made
    made.close()


@pytest.fixture
def world(db, vault_file, clock, entropy, ids, outside) -> World:
    house = House.open(db, vault_file, clock, entropy)
    house.lifecycle.on_stop(house.sessions.end_all)
    vault = SoftwareVault.open(vault_file, PASSPHRASE, entropy)
    fields = FieldKeys(vault, entropy)
    customers = Customers(fields, ids, entropy)
    sms = RecordedSms(outside)
    codes = SmsCodes(db, fields, sms, ids, entropy, sender={"ko": "도장은행", "en": "Dojang"})
    ledger = Ledger(db, ids=ids, entropy=entropy, bank_code=OWN.code)
    ledger.found()
    authority = Authority(db, vault, clock, entropy, Plan(base_url=ORIGIN))
    passwords = AccountPasswords(db, entropy=entropy, pepper=lambda info: info[:64])
    ars = SimulatedArs(outside)
    faults: list[Exception] = []
    altered: list[str] = []
    transfers = Transfers(
        Parts(
            db=db,
            ids=ids,
            entropy=entropy,
            ledger=ledger,
            customers=customers,
            fields=fields,
            codes=codes,
            sessions=house.sessions,
            signing=house.signing,
            lifecycle=house.lifecycle,
            signed_by_ca=authority.signed,
            passwords=passwords,
            relying_party=RP,
            switch=SimulatedSwitch(outside),
            ars=ars,
            own_bank=OWN,
            origin=ORIGIN,
            on_fault=faults.append,
            on_altered=altered.append,
        )
    )
    ars.connect(transfers.ars.answered)
    return World(
        db, house, customers, ledger, transfers, passwords, ars, authority, vault, faults, altered
    )


@pytest.fixture
def me(world) -> Owner:
    """김민용 with 1,000,000,000 won."""
    return world.move_in("김민용", "01024681357", won=1_000_000_000)


@pytest.fixture
def you(world) -> Owner:
    """이서연 with nothing."""
    return world.move_in("이서연", "01097531468", won=1)


@pytest.fixture
def insider(world, owner) -> None:
    """Who may change and delete every row: the serving processes' role may not."""
    world.insider = owner
