"""Codes by SMS: six digits, bound to what they were asked for, counted, short-lived.

A code is stored as a keyed hash over the thing it is bound to, the purpose, the number and the
digits: it fits nothing else. Judging it is a value, not an exception, because a wrong entry must
be remembered; the caller commits, then refuses.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dojang import policy
from dojang.customers import codes_store as store
from dojang.customers import quota
from dojang.customers.problems import (
    CodeExpired,
    CodeSpent,
    ResendTooSoon,
    TooManyCodes,
    WrongCode,
)
from dojang.db.database import Database, Tx
from dojang.gateways.sms import GatewayDown, Sms, SmsGateway
from dojang.kernel.clock import DAY, HOUR, SECOND, Instant
from dojang.kernel.entropy import Entropy, digits
from dojang.kernel.ids import Ids
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret
from dojang.vault.fields import FieldKeys

TEXTS: Final = {
    "ko": "인증번호 {code} 누구에게도 알려주지 마세요",
    "en": "Code {code}. Tell it to no one, not even us",
}
"""Sender first, no link, and under 90 bytes of EUC-KR with the bank's name."""


@dataclass(frozen=True)
class Bound:
    """What one code is good for, and for nothing else."""

    to: str
    purpose: str
    phone: PhoneNumber = field(repr=False)


@dataclass(frozen=True)
class Drawn:
    """A code before it is placed: made outside the transaction, sent after it."""

    id: str
    bound: Bound
    code: Secret[str]
    mac: bytes = field(repr=False)
    number: bytes = field(repr=False)


@dataclass(frozen=True)
class Sent:
    """What the customer may know of the code that is on its way."""

    expires_at: Instant
    resend_at: Instant
    tries_left: int


@dataclass(frozen=True)
class Right:
    """It was the code; it is used up now."""


@dataclass(frozen=True)
class Refused:
    """It was not, or there is nothing to judge. Commit first, then raise `problem`."""

    problem: Problem


class SmsCodes:
    """Draws, places, sends and judges codes."""

    def __init__(
        self,
        db: Database,
        fields: FieldKeys,
        gateway: SmsGateway,
        ids: Ids,
        entropy: Entropy,
        *,
        sender: Mapping[str, str],
    ) -> None:
        """`sender` is the bank's name by locale; a message begins with it."""
        self._db = db
        self._fields = fields
        self._gateway = gateway
        self._ids = ids
        self._entropy = entropy
        self._sender = sender

    def draw(self, bound: Bound, rules: policy.model.SmsCode) -> Drawn:
        code = digits(self._entropy, rules.digits)
        return Drawn(
            id=self._ids.uuid7(),
            bound=bound,
            code=Secret(code),
            mac=self.mac(bound, Secret(code)),
            number=self._fields.index("phone", bound.phone),
        )

    def place(self, tx: Tx, drawn: Drawn) -> Sent:
        """Store it in the caller's transaction; earlier codes for the same thing die.

        Raises TooManyCodes (an hour's worth to this number) or ResendTooSoon; nothing happened.
        """
        rules = policy.current(tx).sms_code
        hour = HOUR // SECOND
        limit = rules.per_hour_and_number
        if not quota.take(tx, "sms_code", drawn.number, limit=limit, seconds=hour):
            raise TooManyCodes
        before = self.sent(tx, drawn.bound.to, drawn.bound.purpose)
        if before is not None and tx.now < before.resend_at:
            raise ResendTooSoon(resend_at=before.resend_at)
        store.replace(tx, drawn.bound.to, drawn.bound.purpose)
        expires_at = Instant(tx.now + rules.seconds * SECOND)
        row = {
            "id": drawn.id,
            "bound_to": drawn.bound.to,
            "purpose": drawn.bound.purpose,
            "mac": drawn.mac,
            "sent_at": tx.now,
            "expires_at": expires_at,
            "tries_left": rules.tries,
            "state": "open",
        }
        store.add(tx, row)
        return Sent(
            expires_at=expires_at,
            resend_at=Instant(tx.now + rules.resend_after_seconds * SECOND),
            tries_left=rules.tries,
        )

    def send(self, drawn: Drawn, locale: str, *, words: str | None = None) -> None:
        """After the commit. When the gateway is down the code dies, so that asking again works.

        `words` say what the code is for, with `{code}` in them.
        """
        words = (words or TEXTS[locale]).format(code=drawn.code.reveal())
        text = f"[{self._sender[locale]}] {words}"
        try:
            self._gateway.send(Sms(key=f"code/{drawn.id}", to=drawn.bound.phone, text=text))
        except GatewayDown:
            with self._db.transaction() as tx:
                store.judge(tx, drawn.id, tries_left=0, state="unsent")
            raise

    def sent(self, tx: Tx, bound_to: str, purpose: str) -> Sent | None:
        """The code that waits to be typed, if there is one."""
        rules = policy.current(tx).sms_code
        row = store.latest(tx, bound_to, purpose, lock=False)
        if row is None or row.state != "open":
            return None
        return Sent(
            expires_at=row.expires_at,
            resend_at=Instant(row.sent_at + rules.resend_after_seconds * SECOND),
            tries_left=row.tries_left,
        )

    def judge(self, tx: Tx, bound: Bound, mac: bytes) -> Right | Refused:
        """Is it the code? `mac` is computed before, outside the transaction, by `mac()`."""
        row = store.latest(tx, bound.to, bound.purpose, lock=True)
        if row is None or row.state != "open" or tx.now >= row.expires_at:
            return Refused(CodeExpired())
        if row.tries_left == 0:
            return Refused(CodeSpent())
        if hmac.compare_digest(row.mac, mac):
            store.judge(tx, row.id, tries_left=row.tries_left, state="used")
            return Right()
        left = row.tries_left - 1
        store.judge(tx, row.id, tries_left=left, state="open")
        return Refused(WrongCode(tries_left=left))

    def mac(self, bound: Bound, code: Secret[str]) -> bytes:
        parts = (bound.to, bound.purpose, bound.phone, code.reveal())
        return self._fields.index("sms_code", "\n".join(parts))

    def forget(self, tx: Tx) -> int:
        """Drop codes that nothing can ask about any more. For the worker."""
        return store.forget(tx, Instant(tx.now - 2 * DAY))
