"""One won from us to the customer's account elsewhere: who can read its sender's name holds it.

The won leaves our books first and is sent after; a crash between the two costs the bank one won.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from dojang.customers import quota
from dojang.customers.model import person_name
from dojang.db.database import Tx
from dojang.gateways.one_won import Deposit
from dojang.gateways.sms import GatewayDown
from dojang.kernel.clock import DAY, SECOND
from dojang.kernel.entropy import digits
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret
from dojang.ledger import Request
from dojang.ledger.committer import FEE, INTERBANK
from dojang.opening import store
from dojang.opening.checking import passed
from dojang.opening.events import CheckRefused
from dojang.opening.journeys import Bearer, Journeys, Parts
from dojang.opening.model import (
    Act,
    Journey,
    JourneyState,
    OneWonExpired,
    OneWonSpent,
    OtherAccountNotYours,
    OtherAccountUnknown,
    TooManyOneWon,
    WrongOneWon,
)
from dojang.opening.showing import WON_ACCOUNT
from dojang.policy.opening import Check

AMOUNT: Final = 1


@dataclass(frozen=True)
class _Drawn:
    """A code before it is placed."""

    id: str
    bank: str
    account: str = field(repr=False)
    code: Secret[str]


class OneWonCodes:
    """`send` and `type`."""

    def __init__(self, parts: Parts, journeys: Journeys) -> None:
        self._parts = parts
        self._journeys = journeys

    def send(self, bearer: Bearer, bank: str, account: str) -> JourneyState:
        """Send 1 won. Again: another, and the digits before are no longer good.

        Raises OtherAccountUnknown, OtherAccountNotYours, TooManyOneWon, GatewayDown.
        """
        mine = self._journeys.glance(bearer)
        mine.demand(Act.RECEIVE_ONE_WON)
        self._ask_whose(mine, bank, account)
        with self._parts.db.snapshot() as tx:
            length = self._journeys.rules(tx, mine).one_won.digits
        code = digits(self._parts.entropy, length)
        drawn = _Drawn(self._parts.ids.uuid7(), bank, account, Secret(code))
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(Act.RECEIVE_ONE_WON)
            self._place(tx, now, drawn)
            state = self._journeys.state(tx, self._journeys.read(tx, bearer))
        self._pay(drawn)
        return state

    def type(self, bearer: Bearer, code: Secret[str]) -> JourneyState:
        """Raises WrongOneWon, OneWonExpired, OneWonSpent; a wrong entry is remembered before."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.TYPE_ONE_WON)
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(Act.TYPE_ONE_WON)
            refused = self._judge(tx, now, code)
            if refused is None:
                passed(tx, now, Act.TYPE_ONE_WON)
                return self._journeys.state(tx, self._journeys.read(tx, bearer))
        raise refused

    def _ask_whose(self, mine: Journey, bank: str, account: str) -> None:
        """Asking tells whether an account exists and is the customer's: it is counted too."""
        with self._parts.db.transaction() as tx:
            known = self._parts.customers.by_id(tx, mine.customer_id)
            per_day = self._journeys.rules(tx, mine).uploads_per_day
            key = self._parts.fields.index("one_won_asked", mine.customer_id)
            if not quota.take(tx, "one_won_asked", key, limit=per_day, seconds=DAY // SECOND):
                raise TooManyOneWon
        holder = self._parts.one_won.holder(bank, account)
        if holder is None:
            raise OtherAccountUnknown
        if person_name(holder) != known.name:
            raise OtherAccountNotYours

    def _place(self, tx: Tx, now: Journey, drawn: _Drawn) -> None:
        rules = self._journeys.rules(tx, now).one_won
        index = self._parts.fields.index
        counted = (
            ("one_won", index("one_won_person", now.customer_id), rules.per_person_day),
            (
                "one_won",
                index("one_won_account", f"{drawn.bank}\n{drawn.account}"),
                rules.per_account_day,
            ),
        )
        for kind, key, most in counted:
            if not quota.take(tx, kind, key, limit=most, seconds=DAY // SECOND):
                raise TooManyOneWon
        store.add_won(
            tx,
            {
                "id": drawn.id,
                "opening_id": now.id,
                "bank": drawn.bank,
                "account_sealed": self._parts.fields.seal(WON_ACCOUNT, drawn.id, drawn.account),
                "mac": self._mac(drawn.id, drawn.code),
                "sent_at": tx.now,
                "expires_at": tx.now + rules.seconds * SECOND,
                "tries_left": rules.tries,
                "state": "open",
            },
        )

    def _pay(self, drawn: _Drawn) -> None:
        """After the commit. When the other bank is down the code dies, and asking again works."""
        asked = Request(
            id=drawn.id, debit=FEE, credit=INTERBANK, amount=AMOUNT, payer=self._parts.sender
        )
        self._parts.ledger.post([asked])
        sender = f"{self._parts.sender} {drawn.code.reveal()}"
        try:
            self._parts.one_won.send(Deposit(drawn.id, drawn.bank, drawn.account, sender))
        except GatewayDown:
            with self._parts.db.transaction() as tx:
                store.judge_won(tx, drawn.id, tries_left=0, state="unsent")
            raise

    def _judge(self, tx: Tx, now: Journey, code: Secret[str]) -> Problem | None:
        """None when it was right; it is used up then."""
        row = store.won(tx, now.id, lock=True)
        if row is None or tx.now >= row.expires_at:
            return OneWonExpired()
        if row.tries_left == 0:
            return OneWonSpent()
        if hmac.compare_digest(row.mac, self._mac(row.id, code)):
            store.judge_won(tx, row.id, tries_left=row.tries_left, state="used")
            return None
        left = row.tries_left - 1
        store.judge_won(tx, row.id, tries_left=left, state="open")
        tx.emit(
            CheckRefused(
                subject=now.customer_id,
                opening_id=now.id,
                check=Check.ONE_WON.value,
                reason="wrong",
                tries_left=left,
            )
        )
        return WrongOneWon(tries_left=left)

    def _mac(self, won_id: str, code: Secret[str]) -> bytes:
        return self._parts.fields.index("one_won", f"{won_id}\n{code.reveal()}")
