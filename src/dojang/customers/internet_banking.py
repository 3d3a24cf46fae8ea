"""Internet-banking ids: proved with a password, counted by id and by source.

Unknown ids are counted, locked and hashed exactly as known ones, so neither an answer nor its
timing tells which ids exist. An attempt is counted before the password is looked at.

Nobody may shut a customer out by typing their id wrongly: strangers are counted for each network
they come from, all of them together only far above that, and a phone that has proved this id
before has a count of its own, which no stranger can touch.
"""

import base64
import enum
import threading
from dataclasses import dataclass
from typing import Final

import argon2
from argon2.exceptions import VerificationError
from argon2.low_level import ARGON2_VERSION

from dojang import policy
from dojang.customers import quota, store
from dojang.customers.events import InternetBankingClosed, InternetBankingEnrolled
from dojang.customers.model import locked_until
from dojang.customers.passwords import password_refusal
from dojang.customers.problems import (
    InternetBankingLocked,
    LoginIdTaken,
    TooManyFromHere,
    WeakPassword,
    WrongInternetBanking,
)
from dojang.db.database import Database, Tx
from dojang.kernel.clock import HOUR, SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.policy.model import Tries
from dojang.vault.fields import FieldKeys

HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's first choice of parameters: 19 MiB, two passes. A hash says its own parameters."""

SALT_BYTES: Final = 16
AT_ONCE_MAX: Final = 4
"""So many hashes are computed at the same time: memory is a limit too."""


@dataclass(frozen=True)
class _Counters:
    """Keyed hashes under which one attempt may count."""

    login: bytes
    device: bytes
    from_source: bytes
    source: bytes

    def of_right(self) -> tuple[bytes, ...]:
        """What a right password sets back. From now on the device is known."""
        return (self.login, self.from_source, self.device)


class _Refused(enum.Enum):
    SOURCE = TooManyFromHere
    LOCKED = InternetBankingLocked


class InternetBanking:
    """Enrols ids and proves them."""

    def __init__(self, db: Database, fields: FieldKeys, entropy: Entropy) -> None:
        self._db = db
        self._fields = fields
        self._entropy = entropy
        self._at_once = threading.BoundedSemaphore(AT_ONCE_MAX)
        self._nobodys = _noise(entropy)

    def hash(self, login_id: str, password: Secret[str]) -> str:
        """Refuse a weak password, hash a good one. Slow: outside transactions. WeakPassword."""
        reason = password_refusal(password.reveal(), login_id=login_id)
        if reason is not None:
            raise WeakPassword(reason=reason)
        keyed = self._keyed(login_id, password)
        with self._at_once:
            return HASHER.hash(keyed, salt=self._entropy.bytes(SALT_BYTES))

    def enrol(self, tx: Tx, customer_id: str, login_id: str, hashed: str) -> None:
        """Give the customer this id. Raises LoginIdTaken."""
        if not store.add_login(tx, self._index(login_id), customer_id, hashed):
            raise LoginIdTaken
        tx.emit(InternetBankingEnrolled(subject=customer_id))

    def prove(self, login_id: str, password: Secret[str], *, source: str, device: str) -> str:
        """The customer's id. Opens its own transactions. `device` names a proved device key.

        Raises WrongInternetBanking (also for ids nobody has), InternetBankingLocked or
        TooManyFromHere; whatever is raised has been counted.
        """
        login = self._index(login_id)
        counters = _Counters(
            login=login,
            device=self._fields.index("login_device", f"{login_id}\n{device}"),
            from_source=self._fields.index("login_source", f"{login_id}\n{source}"),
            source=self._fields.index("source", source),
        )
        found = self._counted(counters)
        if isinstance(found, _Refused):
            raise found.value
        customer_id, kept = found
        if not self._verified(kept, self._keyed(login_id, password)) or customer_id is None:
            raise WrongInternetBanking
        with self._db.transaction() as tx:
            for one in counters.of_right():
                store.tries_of(tx, one)
                store.count_try(tx, one, 0)
        return customer_id

    def _counted(self, by: _Counters) -> tuple[str | None, str] | _Refused:
        """Count the attempt, then hand out what to verify against (for nobody: a hash of noise)."""
        with self._db.transaction() as tx:
            tries = policy.current(tx).tries
            if store.tries_known(tx, by.device):
                buckets = {by.device: tries.internet_banking}
            else:
                per_hour, hour = tries.internet_banking_per_source_hour, HOUR // SECOND
                if not quota.take(tx, "internet_banking", by.source, limit=per_hour, seconds=hour):
                    return _Refused.SOURCE
                buckets = {
                    by.from_source: tries.internet_banking,
                    by.login: tries.internet_banking_strangers,
                }
            counts = {one: store.tries_of(tx, one) for one in buckets}
            for one, allowed in buckets.items():
                until = _locked_until(*counts[one], allowed, tries)
                if until is not None and tx.now < until:
                    return _Refused.LOCKED
            customer_id, kept = store.of_login(tx, by.login) or (None, self._nobodys)
            for one, allowed in buckets.items():
                wrong = counts[one][0] + 1
                store.count_try(tx, one, wrong)
                closed = _locked_until(wrong, tx.now, allowed, tries)
                if closed is not None:
                    tx.emit(InternetBankingClosed(subject=customer_id or "", until=closed))
            return customer_id, kept

    def _verified(self, kept: str, keyed: bytes) -> bool:
        with self._at_once:
            try:
                return HASHER.verify(kept, keyed)
            except VerificationError:
                return False

    def _index(self, login_id: str) -> bytes:
        return self._fields.index("login", login_id)

    def _keyed(self, login_id: str, password: Secret[str]) -> bytes:
        """Under a key outside the database, so that a stolen table cannot be guessed against."""
        return self._fields.index("internet_banking", f"{login_id}\n{password.reveal()}")


def _noise(entropy: Entropy) -> str:
    """A hash that no password has, in our own parameters: to verify against it costs the same.

    Its digest is drawn, not computed, for nothing of a hash says whether somebody computed it.
    """
    cost = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    salt, digest = (
        base64.b64encode(entropy.bytes(size)).decode().rstrip("=")
        for size in (SALT_BYTES, HASHER.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def _locked_until(wrong: int, last_at: Instant, allowed: int, tries: Tries) -> Instant | None:
    return locked_until(
        wrong,
        last_at,
        allowed,
        hours=tries.internet_banking_lock_hours,
        hours_max=tries.internet_banking_lock_hours_max,
    )
