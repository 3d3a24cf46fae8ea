"""Budgets of tries, verdicts on a secret, and the refusals of this domain."""

from dataclasses import dataclass, field
from typing import Final

from dojang.kernel.clock import Instant
from dojang.kernel.problem import Conflict, Forbidden, Malformed, Problem


@dataclass(frozen=True)
class Budget:
    """How many tries a secret has had since the last right one.

    Two counters that only grow, so that attempts in flight at the same time cannot undo each
    other: `taken` is the number of attempts ever begun, `forgiven` the highest attempt that was
    right. There is no clock in it: waiting never gives a try back.
    """

    allowed: int
    taken: int = 0
    forgiven: int = 0

    @property
    def left(self) -> int:
        return max(0, self.allowed - (self.taken - self.forgiven))

    @property
    def spent(self) -> bool:
        return self.left == 0

    def take(self) -> "Budget | None":
        """The budget after one more attempt, whose number is the new `taken`; None when spent."""
        return None if self.spent else Budget(self.allowed, self.taken + 1, self.forgiven)

    def forgive(self, attempt: int) -> "Budget":
        """Attempt number `attempt` was right: it and all before it no longer count."""
        return Budget(self.allowed, self.taken, max(self.forgiven, min(attempt, self.taken)))


@dataclass(frozen=True)
class Right:
    """The secret was right, and the tries are whole again."""


@dataclass(frozen=True)
class Wrong:
    """The secret was wrong; `tries_left` counts this attempt already."""

    tries_left: int


@dataclass(frozen=True)
class Locked:
    """No try is left, or this was the last one. Nothing is evaluated until it is unlocked."""


Verdict = Right | Wrong | Locked


@dataclass(frozen=True)
class RelyingParty:
    """Whom a passkey is made for. `id` is the domain, `origin` the whole origin (WebAuthn 5.1)."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True)
class Passkey:
    """A registered WebAuthn credential, as its owner sees it."""

    id: str
    credential_id: str
    customer_id: str
    name: str
    created_at: Instant
    last_used_at: Instant | None


@dataclass(frozen=True)
class PasskeyLogin:
    """A verified assertion: who it is, and the challenge that stands for this login."""

    challenge_id: str
    credential_id: str
    customer_id: str
    passkey_id: str
    jkt: str


@dataclass(frozen=True)
class SecondDevice:
    """A passkey on another device, as its owner sees it. It counts from `effective_at` on."""

    id: str
    name: str
    created_at: Instant
    effective_at: Instant
    last_used_at: Instant | None


@dataclass(frozen=True)
class DeviceKey:
    """What makes a second device the one that its owner signed for. The key is COSE."""

    id: str
    raw_id: bytes
    public_key: bytes = field(repr=False)
    effective_at: Instant


PASSKEYS_MAX: Final = 10
SECOND_DEVICES_MAX: Final = 5
PASSKEY_NAME_MAX: Final = 40


class WrongAccountPassword(Forbidden):
    code = "wrong_account_password"
    title = "That is not the password of this account."


class AccountPasswordLocked(Problem):
    code = "account_password_locked"
    status = 423
    title = "The account password is locked. Identify again to unlock it."


class WeakAccountPassword(Malformed):
    code = "weak_account_password"
    title = "This account password is too easy to guess."


class PasskeyRefused(Forbidden):
    code = "passkey_refused"
    title = "The passkey was not accepted."


class NotASecondDevice(Forbidden):
    code = "not_a_second_device"
    title = "That passkey lives on this phone, or moves from device to device."


class NoSecondDevice(Forbidden):
    """Fields: until (when the first registered one begins to count) or None."""

    code = "no_second_device"
    title = "No passkey on a second device counts yet."


class PinLoginNeeded(Forbidden):
    code = "pin_login_needed"
    title = "Sign in with the PIN or a passkey first."


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    title = "There are as many passkeys as one certificate may have."


def demand(verdict: Verdict) -> None:
    """Return when it was right; raise WrongAccountPassword or AccountPasswordLocked."""
    if isinstance(verdict, Wrong):
        raise WrongAccountPassword(tries_left=verdict.tries_left)
    if isinstance(verdict, Locked):
        raise AccountPasswordLocked
