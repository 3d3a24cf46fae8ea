"""Whom a passkey lets in, and what its login opens: the passkeys' room knows neither."""

from dojang.certificates import Lifecycle
from dojang.certificates import store as certificate_rows
from dojang.customers import Sessions
from dojang.db import Tx
from dojang.methods.model import PasskeyLogin
from dojang.methods.passkeys import Granted
from dojang.signing import keys
from dojang.signing.model import UnknownKey, usable


def admit(tx: Tx, credential_id: str, jkt: str) -> None:
    """A passkey logs in only the phone that the certificate lives on, and only while it may."""
    own = [key for key in keys.of_credential(tx, credential_id) if key.jkt == jkt]
    credential = certificate_rows.by_id(tx, credential_id)
    if not own or credential is None:
        raise UnknownKey
    refused = usable(own[0].state, credential.state)
    if refused is not None:
        raise refused


def granting(sessions: Sessions, lifecycle: Lifecycle) -> Granted:
    def granted(tx: Tx, login: PasskeyLogin) -> None:
        lifecycle.used(tx, login.credential_id)
        sessions.grant(
            tx,
            request_id=login.challenge_id,
            customer_id=login.customer_id,
            credential_id=login.credential_id,
            jkt=login.jkt,
            method="passkey",
        )

    return granted
