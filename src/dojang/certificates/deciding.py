"""Two of the staff end a credential: one asks, another approves.

The request is its leaf in the log and nothing else, so nobody can change who asked for what. It
lapses by its age. A customer's own revocation, a loss report and a copy that was noticed go their
own ways, at once.
"""

from dataclasses import dataclass
from typing import Final

from dojang.certificates import store
from dojang.certificates.events import OperatorRevoked, RevocationAsked
from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import CredentialId, EndReason, State, Why
from dojang.db import Tx, log
from dojang.db.log import Leaf
from dojang.kernel import four_eyes
from dojang.kernel.clock import Instant
from dojang.kernel.four_eyes import NotApproved

PAGE: Final = 500


@dataclass(frozen=True)
class Asked:
    """Who of the staff wants which credential ended, and why."""

    credential_id: CredentialId
    by: str
    why: Why
    at: Instant


def ask(tx: Tx, customer_id: str, credential_id: CredentialId, *, by: str, why: Why) -> None:
    """`by` is an account name of the staff."""
    tx.emit(RevocationAsked(subject=customer_id, credential_id=credential_id, by=by, why=why.value))


def approve(
    tx: Tx,
    life: Lifecycle,
    customer_id: str,
    credential_id: CredentialId,
    *,
    by: str,
    alone: bool = False,
) -> Asked:
    """End it, as another of the staff asked. `alone`: where there is one account only, in a demo.

    Raises `NotApproved`.
    """
    found = store.by_id_locked(tx, credential_id)
    if found is None or found.state is State.REVOKED:
        raise NotApproved("it ended before")
    leaves = log.of_kind(tx.connection, RevocationAsked.kind, subject=customer_id)
    asked = [one for one in _open(tx, leaves) if one.credential_id == credential_id]
    said = four_eyes.of_another(asked, by=by, alone=alone)
    life.revoke(tx, credential_id, EndReason.OPERATOR)
    tx.emit(
        OperatorRevoked(
            subject=customer_id,
            credential_id=credential_id,
            by=said.by,
            approved_by=by,
            why=said.why.value,
        )
    )
    return said


def waiting(tx: Tx) -> list[Asked]:
    """What was asked for, has not lapsed and is not done, oldest first."""
    pages = log.pages_of(tx.connection, RevocationAsked.kind, PAGE)
    found = [one for page in pages for one in _open(tx, page)]
    return [one for one in found if _lives(tx, one.credential_id)]


def _lives(tx: Tx, credential_id: CredentialId) -> bool:
    found = store.by_id(tx, credential_id)
    return found is not None and found.state is not State.REVOKED


def _open(tx: Tx, leaves: list[Leaf]) -> list[Asked]:
    """Those that are young enough."""
    since = four_eyes.open_since(tx.now)
    young = [(leaf.at, leaf.fields()) for leaf in leaves if leaf.at >= since]
    return [
        Asked(said["credential_id"], said["by"], Why(said["why"]), Instant(at))
        for at, said in young
    ]
