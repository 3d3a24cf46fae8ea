"""The act `revoke`: the customer ends the certificate, with a reason, in the signature's DONE."""

from typing import Final

from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import EndReason
from dojang.crypto import messages
from dojang.crypto.jcs import Json
from dojang.customers.model import Session
from dojang.db import Tx
from dojang.kernel.problem import Malformed
from dojang.signing.acts import Asked
from dojang.signing.model import Signed

REASONS: Final = frozenset(
    {
        EndReason.UNUSED,
        EndReason.PHONE_CHANGED,
        EndReason.PHONE_LOST,
        EndReason.SUSPICIOUS,
        EndReason.OTHER,
    }
)


class Revoking:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def prepare(self, _tx: Tx, _session: Session, asked: dict[str, Json]) -> Asked:
        """Members: {reason}. Raises `Malformed` for a reason that is not the customer's."""
        if asked.get("reason") not in REASONS:
            raise Malformed
        return Asked({"reason": str(asked["reason"])})

    def revoke(self, tx: Tx, signed: Signed) -> None:
        reason = messages.read(signed.message)[1]["reason"]
        self._lifecycle.revoke(tx, signed.credential_id, EndReason(reason))
