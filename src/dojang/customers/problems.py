"""What this domain refuses. Codes are in the contract; words are in `docs/problems`."""

from dojang.kernel.problem import (
    Conflict,
    Forbidden,
    Malformed,
    Problem,
    TooMany,
    Unauthenticated,
)


class TermsNotAgreed(Malformed):
    code = "terms_not_agreed"
    title = "The required terms have not all been agreed to."


class TermsOutdated(Conflict):
    code = "terms_outdated"
    title = "The terms have changed. Read the present version."


class WrongInternetBanking(Forbidden):
    code = "wrong_internet_banking"
    title = "The internet-banking id or password is not right."


class InternetBankingLocked(TooMany):
    code = "internet_banking_locked"
    title = "This id was tried too often. Wait, then try again."


class TooManyFromHere(TooMany):
    code = "too_many_from_here"
    title = "Too many attempts from this network. Try again later."


class LoginIdTaken(Conflict):
    code = "login_id_taken"
    title = "This id is taken. Choose another."


class WeakPassword(Malformed):
    code = "weak_password"
    title = "This password is too easy to guess."


class IdentityMismatch(Forbidden):
    code = "identity_mismatch"
    title = "The telecom operator does not know a subscriber with exactly these details."


class TooManyCodes(TooMany):
    code = "too_many_codes"
    title = "Too many codes were sent to this number. Try again in an hour."


class ResendTooSoon(Conflict):
    code = "resend_too_soon"
    title = "A code was sent a moment ago."


class WrongCode(Forbidden):
    code = "wrong_code"
    title = "This is not the code that was sent."


class CodeExpired(Problem):
    code = "code_expired"
    status = 410
    title = "The code is no longer valid. Ask for a new one."


class CodeSpent(TooMany):
    code = "code_spent"
    title = "The code was tried too often. Ask for a new one."


class SessionIdle(Unauthenticated):
    code = "session_idle"
    title = "Nothing happened for a while. Sign in again."


class SessionOverAge(Unauthenticated):
    code = "session_over_age"
    title = "This session has reached its longest age. Sign in again."


class SessionEnded(Unauthenticated):
    code = "session_ended"
    title = "This session was ended. Sign in again."


class TooManyReports(TooMany):
    code = "too_many_reports"
    title = "Too many loss reports from this network today. Call the hotline."
