"""Ask for the policy in force; adopt a new version."""

import functools
from dataclasses import dataclass
from typing import ClassVar

import msgspec
from sqlalchemy import bindparam, func, insert, select

from dojang.db.database import Tx
from dojang.db.log import Event
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.policy.model import Policy, decode
from dojang.policy.tables import policy_version


@dataclass(frozen=True, kw_only=True)
class PolicyAdopted(Event):
    kind: ClassVar[str] = "policy.adopted"
    version: int
    profile: str
    effective_at: int


_in_force = Prepared(
    select(policy_version.c.version, policy_version.c.body)
    .where(policy_version.c.effective_at <= bindparam("now"))
    .order_by(policy_version.c.version.desc())
    .limit(1)
)
_body_of = select(policy_version.c.body)


def current(tx: Tx) -> Policy:
    """The newest version that has taken effect by the transaction's clock; one a transaction.

    Raises LookupError on a database that was never given one.
    """
    found: Policy | None = tx.known.get(current)
    if found is None:
        found = tx.known[current] = _in_force_by(tx)
    return found


def _in_force_by(tx: Tx) -> Policy:
    row = _in_force(tx.connection, {"now": tx.now}).one_or_none()
    if row is None:
        raise LookupError("no policy has taken effect; adopt one first")
    return _decoded(row.version, row.body)


def version(tx: Tx, number: int) -> Policy:
    """The policy a past decision was made by. Raises LookupError."""
    row = tx.execute(_body_of.where(policy_version.c.version == number)).one_or_none()
    if row is None:
        raise LookupError("no such policy version")
    return _decoded(number, row.body)


def newest(tx: Tx) -> int | None:
    """The number of the newest version, in force or not; None before the first."""
    number: int | None = tx.execute(select(func.max(policy_version.c.version))).scalar()
    return number


def adopt(tx: Tx, policy: Policy, *, effective_at: Instant | None = None) -> Policy:
    """Store the policy as the next version, in force from `effective_at` (default: now) on."""
    numbered = msgspec.structs.replace(policy, version=(newest(tx) or 0) + 1)
    starts = tx.now if effective_at is None else effective_at
    tx.known.pop(current, None)
    tx.execute(
        insert(policy_version),
        {
            "version": numbered.version,
            "profile": numbered.profile,
            "effective_at": starts,
            "body": msgspec.json.encode(numbered),
        },
    )
    tx.emit(
        PolicyAdopted(
            subject="", version=numbered.version, profile=numbered.profile, effective_at=starts
        )
    )
    return numbered


@functools.lru_cache(maxsize=64)
def _decoded(number: int, body: bytes) -> Policy:
    policy = decode(body)
    if policy.version != number:
        raise ValueError("a policy row does not say its own version")
    return policy
