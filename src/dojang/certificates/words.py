"""What the log's leaves say of how a credential stands: the row's word held against another."""

from collections.abc import Mapping
from typing import Any, Final

import cbor2

from dojang.certificates.model import CredentialId, Hold, Move, State, after

GIVEN: Final = frozenset({"certificate.issued", "certificate.reissued"})
_HELD: Final = {Hold.COPY.value: State.SUSPENDED_COPY, Hold.LOSS.value: State.SUSPENDED_LOSS}
_SAID: Final = {
    "certificate.locked": State.LOCKED,
    "certificate.released": State.ACTIVE,
    "certificate.revoked": State.REVOKED,
    **dict.fromkeys(GIVEN, State.ACTIVE),
}

_MOVED: Final = {
    "certificate.locked": Move.LOCK,
    "certificate.released": Move.RELEASE,
    "certificate.revoked": Move.END,
    **dict.fromkeys(GIVEN, Move.ACTIVATE),
}


def state_after(leaf: Mapping[str, Any]) -> State:
    """Of the credential that the leaf names. A reason that nothing of ours gives ends it."""
    if leaf["kind"] == "certificate.suspended":
        return _HELD.get(leaf.get("reason", ""), State.REVOKED)
    return _SAID[leaf["kind"]]


def follows(was: State, leaf: Mapping[str, Any]) -> bool:
    """Can a credential that was so come to what the leaf says? ENROLLING: no leaf told yet."""
    return after(was, _move(leaf)) is state_after(leaf)


def _move(leaf: Mapping[str, Any]) -> Move:
    if leaf["kind"] == "certificate.suspended":
        return Move.COPY if leaf.get("reason") == Hold.COPY.value else Move.LOSS
    return _MOVED[leaf["kind"]]


def state_by(word: bytes | None, credential_id: CredentialId) -> State:
    """By the last leaf about this customer's certificates; REVOKED where it is another's.

    A customer has one living credential at most, so the last word is about that one.
    """
    if word is None:
        return State.REVOKED
    leaf = cbor2.loads(word)
    return state_after(leaf) if leaf.get("credential_id") == credential_id else State.REVOKED
