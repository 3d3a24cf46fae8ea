"""In the call's place: a passkey on a second device signs for this order (MISSION A 6).

For deaf customers and customers abroad. Registered beforehand by who was identified again, with
the PIN, and it counts only after a wait: whoever holds the phone cannot register one and use it.
It stands for the call alone, never for the PIN or the account password.
"""

import hashlib
from dataclasses import replace
from typing import Any, Final

from dojang.crypto import messages
from dojang.crypto.jcs import Json
from dojang.customers import Customers, Session
from dojang.db import Database, Tx
from dojang.kernel import masking
from dojang.kernel.problem import Malformed
from dojang.methods.model import PasskeyRefused
from dojang.methods.second_devices import Owner, SecondDevices
from dojang.policy import Factor
from dojang.signing.acts import Asked
from dojang.signing.model import Signed
from dojang.transfers import store
from dojang.transfers.events import SecondDevicePassed
from dojang.transfers.model import FactorsMissing, IdentityNeeded, Order, ProtectionsAltered
from dojang.transfers.ordering import locked, owned, still_waiting
from dojang.transfers.protections import Protections
from dojang.transfers.seals import Seals

ACT: Final = "second_device"
Options = dict[str, Any]


class SecondDeviceFactor:
    """`adding_options`, `keep` and the act register one; `ask` and `show` use one for an order."""

    def __init__(
        self,
        db: Database,
        customers: Customers,
        devices: SecondDevices,
        seals: Seals,
        protections: Protections,
    ) -> None:
        self._db = db
        self._customers = customers
        self.devices = devices
        self._seals = seals
        self._protections = protections

    def adding_options(self, who: Session) -> tuple[str, Options]:
        """Raises IdentityNeeded, TooManyPasskeys."""
        with self._db.snapshot() as tx:
            if not who.identified(tx.now):
                raise IdentityNeeded
            name = masking.name(self._customers.by_id(tx, who.customer_id).name)
        return self.devices.adding_options(_owner(who), shown_name=name)

    def prepare(self, tx: Tx, who: Session, asked: dict[str, Json]) -> Asked:
        """The act `second_device`: the PIN signs which key. Raises IdentityNeeded, NotFound."""
        device_id = asked.get("device_id")
        if set(asked) != {"device_id"} or not isinstance(device_id, str):
            raise Malformed
        if not who.identified(tx.now):
            raise IdentityNeeded
        self._protections.of(tx, who.customer_id)
        key_hash = self.devices.waiting(tx, who.customer_id, device_id)
        return Asked(members={"device_id": device_id, "key_hash": key_hash})

    def on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE. Nothing where what the customer chose was changed behind our back."""
        said = messages.read(signed.message)[1]
        chosen = self._protections.for_change(tx, signed.customer_id)
        if chosen is None:
            return
        made = self.devices.signed_for(
            tx,
            signed.customer_id,
            str(said["device_id"]),
            str(said["key_hash"]),
            signed.request_id,
        )
        if made is not None:
            self._protections.change(tx, replace(chosen, devices=(*chosen.devices, made)))

    def remove(self, customer_id: str, device_id: str) -> None:
        """At once, without a signature: less can be confirmed afterwards.

        Raises NotFound, ProtectionsAltered.
        """
        with self._db.transaction() as tx:
            chosen = self._protections.for_change(tx, customer_id)
            if chosen is None:
                raise ProtectionsAltered
            self.devices.remove(tx, customer_id, device_id)
            left = tuple(one for one in chosen.devices if one.id != device_id)
            self._protections.change(tx, replace(chosen, devices=left))

    def ask(self, who: Session, order_id: str) -> tuple[str, Options]:
        """(challenge id, request options) that fit this order alone.

        Raises NoSecondDevice, FactorsMissing before the account password was shown, OrderOver,
        ProtectionsAltered.
        """
        with self._db.transaction() as tx:
            order = locked(tx, who.customer_id, order_id)
            _demand_due(tx, order)
            self._protections.of(tx, who.customer_id)
            return self.devices.asking(tx, _owner(who), subject(order))

    def show(
        self, who: Session, order_id: str, challenge_id: str, response: dict[str, Any]
    ) -> None:
        """The device's answer stands for the call.

        Raises PasskeyRefused, FactorsMissing, ProtectionsAltered.
        """
        with self._db.snapshot() as tx:
            order = owned(store.by_ids(tx, [order_id]).get(order_id), who.customer_id)
        shown = self.devices.asserted(_owner(who), challenge_id, subject(order), response)
        with self._db.transaction() as tx:
            order = locked(tx, who.customer_id, order_id)
            _demand_due(tx, order)
            key = self._protections.of(tx, who.customer_id).device(shown.raw_id, tx.now)
            sealed = key is not None and shown.by(key)
            device_id = self.devices.accepted(tx, shown) if sealed else None
            if device_id is not None:
                store.device_shown(tx, order.id, self._seals.after(order, device_at=tx.now))
                tx.emit(
                    SecondDevicePassed(
                        subject=order.customer_id, transfer_id=order.id, device_id=device_id
                    )
                )
        if device_id is None:
            raise PasskeyRefused


def subject(order: Order) -> bytes:
    """What the device signs for: this order, with the very bytes that the PIN will sign."""
    return order.id.encode() + b"\0" + hashlib.sha256(order.message).digest()


def _demand_due(tx: Tx, order: Order) -> None:
    """Raises what keeps this order from being confirmed so now."""
    still_waiting(order, tx.now)
    if Factor.ARS not in order.needed or Factor.ARS in order.shown:
        raise PasskeyRefused
    if missing := order.missing(Factor.ARS, Factor.PIN):
        raise FactorsMissing(needed=missing)


def _owner(who: Session) -> Owner:
    return Owner(who.customer_id, who.jkt)
