"""Acts of the customer on their own certificate or limits, each signed with `sign` and the PIN.

A room that offers an act registers how its fields are made from what the phone asks, and what
happens inside DONE (`Signing.when_done("act:TYPE", ...)`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.crypto import messages
from dojang.crypto.jcs import Json
from dojang.crypto.messages import KeyKind, Kind
from dojang.customers.model import Session
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.signing import requests
from dojang.signing.keys import of_credential
from dojang.signing.model import KeyState, UnknownAct, UnknownKey

NONCE_BYTES: Final = 32


@dataclass(frozen=True)
class Asked:
    """An act's own JSON members, and what it refers to.

    Without `kid` it is the credential's sign key; without `expires_at` it lives as long as a
    login challenge.
    """

    members: Mapping[str, Json]
    reference: str = ""
    kid: bytes | None = None
    expires_at: Instant | None = None


@dataclass(frozen=True)
class Ordered:
    """`fields` are the exact members of the DOJANG-ACT JSON."""

    request_id: str
    fields: dict[str, Json]


Prepare = Callable[[Tx, Session, dict[str, Json]], Asked]
Beforehand = Callable[[Session, dict[str, Json]], dict[str, Json]]


class Acts:
    def __init__(self, db: Database, ids: Ids, entropy: Entropy, origin: str) -> None:
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self._origin = origin
        self._prepare: dict[str, Prepare] = {}
        self._beforehand: dict[str, Beforehand] = {}

    def register(
        self, act_type: str, prepare: Prepare, *, beforehand: Beforehand | None = None
    ) -> None:
        """`prepare` judges what is asked and may raise a Problem. Called at build.

        `beforehand` asks parties outside, before the transaction, and says what is asked then.
        """
        self._prepare[act_type] = prepare
        if beforehand is not None:
            self._beforehand[act_type] = beforehand

    def order(self, session: Session, act_type: str, asked: dict[str, Json]) -> Ordered:
        """Make the request to be signed. Raises `UnknownAct` and what `prepare` raises."""
        prepare = self._prepare.get(act_type)
        if prepare is None:
            raise UnknownAct
        if act_type in self._beforehand:
            asked = self._beforehand[act_type](session, asked)
        request_id = self._ids.uuid7()
        with self._db.transaction() as tx:
            act = prepare(tx, session, asked)
            kid = _sign_key(tx, session) if act.kid is None else act.kid
            requests.usable_key(tx, kid, session.jkt)
            seconds = policy.current(tx).life.login_seconds
            expires_at = act.expires_at or Instant(tx.now + seconds * SECOND)
            life = messages.Life(
                kid=kid,
                nonce=self._entropy.bytes(NONCE_BYTES),
                issued_at=tx.now,
                expires_at=expires_at,
            )
            message = messages.act(
                life, origin=self._origin, act_type=act_type, details=act.members
            )
            requests.add(
                tx,
                request_id,
                kid=kid,
                kind=Kind.ACT,
                message=message,
                purpose=f"act:{act_type}",
                reference=act.reference,
                expires_at=expires_at,
            )
        return Ordered(request_id, messages.read(message)[1])


def _sign_key(tx: Tx, session: Session) -> bytes:
    for key in of_credential(tx, session.credential_id):
        if key.kind is KeyKind.SIGN and key.state is KeyState.ACTIVE:
            return key.kid
    raise UnknownKey
