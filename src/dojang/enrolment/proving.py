"""The steps that show who someone is: internet banking, identity, the code, the second evidence.

Whatever is slow or outside (Argon2, the telecom operator, sending) happens before or after the
transaction that moves the journey; the step is checked before it, and again inside.
"""

from dataclasses import dataclass, field
from typing import Final

from dojang import policy
from dojang.certificates import store as certificates
from dojang.customers import AlreadyCustomer, Bound, codes, quota
from dojang.customers.events import IdentityVerified
from dojang.customers.model import birth_date
from dojang.customers.problems import (
    IdentityMismatch,
    TooManyCodes,
    TooManyFromHere,
    WrongInternetBanking,
)
from dojang.db.database import Tx
from dojang.enrolment import claims, store
from dojang.enrolment.claims import Confirmed
from dojang.enrolment.journeys import PURPOSE, Bearer, Journeys, Parts
from dojang.enrolment.model import (
    Act,
    Enrolment,
    JourneyState,
    Kind,
    NameMismatch,
    PersonKind,
    SimRecentlyChanged,
    Step,
    Who,
    WrongStep,
)
from dojang.gateways.telecom import Claim, Subscriber
from dojang.kernel.clock import DAY, HOUR, SECOND
from dojang.kernel.problem import Malformed, NotFound
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.methods.model import demand
from dojang.methods.passwords import HashedPassword

ASKS_PER_CODE: Final = 2
ASKING_SOURCES: Final = 5
CHOICES_PER_DAY: Final = 20


@dataclass(frozen=True)
class Wanted:
    """What a first-time customer chooses. `name` is typed again and must be the verified one."""

    login_id: str
    password: Secret[str]
    name: str = field(repr=False)
    account_password: Secret[str]


class Proofs:
    """Each verb is one step; each gives the state after it."""

    def __init__(self, parts: Parts, journeys: Journeys) -> None:
        self._parts = parts
        self._journeys = journeys

    def internet_banking(
        self, bearer: Bearer, login_id: str, password: Secret[str], *, source: str
    ) -> JourneyState:
        """Prove to be a customer. Raises WrongInternetBanking and the two 429 of its counting."""
        self._journeys.glance(bearer).demand(Act.PROVE_INTERNET_BANKING)
        customer_id = self._parts.internet_banking.prove(
            login_id, password, source=source, device=bearer.jkt
        )
        with self._journeys.locked(bearer) as (tx, mine):
            following = mine.after(Act.PROVE_INTERNET_BANKING)
            someone_else = mine.customer_id is not None and mine.customer_id != customer_id
            if someone_else and mine.step is Step.INTERNET_BANKING_REQUIRED:
                raise WrongInternetBanking
            if not self._parts.customers.hold(tx, customer_id):
                raise WrongInternetBanking
            return self._move(
                tx,
                bearer,
                mine,
                step=following,
                customer_id=customer_id,
                internet_banking_proved=1,
                person=PersonKind.EXISTING,
                kind=self._kind(tx, customer_id),
            )

    def identity(self, bearer: Bearer, typed: Claim | None, *, source: str) -> JourneyState:
        """Ask the telecom operator, then send a code to that number. Again: a new code.

        `typed` may be left out by those who proved internet banking: the bank knows the rest.
        Raises IdentityMismatch, SimRecentlyChanged, TooManyCodes, ResendTooSoon, GatewayDown.
        """
        mine = self._journeys.glance(bearer)
        mine.demand(Act.CLAIM_IDENTITY)
        claim = self._claim(mine, typed)
        if typed is not None:
            self._count_asking(typed, source)
        subscriber = self._parts.telecom.subscriber(claim)
        if subscriber is None:
            raise IdentityMismatch
        with self._parts.db.snapshot() as tx:
            self._refuse_identity(tx, mine, subscriber)
            rules = policy.current(tx).sms_code
        confirmed = Confirmed(claim, subscriber.ci)
        drawn = self._parts.codes.draw(_bound(mine, confirmed), rules)
        sealed = claims.seal(self._parts.fields, mine.id, confirmed)
        with self._journeys.locked(bearer) as (tx, now):
            if now.customer_id != mine.customer_id:
                raise WrongStep(step=str(now.step))
            following = now.after(Act.CLAIM_IDENTITY)
            self._parts.codes.place(tx, drawn)
            state = self._move(tx, bearer, now, step=following, claim_sealed=sealed)
        self._parts.codes.send(drawn, mine.locale)
        return state

    def sms_code(self, bearer: Bearer, code: Secret[str]) -> JourneyState:
        """Raises WrongCode, CodeExpired, CodeSpent; a wrong one is remembered before."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.TYPE_CODE)
        bound = _bound(mine, self._journeys.confirmed(mine))
        mac = self._parts.codes.mac(bound, code)
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(Act.TYPE_CODE)
            verdict = self._parts.codes.judge(tx, bound, mac)
            if isinstance(verdict, codes.Right):
                return self._identified(tx, bearer, now)
        raise verdict.problem

    def account_password(
        self, bearer: Bearer, account_id: str, password: Secret[str]
    ) -> JourneyState:
        """The password of one own account. Raises NotFound, or as AccountPasswords says."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.PROVE_ACCOUNT)
        with self._parts.db.snapshot() as tx:
            own = accounts.of_customer(tx, mine.customer_id or "")
        if account_id not in {one.id for one in own}:
            raise NotFound
        demand(self._parts.account_passwords.check(account_id, password))
        with self._journeys.locked(bearer) as (tx, now):
            following = now.after(Act.PROVE_ACCOUNT)
            return self._move(
                tx, bearer, now, step=following, credential_id=self._credential(tx, now)
            )

    def enrol_internet_banking(self, bearer: Bearer, wanted: Wanted) -> JourneyState:
        """Make the customer, the internet-banking id and the first account, all or nothing.

        Raises NameMismatch, WeakPassword, WeakAccountPassword, LoginIdTaken.
        """
        mine = self._journeys.glance(bearer)
        mine.demand(Act.ENROL_INTERNET_BANKING)
        person = self._journeys.confirmed(mine).person()
        if wanted.name != person.name:
            raise NameMismatch
        parts = self._parts
        self._count_choosing(person.ci)
        hashed = parts.internet_banking.hash(wanted.login_id, wanted.password)
        account_id = parts.ids.uuid7()
        account_hash = parts.account_passwords.hashed(
            account_id,
            wanted.account_password,
            birth_date=birth_date(person.resident_number),
            phone=person.phone,
        )
        with self._journeys.locked(bearer) as (tx, now):
            following = now.after(Act.ENROL_INTERNET_BANKING)
            try:
                joined = parts.customers.add(tx, person, locale=now.locale, by_phone_alone=True)
            except AlreadyCustomer:
                state = self._met_elsewhere(tx, bearer, now)
            else:
                parts.internet_banking.enrol(tx, joined.id, wanted.login_id, hashed)
                self._open_first(tx, joined.id, account_id, account_hash)
                opened = parts.lifecycle.open(tx, joined.id, subject_id=joined.subject_id)
                state = self._move(
                    tx,
                    bearer,
                    now,
                    step=following,
                    customer_id=joined.id,
                    credential_id=opened.id,
                )
        if state.step is not following:
            raise WrongStep(step=str(state.step))
        return state

    def _open_first(
        self, tx: Tx, customer_id: str, account_id: str, hashed: HashedPassword
    ) -> None:
        """It may be paid into: who opens it has passed none of the checks that sending needs."""
        self._parts.ledger.open_account(
            tx,
            customer_id,
            name=self._parts.first_account,
            kind="limited",
            account_id=account_id,
            day_cap=policy.current(tx).opening.first_per_day,
        )
        self._parts.account_passwords.put(
            tx, account_id=account_id, customer_id=customer_id, hashed=hashed
        )

    def _met_elsewhere(self, tx: Tx, bearer: Bearer, now: Enrolment) -> JourneyState:
        """The same person became a customer in another journey: now they must prove that."""
        ci = self._journeys.confirmed(now).ci
        known = self._parts.customers.by_ci(tx, ci)
        if known is None:
            raise LookupError("the CI that was taken is not there")
        return self._move(
            tx,
            bearer,
            now,
            step=Step.INTERNET_BANKING_REQUIRED,
            customer_id=known.id,
            person=PersonKind.EXISTING,
            kind=self._kind(tx, known.id),
        )

    def _count_asking(self, typed: Claim, source: str) -> None:
        """Asking about a number is bounded for each source, and for all of them together.

        Who knows no more than someone's number must neither guess the rest nor, by wrong claims,
        keep its owner out; who proved internet banking and types nothing is not counted at all.
        """
        index = self._parts.fields.index
        here = index("identity_source", f"{typed.phone}\n{source}")
        everywhere = index("phone", typed.phone)
        with self._parts.db.transaction() as tx:
            limit = ASKS_PER_CODE * policy.current(tx).sms_code.per_hour_and_number
            for key, most in ((here, limit), (everywhere, ASKING_SOURCES * limit)):
                if not quota.take(tx, "identity", key, limit=most, seconds=HOUR // SECOND):
                    raise TooManyCodes

    def _count_choosing(self, ci: str) -> None:
        """Each `login_id_taken` tells that an id exists: so many a day for one verified person."""
        key = self._parts.fields.index("choosing", ci)
        with self._parts.db.transaction() as tx:
            seconds = DAY // SECOND
            if not quota.take(tx, "login_id", key, limit=CHOICES_PER_DAY, seconds=seconds):
                raise TooManyFromHere

    def _claim(self, mine: Enrolment, typed: Claim | None) -> Claim:
        if typed is not None:
            return typed
        if not mine.internet_banking_proved or mine.customer_id is None:
            raise Malformed
        with self._parts.db.snapshot() as tx:
            return self._parts.customers.claim_of(tx, mine.customer_id)

    def _refuse_identity(self, tx: Tx, mine: Enrolment, subscriber: Subscriber) -> None:
        """Someone else than internet banking said, or a SIM too young to be evidence.

        Of a SIM that was moved lately the operator's word is worth nothing, whoever asks: a
        stranger has shown nothing else, and a first issue takes over as much as a reissue.
        """
        known = self._parts.customers.by_ci(tx, subscriber.ci)
        if mine.internet_banking_proved and (known is None or known.id != mine.customer_id):
            raise IdentityMismatch
        young = policy.current(tx).life.sim_changed_hours * HOUR
        if subscriber.sim_changed_at is not None and tx.now - subscriber.sim_changed_at < young:
            raise SimRecentlyChanged

    def _identified(self, tx: Tx, bearer: Bearer, now: Enrolment) -> JourneyState:
        """The code was right: the CI says who this is, and that decides what is asked next."""
        known = self._parts.customers.by_ci(tx, self._journeys.confirmed(now).ci, held=True)
        who = Who.NEW if known is None else Who.KNOWN
        who = Who.PROVED if now.internet_banking_proved else who
        customer_id = None if known is None else known.id
        tx.emit(IdentityVerified(subject=customer_id or "", purpose=PURPOSE))
        return self._move(
            tx,
            bearer,
            now,
            step=now.after(Act.TYPE_CODE, who),
            customer_id=customer_id,
            person=PersonKind.FIRST_TIME if known is None else PersonKind.EXISTING,
            kind=Kind.ISSUE if known is None else self._kind(tx, known.id),
        )

    def _credential(self, tx: Tx, mine: Enrolment) -> str:
        known = self._parts.customers.by_id(tx, mine.customer_id or "")
        opened = self._parts.lifecycle.open(tx, known.id, subject_id=known.subject_id)
        return opened.id

    def _kind(self, tx: Tx, customer_id: str) -> Kind:
        return Kind.REISSUE if certificates.living(tx, customer_id) else Kind.ISSUE

    def _move(
        self, tx: Tx, bearer: Bearer, mine: Enrolment, **changes: str | int | bytes | None
    ) -> JourneyState:
        store.change(tx, mine.id, **changes)
        return self._journeys.state(tx, self._journeys.read(tx, bearer))


def _bound(mine: Enrolment, confirmed: Confirmed) -> Bound:
    return Bound(to=mine.id, purpose=PURPOSE, phone=confirmed.phone)
