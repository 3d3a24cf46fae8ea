"""The steps before the checks and after them: the phone and its code, and the questions.

What is slow or outside (the telecom operator, sending) happens before or after the transaction
that moves the journey; the step is checked before it, and again inside.
"""

from dojang import policy
from dojang.customers import Bound, codes
from dojang.customers.problems import IdentityMismatch
from dojang.db.database import Tx
from dojang.enrolment.model import SimRecentlyChanged
from dojang.gateways.telecom import Subscriber
from dojang.kernel.clock import HOUR
from dojang.kernel.secret import Secret
from dojang.opening import store
from dojang.opening.events import CheckPassed, PurposeSaid
from dojang.opening.journeys import Bearer, Journeys, Parts, end
from dojang.opening.model import Act, Answers, Ended, Journey, JourneyState, OpeningStopped
from dojang.opening.showing import CODES

PHONE = "phone"


class Proofs:
    """Each verb is one step; each gives the state after it."""

    def __init__(self, parts: Parts, journeys: Journeys) -> None:
        self._parts = parts
        self._journeys = journeys

    def phone(self, bearer: Bearer) -> JourneyState:
        """Ask the telecom operator about what is on file, then send a code. Again: a new code.

        Raises IdentityMismatch, SimRecentlyChanged, TooManyCodes, ResendTooSoon, GatewayDown.
        """
        mine = self._journeys.glance(bearer)
        mine.demand(Act.ASK_CODE)
        parts = self._parts
        with parts.db.snapshot() as tx:
            known = parts.customers.by_id(tx, mine.customer_id)
            claim = parts.customers.claim_of(tx, mine.customer_id)
            rules = policy.current(tx).sms_code
        subscriber = parts.telecom.subscriber(claim)
        with parts.db.snapshot() as tx:
            self._refuse(tx, mine, subscriber)
        drawn = parts.codes.draw(Bound(to=mine.id, purpose=CODES, phone=known.phone), rules)
        with self._journeys.locked(bearer) as (tx, now):
            following = now.after(Act.ASK_CODE)
            parts.codes.place(tx, drawn)
            store.change(tx, now.id, step=following)
            state = self._journeys.state(tx, self._journeys.read(tx, bearer))
        parts.codes.send(drawn, known.locale)
        return state

    def sms_code(self, bearer: Bearer, code: Secret[str]) -> JourneyState:
        """Raises WrongCode, CodeExpired, CodeSpent; a wrong one is remembered before."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.TYPE_CODE)
        with self._parts.db.snapshot() as tx:
            known = self._parts.customers.by_id(tx, mine.customer_id)
        bound = Bound(to=mine.id, purpose=CODES, phone=known.phone)
        mac = self._parts.codes.mac(bound, code)
        with self._journeys.locked(bearer) as (tx, now):
            following = now.after(Act.TYPE_CODE)
            verdict = self._parts.codes.judge(tx, bound, mac)
            if isinstance(verdict, codes.Right):
                store.change(tx, now.id, step=following)
                tx.emit(CheckPassed(subject=now.customer_id, opening_id=now.id, check=PHONE))
                return self._journeys.state(tx, self._journeys.read(tx, bearer))
        raise verdict.problem

    def purpose(self, bearer: Bearer, answers: Answers) -> JourneyState:
        """What the account is for. Raises OpeningStopped: then the journey is over."""
        obstacle = answers.obstacle
        with self._journeys.locked(bearer) as (tx, now):
            following = now.after(Act.SAY_PURPOSE)
            store.change(tx, now.id, purpose=answers.purpose, funds=answers.funds)
            tx.emit(
                PurposeSaid(
                    subject=now.customer_id,
                    opening_id=now.id,
                    purpose=str(answers.purpose),
                    funds=str(answers.funds),
                )
            )
            if obstacle is None:
                store.change(tx, now.id, step=following)
                return self._journeys.state(tx, self._journeys.read(tx, bearer))
            end(tx, now, Ended.STOPPED, obstacle)
        raise OpeningStopped(reason=obstacle)

    def _refuse(self, tx: Tx, mine: Journey, subscriber: Subscriber | None) -> None:
        """Not the customer's number any more, or a SIM too young to be evidence."""
        if subscriber is None:
            raise IdentityMismatch
        known = self._parts.customers.by_ci(tx, subscriber.ci)
        if known is None or known.id != mine.customer_id:
            raise IdentityMismatch
        young = policy.current(tx).life.sim_changed_hours * HOUR
        if subscriber.sim_changed_at is not None and tx.now - subscriber.sim_changed_at < young:
            raise SimRecentlyChanged
