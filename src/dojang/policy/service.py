"""Ask for the policy in force; adopt a new version."""

import functools
import hashlib
from dataclasses import dataclass
from typing import ClassVar

import msgspec
from sqlalchemy import bindparam, func, insert, select

from dojang.db import log
from dojang.db.database import Tx
from dojang.db.log import Event
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant
from dojang.policy.model import Policy, decode
from dojang.policy.tables import policy_version


@dataclass(frozen=True, kw_only=True)
class PolicyAdopted(Event):
    """`digest` is the SHA-256 of the version's body as it is stored."""

    kind: ClassVar[str] = "policy.adopted"
    version: int
    profile: str
    effective_at: int
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class PolicyDigested(Event):
    """The digest of a version whose own leaf, an old one, has none: as it was found at a start."""

    kind: ClassVar[str] = "policy.digested"
    version: int
    digest: bytes


_in_force = Prepared(
    select(policy_version.c.version, policy_version.c.body)
    .where(policy_version.c.effective_at <= bindparam("now"))
    .order_by(policy_version.c.version.desc())
    .limit(1)
)
_every = select(policy_version).order_by(policy_version.c.version)
_body_of = select(policy_version.c.body)


def current(tx: Tx) -> Policy:
    """The newest version that has taken effect by the transaction's clock; one a transaction.

    Raises LookupError on a database that was never given one.
    """
    found: Policy | None = tx.known.get(current)
    if found is None:
        found = tx.known[current] = in_force(tx, tx.now)
    return found


def in_force(tx: Tx, at: Instant) -> Policy:
    """The newest version that had taken effect by then. Raises LookupError."""
    row = _in_force(tx.connection, {"now": at}).one_or_none()
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
    body = msgspec.json.encode(numbered)
    adopted = PolicyAdopted(
        subject="",
        version=numbered.version,
        profile=numbered.profile,
        effective_at=starts,
        digest=hashlib.sha256(body).digest(),
    )
    row = {"version": numbered.version, "profile": numbered.profile, "effective_at": starts}
    tx.execute(insert(policy_version), {**row, "body": body})
    tx.emit(adopted)
    return numbered


def commit_what_stood(tx: Tx) -> None:
    """Versions of whose body no leaf holds the digest get a leaf that does, as they are now."""
    told = {
        leaf.fields()["version"]
        for kind in (PolicyAdopted.kind, PolicyDigested.kind)
        for leaf in log.of_kind(tx.connection, kind, subject="")
        if "digest" in leaf.fields()
    }
    for row in tx.execute(_every):
        if row.version not in told:
            digest = hashlib.sha256(row.body).digest()
            tx.emit(PolicyDigested(subject="", version=row.version, digest=digest))


@functools.lru_cache(maxsize=64)
def _decoded(number: int, body: bytes) -> Policy:
    policy = decode(body)
    if policy.version != number:
        raise ValueError("a policy row does not say its own version")
    return policy
