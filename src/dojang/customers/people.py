"""Customers themselves: added once per CI, read with the field keys, found by keyed hashes."""

import base64
from typing import Any

from sqlalchemy import Row

from dojang.customers import former_store as former
from dojang.customers import store
from dojang.customers.events import CustomerJoined, PhoneChanged
from dojang.customers.model import Customer, Person, birth_date
from dojang.db.database import Tx
from dojang.db.log import personal
from dojang.gateways.telecom import Claim
from dojang.kernel.clock import Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.vault.fields import FieldKeys

SUBJECT_ID_BYTES = 20


class AlreadyCustomer(Exception):
    """The CI belongs to a customer; nothing was written."""


class Customers:
    """Reads and writes people inside the caller's transaction."""

    def __init__(self, fields: FieldKeys, ids: Ids, entropy: Entropy) -> None:
        self._fields = fields
        self._ids = ids
        self._entropy = entropy

    def add(self, tx: Tx, person: Person, *, locale: str, by_phone_alone: bool = False) -> Customer:
        """A new customer. Raises AlreadyCustomer: one person, one CI, one customer.

        `by_phone_alone`: a stranger, of whom a telecom operator said so much and nobody more.
        """
        seal, index = self._fields.seal, self._fields.index
        new_id = self._ids.uuid7()
        subject_id = base64.b32encode(self._entropy.bytes(SUBJECT_ID_BYTES)).decode()
        born = birth_date(person.resident_number)
        number = person.resident_number.reveal()
        row = {
            "id": new_id,
            "subject_id": subject_id,
            "ci_index": index("ci", person.ci),
            "person_index": self.person_index(person.name, born),
            "phone_index": self.phone_index(person.phone),
            "name_sealed": seal("customer.name", new_id, person.name),
            "birth_date_sealed": seal("customer.birth_date", new_id, born),
            "resident_number_sealed": seal("customer.resident_number", new_id, number),
            "phone_sealed": seal("customer.phone", new_id, person.phone),
            "phone_since": tx.now,
            "carrier": person.carrier,
            "locale": locale,
            "created_at": tx.now,
            "met_by_phone_at": tx.now if by_phone_alone else None,
            "checked_at": None,
        }
        if not store.add(tx, row):
            raise AlreadyCustomer
        tx.emit(CustomerJoined(subject=new_id, subject_id=subject_id))
        return self.by_id(tx, new_id)

    def by_id(self, tx: Tx, customer_id: str) -> Customer:
        """Raises LookupError."""
        row = store.by_id(tx, customer_id)
        if row is None:
            raise LookupError("no such customer")
        return self._opened(row)

    def by_ci(self, tx: Tx, ci: str, *, held: bool = False) -> Customer | None:
        """`held`: for a journey of theirs; nobody erases them until this transaction ends."""
        row = store.by_ci(tx, self._fields.index("ci", ci), held=held)
        return None if row is None else self._opened(row)

    def hold(self, tx: Tx, customer_id: str) -> bool:
        """Nobody erases them until this transaction ends; False where they are gone."""
        return store.hold(tx, customer_id)

    def any(self, tx: Tx) -> bool:
        """Whether this bank has a customer at all."""
        return store.any_customer(tx)

    def claim_of(self, tx: Tx, customer_id: str) -> Claim:
        """What the bank knows, put as a claim to ask the telecom operator. Raises LookupError.

        The only place where a stored resident number is opened.
        """
        row = store.by_id(tx, customer_id)
        if row is None:
            raise LookupError("no such customer")
        known = self._opened(row)
        number = self._fields.open(
            "customer.resident_number", customer_id, row.resident_number_sealed
        )
        return Claim(
            carrier=known.carrier,
            name=known.name,
            resident_number=Secret(number),
            phone=known.phone,
        )

    def change_phone(self, tx: Tx, customer_id: str, phone: PhoneNumber, carrier: str) -> None:
        """A number the customer has just proved. Calls to it wait as the policy says."""
        former.leave(tx, self._fields, customer_id, self.by_id(tx, customer_id).phone)
        store.change_phone(
            tx,
            customer_id,
            sealed=self._fields.seal("customer.phone", customer_id, phone),
            index=self.phone_index(phone),
            carrier=carrier,
        )
        tx.emit(PhoneChanged(subject=customer_id, phone=personal(self._entropy, phone)))

    def phone_left_at(self, tx: Tx, customer_id: str, at: Instant) -> PhoneNumber | None:
        """The number that was replaced at exactly this moment, while it is remembered."""
        return former.left_at(tx, self._fields, customer_id, at)

    def checked(self, tx: Tx, customer_id: str) -> None:
        """The checks of remote account opening were passed; what counts is the first time."""
        store.checked(tx, customer_id)

    def speak(self, tx: Tx, customer_id: str, locale: str) -> None:
        """The language of messages and calls from now on: the one the customer last applied in."""
        store.speak(tx, customer_id, locale)

    def person_index(self, name: str, born: str) -> bytes:
        return self._fields.index("person", f"{name}\n{born}")

    def phone_index(self, phone: PhoneNumber) -> bytes:
        return self._fields.index("phone", phone)

    def _opened(self, row: Row[Any]) -> Customer:
        unseal = self._fields.open
        return Customer(
            id=row.id,
            subject_id=row.subject_id,
            name=unseal("customer.name", row.id, row.name_sealed),
            birth_date=unseal("customer.birth_date", row.id, row.birth_date_sealed),
            phone=PhoneNumber(unseal("customer.phone", row.id, row.phone_sealed)),
            phone_since=row.phone_since,
            carrier=row.carrier,
            locale=row.locale,
            created_at=row.created_at,
            met_by_phone_at=row.met_by_phone_at,
            checked_at=row.checked_at,
        )
