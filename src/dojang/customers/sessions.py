"""Sessions: granted by a signature, claimed by the same phone, ended by time or by the bank.

A token is 256 random bits, kept only as its SHA-256 and good only with a proof by the device key
it was given to. Nothing is in the token: ending a session takes effect with the next request.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row

from dojang import policy
from dojang.customers import sessions_store as store
from dojang.customers.events import SessionClosed, SessionOpened
from dojang.customers.model import Opened, Session
from dojang.customers.problems import SessionEnded, SessionIdle, SessionOverAge
from dojang.db.database import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.ids import Ids
from dojang.kernel.problem import NotFound, Problem, Unauthenticated

TOUCHES_PER_IDLE: Final = 40
"""A use is written down at most so often per idle time: reading a balance should not write."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A token with the device key that came with it."""

    token: str = field(repr=False)
    jkt: str


class Sessions:
    """Who is signed in. `check` is asked on every request of a signed-in phone."""

    def __init__(self, db: Database, ids: Ids) -> None:
        self._db = db
        self._ids = ids

    def grant(
        self,
        tx: Tx,
        *,
        request_id: str,
        customer_id: str,
        credential_id: str,
        jkt: str,
        method: str,
    ) -> str:
        """Called where a login was proved, in that transaction. Returns the session's id."""
        session_id = self._ids.uuid7()
        store.add(
            tx,
            {
                "id": session_id,
                "request_id": request_id,
                "token_hash": None,
                "customer_id": customer_id,
                "credential_id": credential_id,
                "jkt": jkt,
                "method": method,
                "created_at": tx.now,
                "last_used_at": tx.now,
                "ended_at": None,
                "identified_at": None,
            },
        )
        tx.emit(SessionOpened(subject=customer_id, session_id=session_id, method=method))
        return session_id

    def claim(self, request_id: str, jkt: str) -> Opened:
        """The token of what this phone's signature was granted; an earlier token dies.

        Raises the 401 problems: nothing was granted to this phone, or it is over.
        """
        token = self._ids.token()
        with self._db.transaction() as tx:
            row = store.by_request(tx, request_id, jkt)
            if row is None:
                raise Unauthenticated
            rules = policy.current(tx).sessions
            _refuse_if_over(row, tx.now, rules)
            store.claim(tx, row.id, _hash(token))
            claimed = dataclasses.replace(_session(row, rules), last_used_at=tx.now)
            idle = Instant(tx.now + rules.idle_seconds * SECOND)
            return Opened(token, dataclasses.replace(claimed, idle_expires_at=idle))

    def check(self, token: str, jkt: str) -> Session:
        """Whose token this is, if it is this device's and still good. Raises the 401 problems."""
        with self._db.snapshot() as tx:
            [found] = self.among(tx, [Claim(token, jkt)])
            now = tx.now
        if isinstance(found, Problem):
            raise found
        self.touch([found], now)
        return found

    def among(self, tx: Tx, claims: Sequence[Claim]) -> list[Session | Problem]:
        """As `check`, for many at once and at this moment: a session, or why it is none.

        Who asks says afterwards that they were used (`touch`).
        """
        rules = policy.current(tx).sessions
        rows = store.by_tokens(tx, [(_hash(one.token), one.jkt) for one in claims])
        return [_judged(row, tx.now, rules) for row in rows]

    def touch(self, used: Sequence[Session], now: Instant) -> None:
        """Write down a use at `now` where the last one written is long enough ago."""
        due = {one.id for one in used if now - one.last_used_at >= one.idle // TOUCHES_PER_IDLE}
        if due:
            with self._db.transaction() as tx:
                for session_id in sorted(due):  # in one order, so that none waits in a circle
                    store.touch(tx, session_id, now)

    def identified(self, tx: Tx, customer_id: str, jkt: str) -> None:
        """Called where the owner was identified again, on this device, in that transaction."""
        store.identified(tx, customer_id, jkt)

    def of_customer(self, tx: Tx, customer_id: str) -> list[Session]:
        """Every session of this customer that could still be used, the latest used first."""
        rules = policy.current(tx).sessions
        sessions = [_session(row, rules) for row in store.of_customer(tx, customer_id)]
        return [s for s in sessions if tx.now < min(s.idle_expires_at, s.expires_at)]

    def end(self, tx: Tx, session_id: str) -> None:
        store.end(tx, session_id)

    def end_own(self, mine: Session, session_id: str) -> None:
        """Sign out this session or another of the same customer. Raises NotFound."""
        with self._db.transaction() as tx:
            if not store.end_own(tx, session_id, mine.customer_id):
                raise NotFound
            tx.emit(SessionClosed(subject=mine.customer_id, session_id=session_id))

    def end_others(self, tx: Tx, credential_id: str, *, keep: str) -> None:
        """Called with a change of what one signs in with, in its transaction (ASVS 7.4.3)."""
        store.end_others(tx, credential_id, keep)

    def end_all(self, tx: Tx, credential_id: str) -> None:
        """Called with whatever locks, suspends or revokes the credential, in its transaction."""
        store.end_all(tx, credential_id)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _judged(row: Row[Any] | None, now: Instant, rules: policy.model.Sessions) -> Session | Problem:
    if row is None:
        return Unauthenticated()
    try:
        _refuse_if_over(row, now, rules)
    except Problem as over:
        return over
    return _session(row, rules)


def _refuse_if_over(row: Row[Any], now: Instant, rules: policy.model.Sessions) -> None:
    if row.ended_at is not None:
        raise SessionEnded
    if now >= row.created_at + rules.absolute_seconds * SECOND:
        raise SessionOverAge
    if now >= row.last_used_at + rules.idle_seconds * SECOND:
        raise SessionIdle


def _session(row: Row[Any], rules: policy.model.Sessions) -> Session:
    return Session(
        id=row.id,
        customer_id=row.customer_id,
        credential_id=row.credential_id,
        jkt=row.jkt,
        method=row.method,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        idle_expires_at=Instant(row.last_used_at + rules.idle_seconds * SECOND),
        expires_at=Instant(row.created_at + rules.absolute_seconds * SECOND),
        identified_until=None
        if row.identified_at is None
        else Instant(row.identified_at + rules.identified_seconds * SECOND),
    )
