"""The bank as its doors see it: every service by name, and what runs beside the requests."""

import threading
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dojang.certificates import Authority, Issuing, Lifecycle, Status, retiring
from dojang.certificates import jobs as certificate_jobs
from dojang.certificates.ahead import Ahead
from dojang.config import Settings
from dojang.customers import (
    Customers,
    InternetBanking,
    LossReports,
    Sessions,
    SmsCodes,
    Terms,
)
from dojang.db import Database
from dojang.documents import Documents
from dojang.enrolment import Enrolments
from dojang.enrolment import jobs as enrolment_jobs
from dojang.gateways.ars import ArsGateway
from dojang.gateways.banks import InterbankSwitch
from dojang.gateways.faces import Faces
from dojang.gateways.id_cards import IdCards
from dojang.gateways.one_won import OneWon
from dojang.gateways.sms import SmsGateway
from dojang.gateways.telecom import TelecomIdentity
from dojang.gateways.twins import (
    Outside,
    RecordedSms,
    SimulatedArs,
    SimulatedFaces,
    SimulatedIdCards,
    SimulatedOneWon,
    SimulatedSwitch,
    SimulatedTelecom,
)
from dojang.joint import Joint
from dojang.kernel.clock import Clock
from dojang.kernel.ids import Ids
from dojang.kernel.records import Record
from dojang.ledger import Ledger
from dojang.methods.passkeys import Passkeys
from dojang.methods.passwords import AccountPasswords
from dojang.notifications import Notifier
from dojang.opening import Openings
from dojang.opening import jobs as opening_jobs
from dojang.receipts import Receipts
from dojang.signing import Signing
from dojang.timestamps import TimeStamps
from dojang.transfers import Transfers
from dojang.transparency import Transparency
from dojang.vault import Vault
from dojang.work import STOP_SECONDS, Task


@dataclass(frozen=True)
class Gateways:
    """The parties outside."""

    sms: SmsGateway
    telecom: TelecomIdentity
    ars: ArsGateway
    switch: InterbankSwitch
    id_cards: IdCards
    faces: Faces
    one_won: OneWon

    def twins(self) -> list[str]:
        """Which of them are played."""
        parties = ((one.name, getattr(self, one.name)) for one in fields(self))
        return [name for name, party in parties if getattr(party, "twin", False)]


def simulated(path: Path, clock: Clock) -> Gateways:
    """All of them played, in one file of their own."""
    outside = Outside(path, clock)
    return Gateways(
        sms=RecordedSms(outside),
        telecom=SimulatedTelecom(outside),
        ars=SimulatedArs(outside),
        switch=SimulatedSwitch(outside),
        id_cards=SimulatedIdCards(outside),
        faces=SimulatedFaces(outside),
        one_won=SimulatedOneWon(outside),
    )


@dataclass
class Bank:
    """Everything a handler may ask. Made once by `build`, never a global."""

    settings: Settings
    clock: Clock
    ids: Ids
    db: Database
    vault: Vault
    log: Record
    gateways: Gateways
    customers: Customers
    internet_banking: InternetBanking
    sessions: Sessions
    terms: Terms
    loss_reports: LossReports
    account_passwords: AccountPasswords
    passkeys: Passkeys
    authority: Authority
    status: Status
    ahead: Ahead
    time_stamps: TimeStamps
    documents: Documents
    receipts: Receipts
    lifecycle: Lifecycle
    issuing: Issuing
    signing: Signing
    ledger: Ledger
    transfers: Transfers
    codes: SmsCodes
    enrolments: Enrolments
    openings: Openings
    joint: Joint
    notifier: Notifier
    transparency: Transparency
    tasks: list[Task] = field(default_factory=list)
    sample_people: list[dict[str, Any]] = field(default_factory=list)
    _retired: certificate_jobs.RetiredSweep = field(init=False)
    _ending: threading.Event = field(default_factory=threading.Event)
    _notifying: threading.Thread | None = None

    def __post_init__(self) -> None:
        self._retired = certificate_jobs.RetiredSweep(self.db, self.lifecycle)

    def start(self) -> None:
        """Start the work beside the requests; nobody who asks first waits for a certificate."""
        self.time_stamps.open()
        self.authority.document_signer()
        self.authority.responder()
        self.ledger.start()
        self.transfers.start()
        self._ending.clear()
        self._notifying = threading.Thread(
            target=self.notifier.run, args=(self._ending,), name="dojang-notifications", daemon=True
        )
        self._notifying.start()
        for task in self.tasks:
            task.start()

    def stop(self) -> None:
        """Stop it, and let go of the database."""
        for task in self.tasks:
            task.stop()
        self._ending.set()
        self.notifier.wake()
        if self._notifying is not None:
            self._notifying.join(STOP_SECONDS)
        self.transfers.stop()
        self.ledger.stop()
        self.db.close()

    def run_due_jobs(self) -> None:
        """What the clock makes due, now and in this thread."""
        certificate_jobs.sweep_dormant(self.db, self.lifecycle)
        certificate_jobs.sweep_unfinished(self.db, self.lifecycle)
        self._retired.run()
        retiring.renewed(self.db, self.vault, self.authority)
        self.status.sweep()
        if self.settings.pki.ocsp_ahead:
            self.ahead.sign_due()
        enrolment_jobs.sweep(self.db, self.codes)
        opening_jobs.sweep(self.db)
        self.joint.sweep()
        self.signing.sweep()
        self.transfers.sweep()
        self.ledger.sweep()
        self.loss_reports.settle()
        self.receipts.catch_up()
        self.notifier.catch_up()
        self.joint.certifying.tell()  # last: another CA may be away

    def has_customers(self) -> bool:
        with self.db.snapshot() as tx:
            return self.customers.any(tx)
