"""The one place where money moves: a batch of requests, one transaction.

Lock order: customers (their limits) → credentials and orders (the admission) → accounts, sorted →
the log's head. Today a batch is what one caller hands in; a group committer takes this class's
place and gathers the requests of many callers, with `apply` and the store as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from dojang import policy
from dojang.db import Database, Event, Tx
from dojang.kernel.clock import seoul_day
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import accounts_store, numbers, store
from dojang.ledger.accounts import caps_of
from dojang.ledger.events import AccountOpened, TransferPosted, TransferRejected
from dojang.ledger.model import (
    KRW,
    Account,
    AccountStatus,
    Again,
    Decision,
    Known,
    Outcome,
    Permit,
    Refused,
    Request,
    Status,
)
from dojang.ledger.rules import State, apply

CASH_IN: Final = "bank:cash_in"
SUSPENSE: Final = "bank:suspense"
FEE: Final = "bank:fee"
INTERBANK: Final = "bank:interbank"
OWN: Final = (CASH_IN, SUSPENSE, FEE, INTERBANK)
"""The bank's own accounts. With them the sum over all accounts is 0 at every moment."""

BATCH_MAX: Final = 500
_NO_FLOOR: Final = -(10**17)
_DRAWS_MAX: Final = 20

Answer = Outcome | Refused


class Admission(Protocol):
    """Who answers for signed requests: consumes the authorization where the money moves."""

    def admit(self, tx: Tx, requests: Sequence[Request]) -> Mapping[str, Permit]:
        """Check every authorization again, under locks; a permit for each id."""

    def settled(self, tx: Tx, outcomes: Sequence[Outcome]) -> None:
        """These are decided in this transaction: write what follows from it."""


def nowhere(_name: str) -> None:
    """No failpoint."""


class Ledger:
    """Posts requests, opens accounts."""

    def __init__(
        self,
        db: Database,
        *,
        ids: Ids,
        entropy: Entropy,
        bank_code: str,
        failpoint: Callable[[str], None] = nowhere,
    ) -> None:
        """`failpoint` is called at named places; a test raises there and looks what is left."""
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self.bank_code = bank_code
        self._failpoint = failpoint
        self._admission: Admission | None = None
        self._day = 0

    def admit_with(self, admission: Admission) -> None:
        """Say who answers for signed requests. Once, when the bank is built."""
        self._admission = admission

    def found(self) -> None:
        """Make the bank's own accounts. Safe to run at every start."""
        with self._db.transaction() as tx:
            for own in OWN:
                if not accounts_store.exists(tx, own):
                    self._add(tx, own, None, None, own.removeprefix("bank:"), "bank")

    def open_account(
        self,
        tx: Tx,
        customer_id: str,
        *,
        name: str,
        kind: str = "deposit",
        account_id: str | None = None,
    ) -> str:
        """Open an empty account for a customer; returns its id.

        `account_id` is given by who must hash the account's password before the transaction.
        """
        accounts_store.make_profile(tx, customer_id)
        account_id = account_id or self._ids.uuid7()
        for _ in range(_DRAWS_MAX):
            number = numbers.draw(self.bank_code, self._entropy)
            if self._add(tx, account_id, customer_id, number, name, kind):
                tx.emit(AccountOpened(subject=customer_id, account_id=account_id))
                return account_id
        raise RuntimeError("no free account number was drawn")

    def post(self, requests: Sequence[Request]) -> list[Answer]:
        """Decide the requests in their order, durably, and answer each.

        An id that is known is answered with its first outcome. When another process stored one
        of these ids at the same moment, the batch is run once more and meets it.
        """
        if len(requests) > BATCH_MAX:
            raise ValueError("a batch is bounded")
        self._failpoint("before_transaction")
        try:
            answers = self._post(requests)
        except store.Collision:
            answers = self._post(requests)
        self._failpoint("after_commit")
        return answers

    def deposit(self, transfer_id: str, account_id: str, amount: int, *, payer: str) -> Answer:
        """Money that comes into the bank (the demo's opening balances, a branch's counter)."""
        asked = Request(
            id=transfer_id, debit=CASH_IN, credit=account_id, amount=amount, payer=payer
        )
        return self.post([asked])[0]

    def _post(self, requests: Sequence[Request]) -> list[Answer]:
        with self._db.transaction() as tx:
            state, known = self._read(tx, requests)
            self._failpoint("after_locks")
            answers = [_decide(state, asked) for asked in requests]
            decisions = [answer for answer in answers if isinstance(answer, Decision)]
            known |= self._write(tx, state, decisions)
            self._failpoint("before_commit")
        return [answer if isinstance(answer, Refused) else known[_id(answer)] for answer in answers]

    def _read(self, tx: Tx, requests: Sequence[Request]) -> tuple[State, dict[str, Outcome]]:
        present = policy.current(tx)
        subjects = {asked.subject for asked in requests} - {""}
        limits = store.locked_limits(tx, subjects, caps_of(present))
        permits = self._permits(tx, [r for r in requests if r.authorization is not None])
        accounts = store.locked_accounts(tx, {a for r in requests for a in (r.debit, r.credit)})
        known = store.outcomes(tx, [asked.id for asked in requests])
        self._day = max(self._day, seoul_day(tx.now))
        state = State(
            day=self._day,
            accounts=accounts,
            limits=limits,
            permits=permits,
            known={one.id: Known(one.subject, one.digest) for one in known.values()},
            used_authorizations=_used_before(tx, requests, known),
        )
        return state, known

    def _permits(self, tx: Tx, signed: Sequence[Request]) -> dict[str, Permit]:
        if not signed:
            return {}
        if self._admission is None:
            raise RuntimeError("nobody answers for signed requests; see admit_with")
        permits = dict(self._admission.admit(tx, signed))
        if missing := {asked.id for asked in signed} - set(permits):
            raise RuntimeError(f"{len(missing)} signed requests were not answered for")
        return permits

    def _write(self, tx: Tx, state: State, decisions: Sequence[Decision]) -> dict[str, Outcome]:
        """Set-based writes; the log's head is locked last, its leaves in the requests' order."""
        if not decisions:
            return {}
        changed = {account.id for decision in decisions for account in decision.accounts}
        store.move(tx, [state.accounts[one] for one in sorted(changed)])
        used = {decision.limits.customer_id for decision in decisions if decision.limits}
        store.use(tx, [state.limits[one] for one in sorted(used)])
        first_idx = tx.next_idx()
        store.add(tx, decisions, first_idx)
        for decision in decisions:
            tx.emit(_event(decision, state.accounts[decision.request.credit]))
        self._failpoint("after_writes")
        made = [_outcome(tx, decision, first_idx + n) for n, decision in enumerate(decisions)]
        if self._admission is not None:
            self._admission.settled(tx, made)
        return {outcome.id: outcome for outcome in made}

    def _add(
        self,
        tx: Tx,
        account_id: str,
        customer_id: str | None,
        number: str | None,
        name: str,
        kind: str,
    ) -> bool:
        row = {
            "id": account_id,
            "customer_id": customer_id,
            "number": number,
            "name": name,
            "kind": kind,
            "currency": KRW,
            "posted": 0,
            "held": 0,
            "floor": 0 if customer_id is not None else _NO_FLOOR,
            "version": 0,
            "status": AccountStatus.OPEN.value,
            "opened_at": tx.now,
        }
        return accounts_store.add(tx, row)


def _decide(state: State, asked: Request) -> Decision | Again | Refused:
    answer = apply(state, asked)
    if isinstance(answer, Decision):
        state.accept(answer)
    return answer


def _used_before(tx: Tx, requests: Sequence[Request], known: Mapping[str, Outcome]) -> set[str]:
    """Authorizations of new requests that another id has consumed already."""
    fresh = [r.authorization for r in requests if r.authorization and r.id not in known]
    return store.used_authorizations(tx, fresh) if fresh else set()


def _id(answer: Decision | Again) -> str:
    return answer.id if isinstance(answer, Again) else answer.request.id


def _outcome(tx: Tx, decision: Decision, log_idx: int) -> Outcome:
    asked, refusal = decision.request, decision.refusal
    return Outcome(
        id=asked.id,
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


def _event(decision: Decision, credited: Account) -> Event:
    asked = decision.request
    if decision.refusal is not None:
        return TransferRejected(
            subject=asked.subject,
            transfer_id=asked.id,
            debit=asked.debit,
            credit=asked.credit,
            amount=asked.amount,
            kst_day=decision.kst_day,
            reason=str(decision.refusal.code),
            authorization=asked.authorization or "",
        )
    return TransferPosted(
        subject=asked.subject,
        transfer_id=asked.id,
        debit=asked.debit,
        credit=asked.credit,
        credited=credited.customer_id or "",
        amount=asked.amount,
        kst_day=decision.kst_day,
        authorization=asked.authorization or "",
        evidence=asked.evidence,
    )
