"""`apply`: the ledger's one rule, pure. The tests' model and the committer both walk it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from dojang.kernel.money import AMOUNT_MAX
from dojang.ledger.model import (
    KRW,
    Account,
    AccountStatus,
    Again,
    Code,
    DayUse,
    Decision,
    Kind,
    Known,
    Limits,
    Permit,
    Posting,
    Refusal,
    Refused,
    Request,
)


@dataclass(slots=True)
class State:
    """What a batch has locked: read once, then carried from one request to the next."""

    day: int
    accounts: dict[str, Account]
    limits: dict[str, Limits]
    permits: dict[str, Permit] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    used_authorizations: set[str] = field(default_factory=set)

    def accept(self, decision: Decision) -> None:
        """Take the decision as made, so that the next request of the batch meets it."""
        request = decision.request
        self.known[request.id] = Known(request.subject, request.digest)
        if request.authorization is not None:
            self.used_authorizations.add(request.authorization)
        for account in decision.accounts:
            self.accounts[account.id] = account
        if decision.limits is not None:
            self.limits[decision.limits.customer_id] = decision.limits


def apply(state: State, request: Request) -> Decision | Again | Refused:
    """Decide one request in the fixed order of codes; changes nothing, not even `state`."""
    code = _not_for_us(state, request)
    if code is not None:
        return Refused(request.id, code)
    if request.id in state.known:
        return Again(request.id)
    return _APPLY[request.kind](state, request)


def _not_for_us(state: State, request: Request) -> Code | None:
    """The codes that are not remembered."""
    if not 0 < request.amount <= AMOUNT_MAX or request.currency != KRW:
        return Code.MALFORMED
    known = state.known.get(request.id)
    if known is not None and known.subject != request.subject:
        return Code.NOT_FOUND
    debit = state.accounts.get(request.debit)
    if debit is None or request.credit not in state.accounts:
        return Code.NOT_FOUND
    if debit.customer_id != (request.subject or None):
        return Code.NOT_FOUND
    if known is not None and known.digest != request.digest:
        return Code.ID_MISMATCH
    return None


def _transfer(state: State, request: Request) -> Decision:
    debit, credit = state.accounts[request.debit], state.accounts[request.credit]
    limits = state.limits.get(request.subject)
    use = DayUse(state.day) if limits is None else limits.use_on(state.day)
    refusal = _refusal(state, request, limits, use)
    if refusal is not None:
        return Decision(request, use.day, refusal)
    debit, out = _moved(debit, request.id, -request.amount)
    credit, into = _moved(credit, request.id, request.amount)
    used = None if limits is None else replace(limits, use=_used(use, request))
    return Decision(request, use.day, None, (out, into), (debit, credit), used)


_APPLY: Final[dict[Kind, Callable[[State, Request], Decision]]] = {Kind.TRANSFER: _transfer}


def _refusal(state: State, request: Request, limits: Limits | None, use: DayUse) -> Refusal | None:
    """The first code that applies, of those that are remembered."""
    permit = state.permits.get(request.id)
    return (
        _unfit(state.accounts[request.debit], state.accounts[request.credit], request)
        or _used_before(state, request)
        or (None if permit is None else permit.refusal)
        or _too_much(state.accounts[request.debit], request, limits, use)
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


def _too_much(
    debit: Account, request: Request, limits: Limits | None, use: DayUse
) -> Refusal | None:
    if limits is not None and request.amount > limits.per_transfer:
        return Refusal(Code.OVER_PER_TRANSFER_LIMIT, {"limit": limits.per_transfer})
    if debit.available - request.amount < debit.floor:
        return Refusal(Code.INSUFFICIENT_FUNDS, {"available": debit.available - debit.floor})
    if limits is not None and use.total + request.amount > limits.per_day:
        left = max(0, limits.per_day - use.total)
        return Refusal(Code.OVER_DAILY_LIMIT, {"left_today": left})
    return None


def _moved(account: Account, transfer_id: str, amount: int) -> tuple[Account, Posting]:
    after = replace(account, posted=account.posted + amount, version=account.version + 1)
    return after, Posting(account.id, after.version, transfer_id, amount, after.posted)


def _used(use: DayUse, request: Request) -> DayUse:
    pin_only = request.amount if request.pin_only else 0
    return DayUse(use.day, use.total + request.amount, use.pin_only + pin_only)
