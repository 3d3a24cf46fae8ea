"""Refusals of the ledger that only ever are outcomes, and those of holds."""

from dojang.kernel.problem import Conflict, Forbidden, NotFound


class CurrencyMismatch(Conflict):
    code = "currency_mismatch"
    title = "One of the two accounts is kept in another currency."


class AuthorizationUsed(Conflict):
    code = "authorization_used"
    title = "This signature already moved money once."


class OverAccountDayLimit(Forbidden):
    """Fields: left_today."""

    code = "over_account_day_limit"
    title = "This is more than this limited account may still send today."


class HoldNotFound(NotFound):
    code = "hold_not_found"
    title = "There is no such money set aside of yours."


class HoldAlreadyPosted(Conflict):
    code = "hold_already_posted"
    title = "The money set aside was already sent."


class HoldAlreadyVoided(Conflict):
    code = "hold_already_voided"
    title = "The money set aside was already released."


class HoldAlreadyExpired(Conflict):
    code = "hold_already_expired"
    title = "The time of the money set aside is over; it was released."


class ExceedsHold(Forbidden):
    """Fields: held."""

    code = "exceeds_hold"
    title = "This is more than was set aside."
