"""What is to be signed: asked for by another room, before the phone begins."""

from dojang.certificates.model import State
from dojang.crypto.messages import KeyKind, Kind
from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.kernel.ids import Ids
from dojang.signing import keys_store as store
from dojang.signing import store as hot
from dojang.signing.model import Key, Signed, UnknownKey, usable


class Requests:
    """The verbs on a `tx`; held by `Signing.requests`."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def ask(
        self,
        tx: Tx,
        *,
        kid: bytes,
        kind: Kind,
        message: bytes,
        purpose: str,
        reference: str,
        expires_at: Instant,
        only: tuple[str, int] | None = None,
    ) -> str:
        """Store what this key shall sign; returns the request id.

        `only` names the one instance (m, version) that may sign it. `reference` is the asker's own
        id (order, change, ...) and comes back in `Signed`.
        """
        request_id = self._ids.uuid7()
        add(
            tx,
            request_id,
            kid=kid,
            kind=kind,
            message=message,
            purpose=purpose,
            reference=reference,
            expires_at=expires_at,
            only=only,
        )
        return request_id

    def signed(self, tx: Tx, request_id: str) -> Signed | None:
        """The signature of a request; None while there is none."""
        row = store.request(tx, request_id)
        if row is None or row.signature is None:
            return None
        return Signed(
            request_id=row.request_id,
            kid=row.kid,
            credential_id=row.credential_id,
            customer_id=row.customer_id,
            jkt=row.jkt,
            key_kind=KeyKind(row.key_kind),
            kind=Kind(row.kind),
            purpose=row.purpose,
            reference=row.reference,
            message=row.message,
            signature=row.signature,
            secret=row.m,
            version=row.version,
            at=Instant(row.signed_at),
        )


def add(
    tx: Tx,
    request_id: str,
    *,
    kid: bytes,
    kind: Kind,
    message: bytes,
    purpose: str,
    reference: str,
    expires_at: Instant,
    only: tuple[str, int] | None = None,
) -> None:
    """As `Requests.ask`, under an id that the caller minted."""
    m, version = (None, None) if only is None else only
    store.add_request(
        tx,
        {
            "request_id": request_id,
            "kid": kid,
            "kind": kind.value,
            "message": message,
            "purpose": str(purpose),
            "reference": reference,
            "m": m,
            "version": version,
            "expires_at": expires_at,
            "signature": None,
            "signed_at": None,
        },
    )


def usable_key(tx: Tx, kid: bytes, jkt: str) -> Key:
    """This device's key, if something could be signed with it now. Raises why not."""
    row = hot.of_device(tx, kid, jkt)
    if row is None:
        raise UnknownKey
    key = hot.key(row)
    refused = usable(key.state, State(row.credential_state))
    if refused is not None:
        raise refused
    return key
