"""The composition root: every part of the bank, made by hand, in the order of the house."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dojang import policy
from dojang.certificates import Authority, Hold, Issuing, Lifecycle, Plan, Status
from dojang.certificates import jobs as certificate_jobs
from dojang.certificates import store as certificate_rows
from dojang.config import ConfigError, Settings
from dojang.customers import (
    Customers,
    InternetBanking,
    LossReports,
    Sessions,
    SmsCodes,
    Terms,
)
from dojang.db import Database, Tx
from dojang.db.migrate import migrate
from dojang.enrolment import Enrolments, Parts
from dojang.enrolment import jobs as enrolment_jobs
from dojang.gateways.ars import ArsGateway
from dojang.gateways.banks import InterbankSwitch, OtherBank
from dojang.gateways.sms import SmsGateway
from dojang.gateways.telecom import TelecomIdentity
from dojang.gateways.twins import (
    Outside,
    RecordedSms,
    SimulatedArs,
    SimulatedSwitch,
    SimulatedTelecom,
)
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.records import recorder
from dojang.kernel.secret import Secret
from dojang.ledger import Ledger, accounts
from dojang.methods.model import PasskeyLogin, RelyingParty
from dojang.methods.passkeys import Granted, Passkeys
from dojang.methods.passwords import AccountPasswords
from dojang.notifications import Notifier, Sender, on_file
from dojang.policy.profiles import PROFILES
from dojang.signing import Signing, keys
from dojang.signing.model import UnknownKey, usable
from dojang.transfers import Transfers
from dojang.vault import KeyKind, Vault, ensure
from dojang.vault.fields import FieldKeys
from dojang.vault.software import SoftwareVault
from dojang.work import Task

PASSWORD_PEPPER: Final = "account-password-pepper"  # noqa: S105 - a label
FIRST_ACCOUNT: Final = "입출금통장"
SETTLE_SECONDS: Final = 2.0
NOTIFY_SECONDS: Final = 0.5
JOBS_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Gateways:
    """The parties outside."""

    sms: SmsGateway
    telecom: TelecomIdentity
    ars: ArsGateway
    switch: InterbankSwitch

    def twins(self) -> list[str]:
        """Which of them are played."""
        parties = {"sms": self.sms, "telecom": self.telecom, "ars": self.ars, "switch": self.switch}
        return [name for name, party in parties.items() if getattr(party, "twin", False)]


@dataclass
class Bank:
    """Everything a handler may ask. Made once by `build`, never a global."""

    settings: Settings
    clock: Clock
    ids: Ids
    db: Database
    vault: Vault
    log: Any
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
    lifecycle: Lifecycle
    issuing: Issuing
    signing: Signing
    ledger: Ledger
    transfers: Transfers
    codes: SmsCodes
    enrolments: Enrolments
    notifier: Notifier
    tasks: list[Task] = field(default_factory=list)
    sample_people: list[dict[str, Any]] = field(default_factory=list)

    def start(self) -> None:
        """Start the work beside the requests."""
        self.transfers.start()
        for task in self.tasks:
            task.start()

    def stop(self) -> None:
        """Stop it, and let go of the database."""
        for task in self.tasks:
            task.stop()
        self.transfers.stop()
        self.db.close()

    def run_due_jobs(self) -> None:
        """What the clock makes due, now and in this thread."""
        certificate_jobs.sweep_dormant(self.db, self.lifecycle)
        certificate_jobs.sweep_unfinished(self.db, self.lifecycle)
        enrolment_jobs.sweep(self.db, self.codes)
        self.signing.sweep()
        self.transfers.sweep()
        self.loss_reports.settle()
        self.notifier.catch_up()

    def has_customers(self) -> bool:
        with self.db.snapshot() as tx:
            return self.customers.any(tx)


def build(
    settings: Settings,
    *,
    clock: Clock,
    entropy: Entropy,
    gateways: Gateways | None = None,
) -> Bank:
    """Make the bank: bring the database up, open the vault, hand each part what it needs.

    Without `gateways` the simulated parties are taken. Raises ConfigError where the settings
    cannot be used, also for a simulated party in production.
    """
    ids = Ids(clock, entropy)
    db = Database(settings.database, clock)
    migrate(db)
    _adopt_first_policy(db, settings)
    outside = gateways or _twins(settings, clock)
    if settings.production and outside.twins():
        raise ConfigError(f"gateways: {', '.join(outside.twins())} would only be simulated")
    vault = SoftwareVault.open(Path(settings.vault.file), _passphrase(settings), entropy)
    fields = FieldKeys(vault, entropy)
    log = recorder()
    return _assembled(_Ground(settings, clock, entropy, ids, db, vault, outside, fields, log))


@dataclass(frozen=True)
class _Ground:
    """What everything else is built on."""

    settings: Settings
    clock: Clock
    entropy: Entropy
    ids: Ids
    db: Database
    vault: Vault
    gateways: Gateways
    fields: FieldKeys
    log: Any


def _assembled(on: _Ground) -> Bank:
    """The rooms from the ground up, and the hooks by which a lower room calls a higher one."""
    settings, db, ids, entropy = on.settings, on.db, on.ids, on.entropy
    sessions = Sessions(db, ids)
    customers = Customers(on.fields, ids, entropy)
    lifecycle = Lifecycle(ids)
    lifecycle.on_stop(sessions.end_all)
    authority = Authority(db, on.vault, on.clock, entropy, _plan(settings))
    issuing = Issuing(db, on.vault, authority, on.clock, entropy)
    signing = Signing(
        db,
        on.vault,
        ids=ids,
        entropy=entropy,
        lifecycle=lifecycle,
        sessions=sessions,
        origin=settings.origin,
    )
    passkeys = Passkeys(
        db,
        ids=ids,
        entropy=entropy,
        relying_party=RelyingParty(settings.rp_id, settings.bank.name_ko, settings.origin),
        admit=_admit_passkey,
        granted=_grant_passkey(sessions, lifecycle),
    )
    lifecycle.on_end(passkeys.end)
    ledger = Ledger(db, ids=ids, entropy=entropy, bank_code=settings.bank.code)
    ledger.found()
    passwords = AccountPasswords(db, entropy=entropy, pepper=_pepper(on.vault))
    codes = SmsCodes(db, on.fields, on.gateways.sms, ids, entropy, sender=_names(settings))
    internet_banking = InternetBanking(db, on.fields, entropy)
    terms = Terms.shipped()
    transfers = Transfers(
        db,
        ids=ids,
        entropy=entropy,
        ledger=ledger,
        customers=customers,
        signing=signing,
        lifecycle=lifecycle,
        passwords=passwords,
        switch=on.gateways.switch,
        ars=on.gateways.ars,
        own_bank=OtherBank(settings.bank.code, settings.bank.name_ko, settings.bank.name_en),
        origin=settings.origin,
        on_fault=_recorder(on.log, "transfers"),
    )
    if isinstance(on.gateways.ars, SimulatedArs):
        on.gateways.ars.connect(transfers.ars.answered)
    enrolments = Enrolments(
        Parts(
            db=db,
            ids=ids,
            entropy=entropy,
            fields=on.fields,
            terms=terms,
            customers=customers,
            internet_banking=internet_banking,
            codes=codes,
            telecom=on.gateways.telecom,
            account_passwords=passwords,
            ledger=ledger,
            lifecycle=lifecycle,
            authority=authority,
            issuing=issuing,
            signing=signing,
            first_account=FIRST_ACCOUNT,
        )
    )
    notifier = Notifier(
        db,
        sms=on.gateways.sms,
        recipients=on_file(customers),
        sender=Sender(settings.bank.name_ko, settings.bank.name_en, settings.bank.hotline),
        on_fault=_recorder(on.log, "notifications"),
    )
    settling = Task(
        "loss-reports",
        lambda: bank.loss_reports.settle(),
        SETTLE_SECONDS,
        _recorder(on.log, "loss"),
    )
    loss_reports = LossReports(
        db,
        on.fields,
        customers,
        entropy,
        account_owner=accounts.owner_of_number,
        suspend=_suspend_after_loss(lifecycle),
        wake=settling.wake,
    )
    bank = Bank(
        settings=settings,
        clock=on.clock,
        ids=ids,
        db=db,
        vault=on.vault,
        log=on.log,
        gateways=on.gateways,
        customers=customers,
        internet_banking=internet_banking,
        sessions=sessions,
        terms=terms,
        loss_reports=loss_reports,
        account_passwords=passwords,
        passkeys=passkeys,
        authority=authority,
        status=Status(db, on.vault, authority),
        lifecycle=lifecycle,
        issuing=issuing,
        signing=signing,
        ledger=ledger,
        transfers=transfers,
        codes=codes,
        enrolments=enrolments,
        notifier=notifier,
    )
    bank.tasks = [settling, *_tasks(bank)]
    return bank


def _tasks(bank: Bank) -> list[Task]:
    """What runs beside the requests, and how often."""
    recorder = bank.log

    def task(name: str, act: Callable[[], object], seconds: float) -> Task:
        return Task(name, act, seconds, _recorder(recorder, name))

    return [
        task("notifications", bank.notifier.catch_up, NOTIFY_SECONDS),
        task("jobs", bank.run_due_jobs, JOBS_SECONDS),
    ]


def _admit_passkey(tx: Tx, credential_id: str, jkt: str) -> None:
    """A passkey logs in only the phone that the certificate lives on, and only while it may."""
    own = [key for key in keys.of_credential(tx, credential_id) if key.jkt == jkt]
    credential = certificate_rows.by_id(tx, credential_id)
    if not own or credential is None:
        raise UnknownKey
    refused = usable(own[0].state, credential.state)
    if refused is not None:
        raise refused


def _grant_passkey(sessions: Sessions, lifecycle: Lifecycle) -> Granted:
    def granted(tx: Tx, login: PasskeyLogin) -> None:
        lifecycle.used(tx, login.credential_id)
        sessions.grant(
            tx,
            request_id=login.challenge_id,
            customer_id=login.customer_id,
            credential_id=login.credential_id,
            jkt=login.jkt,
            method="passkey",
        )

    return granted


def _suspend_after_loss(lifecycle: Lifecycle) -> Callable[[Tx, str], None]:
    def suspend(tx: Tx, customer_id: str) -> None:
        living = certificate_rows.living(tx, customer_id)
        if living is not None:
            lifecycle.suspend(tx, living.id, Hold.LOSS)

    return suspend


def _recorder(log: Any, part: str) -> Callable[[Exception], None]:
    """Faults of background work are recorded by their kind; their words may hold row values."""

    def record(fault: Exception) -> None:
        log.error("background_fault", part=part, exc_info=fault)

    return record


def _adopt_first_policy(db: Database, settings: Settings) -> None:
    with db.transaction() as tx:
        if policy.newest(tx) is None:
            policy.adopt(tx, PROFILES[settings.policy_profile])


def _passphrase(settings: Settings) -> Secret[bytes]:
    return Secret(settings.vault.passphrase.read().reveal().encode())


def _pepper(vault: Vault) -> Callable[[bytes], bytes]:
    ensure(vault, PASSWORD_PEPPER, KeyKind.SECRET)
    return lambda info: vault.derive(PASSWORD_PEPPER, info)


def _plan(settings: Settings) -> Plan:
    return Plan(
        base_url=settings.origin,
        organisation=settings.pki.organisation,
        policy_arc=settings.pki.policy_arc,
    )


def _names(settings: Settings) -> dict[str, str]:
    return {"ko": settings.bank.name_ko, "en": settings.bank.name_en}


def _twins(settings: Settings, clock: Clock) -> Gateways:
    if settings.outside is None:
        raise ConfigError("outside: no gateways are configured, and no file for simulated ones")
    outside = Outside(Path(settings.outside), clock)
    return Gateways(
        sms=RecordedSms(outside),
        telecom=SimulatedTelecom(outside),
        ars=SimulatedArs(outside),
        switch=SimulatedSwitch(outside),
    )
