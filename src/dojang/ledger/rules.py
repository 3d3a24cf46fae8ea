"""`apply`: the ledger's one rule, pure. The tests' model and the committer both walk it.

    transfer  debit −amount, credit +amount                      uses the limits of today
    hold      debit: amount is held                              uses the limits of today
    post      debit −amount, credit +amount, the hold released   gives back what was not posted
    void      the hold released                                  gives back the whole
    expire    the hold released, once its time is over           gives back the whole

What is given back goes to the day on which the hold was made, and to no other.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from dojang.kernel.clock import Instant
from dojang.kernel.money import AMOUNT_MAX
from dojang.ledger.model import (
    KRW,
    Account,
    AccountStatus,
    Again,
    Code,
    DayUse,
    Decision,
    Hold,
    HoldState,
    Kind,
    Known,
    Limits,
    Permit,
    Posting,
    Refusal,
    Refused,
    Request,
)

RESOLVING: Final = frozenset({Kind.POST, Kind.VOID, Kind.EXPIRE})
CONSUMING: Final = frozenset({Kind.TRANSFER, Kind.HOLD})
"""The kinds that use up the signature they name."""


@dataclass(slots=True)
class State:
    """What a batch has locked: read once, then carried from one request to the next.

    `now` is the transaction's instant, `hold_max` the longest life of a hold in microseconds.
    `holds` are those that the batch may resolve: named by a request, or due.
    """

    day: int
    accounts: dict[str, Account]
    limits: dict[str, Limits]
    now: Instant
    hold_max: int = 0
    permits: dict[str, Permit] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    used_authorizations: set[str] = field(default_factory=set)
    holds: dict[str, Hold] = field(default_factory=dict)

    def accept(self, decision: Decision) -> None:
        """Take the decision as made, so that the next request of the batch meets it."""
        request = decision.request
        self.known[request.id] = Known(request.subject, request.digest)
        if request.authorization is not None and request.kind in CONSUMING:
            self.used_authorizations.add(request.authorization)
        for account in decision.accounts:
            self.accounts[account.id] = account
        if decision.limits is not None:
            self.limits[decision.limits.customer_id] = decision.limits
        if decision.hold is not None:
            self.holds[decision.hold.id] = decision.hold


def walk(
    state: State, requests: Sequence[Request]
) -> tuple[list[Decision], list[Decision | Again | Refused]]:
    """(everything decided, in order; the answer to each request). Moves `state` along.

    Before a request, the due holds of who asks are expired. That depends on nothing but the
    request and the time, so a sequence comes to the same in batches of any size.
    """
    decided: list[Decision] = []
    answers: list[Decision | Again | Refused] = []
    for asked in requests:
        if state.holds:
            for expiry in due_before(state, asked):
                gone = apply(state, expiry)
                if isinstance(gone, Decision):
                    state.accept(gone)
                    decided.append(gone)
        answer = apply(state, asked)
        if isinstance(answer, Decision):
            state.accept(answer)
            decided.append(answer)
        answers.append(answer)
    return decided, answers


def due_before(state: State, asked: Request) -> Iterable[Request]:
    """The expiries that come before this request, the earliest first."""
    due = [
        hold
        for hold in state.holds.values()
        if hold.subject == asked.subject and hold.due(state.now)
    ]
    return [hold.expiring() for hold in sorted(due, key=lambda one: (one.expires_at, one.id))]


def apply(state: State, request: Request) -> Decision | Again | Refused:
    """Decide one request in the fixed order of codes; changes nothing, not even `state`."""
    code = _not_for_us(state, request)
    if code is not None:
        return Refused(request.id, code)
    if request.id in state.known:
        return Again(request.id)
    if not _timely(state, request):
        return Refused(request.id, Code.MALFORMED)
    return _APPLY[request.kind](state, request)


def _not_for_us(state: State, request: Request) -> Code | None:
    """The codes that are not remembered."""
    if not _well_formed(request):
        return Code.MALFORMED
    known = state.known.get(request.id)
    if known is not None and known.subject != request.subject:
        return Code.NOT_FOUND
    debit = state.accounts.get(request.debit)
    if debit is None or (request.credit not in state.accounts and request.kind is not Kind.EXPIRE):
        return Code.NOT_FOUND  # an expiry moves nothing: nobody locked the payee's account for it
    if debit.customer_id != (request.subject or None):
        return Code.NOT_FOUND
    if known is not None and not request.is_that(known.digest):
        return Code.ID_MISMATCH
    return None


def _well_formed(request: Request) -> bool:
    return (
        0 < request.amount <= AMOUNT_MAX
        and request.currency == KRW
        and (request.ref is not None) is (request.kind in RESOLVING)
        and (request.expires_at is not None) is (request.kind is Kind.HOLD)
    )


def _timely(state: State, request: Request) -> bool:
    """A new hold lies ahead and not too long; an expiry is due."""
    if request.expires_at is not None:
        return state.now < request.expires_at <= state.now + state.hold_max
    if request.kind is Kind.EXPIRE:
        hold = state.holds.get(request.ref or "")
        return hold is not None and hold.due(state.now) and request == hold.expiring()
    return True


def _transfer(state: State, request: Request) -> Decision:
    limits, use = _limits_and_use(state, request)
    refusal = _refusal(state, request, limits, use)
    if refusal is not None:
        return Decision(request, use.day, refusal)
    debit = _counted(state.accounts[request.debit], request, use.day)
    moved = _moved(debit, state.accounts[request.credit], request)
    used = None if limits is None else limits.used(_used(use, request))
    return Decision(request, use.day, None, moved[0], moved[1], used)


def _hold(state: State, request: Request) -> Decision:
    limits, use = _limits_and_use(state, request)
    refusal = _refusal(state, request, limits, use)
    if refusal is not None or request.expires_at is None:
        return Decision(request, use.day, refusal)
    debit = _counted(state.accounts[request.debit], request, use.day)
    debit = debit._replace(held=debit.held + request.amount)
    used = None if limits is None else limits.used(_used(use, request))
    made = Hold(
        id=request.id,
        subject=request.subject,
        debit=request.debit,
        credit=request.credit,
        amount=request.amount,
        kst_day=use.day,
        made_at=state.now,
        expires_at=request.expires_at,
        authorization=request.authorization,
        pin_only=request.pin_only,
        registered=request.registered,
    )
    return Decision(request, use.day, None, (), (debit,), used, made)


def _post(state: State, request: Request) -> Decision:
    day = _limits_and_use(state, request)[1].day
    debit, credit = state.accounts[request.debit], state.accounts[request.credit]
    permit = state.permits.get(request.id)
    hold = state.holds.get(request.ref or "")
    refusal = (
        _unfit(debit, credit, request)
        or _unresolvable(hold, request)
        or (None if permit is None else permit.refusal)
    )
    if refusal is not None or hold is None:
        return Decision(request, day, refusal)
    debit, limits = _released(state, hold, hold.amount - request.amount)
    lines, moved = _moved(debit, credit, request)
    resolved = replace(hold, state=HoldState.POSTED, resolved_by=request.id, posted=request.amount)
    return Decision(request, day, None, lines, moved, limits, resolved)


def _release(state: State, request: Request) -> Decision:
    """Void and expiry. Money that does not move may also stay in or go from a closed account."""
    day = _limits_and_use(state, request)[1].day
    permit = state.permits.get(request.id)
    hold = state.holds.get(request.ref or "")
    refusal = _unresolvable(hold, request) or (None if permit is None else permit.refusal)
    if refusal is not None or hold is None:
        return Decision(request, day, refusal)
    debit, limits = _released(state, hold, hold.amount)
    end = HoldState.VOIDED if request.kind is Kind.VOID else HoldState.EXPIRED
    resolved = replace(hold, state=end, resolved_by=request.id)
    return Decision(request, day, None, (), (debit,), limits, resolved)


_APPLY: Final[dict[Kind, Callable[[State, Request], Decision]]] = {
    Kind.TRANSFER: _transfer,
    Kind.HOLD: _hold,
    Kind.POST: _post,
    Kind.VOID: _release,
    Kind.EXPIRE: _release,
}


def _limits_and_use(state: State, request: Request) -> tuple[Limits | None, DayUse]:
    limits = state.limits.get(request.subject)
    return limits, DayUse(state.day) if limits is None else limits.use_on(state.day)


def _refusal(state: State, request: Request, limits: Limits | None, use: DayUse) -> Refusal | None:
    """The first code that applies, of those that are remembered."""
    permit = state.permits.get(request.id)
    debit = state.accounts[request.debit]
    return (
        _unfit(debit, state.accounts[request.credit], request)
        or _used_before(state, request)
        or (None if permit is None else permit.refusal)
        or _too_much(debit, request, limits, use)
        or (None if permit is None else permit.tier(use))
    )


def _unfit(debit: Account, credit: Account, request: Request) -> Refusal | None:
    if AccountStatus.CLOSED in (debit.status, credit.status):
        return Refusal(Code.ACCOUNT_CLOSED)
    if not debit.currency == credit.currency == request.currency:
        return Refusal(Code.CURRENCY_MISMATCH)
    if debit.id == credit.id:
        return Refusal(Code.SAME_ACCOUNT)
    return None


def _used_before(state: State, request: Request) -> Refusal | None:
    if request.authorization in state.used_authorizations:
        return Refusal(Code.AUTHORIZATION_USED)
    return None


_RESOLVED: Final = {
    HoldState.POSTED: Code.HOLD_ALREADY_POSTED,
    HoldState.VOIDED: Code.HOLD_ALREADY_VOIDED,
    HoldState.EXPIRED: Code.HOLD_ALREADY_EXPIRED,
}


def _unresolvable(hold: Hold | None, request: Request) -> Refusal | None:
    asked = (request.subject, request.debit, request.credit)
    if hold is None or asked != (hold.subject, hold.debit, hold.credit):
        return Refusal(Code.HOLD_NOT_FOUND)
    if hold.state is not HoldState.OPEN:
        return Refusal(_RESOLVED[hold.state])
    if request.amount > hold.amount:
        return Refusal(Code.EXCEEDS_HOLD, {"held": hold.amount})
    return None


def _too_much(
    debit: Account, request: Request, limits: Limits | None, use: DayUse
) -> Refusal | None:
    amount = request.amount
    if limits is not None and amount > limits.per_transfer:
        return Refusal(Code.OVER_PER_TRANSFER_LIMIT, {"limit": limits.per_transfer})
    if debit.available - amount < debit.lowest:
        return Refusal(Code.INSUFFICIENT_FUNDS, {"available": debit.available - debit.lowest})
    if limits is not None and use.total + amount > limits.per_day:
        left = max(0, limits.per_day - use.total)
        return Refusal(Code.OVER_DAILY_LIMIT, {"left_today": left})
    if debit.day_cap is not None and debit.used_on(use.day) + amount > debit.day_cap:
        left = max(0, debit.day_cap - debit.used_on(use.day))
        return Refusal(Code.OVER_ACCOUNT_DAY_LIMIT, {"left_today": left})
    return _too_much_for_a_stranger(request, limits, use)


def _too_much_for_a_stranger(
    request: Request, limits: Limits | None, use: DayUse
) -> Refusal | None:
    """Where the customer designates payees, others get little in a day."""
    if request.registered or limits is None or limits.unregistered_per_day is None:
        return None
    left = max(0, limits.unregistered_per_day - use.unregistered)
    if request.amount > left:
        return Refusal(Code.OVER_UNREGISTERED_LIMIT, {"left_today": left})
    return None


def _moved(
    debit: Account, credit: Account, request: Request
) -> tuple[tuple[Posting, Posting], tuple[Account, Account]]:
    after = (debit.moved(-request.amount), credit.moved(request.amount))
    lines = (
        Posting(debit.id, after[0].version, request.id, -request.amount, after[0].posted),
        Posting(credit.id, after[1].version, request.id, request.amount, after[1].posted),
    )
    return lines, after


def _counted(account: Account, request: Request, day: int) -> Account:
    """With the account's own use of the day. The bank's accounts have none."""
    if account.customer_id is None:
        return account
    used = account.used_on(day) + request.amount
    return account._replace(used_day=max(day, account.used_day), used=used)


def _used(use: DayUse, request: Request) -> DayUse:
    amount = request.amount
    return DayUse(
        use.day,
        use.total + amount,
        use.pin_only + (amount if request.pin_only else 0),
        use.unregistered + (0 if request.registered else amount),
    )


def _released(state: State, hold: Hold, unsent: int) -> tuple[Account, Limits | None]:
    """The debited account without the hold, and the limits with what was not sent given back."""
    account, limits = state.accounts[hold.debit], state.limits.get(hold.subject)
    account = account._replace(held=account.held - hold.amount)
    if account.customer_id is not None and account.used_day == hold.kst_day:
        account = account._replace(used=account.used - unsent)
    if limits is None or limits.use.day != hold.kst_day or unsent == 0:
        return account, None
    return account, given_back(limits, hold, unsent)


def given_back(limits: Limits, hold: Hold, unsent: int) -> Limits:
    """What was not sent is no use of the hold's day, and no other day is touched."""
    use = limits.use
    if use.day != hold.kst_day:
        return limits
    given = DayUse(
        use.day,
        use.total - unsent,
        use.pin_only - (unsent if hold.pin_only else 0),
        use.unregistered - (0 if hold.registered else unsent),
    )
    return limits.used(given)
