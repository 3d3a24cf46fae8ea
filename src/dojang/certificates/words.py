"""What the log's leaves say of how a credential stands: the row's word held against another."""

from collections.abc import Mapping
from typing import Any, Final

import cbor2

from dojang.certificates.model import CredentialId, Hold, State

GIVEN: Final = frozenset({"certificate.issued", "certificate.reissued"})
_HELD: Final = {Hold.COPY.value: State.SUSPENDED_COPY, Hold.LOSS.value: State.SUSPENDED_LOSS}
_SAID: Final = {
    "certificate.locked": State.LOCKED,
    "certificate.released": State.ACTIVE,
    "certificate.revoked": State.REVOKED,
    **dict.fromkeys(GIVEN, State.ACTIVE),
}


def state_after(leaf: Mapping[str, Any]) -> State:
    """Of the credential that the leaf names."""
    if leaf["kind"] == "certificate.suspended":
        return _HELD[leaf["reason"]]
    return _SAID[leaf["kind"]]


def state_by(word: bytes | None, credential_id: CredentialId) -> State:
    """By the last leaf about this customer's certificates; REVOKED where it is another's.

    A customer has one living credential at most, so the last word is about that one.
    """
    if word is None:
        return State.REVOKED
    leaf = cbor2.loads(word)
    return state_after(leaf) if leaf["credential_id"] == credential_id else State.REVOKED
