"""Begin a journey, find it again, say where it stands, end it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from dojang import policy
from dojang.certificates import Lifecycle
from dojang.certificates import store as certificates
from dojang.certificates.model import State as CertificateState
from dojang.customers import Agreed, Customers, Sessions, SmsCodes, Terms, quota
from dojang.db.database import Database, Tx
from dojang.gateways.faces import Faces
from dojang.gateways.id_cards import IdCards
from dojang.gateways.one_won import OneWon
from dojang.gateways.telecom import TelecomIdentity
from dojang.kernel.clock import DAY, SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, accounts
from dojang.methods.passwords import AccountPasswords
from dojang.opening import showing, store
from dojang.opening.events import OpeningBegun, OpeningEnded
from dojang.opening.model import (
    AccountPasswordNotLocked,
    AnotherUnderWay,
    Ended,
    Goal,
    Journey,
    JourneyState,
    NothingToRelease,
    NothingUnderWay,
    Step,
    TooManyOpenings,
    demand_room,
)
from dojang.policy.opening import Checks, Opening
from dojang.signing import keys
from dojang.vault.fields import FieldKeys

LATE_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Parts:
    """Everyone a journey talks to."""

    db: Database
    ids: Ids
    entropy: Entropy
    fields: FieldKeys
    terms: Terms
    customers: Customers
    sessions: Sessions
    codes: SmsCodes
    telecom: TelecomIdentity
    id_cards: IdCards
    faces: Faces
    one_won: OneWon
    account_passwords: AccountPasswords
    ledger: Ledger
    lifecycle: Lifecycle
    sender: str
    """The bank's name as other banks show it before the code of one won."""
    new_account: str
    """How an account opened here is called."""


@dataclass(frozen=True)
class Bearer:
    """Who asks: a signed-in customer, or (without a session) the device of a release."""

    customer_id: str | None
    jkt: str


class Journeys:
    """Rows of journeys and what is shown of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def open_account(self, bearer: Bearer, agreed: list[Agreed]) -> JourneyState:
        """Raises TermsOutdated, TermsNotAgreed, LimitedAccountHeld, AnotherUnderWay and
        TooManyOpenings.
        """
        self._parts.terms.demand(agreed)
        with self._parts.db.transaction() as tx:
            row = {"goal": Goal.ACCOUNT, "customer_id": _customer(bearer)}
            own = accounts.of_customer(tx, _customer(bearer))
            demand_room(own, policy.current(tx).opening.limited_max)
            return self._begin(tx, bearer, row, agreed)

    def unlock_password(self, bearer: Bearer, account_id: str) -> JourneyState:
        """Raises AccountNotFound, AccountPasswordNotLocked and as `open_account`."""
        with self._parts.db.transaction() as tx:
            mine = accounts.owned(tx, _customer(bearer), account_id)
            if not self._parts.account_passwords.locked(tx, mine.id):
                raise AccountPasswordNotLocked
            row = {
                "goal": Goal.UNLOCK_PASSWORD,
                "customer_id": _customer(bearer),
                "account_id": mine.id,
            }
            return self._begin(tx, bearer, row, [])

    def release_loss(self, jkt: str, kid: bytes) -> JourneyState:
        """The phone of a certificate that a loss report suspended. Raises UnknownKey and others."""
        with self._parts.db.transaction() as tx:
            key = keys.of_device(tx, kid, jkt)
            credential = certificates.by_id(tx, key.credential_id)
            if credential is None or credential.state is not CertificateState.SUSPENDED_LOSS:
                raise NothingToRelease
            row = {
                "goal": Goal.RELEASE_LOSS,
                "customer_id": credential.customer_id,
                "credential_id": credential.id,
                "jkt": jkt,
            }
            return self._begin(tx, Bearer(None, jkt), row, [])

    def identify(self, bearer: Bearer) -> JourneyState:
        """The phone and an account password, as in issuing. Raises as `unlock_password`."""
        with self._parts.db.transaction() as tx:
            row = {"goal": Goal.IDENTIFY, "customer_id": _customer(bearer)}
            return self._begin(tx, bearer, row, [])

    def current(self, bearer: Bearer) -> JourneyState:
        """Where the journey stands. Raises NothingUnderWay."""
        with self._parts.db.snapshot() as tx:
            return self.state(tx, self.read(tx, bearer))

    def give_up(self, bearer: Bearer) -> None:
        """End it without its goal; its pictures are erased. Raises NothingUnderWay."""
        with self.locked(bearer) as (tx, mine):
            end(tx, mine, Ended.GIVEN_UP)

    def releasing(self, jkt: str) -> bool:
        """Whether this device has a release under way: then it needs no session."""
        with self._parts.db.snapshot() as tx:
            return store.of_device(tx, jkt) is not None

    def glance(self, bearer: Bearer) -> Journey:
        """The row as it is now, not locked: for what must be done before a transaction."""
        with self._parts.db.snapshot() as tx:
            return self.read(tx, bearer)

    def read(self, tx: Tx, bearer: Bearer) -> Journey:
        """Raises NothingUnderWay."""
        if bearer.customer_id is None:
            return _present(store.of_device(tx, bearer.jkt), tx.now)
        return _present(store.of_customer(tx, bearer.customer_id), tx.now)

    @contextmanager
    def locked(self, bearer: Bearer) -> Iterator[tuple[Tx, Journey]]:
        """A transaction with the journey's row locked in it. Raises NothingUnderWay."""
        with self._parts.db.transaction() as tx:
            seen = self.read(tx, bearer)
            yield tx, _present(store.locked(tx, seen.id), tx.now)

    def rules(self, tx: Tx, mine: Journey) -> Opening:
        """The policy this journey began under."""
        return policy.version(tx, mine.policy_version).opening

    def state(self, tx: Tx, mine: Journey) -> JourneyState:
        return showing.state(tx, self._parts.customers, self._parts.codes, self._parts.fields, mine)

    def _begin(
        self, tx: Tx, bearer: Bearer, row: dict[str, Any], agreed: list[Agreed]
    ) -> JourneyState:
        mine = store.under_way(tx, row["customer_id"])
        if mine is not None and tx.now >= mine.expires_at:
            end(tx, mine, Ended.EXPIRED)
            mine = None
        if mine is None and not self._add(tx, row, agreed):
            # Another request of the customer's began one at the same moment.
            mine = store.under_way(tx, row["customer_id"])
        if mine is not None and not _same(mine, row):
            raise AnotherUnderWay(goal=str(mine.goal))
        return self.state(tx, self.read(tx, bearer))

    def _add(self, tx: Tx, row: dict[str, Any], agreed: list[Agreed]) -> bool:
        """False where one is under way by now."""
        present = policy.current(tx)
        rules = present.opening
        key = self._parts.fields.index("opening", row["customer_id"])
        if not quota.take(tx, "opening", key, limit=rules.per_day, seconds=DAY // SECOND):
            raise TooManyOpenings
        journey_id = self._parts.ids.uuid7()
        empty = {"jkt": None, "account_id": None, "credential_id": None, "ended": None}
        added = store.add(
            tx,
            {
                **empty,
                **row,
                "id": journey_id,
                "step": Step.PHONE,
                "checks": json.dumps(_checks(rules, row["goal"])),
                "passed": "[]",
                "card_tries": rules.tries,
                "face_tries": rules.tries,
                "agreed": json.dumps([[one.code, one.version] for one in agreed]),
                "agreed_at": tx.now,
                "policy_version": present.version,
                "expires_at": tx.now + _seconds(present, row["goal"]) * SECOND,
                "purpose": None,
                "funds": None,
                "ended_at": None,
            },
        )
        if added:
            tx.emit(
                OpeningBegun(
                    subject=row["customer_id"],
                    opening_id=journey_id,
                    goal=str(row["goal"]),
                    policy_version=present.version,
                )
            )
        return added


def end(tx: Tx, mine: Journey, why: Ended, reason: str = "") -> None:
    """Over without its goal: the pictures go at once, the record stays."""
    store.drop_images(tx, mine.id)
    store.change(tx, mine.id, ended=why, ended_at=tx.now)
    tx.emit(
        OpeningEnded(
            subject=mine.customer_id,
            opening_id=mine.id,
            goal=str(mine.goal),
            why=str(why),
            reason=reason,
        )
    )


def end_late(tx: Tx) -> int:
    """End what nobody came back to; how many. For the worker."""
    late = store.late(tx, LATE_AT_ONCE)
    for journey_id in late:
        mine = store.locked(tx, journey_id)
        if mine is not None and mine.ended is None:
            end(tx, mine, Ended.EXPIRED)
    return len(late)


def _seconds(present: policy.Policy, goal: Goal) -> int:
    """How long it may be taken up again: a code that was typed yesterday identifies nobody now."""
    if goal is Goal.IDENTIFY:
        return present.sessions.identified_seconds
    return present.opening.seconds


def _checks(rules: Opening, goal: Goal) -> Checks:
    by_goal: dict[Goal, Checks] = {
        Goal.ACCOUNT: rules.account,
        Goal.UNLOCK_PASSWORD: rules.unlock,
        Goal.RELEASE_LOSS: rules.release,
        Goal.IDENTIFY: (),
    }
    return by_goal[goal]


def _same(mine: Journey, row: dict[str, Any]) -> bool:
    """Whether this is the one that was begun before, asked for again."""
    wanted = (row["goal"], row.get("jkt"), row.get("account_id"), row.get("credential_id"))
    return (mine.goal, mine.jkt, mine.account_id, mine.credential_id) == wanted


def _customer(bearer: Bearer) -> str:
    if bearer.customer_id is None:
        raise NothingUnderWay
    return bearer.customer_id


def _present(found: Journey | None, now: Instant) -> Journey:
    if found is None or found.ended is not None or now >= found.expires_at:
        raise NothingUnderWay
    return found
