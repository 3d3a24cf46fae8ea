"""Account passwords: four digits, so the count is what protects them, and it comes first.

An attempt is taken and committed before anything is compared: however many guesses run at the
same time, on however many processes, no more than the allowed number is ever evaluated. What is
hashed is first keyed under a vault secret: ten thousand candidates would not withstand a stolen
database, whatever the hash.
"""

import dataclasses
import threading
from collections.abc import Callable
from typing import Final, NewType

import argon2
from argon2.exceptions import VerifyMismatchError

from dojang import policy
from dojang.db import Database, Tx
from dojang.kernel.clock import MINUTE
from dojang.kernel.entropy import Entropy
from dojang.kernel.problem import NotFound
from dojang.kernel.secret import Secret
from dojang.methods import store
from dojang.methods.events import (
    AccountPasswordLockedNow,
    AccountPasswordSet,
    AccountPasswordUnlocked,
    AccountPasswordWrong,
)
from dojang.methods.model import Budget, Locked, Right, Verdict, WeakAccountPassword, Wrong
from dojang.methods.rules import account_password_refusal
from dojang.methods.store import PasswordRow

Pepper = Callable[[bytes], bytes]
"""A keyed function under a secret that is not in the database: `vault.derive` of one label."""

HashedPassword = NewType("HashedPassword", str)

SALT_BYTES: Final = 16
HASHES_AT_ONCE: Final = 2
IN_FLIGHT_MAX: Final = MINUTE

# RFC 9106 section 4, sized to the second choice's spirit: 19 MiB, so that a small server holds it.
HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class AccountPasswords:
    """Set, check and unlock; shared by every channel, counted per account."""

    def __init__(self, db: Database, *, entropy: Entropy, pepper: Pepper) -> None:
        self._db = db
        self._entropy = entropy
        self._pepper = pepper
        self._room = threading.BoundedSemaphore(HASHES_AT_ONCE)

    def hashed(
        self, account_id: str, password: Secret[str], *, birth_date: str | None, phone: str | None
    ) -> HashedPassword:
        """What to store for a new password. Slow: call it outside transactions.

        Raises WeakAccountPassword with the reason.
        """
        reason = account_password_refusal(password.reveal(), birth_date=birth_date, phone=phone)
        if reason is not None:
            raise WeakAccountPassword(reason=reason)
        keyed = self._keyed(account_id, password)
        with self._room:
            return HashedPassword(HASHER.hash(keyed, salt=self._entropy.bytes(SALT_BYTES)))

    def put(self, tx: Tx, *, account_id: str, customer_id: str, hashed: HashedPassword) -> None:
        """Give the account its password, the first or a new one. Tries and locks stay as they are.

        A lock is only ended by `unlock`: choosing a new password is no proof of the old one.
        """
        if store.password_row(tx, account_id) is None:
            store.put_password(tx, account_id=account_id, customer_id=customer_id, hashed=hashed)
        else:
            store.replace_hash(tx, account_id, hashed)
        tx.emit(AccountPasswordSet(subject=customer_id, account_id=account_id))

    def check(self, account_id: str, password: Secret[str]) -> Verdict:
        """Right, Wrong or Locked; remembered before it is answered.

        The caller has made sure that the account is the customer's. Raises NotFound for an
        account without a password.
        """
        taken = self._take(account_id)
        if isinstance(taken, Locked):
            return taken
        if self._matches(taken.hash, self._keyed(account_id, password)):
            return self._right(taken)
        return self._wrong(taken)

    def unlock(self, tx: Tx, account_id: str, *, reason: str) -> None:
        """Give all tries back, after the owner identified again. Raises NotFound."""
        row = store.password_row(tx, account_id)
        if row is None:
            raise NotFound
        store.count(tx, dataclasses.replace(row, forgiven=row.taken, locked_at=None))
        tx.emit(
            AccountPasswordUnlocked(subject=row.customer_id, account_id=account_id, reason=reason)
        )

    def locked(self, tx: Tx, account_id: str) -> bool:
        """Whether the next check would be refused unseen."""
        row = store.password_seen(tx, account_id)
        return row is not None and (row.locked_at is not None or _budget(tx, row).spent)

    def _take(self, account_id: str) -> PasswordRow | Locked:
        with self._db.transaction() as tx:
            row = store.password_row(tx, account_id)
            if row is None:
                raise NotFound
            after = None if row.locked_at is not None else _budget(tx, row).take()
            if after is None:
                self._lock_if_abandoned(tx, row)
                return Locked()
            taken = dataclasses.replace(row, taken=after.taken, taken_at=tx.now)
            store.count(tx, taken)
            return taken

    def _lock_if_abandoned(self, tx: Tx, row: PasswordRow) -> None:
        """The last attempt was cut off before its verdict; it counts, and its lock is told now."""
        if row.locked_at is None and tx.now - row.taken_at > IN_FLIGHT_MAX:
            self._lock(tx, row)

    def _right(self, mine: PasswordRow) -> Verdict:
        with self._db.transaction() as tx:
            row = store.password_row(tx, mine.account_id)
            if row is None:
                raise NotFound
            if row.locked_at is not None:
                return Locked()
            if row.hash != mine.hash:  # another password was chosen while this one was hashed
                return Wrong(tries_left=_budget(tx, row).left)
            after = _budget(tx, row).forgive(mine.taken)
            store.count(tx, dataclasses.replace(row, forgiven=after.forgiven))
        return Right()

    def _wrong(self, mine: PasswordRow) -> Verdict:
        with self._db.transaction() as tx:
            row = store.password_row(tx, mine.account_id)
            if row is None:
                raise NotFound
            left = _budget(tx, row).left
            tx.emit(
                AccountPasswordWrong(
                    subject=row.customer_id, account_id=row.account_id, tries_left=left
                )
            )
            if left == 0 and row.locked_at is None:
                self._lock(tx, row)
        return Locked() if left == 0 else Wrong(tries_left=left)

    def _lock(self, tx: Tx, row: PasswordRow) -> None:
        store.count(tx, dataclasses.replace(row, locked_at=tx.now))
        tx.emit(AccountPasswordLockedNow(subject=row.customer_id, account_id=row.account_id))

    def _matches(self, stored: str, keyed: bytes) -> bool:
        with self._room:
            try:
                return HASHER.verify(stored, keyed)
            except VerifyMismatchError:
                return False

    def _keyed(self, account_id: str, password: Secret[str]) -> bytes:
        """Bound to the account: a hash copied to another account's row opens nothing."""
        return self._pepper(
            b"dojang/account-password\0" + account_id.encode() + b"\0" + password.reveal().encode()
        )


def _budget(tx: Tx, row: PasswordRow) -> Budget:
    return Budget(policy.current(tx).tries.account_password, row.taken, row.forgiven)
