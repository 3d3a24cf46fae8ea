"""Passkeys (WebAuthn level 2): fingerprint and Face ID for logging in. They never sign.

User verification is always required. A challenge is good once, for one certificate, one device
key and one purpose, and it is gone before the answer to it is looked at.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from dojang import policy
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Malformed, NotFound
from dojang.methods import store
from dojang.methods.events import PasskeyAdded, PasskeyCounterFell, PasskeyRemoved
from dojang.methods.model import (
    PASSKEY_NAME_MAX,
    PASSKEYS_MAX,
    Passkey,
    PasskeyLogin,
    PasskeyRefused,
    RelyingParty,
    TooManyPasskeys,
)
from dojang.methods.store import ChallengeRow, PasskeyRow

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

ADD: Final = "add"
LOGIN: Final = "login"
CHALLENGE_BYTES: Final = 32

Options = dict[str, Any]
Response = dict[str, Any]

Admit = Callable[[Tx, str, str], None]
"""(credential id, jkt): raises a Problem when this device may not use this certificate now."""

Granted = Callable[[Tx, PasskeyLogin], None]
"""What a right assertion leads to, in the transaction that remembers it: a session."""


class Passkeys:
    """Add, list, remove, and log in by passkey."""

    def __init__(
        self,
        db: Database,
        *,
        ids: Ids,
        entropy: Entropy,
        relying_party: RelyingParty,
        admit: Admit,
        granted: Granted,
    ) -> None:
        self._db = db
        self._admit = admit
        self._granted = granted
        self._ids = ids
        self._entropy = entropy
        self.relying_party = relying_party

    def adding_options(
        self, credential_id: str, *, jkt: str, shown_name: str
    ) -> tuple[str, Options]:
        """(challenge id, creation options) for `navigator.credentials.create`.

        `shown_name` is what the phone's own dialogs call this passkey's owner.
        Raises TooManyPasskeys.
        """
        from dojang.methods import ceremonies

        with self._db.transaction() as tx:
            known = store.passkeys(tx, credential_id)
            if len(known) >= PASSKEYS_MAX:
                raise TooManyPasskeys
            asked = self._challenge(tx, credential_id, jkt=jkt, purpose=ADD)
        options = ceremonies.creation_options(
            self.relying_party,
            user_id=credential_id.encode(),
            shown_name=shown_name,
            challenge=asked.challenge,
            known=[row.raw_id for row in known],
        )
        return asked.id, options

    def add(
        self,
        credential_id: str,
        *,
        customer_id: str,
        jkt: str,
        challenge_id: str,
        name: str,
        response: Response,
    ) -> str:
        """Verify the phone's answer and keep the passkey; its id.

        Raises PasskeyRefused, TooManyPasskeys, and Malformed for a name that cannot be shown.
        """
        from dojang.methods import ceremonies

        if not name.strip() or len(name) > PASSKEY_NAME_MAX or not name.isprintable():
            raise Malformed
        asked = self._taken(challenge_id, jkt=jkt, purpose=ADD)
        if asked.credential_id != credential_id:
            raise PasskeyRefused
        made = ceremonies.registered(self.relying_party, asked.challenge, response)
        with self._db.transaction() as tx:
            if len(store.passkeys(tx, credential_id)) >= PASSKEYS_MAX:
                raise TooManyPasskeys
            row = self._row(tx, made, credential_id, customer_id, name.strip())
            if not store.add_passkey(tx, row):
                raise PasskeyRefused
            tx.emit(
                PasskeyAdded(subject=customer_id, credential_id=credential_id, passkey_id=row.id)
            )
        return row.id

    def login_options(self, credential_id: str, *, jkt: str) -> tuple[str, Options]:
        """(challenge id, request options) for `navigator.credentials.get`.

        Raises PasskeyRefused where there is no passkey, and what `admit` raises.
        """
        from dojang.methods import ceremonies

        with self._db.transaction() as tx:
            self._admit(tx, credential_id, jkt)
            known = store.passkeys(tx, credential_id)
            if not known:
                raise PasskeyRefused
            asked = self._challenge(tx, credential_id, jkt=jkt, purpose=LOGIN)
        ids = [row.raw_id for row in known]
        return asked.id, ceremonies.request_options(
            self.relying_party, challenge=asked.challenge, known=ids
        )

    def log_in(self, challenge_id: str, *, jkt: str, response: Response) -> PasskeyLogin:
        """Verify the assertion; `granted` opens the session in the same transaction.

        Raises what `admit` raises, and PasskeyRefused for everything else, without saying why.
        """
        from dojang.methods import ceremonies

        asked = self._taken(challenge_id, jkt=jkt, purpose=LOGIN)
        raw_id = ceremonies.raw_id(response)
        known = self._known(asked.credential_id, raw_id)
        shown = ceremonies.asserted(self.relying_party, asked.challenge, known.public_key, response)
        login = None
        with self._db.transaction() as tx:
            row = store.passkey_row(tx, asked.credential_id, raw_id)
            if row is not None and counted_on(row.sign_count, shown.new_sign_count):
                self._admit(tx, row.credential_id, jkt)
                store.passkey_used(tx, row.id, shown.new_sign_count)
                login = PasskeyLogin(asked.id, row.credential_id, row.customer_id, row.id, jkt)
                self._granted(tx, login)
            elif row is not None:
                tx.emit(_fell(row, shown.new_sign_count))
        if login is None:
            raise PasskeyRefused
        return login

    def of_credential(self, tx: Tx, credential_id: str) -> list[Passkey]:
        """The passkeys of a certificate, oldest first."""
        return [row.shown() for row in store.passkeys(tx, credential_id)]

    def remove(self, credential_id: str, passkey_id: str, *, customer_id: str) -> None:
        """Raises NotFound when it is not this certificate's."""
        with self._db.transaction() as tx:
            if not store.remove_passkey(tx, credential_id, passkey_id):
                raise NotFound
            tx.emit(_removed(customer_id, credential_id, passkey_id, "by_owner"))

    @staticmethod
    def end(tx: Tx, credential_id: str) -> None:
        """The certificate was revoked: its passkeys go with it (a hook of its life)."""
        for row in store.passkeys(tx, credential_id):
            store.remove_passkey(tx, credential_id, row.id)
            tx.emit(_removed(row.customer_id, credential_id, row.id, "certificate_ended"))

    def _challenge(self, tx: Tx, credential_id: str, *, jkt: str, purpose: str) -> ChallengeRow:
        seconds = policy.current(tx).life.login_seconds
        row = ChallengeRow(
            id=self._ids.uuid7(),
            credential_id=credential_id,
            jkt=jkt,
            purpose=purpose,
            challenge=self._entropy.bytes(CHALLENGE_BYTES),
            expires_at=Instant(tx.now + seconds * SECOND),
        )
        store.put_challenge(tx, row)
        return row

    def _taken(self, challenge_id: str, *, jkt: str, purpose: str) -> ChallengeRow:
        with self._db.transaction() as tx:
            row = store.take_challenge(tx, challenge_id, jkt=jkt, purpose=purpose)
            late = row is not None and row.expires_at <= tx.now
        if row is None or late:
            raise PasskeyRefused
        return row

    def _known(self, credential_id: str, raw_id: bytes) -> PasskeyRow:
        with self._db.snapshot() as tx:
            known = [r for r in store.passkeys(tx, credential_id) if r.raw_id == raw_id]
        if not known:
            raise PasskeyRefused
        return known[0]

    def _row(
        self, tx: Tx, made: "VerifiedRegistration", credential_id: str, customer_id: str, name: str
    ) -> PasskeyRow:
        return PasskeyRow(
            id=self._ids.uuid7(),
            credential_id=credential_id,
            customer_id=customer_id,
            raw_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            created_at=tx.now,
            last_used_at=None,
        )


def counted_on(stored: int, shown: int) -> bool:
    """WebAuthn 7.2 step 22: both zero means the authenticator does not count."""
    return shown > stored or (shown == 0 and stored == 0)


def _fell(row: PasskeyRow, shown: int) -> PasskeyCounterFell:
    return PasskeyCounterFell(
        subject=row.customer_id,
        credential_id=row.credential_id,
        passkey_id=row.id,
        stored=row.sign_count,
        shown=shown,
    )


def _removed(customer_id: str, credential_id: str, passkey_id: str, reason: str) -> PasskeyRemoved:
    return PasskeyRemoved(
        subject=customer_id, credential_id=credential_id, passkey_id=passkey_id, reason=reason
    )
