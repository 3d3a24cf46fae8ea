"""Loss reports: at any hour, from any browser, without signing in, always the same answer.

The report is stored and answered the same way for everyone; only afterwards, out of sight of the
caller's stopwatch, is it compared with the customers and the credential suspended.
"""

import base64
from collections.abc import Callable

from dojang import policy
from dojang.customers import quota, store
from dojang.customers.events import LossReported
from dojang.customers.people import Customers
from dojang.customers.problems import TooManyReports
from dojang.customers.store import Reported
from dojang.db.database import Database, Tx
from dojang.kernel.clock import DAY, SECOND
from dojang.kernel.entropy import Entropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.vault.fields import FieldKeys

AccountOwner = Callable[[Tx, str], str | None]
"""The customer who owns the account with this number, if anyone does."""

Suspend = Callable[[Tx, str], None]
"""Suspend what this customer signs with; nothing happens where there is nothing to suspend."""

RECEIPT_BYTES = 10
SETTLED_AT_ONCE = 50


class LossReports:
    """Takes reports, and settles them."""

    def __init__(
        self,
        db: Database,
        fields: FieldKeys,
        customers: Customers,
        entropy: Entropy,
        *,
        account_owner: AccountOwner,
        suspend: Suspend,
        wake: Callable[[], None],
    ) -> None:
        """`wake` makes `settle` run soon on another thread; the worker also runs it on a timer."""
        self._db = db
        self._fields = fields
        self._customers = customers
        self._entropy = entropy
        self._account_owner = account_owner
        self._suspend = suspend
        self._wake = wake

    def report(
        self,
        *,
        name: str,
        birth_date: str,
        phone: PhoneNumber | None,
        account: str | None,
        source: str,
    ) -> str:
        """The receipt's number, whether or not anyone was meant. Raises TooManyReports."""
        receipt = base64.b32encode(self._entropy.bytes(RECEIPT_BYTES)).decode()
        row = {
            "receipt": receipt,
            "person_index": self._customers.person_index(name, birth_date),
            "phone_index": None if phone is None else self._customers.phone_index(phone),
            "account_sealed": None
            if account is None
            else self._fields.seal("loss_report.account", receipt, account),
            "settled_at": None,
            "customer_id": None,
        }
        key = self._fields.index("source", source)
        with self._db.transaction() as tx:
            limit = policy.current(tx).life.loss_reports_per_source_day
            if not quota.take(tx, "loss_report", key, limit=limit, seconds=DAY // SECOND):
                raise TooManyReports
            store.add_report(tx, {**row, "at": tx.now})
            tx.after_commit(self._wake)
        return receipt

    def settle(self) -> int:
        """Find whom the waiting reports mean and suspend; how many were looked at."""
        with self._db.snapshot() as tx:
            waiting = store.open_reports(tx, SETTLED_AT_ONCE)
        for reported in waiting:
            with self._db.transaction() as tx:
                self._settle(tx, reported)
        return len(waiting)

    def _settle(self, tx: Tx, reported: Reported) -> None:
        customer_id = self._meant(tx, reported)
        if not store.settle_report(tx, reported.receipt, customer_id):
            return
        tx.emit(LossReported(subject=customer_id or "", receipt=reported.receipt))
        if customer_id is not None:
            self._suspend(tx, customer_id)

    def _meant(self, tx: Tx, reported: Reported) -> str | None:
        candidates = store.by_person(tx, reported.person_index)
        owner = None
        if reported.account_sealed is not None:
            number = self._fields.open(
                "loss_report.account", reported.receipt, reported.account_sealed
            )
            owner = self._account_owner(tx, number)
        for customer_id, phone_index in candidates:
            if owner == customer_id or (
                reported.phone_index is not None and phone_index == reported.phone_index
            ):
                return customer_id
        return None
