"""The room's door: its parts, made once in `app.build` and tied to signing and the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dojang.certificates.lifecycle import Lifecycle
from dojang.customers import Customers, Sessions, SmsCodes
from dojang.db import Database, Tx
from dojang.gateways.ars import ArsGateway
from dojang.gateways.banks import InterbankSwitch, OtherBank
from dojang.kernel.clock import DAY, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger
from dojang.methods.model import RelyingParty
from dojang.methods.passwords import AccountPasswords
from dojang.methods.second_devices import SecondDevices
from dojang.signing import Signed, Signing
from dojang.transfers import holding, past_store, posting, protecting, second_device, store
from dojang.transfers.ars import ArsCalls
from dojang.transfers.holding import Holding
from dojang.transfers.limits import ACT, LimitScreen
from dojang.transfers.model import PURPOSE, Told
from dojang.transfers.ordering import Orders, told
from dojang.transfers.payees import Payees
from dojang.transfers.poster import Poster
from dojang.transfers.posting import Admission
from dojang.transfers.protecting import Protecting
from dojang.transfers.protections import Protections
from dojang.transfers.sealing import seal_what_stood
from dojang.transfers.seals import Seals
from dojang.transfers.second_device import SecondDeviceFactor
from dojang.transfers.showing import Showing
from dojang.transfers.sms_hold import SmsHold
from dojang.transfers.verifying import Verifying
from dojang.vault.fields import FieldKeys

PENDING_MAX: Final = 200
ENDED_MAX: Final = 20
ENDED_WITHIN: Final = 7 * DAY
"""Longer than any hold: what was waiting when its owner last looked is told of."""
LIMITS_PURPOSE: Final = f"act:{ACT}"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everyone that sending money talks to.

    `on_fault` hears of faults of infrastructure in the poster's thread; nothing is lost by them.
    `on_altered` hears of customers whose protections somebody changed in their rows.
    """

    db: Database
    ids: Ids
    entropy: Entropy
    ledger: Ledger
    customers: Customers
    fields: FieldKeys
    codes: SmsCodes
    sessions: Sessions
    signing: Signing
    lifecycle: Lifecycle
    signed_by_ca: Callable[[bytes], bool]
    passwords: AccountPasswords
    relying_party: RelyingParty
    switch: InterbankSwitch
    ars: ArsGateway
    own_bank: OtherBank
    origin: str
    on_fault: Callable[[Exception], None]
    on_altered: Callable[[str], None]


class Transfers:
    """`orders`, `showing`, `ars`, `payees`, `limits` for the web; `poster` for the house.

    `ars.answered` is the door that the ARS gateway is connected to.
    """

    def __init__(self, on: Parts) -> None:
        db = self._db = on.db
        self.seals = Seals(on.fields)
        own = self.protections = Protections(on.fields, on.on_altered)
        self.payees = Payees(db, on.customers, on.switch, on.own_bank)
        self.limits = LimitScreen(db, on.customers, own)
        self.sms_hold = SmsHold(db, on.customers, on.codes, self.seals, own)
        devices = SecondDevices(db, ids=on.ids, entropy=on.entropy, relying_party=on.relying_party)
        self.second_device = SecondDeviceFactor(db, on.customers, devices, self.seals, own)
        self.protecting = Protecting(db, on.ids, self.payees, own)
        self.holding = Holding(db, on.ledger, on_fault=on.on_fault)
        self.poster = Poster(
            db,
            on.ledger,
            Verifying(on.signed_by_ca),
            on_fault=on.on_fault,
            also=self.holding.settle_due,
        )
        self.orders = Orders(
            db,
            entropy=on.entropy,
            customers=on.customers,
            requests=on.signing.requests,
            passwords=on.passwords,
            payees=self.payees,
            holding=self.holding,
            seals=self.seals,
            protections=own,
            ars=on.ars,
            origin=on.origin,
        )
        self.ars = ArsCalls(
            db,
            ids=on.ids,
            entropy=on.entropy,
            customers=on.customers,
            lifecycle=on.lifecycle,
            payees=self.payees,
            seals=self.seals,
            gateway=on.ars,
            own_code=on.own_bank.code,
        )
        self.showing = Showing(db, on.sessions, self.orders, self.poster, self.sms_hold)
        self._offer(on.signing, on.ledger, on.lifecycle, on.own_bank.code)

    def _offer(self, signing: Signing, ledger: Ledger, lifecycle: Lifecycle, own_code: str) -> None:
        """What is signed under, and what happens then; who answers for it to the ledger."""
        ledger.admit_with(Admission(own_code, self.seals, self.protections))
        lifecycle.on_stop(holding.stop)
        signing.before_begin(PURPOSE, posting.before_begin)
        signing.when_done(PURPOSE, self.on_signed)
        signing.acts.register(ACT, self.limits.prepare)
        signing.when_done(LIMITS_PURPOSE, self.limits.on_signed)
        other = self.second_device
        signing.acts.register(second_device.ACT, other.prepare)
        signing.when_done(f"act:{second_device.ACT}", other.on_signed)
        own = self.protecting
        signing.acts.register(protecting.ACT, own.prepare)
        signing.acts.register(protecting.DESIGNATE, own.prepare_payee, beforehand=own.holder_of)
        signing.when_done(f"act:{protecting.ACT}", own.on_signed)
        signing.when_done(f"act:{protecting.DESIGNATE}", own.on_payee_signed)

    def pending(self, customer_id: str) -> list[Told]:
        """The held transfers, the next due first."""
        with self._db.snapshot() as tx:
            held = store.pending(tx, customer_id, PENDING_MAX)
            return [told(tx, order) for order in held]

    def ended(self, customer_id: str) -> list[Told]:
        """The transfers of a week that were held and are no more, the one due last first."""
        with self._db.snapshot() as tx:
            since = Instant(tx.now - ENDED_WITHIN)
            ids = past_store.held_before(tx, customer_id, since=since, limit=ENDED_MAX)
            over = store.by_ids(tx, ids)
            return [told(tx, over[one]) for one in ids]

    def signed_by(self, tx: Tx, customer_id: str, ids: Sequence[str]) -> frozenset[str]:
        """Which of these ids are transfers that this customer signed."""
        return past_store.signed_by(tx, customer_id, ids) if ids else frozenset()

    def seal_what_stood(self) -> None:
        """Once in a bank's life: seal what customers chose before choices were sealed."""
        seal_what_stood(self._db, self.protections, self.seals)

    def start(self) -> None:
        """Finish what is authorised and keep posting."""
        self.poster.start()

    def stop(self) -> None:
        self.poster.stop()

    def on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE: authorised, and the poster is woken once that is durable."""
        if posting.on_signed(tx, signed, self.seals):
            order = store.by_ids(tx, [signed.reference])[signed.reference]
            chosen = self.protections.found(tx, order.customer_id)
            holding.plan(tx, order, self.seals, chosen)
            tx.after_commit(self.poster.wake)

    def sweep(self) -> int:
        """The room's job: orders whose time is over, safeguards whose change has come."""
        with self._db.transaction() as tx:
            expired = store.expire(tx)
        return expired + self.protecting.sweep()
