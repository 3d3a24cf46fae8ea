"""One batch, one transaction: read and lock, decide, write, log.

Lock order: credentials and orders (the admission) → customers (their limits) → accounts, sorted →
the log's head. A signed act has its credential's lock before it changes a limit, so that must come
first. Locks in one order never wait in a circle, and READ COMMITTED is enough, because whatever a
decision rests on is locked before it is read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dojang import policy
from dojang.db import Database, Event, Tx
from dojang.kernel.clock import SECOND, seoul_day
from dojang.ledger import holds_store, store
from dojang.ledger.events import (
    HoldMade,
    HoldRefused,
    HoldReleased,
    TransferPosted,
    TransferRejected,
)
from dojang.ledger.failpoints import Failpoint
from dojang.ledger.model import (
    Account,
    Again,
    Decision,
    Kind,
    Known,
    Limits,
    Outcome,
    Permit,
    Refused,
    Request,
    Status,
)
from dojang.ledger.rules import CONSUMING, RESOLVING, State, walk

Answer = Outcome | Refused


@dataclass(frozen=True, slots=True)
class Fault:
    """This request alone cannot be stored: a fault of ours. Nothing happened under its id, or,
    where the error is `Unavailable`, nobody knows, and the same request asked again is told.
    """

    id: str
    error: Exception


Admit = Callable[[], Mapping[str, Permit]]


class Admission(Protocol):
    """Who answers for signed requests: consumes the authorization where the money moves."""

    def lock(self, tx: Tx, requests: Sequence[Request]) -> "Admit":
        """Lock what their authorizations hang on.

        What it returns is called once the limits are locked as well: it checks every authorization
        again and gives a permit for each id that names one. Requests that resolve a hold come too,
        so that what belongs to the hold is locked in turn.
        """

    def settled(self, tx: Tx, outcomes: Sequence[Outcome]) -> None:
        """These are decided in this transaction: write what follows from it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The state that a batch walks, the outcomes it knows, and the rows as they were locked."""

    state: State
    known: dict[str, Outcome]
    accounts: dict[str, Account]
    limits: dict[str, Limits]


class Batches:
    """Runs batches against the database, one at a time."""

    def __init__(self, db: Database, failpoint: Failpoint) -> None:
        self._db = db
        self._day = 0
        self.failpoint = failpoint
        self.admission: Admission | None = None

    def run(self, requests: Sequence[Request]) -> list[Answer]:
        """Decide the requests in their order, durably.

        Raises Collision, and what the database raises; then nothing of the batch has happened, or
        all of it, and nobody knows.
        """
        self.failpoint("before_transaction")
        with self._db.transaction() as tx:
            found = self._read(tx, requests)
            decided, answers = walk(found.state, requests)
            self.failpoint("after_apply")
            known = found.known | self._write(tx, found, decided)
            tx.seal()
            self.failpoint("after_log")
            self.failpoint("before_commit")
        self.failpoint("after_commit")
        return [answer if isinstance(answer, Refused) else known[_id(answer)] for answer in answers]

    def _read(self, tx: Tx, requests: Sequence[Request]) -> _Found:
        present = policy.current(tx)
        subjects = {asked.subject for asked in requests} - {""}
        admit = self._locked(tx, requests)
        limits = store.locked_limits(tx, subjects, present.transfers)
        permits = self._permits(requests, admit)
        touched = {account for r in requests for account in (r.debit, r.credit)}
        over = holds_store.debits_over(tx, subjects)
        accounts = store.locked_accounts(tx, touched | over)
        self.failpoint("after_locks")
        known = store.outcomes(tx, [asked.id for asked in requests])
        named = {r.ref for r in requests if r.ref is not None}
        holds = holds_store.concerned(tx, over, named)
        self.failpoint("after_known")
        self._day = max(self._day, seoul_day(tx.now))
        state = State(
            day=self._day,
            accounts=dict(accounts),
            limits=dict(limits),
            now=tx.now,
            hold_max=present.transfers.hold_seconds_max * SECOND,
            permits=permits,
            known={one.id: Known(one.subject, one.digest) for one in known.values()},
            used_authorizations=_used_before(tx, requests, known),
            holds=holds,
        )
        return _Found(state, known, accounts, limits)

    def _locked(self, tx: Tx, requests: Sequence[Request]) -> Admit:
        concerned = [r for r in requests if r.authorization is not None or r.ref is not None]
        if self.admission is None or not concerned:
            return dict
        return self.admission.lock(tx, concerned)

    def _permits(self, requests: Sequence[Request], admit: Admit) -> dict[str, Permit]:
        signed = {asked.id for asked in requests if asked.authorization is not None}
        if self.admission is None and signed:
            raise RuntimeError("nobody answers for signed requests; see admit_with")
        permits = dict(admit())
        if missing := signed - set(permits):
            raise RuntimeError(f"{len(missing)} signed requests were not answered for")
        return permits

    def _write(self, tx: Tx, found: _Found, decided: Sequence[Decision]) -> dict[str, Outcome]:
        """Set-based writes; the log's head is locked last, its leaves in the order of decisions."""
        if not decided:
            return {}
        state = found.state
        changed = {account.id for decision in decided for account in decision.accounts}
        store.move(tx, [(found.accounts[one], state.accounts[one]) for one in sorted(changed)])
        used = {decision.limits.customer_id for decision in decided if decision.limits}
        store.use(tx, [(found.limits[one], state.limits[one]) for one in sorted(used)])
        self.failpoint("after_accounts")
        first_idx = tx.next_idx()
        store.add(tx, decided, first_idx, self.failpoint)
        _write_holds(tx, state, decided)
        for decision in decided:
            tx.emit(_event(decision, state))
        made = [_outcome(tx, decision, first_idx + n) for n, decision in enumerate(decided)]
        if self.admission is not None:
            self.admission.settled(tx, made)
        self.failpoint("after_writes")
        return {outcome.id: outcome for outcome in made}


def _write_holds(tx: Tx, state: State, decided: Sequence[Decision]) -> None:
    touched = [decision for decision in decided if decision.hold is not None]
    if touched:
        made = {d.request.id for d in touched if d.request.kind is Kind.HOLD}
        ids = sorted({d.hold.id for d in touched if d.hold is not None})
        holds_store.write(tx, [state.holds[one] for one in ids], made)


def _used_before(tx: Tx, requests: Sequence[Request], known: Mapping[str, Outcome]) -> set[str]:
    """Authorizations of new requests that another id has consumed already."""
    fresh = [
        r.authorization
        for r in requests
        if r.authorization and r.kind in CONSUMING and r.id not in known
    ]
    return store.used_authorizations(tx, fresh)


def _id(answer: Decision | Again) -> str:
    return answer.id if isinstance(answer, Again) else answer.request.id


def _outcome(tx: Tx, decision: Decision, log_idx: int) -> Outcome:
    asked, refusal = decision.request, decision.refusal
    return Outcome(
        id=asked.id,
        kind=asked.kind,
        ref=asked.ref,
        subject=asked.subject,
        digest=asked.digest,
        debit=asked.debit,
        credit=asked.credit,
        amount=asked.amount,
        status=Status.OK if refusal is None else Status.REJECTED,
        refusal=None if refusal is None else replace(refusal, code=str(refusal.code)),
        kst_day=decision.kst_day,
        at=tx.now,
        log_idx=log_idx,
        balance_after=decision.postings[0].balance_after if decision.postings else None,
    )


def _event(decision: Decision, state: State) -> Event:
    asked = decision.request
    if decision.refusal is not None:
        return _refused(decision, str(decision.refusal.code))
    if asked.kind is Kind.HOLD:
        return HoldMade(
            subject=asked.subject,
            transfer_id=asked.id,
            debit=asked.debit,
            credit=asked.credit,
            amount=asked.amount,
            kst_day=decision.kst_day,
            expires_at=asked.expires_at or 0,
            authorization=asked.authorization or "",
            evidence=asked.evidence,
        )
    if not decision.postings:
        return HoldReleased(
            subject=asked.subject,
            transfer_id=asked.id,
            hold=asked.ref or "",
            how=asked.kind.value,
            debit=asked.debit,
            amount=asked.amount,
            kst_day=decision.kst_day,
        )
    return TransferPosted(
        subject=asked.subject,
        transfer_id=asked.id,
        debit=asked.debit,
        credit=asked.credit,
        credited=state.accounts[asked.credit].customer_id or "",
        amount=asked.amount,
        kst_day=decision.kst_day,
        authorization=asked.authorization or "",
        evidence=asked.evidence,
        hold=asked.ref or "",
    )


def _refused(decision: Decision, reason: str) -> Event:
    asked = decision.request
    if asked.kind in RESOLVING:
        return HoldRefused(
            subject=asked.subject,
            transfer_id=asked.id,
            hold=asked.ref or "",
            how=asked.kind.value,
            amount=asked.amount,
            kst_day=decision.kst_day,
            reason=reason,
        )
    return TransferRejected(
        subject=asked.subject,
        transfer_id=asked.id,
        debit=asked.debit,
        credit=asked.credit,
        amount=asked.amount,
        kst_day=decision.kst_day,
        reason=reason,
        authorization=asked.authorization or "",
    )
