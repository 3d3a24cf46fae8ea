"""Whose account is that? Our own by the ledger, others' by the interbank switch."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.customers import Customers, quota
from dojang.db import Database, Tx
from dojang.gateways.banks import InterbankSwitch, OtherBank
from dojang.kernel.clock import HOUR, SECOND
from dojang.ledger import accounts
from dojang.ledger.committer import INTERBANK
from dojang.transfers import store
from dojang.transfers.model import Payee, PayeeNotFound, TooManyLookups, checked_payee

LOOKUPS_SECONDS: Final = HOUR // SECOND
RECENT_MAX: Final = 10
HOLDER_LENGTH_MAX: Final = 50
_QUOTA: Final = "payee_lookup"
_INVISIBLE: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their class, and yet nothing to see (Hangul fillers, the empty Braille)."""


@dataclass(frozen=True)
class Found:
    """A payee, and the account of ours that is credited: theirs, or the interbank settlement."""

    payee: Payee
    credit: str
    owner: str | None = None
    """The customer whose account it is, where it is one of ours."""


def shown_name(holder: str) -> str:
    """Another bank's word for a holder as it may be shown and signed.

    Its customers choose their names: what turns the direction of writing, takes no room or cannot
    be shown is left out, so that the signed name is the one that is seen. "" where none is left.
    """
    composed = unicodedata.normalize("NFC", holder)
    seen = "".join(c for c in composed if c.isprintable() and c not in _INVISIBLE)
    return " ".join(seen.split())[:HOLDER_LENGTH_MAX]


class Payees:
    """Looks holders up, so many an hour for each customer: else names could be harvested."""

    def __init__(
        self, db: Database, customers: Customers, switch: InterbankSwitch, own: OtherBank
    ) -> None:
        self._db = db
        self._customers = customers
        self._switch = switch
        self._own = own

    def look_up(self, customer_id: str, bank: str, account: str) -> Found:
        """Raises Malformed, PayeeNotFound, TooManyLookups, GatewayDown."""
        checked_payee(bank, account)
        with self._db.transaction() as tx:
            key = customer_id.encode()
            limit = policy.current(tx).transfers.payee_lookups_per_hour
            if not quota.take(tx, _QUOTA, key, limit=limit, seconds=LOOKUPS_SECONDS):
                raise TooManyLookups
        found = self._ours(account) if bank == self._own.code else self._elsewhere(bank, account)
        if found is None:
            raise PayeeNotFound
        return found

    def recent(self, customer_id: str) -> list[Payee]:
        """The customer's own latest payees."""
        with self._db.snapshot() as tx:
            return store.recent(tx, customer_id, RECENT_MAX)

    def bank_name(self, code: str, locale: str) -> str:
        """What people call the bank; its code where the switch no longer knows it."""
        for bank in (self._own, *self._switch.banks()):
            if bank.code == code:
                return bank.name_en if locale == "en" else bank.name_ko
        return code

    def _ours(self, number: str) -> Found | None:
        with self._db.snapshot() as tx:
            found = accounts.by_number(tx, number)
            if found is None:
                return None
            account, owner = found
            return Found(Payee(self._own.code, number, self._name(tx, owner)), account.id, owner)

    def _name(self, tx: Tx, customer_id: str) -> str:
        return self._customers.by_id(tx, customer_id).name

    def _elsewhere(self, bank: str, account: str) -> Found | None:
        if bank not in {known.code for known in self._switch.banks()}:
            return None
        holder = self._switch.holder(bank, account)
        if holder is None:
            return None
        name = shown_name(holder)
        if not name:
            return None
        return Found(Payee(bank, account, name), INTERBANK)
