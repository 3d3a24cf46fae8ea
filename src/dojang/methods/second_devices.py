"""Passkeys on a second device (WebAuthn level 2): each stands for the call of one order.

They open nothing and sign nothing else. What is asked for is in the challenge, so that an answer
fits one order with its payee and amount, once. A passkey that could lie on the phone itself, now
or later, is none: whoever holds the phone would hold both.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.db import Database, Tx
from dojang.kernel.clock import HOUR, SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Malformed, NotFound
from dojang.methods import second_devices_store as store
from dojang.methods.events import (
    SecondDeviceAdded,
    SecondDeviceCounterFell,
    SecondDeviceRemoved,
)
from dojang.methods.model import (
    PASSKEY_NAME_MAX,
    SECOND_DEVICES_MAX,
    DeviceKey,
    NoSecondDevice,
    NotASecondDevice,
    PasskeyRefused,
    RelyingParty,
    SecondDevice,
    TooManyPasskeys,
)
from dojang.methods.passkeys import Options, Response, counted_on

ADD: Final = "add"
ORDER: Final = "order"
NONCE_BYTES: Final = 32
_TAG: Final = b"dojang/1/second-device\0"


@dataclass(frozen=True)
class Owner:
    """Who asks, on which phone."""

    customer_id: str
    jkt: str


class SecondDevices:
    """Register, list, remove, and show one for something that is named in the challenge."""

    def __init__(
        self, db: Database, *, ids: Ids, entropy: Entropy, relying_party: RelyingParty
    ) -> None:
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self._rp = relying_party

    def adding_options(self, who: Owner, *, shown_name: str) -> tuple[str, Options]:
        """(challenge id, creation options). Raises TooManyPasskeys."""
        from dojang.methods import ceremonies

        with self._db.transaction() as tx:
            known = store.of_customer(tx, who.customer_id)
            if len(known) >= SECOND_DEVICES_MAX:
                raise TooManyPasskeys
            asked = self._ask(tx, who, ADD)
        return asked.id, ceremonies.creation_options(
            self._rp,
            user_id=self._entropy.bytes(NONCE_BYTES),
            shown_name=shown_name,
            challenge=_challenge(asked, b""),
            known=[row.raw_id for row in known],
            elsewhere=True,
        )

    def keep(self, who: Owner, challenge_id: str, name: str, response: Response) -> tuple[str, str]:
        """Verify the new passkey and keep it until its owner signs for it: its id, its key's hash.

        Raises PasskeyRefused, NotASecondDevice, and Malformed for a name that cannot be shown.
        """
        from dojang.methods import ceremonies

        if not name.strip() or len(name) > PASSKEY_NAME_MAX or not name.isprintable():
            raise Malformed
        asked = self._taken(who, challenge_id, ADD)
        made = ceremonies.registered(self._rp, _challenge(asked, b""), response)
        if not ceremonies.on_one_other_device(made, response):
            raise NotASecondDevice
        with self._db.transaction() as tx:
            row = store.Row(
                id=self._ids.uuid7(),
                customer_id=who.customer_id,
                raw_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                name=name.strip(),
                created_at=tx.now,
                effective_at=None,
                last_used_at=None,
            )
            if not store.add(tx, row):
                raise PasskeyRefused
        return row.id, _key_hash(row)

    def waiting(self, tx: Tx, customer_id: str, device_id: str) -> str:
        """The hash of the key that waits to be signed for. Raises NotFound."""
        row = store.one(tx, customer_id, device_id)
        if row is None or row.effective_at is not None:
            raise NotFound
        return _key_hash(row)

    def signed_for(
        self, tx: Tx, customer_id: str, device_id: str, key_hash: str, authorization: str
    ) -> DeviceKey | None:
        """Inside DONE. It begins to count after the policy's wait; None where it is not that."""
        row = store.one(tx, customer_id, device_id)
        if row is None or _key_hash(row) != key_hash:
            return None
        if len(store.of_customer(tx, customer_id)) >= SECOND_DEVICES_MAX:
            return None
        wait = policy.current(tx).safeguards.second_device_wait_hours
        effective_at = Instant(tx.now + wait * HOUR)
        if not store.sign_for(tx, customer_id, device_id, effective_at):
            return None
        tx.emit(
            SecondDeviceAdded(
                subject=customer_id,
                device_id=device_id,
                effective_at=effective_at,
                authorization=authorization,
            )
        )
        return DeviceKey(row.id, row.raw_id, row.public_key, effective_at)

    def of_customer(self, customer_id: str) -> list[SecondDevice]:
        """The oldest first; also those that do not count yet."""
        with self._db.snapshot() as tx:
            return [row.shown() for row in store.of_customer(tx, customer_id)]

    def remove(self, tx: Tx, customer_id: str, device_id: str) -> None:
        """Raises NotFound."""
        if not store.remove(tx, customer_id, device_id):
            raise NotFound
        tx.emit(SecondDeviceRemoved(subject=customer_id, device_id=device_id))

    def asking(self, tx: Tx, who: Owner, subject: bytes) -> tuple[str, Options]:
        """(challenge id, request options) for `subject`. Raises NoSecondDevice."""
        from dojang.methods import ceremonies

        known = store.of_customer(tx, who.customer_id)
        counting = [row for row in known if _counts(row, tx.now)]
        if not counting:
            until = min((row.effective_at for row in known if row.effective_at), default=None)
            raise NoSecondDevice(until=until)
        asked = self._ask(tx, who, ORDER)
        return asked.id, ceremonies.request_options(
            self._rp,
            challenge=_challenge(asked, subject),
            known=[row.raw_id for row in counting],
        )

    def asserted(
        self, who: Owner, challenge_id: str, subject: bytes, response: Response
    ) -> "Asserted":
        """Verify an answer, outside of a transaction; the challenge is gone whatever comes of it.

        Raises PasskeyRefused for everything that is wrong, without saying why.
        """
        from dojang.methods import ceremonies

        asked = self._taken(who, challenge_id, ORDER)
        raw_id = ceremonies.raw_id(response)
        with self._db.snapshot() as tx:
            row = next(
                (r for r in store.of_customer(tx, who.customer_id) if r.raw_id == raw_id), None
            )
        if row is None:
            raise PasskeyRefused
        challenge = _challenge(asked, subject)
        shown = ceremonies.asserted(self._rp, challenge, row.public_key, response)
        if not ceremonies.on_one_other_device(shown, response):
            raise PasskeyRefused
        return Asserted(who.customer_id, raw_id, row.public_key, shown.new_sign_count)

    def accepted(self, tx: Tx, shown: "Asserted") -> str | None:
        """In the transaction that it is shown for: the device's id, counted; None if it fell."""
        row = store.locked(tx, shown.customer_id, shown.raw_id)
        if row is None or not _counts(row, tx.now):
            return None
        if not counted_on(row.sign_count, shown.sign_count):
            fell = SecondDeviceCounterFell(
                subject=row.customer_id,
                device_id=row.id,
                stored=row.sign_count,
                shown=shown.sign_count,
            )
            tx.emit(fell)
            return None
        store.used(tx, row, shown.sign_count)
        return row.id

    def _ask(self, tx: Tx, who: Owner, purpose: str) -> store.Challenge:
        seconds = policy.current(tx).life.login_seconds
        asked = store.Challenge(
            id=self._ids.uuid7(),
            customer_id=who.customer_id,
            jkt=who.jkt,
            purpose=purpose,
            nonce=self._entropy.bytes(NONCE_BYTES),
            expires_at=Instant(tx.now + seconds * SECOND),
        )
        store.put_challenge(tx, asked)
        return asked

    def _taken(self, who: Owner, challenge_id: str, purpose: str) -> store.Challenge:
        with self._db.transaction() as tx:
            row = store.take_challenge(
                tx, challenge_id, customer_id=who.customer_id, jkt=who.jkt, purpose=purpose
            )
            late = row is not None and row.expires_at <= tx.now
        if row is None or late:
            raise PasskeyRefused
        return row


@dataclass(frozen=True)
class Asserted:
    """A verified answer of one device, before its counter was looked at."""

    customer_id: str
    raw_id: bytes
    public_key: bytes
    sign_count: int

    def by(self, key: DeviceKey) -> bool:
        """Whether it was verified under this key."""
        return (self.raw_id, self.public_key) == (key.raw_id, key.public_key)


def _counts(row: store.Row, now: Instant) -> bool:
    return row.effective_at is not None and now >= row.effective_at


def _key_hash(row: store.Row) -> str:
    """SHA-256 of the COSE key, as hex."""
    return hashlib.sha256(row.public_key).hexdigest()


def _challenge(asked: store.Challenge, subject: bytes) -> bytes:
    """SHA-256 over what it is for, a nonce of ours, and the thing itself."""
    return hashlib.sha256(_TAG + asked.purpose.encode() + b"\0" + asked.nonce + subject).digest()
