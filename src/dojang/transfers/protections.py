"""Everything a customer put between a thief and the money, bound together by a key.

Safeguards, designated payees, second devices and own limits are rows, and whoever may write rows
could take one away. So one row a customer names them all: a digest of everything in force, sealed
under a key of the vault, and the number of leaves of the log by which it came to be. A row that was
changed, added or deleted no longer fits; one that was put back from an earlier day, or taken away
whole, has fewer changes than the log tells of.

What is decided is decided by what was verified here, never by another look at the rows.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dojang.db import Tx, log
from dojang.kernel.clock import Instant
from dojang.ledger import accounts
from dojang.ledger.views import OwnLimits
from dojang.methods import second_devices_store as devices_store
from dojang.methods.model import DeviceKey
from dojang.transfers import protections_store as store
from dojang.transfers import safeguards_store
from dojang.transfers.model import DesignatedPayee, ProtectionsAltered
from dojang.transfers.safeguards import Safeguard, Setting, Settings
from dojang.vault.fields import FieldKeys

_PURPOSE: Final = "protections"
NO_LIMITS: Final = OwnLimits(None, None, designated=0)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What one customer chose, as it was verified. Also payees and devices that do not count yet.

    `version` is the number of leaves that it stands on.
    """

    customer_id: str
    version: int = 0
    settings: Settings = field(default_factory=dict)
    payees: tuple[DesignatedPayee, ...] = ()
    devices: tuple[DeviceKey, ...] = ()
    limits: OwnLimits = NO_LIMITS

    def designates(self, bank: str, account: str, owner: str | None, now: Instant) -> bool:
        """Whether this payee counts as designated now. One's own accounts always do."""
        if owner == self.customer_id:
            return True
        this = self.payee(bank, account)
        return this is not None and now >= this.effective_at

    def payee(self, bank: str, account: str) -> DesignatedPayee | None:
        return next((p for p in self.payees if (p.bank, p.account) == (bank, account)), None)

    def device(self, raw_id: bytes, now: Instant) -> DeviceKey | None:
        """The second device with this key, once it counts."""
        return next((d for d in self.devices if d.raw_id == raw_id and now >= d.effective_at), None)

    def with_settings(self, after: Mapping[Safeguard, Setting]) -> "Chosen":
        return replace(self, settings={**self.settings, **after})

    def digest(self) -> bytes:
        """SHA-256 over everything but the limits, in one order. What is off counts as absent."""
        every: list[list[Any]] = [
            [name.value, one.value, one.later, one.later_at]
            for name, one in sorted(self.settings.items())
            if one != Setting()
        ]
        every += [
            [p.id, p.bank, p.account, p.holder, p.added_at, p.effective_at]
            for p in sorted(self.payees, key=lambda one: one.id)
        ]
        every += [
            [d.id, d.raw_id.hex(), d.public_key.hex(), d.effective_at]
            for d in sorted(self.devices, key=lambda one: one.id)
        ]
        return hashlib.sha256(json.dumps(every).encode()).digest()


NOTHING: Final = Chosen(customer_id="").digest()


class Protections:
    """Reads what a customer chose, verified, and seals what comes of a change."""

    def __init__(self, fields: FieldKeys, on_altered: Callable[[str], None]) -> None:
        """`on_altered` hears whose rows somebody changed, each time that they are met."""
        self._fields = fields
        self._on_altered = on_altered

    def of(self, tx: Tx, customer_id: str) -> Chosen:
        """Not to be changed by anyone until the transaction ends. Raises ProtectionsAltered."""
        chosen = self.found(tx, customer_id)
        if chosen is None:
            raise ProtectionsAltered
        return chosen

    def found(self, tx: Tx, customer_id: str) -> Chosen | None:
        """The same; None where it is not as the bank left it."""
        return self._verified(tx, customer_id, store.held(tx, customer_id))

    def seen(self, tx: Tx, customer_id: str) -> Chosen:
        """In a snapshot, for showing. Raises ProtectionsAltered."""
        chosen = self._verified(tx, customer_id, store.seen(tx, customer_id))
        if chosen is None:
            raise ProtectionsAltered
        return chosen

    def for_change(self, tx: Tx, customer_id: str) -> Chosen | None:
        """Locked, to be given back to `change`. None where it is not as the bank left it."""
        row = store.locked(tx, customer_id)
        if row is None:
            if self._verified(tx, customer_id, None) is None:
                return None
            store.make(tx, self._row(Chosen(customer_id=customer_id)))
            row = store.locked(tx, customer_id)
        return self._verified(tx, customer_id, row)

    def change(self, tx: Tx, after: Chosen, *, leaves: int = 1) -> None:
        """Seal what `for_change` gave, with the change, whose leaf this transaction emits."""
        store.put(tx, self._row(replace(after, version=after.version + leaves)))

    def adopt(self, tx: Tx, customer_id: str) -> bool:
        """Seal the rows as they are, where nothing was sealed yet. Only for what stood before."""
        if store.locked(tx, customer_id) is not None:
            return False
        return store.make(tx, self._row(_rows(tx, customer_id)))

    def limits_hold(self, tx: Tx, customers: set[str]) -> set[str]:
        """In the ledger's transaction, the limits locked: whose are as the customer left them."""
        fit = {
            one.customer_id
            for one in store.limits_now(tx, sorted(customers))
            if self._fits(one.row, one.customer_id, one.leaves, one.limits)
        }
        for customer_id in sorted(customers - fit):
            self._on_altered(customer_id)
        return fit

    def _verified(self, tx: Tx, customer_id: str, row: store.Sealed | None) -> Chosen | None:
        chosen = _rows(tx, customer_id)
        if row is None and chosen.version:  # perhaps the first choice was made this very moment
            row = store.seen(tx, customer_id)
            chosen = _rows(tx, customer_id)
        known = NOTHING if row is None else row.chosen
        fits = self._fits(row, customer_id, chosen.version, chosen.limits)
        if fits and chosen.digest() == known:
            return chosen
        self._on_altered(customer_id)
        return None

    def _fits(
        self, row: store.Sealed | None, customer_id: str, leaves: int, limits: OwnLimits
    ) -> bool:
        """Whether the sealed row is the latest one, and of these limits."""
        if row is None:
            return leaves == 0 and limits == NO_LIMITS
        seal = self._seal(customer_id, leaves, row.chosen, limits)
        return row.version == leaves and hmac.compare_digest(row.seal, seal)

    def _row(self, chosen: Chosen) -> store.Sealed:
        digest = chosen.digest()
        seal = self._seal(chosen.customer_id, chosen.version, digest, chosen.limits)
        return store.Sealed(chosen.customer_id, chosen.version, digest, seal)

    def _seal(self, customer_id: str, version: int, digest: bytes, limits: OwnLimits) -> bytes:
        """One line a field: ids and numbers of ours, which hold no line of their own."""
        said = f"{customer_id}\n{version}\n{digest.hex()}\n"
        said += f"{limits.per_transfer}\n{limits.per_day}\n{limits.designated}"
        return self._fields.index(_PURPOSE, said)


def _rows(tx: Tx, customer_id: str) -> Chosen:
    """As the rows say, and as many changes as the log tells of."""
    return Chosen(
        customer_id=customer_id,
        version=log.choices(tx.connection, customer_id),
        settings=safeguards_store.of_customer(tx, customer_id),
        payees=tuple(safeguards_store.payees(tx, customer_id)),
        devices=tuple(devices_store.signed_for(tx, customer_id)),
        limits=accounts.own_limits(tx, customer_id) or NO_LIMITS,
    )
