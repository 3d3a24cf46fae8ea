"""In the call's place, for whom a call is no good: a code by message, and a hold of half an hour.

Registered beforehand by a signed act. The message names the amount and the payee's last digits, as
the call speaks them; the hold gives whoever was deceived the time to notice and to cancel.
"""

from typing import Final

from dojang import policy
from dojang.customers import Customer, Customers, SmsCodes
from dojang.customers.codes import Bound, Refused, Sent
from dojang.db import Database, Tx
from dojang.kernel.money import Won, won
from dojang.kernel.secret import Secret
from dojang.policy import Factor
from dojang.transfers import store
from dojang.transfers.events import SmsHoldPassed
from dojang.transfers.model import FactorsMissing, Order, SmsHoldNotRegistered, State
from dojang.transfers.ordering import locked, owned, still_waiting
from dojang.transfers.protections import Protections
from dojang.transfers.safeguards import ON, Safeguard, in_force, longer, sms_pause
from dojang.transfers.seals import Seals

PURPOSE: Final = "transfer"
LAST_DIGITS: Final = 4

WORDS: Final = {
    "ko": "이체 {won}원 끝{last} 인증번호 {code} 알려주지 마세요. 취소는 앱에서",
    "en": "KRW {won} to ..{last}: code {code}. Tell no one. Cancel in the app",
}


class SmsHold:
    """Sends the code for an order and judges it."""

    def __init__(
        self,
        db: Database,
        customers: Customers,
        codes: SmsCodes,
        seals: Seals,
        protections: Protections,
    ) -> None:
        self._db = db
        self._seals = seals
        self._protections = protections
        self._customers = customers
        self._codes = codes

    def send(self, customer_id: str, order_id: str) -> None:
        """Send a code, or another one.

        Raises SmsHoldNotRegistered, FactorsMissing before the account password was shown, what
        codes raise (TooManyCodes, ResendTooSoon), GatewayDown, ProtectionsAltered.
        """
        with self._db.snapshot() as tx:
            order = owned(store.by_ids(tx, [order_id]).get(order_id), customer_id)
            customer = self._customers.by_id(tx, customer_id)
            rules = policy.current(tx).sms_code
        drawn = self._codes.draw(_bound(order, customer), rules)
        with self._db.transaction() as tx:
            if not self._due(tx, locked(tx, customer_id, order_id)):
                return
            self._codes.place(tx, drawn)
        words = WORDS.get(customer.locale, WORDS["ko"])
        amount, last = won(Won(order.amount)), order.payee_account[-LAST_DIGITS:]
        text = words.replace("{won}", amount).replace("{last}", last)
        self._codes.send(drawn, customer.locale, words=text)

    def enter(self, customer_id: str, order_id: str, code: Secret[str]) -> None:
        """Judge the code; the right one stands for the call, and the transfer will be held.

        Raises what codes raise (WrongCode, CodeExpired, CodeSpent); it has been counted.
        """
        with self._db.snapshot() as tx:
            order = owned(store.by_ids(tx, [order_id]).get(order_id), customer_id)
            bound = _bound(order, self._customers.by_id(tx, customer_id))
        mac = self._codes.mac(bound, code)
        with self._db.transaction() as tx:
            order = locked(tx, customer_id, order_id)
            if not self._due(tx, order):
                return
            verdict = self._codes.judge(tx, bound, mac)
            if not isinstance(verdict, Refused):
                self._passed(tx, order)
        if isinstance(verdict, Refused):
            raise verdict.problem

    def waiting(self, tx: Tx, order: Order) -> Sent | None:
        """The code that waits to be typed for this order, if there is one."""
        open_to_it = order.state_at(tx.now) is State.WAITING and Factor.ARS in order.missing()
        return self._codes.sent(tx, order.id, PURPOSE) if open_to_it else None

    def _due(self, tx: Tx, order: Order) -> bool:
        """Whether a code is what this order needs now. False where it needs none any more."""
        still_waiting(order, tx.now)
        if Factor.ARS not in order.needed or Factor.ARS in order.shown:
            return False
        settings = self._protections.of(tx, order.customer_id).settings
        if in_force(settings, Safeguard.SMS_HOLD, tx.now) != ON:
            raise SmsHoldNotRegistered
        if missing := order.missing(Factor.ARS, Factor.PIN):
            raise FactorsMissing(needed=missing)
        return True

    def _passed(self, tx: Tx, order: Order) -> None:
        held = longer(order.pause, sms_pause(policy.current(tx).safeguards))
        assert held is not None, "one of the two is always there"
        seal = self._seals.after(
            order,
            sms_at=tx.now,
            hold_why=held.why,
            hold_seconds=held.seconds,
            cancel_before_seconds=held.cancel_before_seconds,
        )
        store.sms_shown(tx, order.id, held, seal)
        tx.emit(SmsHoldPassed(subject=order.customer_id, transfer_id=order.id))


def _bound(order: Order, customer: Customer) -> Bound:
    return Bound(to=order.id, purpose=PURPOSE, phone=customer.phone)
