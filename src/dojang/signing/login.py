"""Login: a challenge for the auth key, answered by the PIN or the pattern."""

from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.crypto import messages
from dojang.crypto.messages import KeyKind, Kind
from dojang.customers.sessions import Sessions
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.signing import requests
from dojang.signing.model import Purpose, Signed, UnknownKey

NONCE_BYTES: Final = 32


@dataclass(frozen=True)
class Challenge:
    """What the phone builds DOJANG-AUTH from, after it has shown the origin."""

    request_id: str
    origin: str
    nonce: bytes
    kid: bytes
    issued_at: Instant
    expires_at: Instant


class Login:
    def __init__(
        self, db: Database, ids: Ids, entropy: Entropy, sessions: Sessions, origin: str
    ) -> None:
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self._sessions = sessions
        self._origin = origin

    def challenge(self, kid: bytes, jkt: str) -> Challenge:
        """Raises `UnknownKey` for any but this device's auth key, and what its state refuses."""
        nonce = self._entropy.bytes(NONCE_BYTES)
        request_id = self._ids.uuid7()
        with self._db.transaction() as tx:
            key = requests.usable_key(tx, kid, jkt)
            if key.kind is not KeyKind.AUTH:
                raise UnknownKey
            seconds = policy.current(tx).life.login_seconds
            expires_at = Instant(tx.now + seconds * SECOND)
            life = messages.Life(kid=kid, nonce=nonce, issued_at=tx.now, expires_at=expires_at)
            requests.add(
                tx,
                request_id,
                kid=kid,
                kind=Kind.AUTH,
                message=messages.auth(life, origin=self._origin),
                purpose=Purpose.LOGIN,
                reference="",
                expires_at=expires_at,
            )
            issued_at = tx.now
        return Challenge(request_id, self._origin, nonce, kid, issued_at, expires_at)

    def grant(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE: the session waits for the phone to claim it with the request id."""
        self._sessions.grant(
            tx,
            request_id=signed.request_id,
            customer_id=signed.customer_id,
            credential_id=signed.credential_id,
            jkt=signed.jkt,
            method=signed.secret,
        )
