"""The composition root: every part of the bank, made by hand, in the order of the house."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dojang import admission, authorities, custody, opening, papers, policy, transfers
from dojang.certificates import Authority, Hold, Issuing, Lifecycle
from dojang.certificates import store as certificate_rows
from dojang.certificates.certifying import CeremonyNeeded
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
from dojang.db.ready import ready
from dojang.db.sole import setting_up
from dojang.enrolment import Enrolments, Parts
from dojang.gateways.banks import OtherBank
from dojang.gateways.twins import SimulatedArs
from dojang.house import Bank, Gateways, simulated
from dojang.joint import AnotherIssuer, Joint
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.records import Record, recorder
from dojang.ledger import Ledger, accounts
from dojang.methods.model import RelyingParty
from dojang.methods.passkeys import Passkeys
from dojang.methods.passwords import AccountPasswords
from dojang.notifications import Notifier, Sender, left_behind, on_file
from dojang.opening import Openings
from dojang.policy.profiles import PROFILES
from dojang.signing import Signing
from dojang.transfers import Transfers
from dojang.transfers.holding import stop_all
from dojang.transparency import Transparency
from dojang.vault import KeyKind, Vault, ensure
from dojang.vault.fields import FieldKeys
from dojang.work import Task

PASSWORD_PEPPER: Final = "account-password-pepper"  # noqa: S105 - a label
FIRST_ACCOUNT: Final = "입출금통장"
SETTLE_SECONDS: Final = 2.0
JOBS_SECONDS: Final = 60.0
HEADS_SECONDS: Final = 1.0


def build(
    settings: Settings,
    *,
    clock: Clock,
    entropy: Entropy,
    gateways: Gateways | None = None,
    vault: Callable[[], Vault] | None = None,
) -> Bank:
    """Make the bank: bring the database up, open the vault, hand each part what it needs.

    Without `gateways` the simulated parties are taken; `vault` gives one whose opening was begun
    already (`custody.begun`). Raises ConfigError where the settings
    cannot be used, also for a simulated party in production, and UnusableDatabase.
    """
    ids = Ids(clock, entropy)
    skew_ms_max = settings.postgresql.clock_skew_ms_max
    db = ready(settings.database, clock, production=settings.production, skew_ms_max=skew_ms_max)
    outside = gateways or _twins(settings, clock)
    if settings.production and outside.twins():
        raise ConfigError(f"gateways: {', '.join(outside.twins())} would only be simulated")
    with setting_up(db):
        _adopt_first_policy(db, settings)
        keys = vault() if vault is not None else custody.opened(settings.vault, entropy)
        fields = FieldKeys(keys, entropy)
        log = recorder()
        return _assembled(_Ground(settings, clock, entropy, ids, db, keys, outside, fields, log))


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
    log: Record


@dataclass(frozen=True)
class _People:
    """Who."""

    customers: Customers
    sessions: Sessions
    internet_banking: InternetBanking
    codes: SmsCodes
    terms: Terms


@dataclass(frozen=True)
class _Pki:
    """What they sign with."""

    lifecycle: Lifecycle
    authority: Authority
    issuing: Issuing
    signing: Signing
    passkeys: Passkeys


@dataclass(frozen=True)
class _Money:
    """What they move."""

    ledger: Ledger
    passwords: AccountPasswords
    transfers: Transfers


def _people(on: _Ground) -> _People:
    names = {"ko": on.settings.bank.name_ko, "en": on.settings.bank.name_en}
    return _People(
        customers=Customers(on.fields, on.ids, on.entropy),
        sessions=Sessions(on.db, on.ids),
        internet_banking=InternetBanking(on.db, on.fields, on.entropy),
        codes=SmsCodes(on.db, on.fields, on.gateways.sms, on.ids, on.entropy, sender=names),
        terms=Terms.shipped(),
    )


def _pki(on: _Ground, people: _People) -> _Pki:
    """With the hooks by which the life of a certificate reaches sessions, keys and passkeys."""
    settings = on.settings
    lifecycle = Lifecycle(on.ids)
    lifecycle.on_stop(people.sessions.end_all)
    authority = _authority(on)
    signing = Signing(
        on.db,
        on.vault,
        ids=on.ids,
        entropy=on.entropy,
        lifecycle=lifecycle,
        sessions=people.sessions,
        origin=settings.origin,
    )
    passkeys = Passkeys(
        on.db,
        ids=on.ids,
        entropy=on.entropy,
        relying_party=RelyingParty(settings.rp_id, settings.bank.name_ko, settings.origin),
        admit=admission.admit,
        granted=admission.granting(people.sessions, lifecycle),
    )
    lifecycle.on_end(passkeys.end)
    issuing = Issuing(on.db, on.vault, authority, on.clock, on.entropy)
    return _Pki(lifecycle, authority, issuing, signing, passkeys)


def _authority(on: _Ground) -> Authority:
    try:
        return Authority(on.db, on.vault, on.clock, on.entropy, authorities.plan(on.settings))
    except CeremonyNeeded as needed:
        raise ConfigError(f"pki.offline_root: {needed}") from None


def _money(on: _Ground, people: _People, pki: _Pki) -> _Money:
    own = on.settings.bank
    ledger = Ledger(on.db, ids=on.ids, entropy=on.entropy, bank_code=own.code)
    ledger.found()
    ensure(on.vault, PASSWORD_PEPPER, KeyKind.SECRET)
    passwords = AccountPasswords(
        on.db,
        entropy=on.entropy,
        pepper=lambda info: on.vault.derive(PASSWORD_PEPPER, info),
    )
    made = Transfers(
        transfers.Parts(
            db=on.db,
            ids=on.ids,
            entropy=on.entropy,
            ledger=ledger,
            customers=people.customers,
            fields=on.fields,
            codes=people.codes,
            sessions=people.sessions,
            signing=pki.signing,
            lifecycle=pki.lifecycle,
            signed_by_ca=pki.authority.signed,
            passwords=passwords,
            relying_party=pki.passkeys.relying_party,
            switch=on.gateways.switch,
            ars=on.gateways.ars,
            own_bank=OtherBank(own.code, own.name_ko, own.name_en),
            origin=on.settings.origin,
            on_fault=_recording(on.log, "transfers"),
            on_altered=lambda customer: on.log.warning("protections_altered", customer=customer),
        )
    )
    made.seal_what_stood()
    if isinstance(on.gateways.ars, SimulatedArs):
        on.gateways.ars.connect(made.ars.answered)
    return _Money(ledger, passwords, made)


def _enrolments(on: _Ground, people: _People, pki: _Pki, money: _Money) -> Enrolments:
    return Enrolments(
        Parts(
            db=on.db,
            ids=on.ids,
            entropy=on.entropy,
            fields=on.fields,
            terms=people.terms,
            customers=people.customers,
            internet_banking=people.internet_banking,
            codes=people.codes,
            telecom=on.gateways.telecom,
            account_passwords=money.passwords,
            ledger=money.ledger,
            lifecycle=pki.lifecycle,
            authority=pki.authority,
            issuing=pki.issuing,
            signing=pki.signing,
            first_account=FIRST_ACCOUNT,
        )
    )


def _openings(on: _Ground, people: _People, pki: _Pki, money: _Money) -> Openings:
    return Openings(
        opening.Parts(
            db=on.db,
            ids=on.ids,
            entropy=on.entropy,
            fields=on.fields,
            terms=opening.shipped(),
            customers=people.customers,
            sessions=people.sessions,
            codes=people.codes,
            telecom=on.gateways.telecom,
            id_cards=on.gateways.id_cards,
            faces=on.gateways.faces,
            one_won=on.gateways.one_won,
            account_passwords=money.passwords,
            ledger=money.ledger,
            lifecycle=pki.lifecycle,
            sender=on.settings.bank.name_ko,
            new_account=FIRST_ACCOUNT,
        )
    )


def _joint(on: _Ground, people: _People, pki: _Pki) -> Joint:
    made = Joint(
        on.db,
        on.vault,
        on.clock,
        ids=on.ids,
        entropy=on.entropy,
        fields=on.fields,
        customers=people.customers,
        signing=pki.signing,
        plan=authorities.joint_plan(on.settings),
        issuer=authorities.joint_issuer(on.settings, on.clock, on.entropy),
    )
    try:
        made.demand_same_issuer()
    except AnotherIssuer:
        raise ConfigError("pki.joint_ca: this bank's joint certificates are another CA's") from None
    return made


def _assembled(on: _Ground) -> Bank:
    """The rooms from the ground up."""
    people = _people(on)
    pki = _pki(on, people)
    money = _money(on, people, pki)
    transparency = papers.transparency(on.settings, on.db, on.vault, on.clock)
    made = _papers(on, people, pki, money, transparency)
    settling = Task("loss-reports", SETTLE_SECONDS, _recording(on.log, "loss-reports"))
    bank = Bank(
        settings=on.settings,
        clock=on.clock,
        ids=on.ids,
        db=on.db,
        vault=on.vault,
        log=on.log,
        gateways=on.gateways,
        customers=people.customers,
        internet_banking=people.internet_banking,
        sessions=people.sessions,
        terms=people.terms,
        codes=people.codes,
        loss_reports=_loss_reports(on, people.customers, pki.lifecycle, settling),
        account_passwords=money.passwords,
        passkeys=pki.passkeys,
        authority=pki.authority,
        status=made.status,
        ahead=made.ahead,
        time_stamps=made.time_stamps,
        documents=made.documents,
        receipts=made.receipts,
        lifecycle=pki.lifecycle,
        issuing=pki.issuing,
        signing=pki.signing,
        ledger=money.ledger,
        transfers=money.transfers,
        enrolments=_enrolments(on, people, pki, money),
        openings=_openings(on, people, pki, money),
        joint=_joint(on, people, pki),
        notifier=_notifier(on, people.customers),
        transparency=transparency,
    )
    settling.does(bank.loss_reports.settle)
    jobs = Task("jobs", JOBS_SECONDS, _recording(on.log, "jobs"))
    jobs.does(bank.run_due_jobs)
    heads = Task("tree-heads", HEADS_SECONDS, _recording(on.log, "tree-heads"))
    heads.does(made.sign_heads)
    collecting = Task("receipts", HEADS_SECONDS, _recording(on.log, "receipts"))
    collecting.does(bank.receipts.catch_up)
    bank.tasks = [settling, jobs, heads, collecting]
    return bank


def _papers(
    on: _Ground, people: _People, pki: _Pki, money: _Money, transparency: Transparency
) -> papers.Papers:
    return papers.Papers.made(
        on.db,
        on.vault,
        on.clock,
        authority=pki.authority,
        customers=people.customers,
        transfers=money.transfers,
        transparency=transparency,
        own_code=on.settings.bank.code,
        on_fault=_recording(on.log, "receipts"),
    )


def _loss_reports(
    on: _Ground, customers: Customers, lifecycle: Lifecycle, settling: Task
) -> LossReports:
    def suspend(tx: Tx, customer_id: str) -> None:
        living = certificate_rows.living(tx, customer_id)
        if living is not None:
            lifecycle.suspend(tx, living.id, Hold.LOSS)
        stop_all(tx, customer_id)

    return LossReports(
        on.db,
        on.fields,
        customers,
        on.entropy,
        account_owner=accounts.owner_of_number,
        suspend=suspend,
        wake=settling.wake,
    )


def _notifier(on: _Ground, customers: Customers) -> Notifier:
    bank = on.settings.bank
    return Notifier(
        on.db,
        sms=on.gateways.sms,
        recipients=on_file(customers),
        left_behind=left_behind(customers),
        sender=Sender(bank.name_ko, bank.name_en, bank.hotline),
        on_fault=_recording(on.log, "notifications"),
    )


def _adopt_first_policy(db: Database, settings: Settings) -> None:
    with db.transaction() as tx:
        if policy.newest(tx) is None:
            policy.adopt(tx, PROFILES[settings.policy_profile])
        policy.commit_what_stood(tx)


def _twins(settings: Settings, clock: Clock) -> Gateways:
    if settings.outside is None:
        raise ConfigError("outside: no gateways are configured, and no file for simulated ones")
    return simulated(Path(settings.outside), clock)


def _recording(log: Record, part: str) -> Callable[[Exception], None]:
    """Faults of background work go into the record, which leaves out their words."""

    def record(fault: Exception) -> None:
        log.fault("background_fault", fault, part=part)

    return record
