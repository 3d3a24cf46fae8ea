"""Begin a journey, find it again, say where it stands."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.certificates import Authority, Issuing, Lifecycle
from dojang.customers import Agreed, Customers, InternetBanking, SmsCodes, Terms
from dojang.db.database import Database, Tx
from dojang.enrolment import claims, store
from dojang.enrolment.claims import Confirmed
from dojang.enrolment.model import (
    Begun,
    CodeOnTheWay,
    Enrolment,
    EnrolmentOver,
    JourneyState,
    KeyState,
    Kind,
    OwnAccount,
    PersonKind,
    PinRules,
    Prefilled,
    Step,
)
from dojang.gateways.telecom import TelecomIdentity
from dojang.kernel import masking
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, accounts
from dojang.methods.passwords import AccountPasswords
from dojang.signing import Signing, keys
from dojang.vault.fields import FieldKeys

PURPOSE: Final = "enrolment"
"""What the SMS codes of this domain are for."""


@dataclass(frozen=True)
class Parts:
    """Everyone a journey talks to."""

    db: Database
    ids: Ids
    entropy: Entropy
    fields: FieldKeys
    terms: Terms
    customers: Customers
    internet_banking: InternetBanking
    codes: SmsCodes
    telecom: TelecomIdentity
    account_passwords: AccountPasswords
    ledger: Ledger
    lifecycle: Lifecycle
    issuing: Issuing
    authority: Authority
    signing: Signing
    first_account: str
    """How the account of a first-time customer is called."""


@dataclass(frozen=True)
class Bearer:
    """Who asks: the journey's token, from the device key it was given to."""

    token: str
    jkt: str


class Journeys:
    """Rows of journeys and what is shown of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def begin(self, agreed: list[Agreed], *, locale: str, jkt: str) -> Begun:
        """Raises TermsOutdated or TermsNotAgreed."""
        parts = self._parts
        parts.terms.demand(agreed)
        token, new_id = parts.ids.token(), parts.ids.uuid7()
        with parts.db.transaction() as tx:
            row = {
                "id": new_id,
                "token_hash": _hash(token),
                "jkt": jkt,
                "step": Step.IDENTIFY,
                "kind": Kind.UNKNOWN,
                "person": PersonKind.UNKNOWN,
                "locale": locale,
                "agreed": store.agreed_text(tuple(agreed)),
                "agreed_at": tx.now,
                "expires_at": tx.now + policy.current(tx).life.enrolment_seconds * SECOND,
                "customer_id": None,
                "internet_banking_proved": 0,
                "claim_sealed": None,
                "credential_id": None,
                "finished_at": None,
            }
            store.add(tx, row)
            begun = _present(store.by_token(tx, _hash(token), jkt, lock=False), tx.now)
            return Begun(token, self.state(tx, begun))

    def current(self, bearer: Bearer) -> JourneyState:
        """Where the journey stands. Raises EnrolmentOver."""
        with self._parts.db.snapshot() as tx:
            return self.state(tx, self.read(tx, bearer))

    def glance(self, bearer: Bearer) -> Enrolment:
        """The row as it is now, not locked: for what must be done before a transaction."""
        with self._parts.db.snapshot() as tx:
            return self.read(tx, bearer)

    def read(self, tx: Tx, bearer: Bearer) -> Enrolment:
        found = store.by_token(tx, _hash(bearer.token), bearer.jkt, lock=False)
        return _present(found, tx.now)

    @contextmanager
    def locked(self, bearer: Bearer) -> Iterator[tuple[Tx, Enrolment]]:
        """A transaction with the journey's row locked in it. Raises EnrolmentOver."""
        with self._parts.db.transaction() as tx:
            found = store.by_token(tx, _hash(bearer.token), bearer.jkt, lock=True)
            yield tx, _present(found, tx.now)

    def confirmed(self, enrolment: Enrolment) -> Confirmed:
        """What the telecom operator confirmed in this journey."""
        if enrolment.claim is None:
            raise LookupError("nothing was claimed in this journey")
        return claims.unseal(self._parts.fields, enrolment.id, enrolment.claim)

    def state(self, tx: Tx, enrolment: Enrolment) -> JourneyState:
        return JourneyState(
            id=enrolment.id,
            step=enrolment.step,
            kind=enrolment.kind,
            person=enrolment.person,
            expires_at=enrolment.expires_at,
            prefilled=self._prefilled(tx, enrolment),
            sms=self._sms(tx, enrolment),
            accounts=self._accounts(tx, enrolment),
            pin_rules=self._pin_rules(tx, enrolment),
            keys=self._keys(tx, enrolment),
            credential_id=enrolment.credential_id,
        )

    def _prefilled(self, tx: Tx, enrolment: Enrolment) -> Prefilled | None:
        if not enrolment.internet_banking_proved or enrolment.customer_id is None:
            return None
        known = self._parts.customers.by_id(tx, enrolment.customer_id)
        return Prefilled(
            name=masking.name(known.name),
            carrier=known.carrier,
            phone=masking.phone(known.phone),
        )

    def _sms(self, tx: Tx, enrolment: Enrolment) -> CodeOnTheWay | None:
        sent = self._parts.codes.sent(tx, enrolment.id, PURPOSE)
        if enrolment.step is not Step.SMS_CODE or sent is None:
            return None
        return CodeOnTheWay(
            expires_at=sent.expires_at,
            resend_at=sent.resend_at,
            phone=masking.phone(self.confirmed(enrolment).phone),
            tries_left=sent.tries_left,
        )

    def _accounts(self, tx: Tx, enrolment: Enrolment) -> tuple[OwnAccount, ...]:
        if enrolment.step is not Step.ACCOUNT_PASSWORD or enrolment.customer_id is None:
            return ()
        return tuple(
            OwnAccount(id=one.id, number=masking.account(one.number), name=one.name)
            for one in accounts.of_customer(tx, enrolment.customer_id)
        )

    def _keys(self, tx: Tx, enrolment: Enrolment) -> tuple[KeyState, ...]:
        if enrolment.credential_id is None:
            return ()
        return tuple(
            KeyState(kind=key.kind.value, kid=key.kid, state=key.state.value)
            for key in keys.of_credential(tx, enrolment.credential_id)
        )

    def _pin_rules(self, tx: Tx, enrolment: Enrolment) -> PinRules | None:
        if enrolment.step is not Step.KEYS or enrolment.customer_id is None:
            return None
        known = self._parts.customers.by_id(tx, enrolment.customer_id)
        return PinRules(birth_date=known.birth_date, phone=self.confirmed(enrolment).phone)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _present(found: Enrolment | None, now: Instant) -> Enrolment:
    if found is None or now >= found.expires_at:
        raise EnrolmentOver
    return found
