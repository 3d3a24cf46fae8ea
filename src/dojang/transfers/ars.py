"""The call of the highest tier: a number on file, two digits from the screen, 9 reports fraud."""

import hmac
from typing import Final

from dojang import policy
from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import Hold
from dojang.customers import Customer, Customers
from dojang.db import Database, Tx
from dojang.gateways.ars import ArsGateway, Call, Heard
from dojang.kernel import masking
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.money import Won, won
from dojang.policy import Factor
from dojang.transfers import store
from dojang.transfers.events import ArsFailed, ArsFraudReported, ArsPassed
from dojang.transfers.model import LIVE, ArsCall, ArsSpent, CallState, FactorsMissing, Order, State
from dojang.transfers.ordering import locked, still_waiting
from dojang.transfers.payees import Payees
from dojang.transfers.seals import Seals

FRAUD: Final = "9"
DIGITS: Final = 2
LAST_DIGITS: Final = 4
_FAIR_BELOW: Final = 252
"""The largest multiple of 9 in a byte: above it a byte is thrown away."""

_PROMPT: Final = {
    "ko": (
        "{bank}입니다. {holder} 님의 {payee_bank} 계좌, 끝 네 자리 {last}, "
        "{amount}원 이체를 확인합니다. 직접 신청하셨으면 화면에 보이는 숫자 두 자리를 눌러 주세요. "
        "누군가 그 숫자를 불러 주었다면 사기입니다. 지금 끊어 주세요. "
        "신청한 적이 없으면 9번을 눌러 신고해 주세요. 거래가 바로 정지됩니다."
    ),
    "en": (
        "This is {bank}. Please confirm a transfer of {amount} won to {holder}, {payee_bank}, "
        "account ending in {last}. If you ordered it, key the two digits on your screen. "
        "If someone told you that number, it is fraud: hang up now. "
        "If you did not order it, press 9: everything is frozen at once."
    ),
}

OVER: Final = Heard("over", 0)


class ArsCalls:
    """Places calls and hears what is keyed. A result belongs to one order and to no other."""

    def __init__(
        self,
        db: Database,
        *,
        ids: Ids,
        entropy: Entropy,
        customers: Customers,
        lifecycle: Lifecycle,
        payees: Payees,
        seals: Seals,
        gateway: ArsGateway,
        own_code: str,
    ) -> None:
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self._customers = customers
        self._lifecycle = lifecycle
        self._payees = payees
        self._seals = seals
        self._gateway = gateway
        self._own_code = own_code

    def ring(self, customer_id: str, order_id: str) -> None:
        """Ring, or ring the same call again while it lives.

        A call that nobody answered costs a try, like wrong digits. Raises FactorsMissing before
        the account password was shown, ArsSpent, GatewayDown (ask again: the call is kept).
        """
        call_id = self._ids.uuid7()
        with self._db.transaction() as tx:
            order = locked(tx, customer_id, order_id)
            still_waiting(order, tx.now)
            if Factor.ARS not in order.needed or order.ars_at is not None:
                return
            if missing := order.missing(Factor.ARS, Factor.PIN):
                raise FactorsMissing(needed=missing)
            customer = self._customers.by_id(tx, customer_id)
            call = self._live_call(tx, order, call_id)
            spoken = self._spoken(order, call, customer)
            tx.after_commit(lambda: self._gateway.place(spoken))

    def answered(self, call_id: str, digits: str) -> Heard:
        """The door for the gateway: what was keyed on a call. Safe to call twice."""
        if digits.startswith(FRAUD):
            return self._fraud(call_id)
        with self._db.transaction() as tx:
            found = store.call(tx, call_id)
            if found is None:
                return OVER
            order = locked(tx, found.customer_id, found.order_id)
            call = store.call(tx, call_id)
            if call is None or not _lives(call, order, tx.now):
                return OVER
            if hmac.compare_digest(call.number.encode(), digits.encode()):
                return self._passed(tx, order, call)
            return _wrong(tx, order, call)

    def _passed(self, tx: Tx, order: Order, call: ArsCall) -> Heard:
        store.call_state(tx, call.id, CallState.PASSED)
        store.ars_shown(tx, order.id, self._seals.after(order, ars_at=tx.now))
        tx.emit(ArsPassed(subject=order.customer_id, transfer_id=order.id, call_id=call.id))
        return Heard("passed", order.ars_tries_left)

    def _fraud(self, call_id: str) -> Heard:
        """9: cancel the order and suspend the certificate, released by identifying again."""
        with self._db.transaction() as tx:
            call = store.call(tx, call_id)
            if call is None or call.state_at(tx.now) not in LIVE:
                return OVER
            seen = store.by_ids(tx, [call.order_id])[call.order_id]
            self._lifecycle.suspend(tx, seen.credential_id, Hold.LOSS)
            order = locked(tx, call.customer_id, call.order_id)
            store.end(tx, order.id, State.CANCELLED)
            store.call_state(tx, call.id, CallState.FRAUD_REPORTED)
            tx.emit(
                ArsFraudReported(
                    subject=order.customer_id,
                    transfer_id=order.id,
                    call_id=call.id,
                    credential_id=order.credential_id,
                )
            )
        return Heard("fraud_reported", 0)

    def _live_call(self, tx: Tx, order: Order, call_id: str) -> ArsCall:
        latest = store.latest_call(tx, order.id)
        if latest is not None and latest.state_at(tx.now) in LIVE:
            return latest
        left = order.ars_tries_left
        if latest is not None:
            store.call_state(tx, latest.id, CallState.EXPIRED)
            left -= 1
        if left <= 0:
            raise ArsSpent
        store.ars_tries(tx, order.id, left)
        seconds = policy.current(tx).ars.seconds
        call = ArsCall(
            id=call_id,
            order_id=order.id,
            customer_id=order.customer_id,
            number=two_digits(self._entropy),
            rings_until=Instant(min(tx.now + seconds * SECOND, order.expires_at)),
            state=CallState.RINGING,
        )
        store.add_call(tx, call)
        return call

    def _spoken(self, order: Order, call: ArsCall, customer: Customer) -> Call:
        locale = customer.locale if customer.locale in _PROMPT else "ko"
        prompt = _PROMPT[locale].format(
            bank=self._payees.bank_name(self._own_code, locale),
            holder=masking.name(order.payee_holder),
            payee_bank=self._payees.bank_name(order.payee_bank, locale),
            last=" ".join(order.payee_account[-LAST_DIGITS:]),
            amount=won(Won(order.amount)),
        )
        return Call(call.id, customer.phone, prompt, locale, call.rings_until)


def two_digits(entropy: Entropy) -> str:
    """Two digits, each from 0 to 8 and equally likely: 9 is for reporting fraud."""
    out = ""
    while len(out) < DIGITS:
        out += "".join(str(b % 9) for b in entropy.bytes(DIGITS * 2) if b < _FAIR_BELOW)
    return out[:DIGITS]


def _lives(call: ArsCall, order: Order, now: Instant) -> bool:
    return call.state_at(now) in LIVE and order.state_at(now) is State.WAITING


def _wrong(tx: Tx, order: Order, call: ArsCall) -> Heard:
    """Remembered before it is answered; the last wrong entry cancels the order."""
    left = order.ars_tries_left - 1
    store.ars_tries(tx, order.id, left)
    store.call_state(tx, call.id, CallState.WRONG)
    if left == 0:
        store.end(tx, order.id, State.CANCELLED)
    tx.emit(
        ArsFailed(subject=order.customer_id, transfer_id=order.id, call_id=call.id, tries_left=left)
    )
    return Heard("wrong", left)
