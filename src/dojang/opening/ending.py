"""The last step: a password, and then what the journey was for, in one transaction.

As in issuing, the code alone is never enough: who is identified again types an account password.
"""

from dataclasses import replace

from dojang.certificates import store as certificates
from dojang.certificates.model import State as CertificateState
from dojang.customers import terms
from dojang.db.database import Tx
from dojang.kernel.clock import DAY, Instant
from dojang.kernel.problem import Malformed, NotFound
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.methods.model import demand
from dojang.methods.passwords import HashedPassword
from dojang.opening import store
from dojang.opening.events import OpeningDone
from dojang.opening.journeys import Bearer, Journeys, Parts
from dojang.opening.model import (
    Act,
    Ended,
    Goal,
    Journey,
    JourneyState,
    NothingToRelease,
    Step,
    demand_room,
)

LIMITED = "limited"
IDENTIFIED = "identified"


class Ending:
    """Opens, unlocks, releases or identifies."""

    def __init__(self, parts: Parts, journeys: Journeys) -> None:
        self._parts = parts
        self._journeys = journeys

    def password(
        self, bearer: Bearer, password: Secret[str], account_id: str | None
    ) -> JourneyState:
        """`account_id` names the own account whose password is shown; None for a new password.

        Raises WeakAccountPassword, WrongAccountPassword, AccountPasswordLocked, NotFound,
        LimitedAccountHeld.
        """
        mine = self._journeys.glance(bearer)
        mine.demand(Act.GIVE_PASSWORD)
        if (account_id is not None) != mine.goal.own_password:
            raise Malformed
        if account_id is not None:
            self._show(mine, account_id, password)
            return self._release(bearer) if mine.goal is Goal.RELEASE_LOSS else self._note(bearer)
        target = self._parts.ids.uuid7() if mine.goal is Goal.ACCOUNT else mine.account_id or ""
        hashed = self._hashed(mine, target, password)
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(Act.GIVE_PASSWORD)
            if now.goal is Goal.ACCOUNT:
                self._open(tx, now, target)
            parts = self._parts
            parts.account_passwords.put(
                tx, account_id=target, customer_id=now.customer_id, hashed=hashed
            )
            if now.goal is Goal.UNLOCK_PASSWORD:
                parts.account_passwords.unlock(tx, target, reason=IDENTIFIED)
            return self._done(tx, now, target)

    def _show(self, mine: Journey, account_id: str, password: Secret[str]) -> None:
        with self._parts.db.snapshot() as tx:
            own = accounts.of_customer(tx, mine.customer_id)
        if account_id not in {one.id for one in own}:
            raise NotFound
        demand(self._parts.account_passwords.check(account_id, password))

    def _note(self, bearer: Bearer) -> JourneyState:
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(Act.GIVE_PASSWORD)
            self._parts.sessions.identified(tx, now.customer_id, bearer.jkt)
            return self._done(tx, now, None)

    def _release(self, bearer: Bearer) -> JourneyState:
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(Act.GIVE_PASSWORD)
            credential = certificates.by_id(tx, now.credential_id or "")
            if credential is None or credential.state is not CertificateState.SUSPENDED_LOSS:
                raise NothingToRelease
            self._parts.lifecycle.release(tx, credential.id)
            return self._done(tx, now, None)

    def _hashed(self, mine: Journey, account_id: str, password: Secret[str]) -> HashedPassword:
        with self._parts.db.snapshot() as tx:
            known = self._parts.customers.by_id(tx, mine.customer_id)
        return self._parts.account_passwords.hashed(
            account_id, password, birth_date=known.birth_date, phone=known.phone
        )

    def _open(self, tx: Tx, now: Journey, account_id: str) -> None:
        parts, rules = self._parts, self._journeys.rules(tx, now)
        # Again, in the transaction that opens it: the journey's row is locked, and a customer has
        # one under way at most.
        demand_room(accounts.of_customer(tx, now.customer_id), rules.limited_max)
        parts.ledger.open_account(
            tx,
            now.customer_id,
            name=parts.new_account,
            kind=LIMITED,
            account_id=account_id,
            day_cap=rules.limited_per_day,
        )
        parts.customers.checked(tx, now.customer_id)
        terms.remember(
            tx,
            customer_id=now.customer_id,
            enrolment_id=now.id,
            agreed=list(now.agreed),
            agreed_at=now.agreed_at,
        )

    def _done(self, tx: Tx, now: Journey, account_id: str | None) -> JourneyState:
        store.change(
            tx,
            now.id,
            step=now.after(Act.GIVE_PASSWORD),
            account_id=account_id,
            ended=Ended.DONE,
            ended_at=tx.now,
        )
        self._let_go(tx, now)
        tx.emit(
            OpeningDone(
                subject=now.customer_id,
                opening_id=now.id,
                goal=str(now.goal),
                checks=[check.value for check in now.passed],
                account_id=account_id or "",
            )
        )
        done = replace(now, step=Step.DONE, account_id=account_id, ended=Ended.DONE)
        return self._journeys.state(tx, done)

    def _let_go(self, tx: Tx, now: Journey) -> None:
        """The pictures: kept as long as the policy says after an account was opened, else gone."""
        days = self._journeys.rules(tx, now).image_kept_days
        if now.goal is not Goal.ACCOUNT or days == 0:
            store.drop_images(tx, now.id)
        else:
            store.keep_images(tx, now.id, Instant(tx.now + days * DAY))
