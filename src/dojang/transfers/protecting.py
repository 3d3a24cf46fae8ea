"""A customer's safeguards and designated payees: shown, changed by a signed act, removed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from dojang import policy
from dojang.crypto import messages
from dojang.crypto.jcs import Json
from dojang.customers import Session
from dojang.db import Database, Tx
from dojang.kernel.clock import HOUR, Instant
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Malformed, NotFound
from dojang.ledger import Limits, accounts
from dojang.policy.model import Safeguards as Rules
from dojang.signing.acts import Asked
from dojang.signing.model import Signed
from dojang.transfers import safeguards_store as store
from dojang.transfers.events import PayeeDesignated, PayeeRemoved, SafeguardsChanged
from dojang.transfers.model import (
    IDENTIFIED,
    AlreadyDesignated,
    DesignatedPayee,
    IdentityNeeded,
    ProtectionsAltered,
    TooManyDesignated,
)
from dojang.transfers.payees import Payees
from dojang.transfers.protections import Chosen, Protections
from dojang.transfers.safeguards import (
    ON,
    Safeguard,
    Setting,
    changed,
    checked,
    needs_identity,
)

ACT: Final = "safeguards"
DESIGNATE: Final = "designate_payee"
SWEPT_MAX: Final = 100
_PAYEE: Final = frozenset({"payee_bank", "payee_account", "payee_holder"})


@dataclass(frozen=True, kw_only=True)
class Protection:
    """The whole answer of the safeguards screen."""

    settings: Mapping[Safeguard, Setting]
    rules: Rules
    unregistered_per_day: int
    unregistered: tuple[int, int] | None
    """(limit, used today) of payees that are not designated; None while the service is off."""


class Protecting:
    """Reads and changes what a customer chose. Strengthening is at once, weakening waits."""

    def __init__(self, db: Database, ids: Ids, payees: Payees, protections: Protections) -> None:
        self._db = db
        self._ids = ids
        self._payees = payees
        self._protections = protections

    def show(self, customer_id: str) -> Protection:
        """Raises ProtectionsAltered."""
        with self._db.snapshot() as tx:
            chosen = self._protections.seen(tx, customer_id).settings
            present = policy.current(tx)
            return Protection(
                settings={name: chosen.get(name, Setting()).folded(tx.now) for name in Safeguard},
                rules=present.safeguards,
                unregistered_per_day=present.transfers.unregistered_per_day,
                unregistered=unregistered(accounts.limits(tx, customer_id)),
            )

    def designated(self, customer_id: str) -> list[DesignatedPayee]:
        """The list, also with those that do not count yet. Raises ProtectionsAltered."""
        with self._db.snapshot() as tx:
            return list(self._protections.seen(tx, customer_id).payees)

    def remove(self, customer_id: str, payee_id: str) -> None:
        """At once, without a signature: less may be sent afterwards.

        Raises NotFound, ProtectionsAltered.
        """
        with self._db.transaction() as tx:
            chosen = self._protections.for_change(tx, customer_id)
            if chosen is None:
                raise ProtectionsAltered
            if not store.remove_payee(tx, customer_id, payee_id):
                raise NotFound
            left = tuple(one for one in chosen.payees if one.id != payee_id)
            self._protections.change(tx, replace(chosen, payees=left))
            tx.emit(PayeeRemoved(subject=customer_id, payee_id=payee_id))

    def prepare(self, tx: Tx, session: Session, asked: dict[str, Json]) -> Asked:
        """The act `safeguards`. Raises Malformed outside the policy's bounds, IdentityNeeded."""
        wishes = checked(asked, policy.current(tx).safeguards)
        identified = session.identified(tx.now)
        settings = self._protections.of(tx, session.customer_id).settings
        if not identified and needs_identity(settings, wishes, tx.now):
            raise IdentityNeeded
        members = {name.value: figure for name, figure in wishes.items()}
        return Asked(members=members, reference=IDENTIFIED if identified else "")

    def on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE, by the rules of now: a wish that the policy no longer knows does nothing.

        Neither does one that weakens by now and was asked for by somebody not identified then, nor
        any where what stands was changed behind our back.
        """
        rules = policy.current(tx).safeguards
        try:
            wishes = checked(_own_members(signed), rules)
        except Malformed:
            return
        chosen = self._protections.for_change(tx, signed.customer_id)
        if chosen is None:
            return
        if signed.reference != IDENTIFIED and needs_identity(chosen.settings, wishes, tx.now):
            return
        after = changed(chosen.settings, wishes, rules, tx.now)
        self._protections.change(tx, _written(tx, chosen, after))
        waits = [one.later_at for one in after.values() if one.later_at is not None]
        tx.emit(
            SafeguardsChanged(
                subject=signed.customer_id,
                settings=[f"{name.value}={figure}" for name, figure in sorted(wishes.items())],
                effective_at=max(waits, default=tx.now),
                authorization=signed.request_id,
            )
        )

    def holder_of(self, session: Session, asked: dict[str, Json]) -> dict[str, Json]:
        """Before the act `designate_payee`, outside its transaction: whose account is it?"""
        bank, account = asked.get("payee_bank"), asked.get("payee_account")
        if not isinstance(bank, str) or not isinstance(account, str):
            raise Malformed
        found = self._payees.look_up(session.customer_id, bank, account).payee
        return {
            "payee_bank": found.bank,
            "payee_account": found.account,
            "payee_holder": found.holder,
        }

    def prepare_payee(self, tx: Tx, session: Session, asked: dict[str, Json]) -> Asked:
        """The act `designate_payee`. Raises AlreadyDesignated, TooManyDesignated."""
        if set(asked) != _PAYEE:
            raise Malformed
        chosen = self._protections.of(tx, session.customer_id)
        if chosen.payee(str(asked["payee_bank"]), str(asked["payee_account"])) is not None:
            raise AlreadyDesignated
        most = policy.current(tx).safeguards.designated_max
        if len(chosen.payees) >= most:
            raise TooManyDesignated(limit=most)
        return Asked(members=asked)

    def on_payee_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE. Signed twice, the account stands on the list once."""
        members = _own_members(signed)
        rules = policy.current(tx).safeguards
        chosen = self._protections.for_change(tx, signed.customer_id)
        if chosen is None or len(chosen.payees) >= rules.designated_max:
            return
        payee = DesignatedPayee(
            id=self._ids.uuid7(),
            bank=members["payee_bank"],
            account=members["payee_account"],
            holder=members["payee_holder"],
            added_at=tx.now,
            effective_at=Instant(tx.now + rules.designated_wait_hours * HOUR),
        )
        if store.add_payee(tx, signed.customer_id, payee):
            after = replace(chosen, payees=(*chosen.payees, payee))
            self._protections.change(tx, after)
            tx.emit(
                PayeeDesignated(
                    subject=signed.customer_id,
                    payee_id=payee.id,
                    effective_at=payee.effective_at,
                    authorization=signed.request_id,
                )
            )

    def sweep(self) -> int:
        """Changes whose wait is over reach the ledger. Returns how many customers had one."""
        with self._db.snapshot() as tx:
            due = sorted(set(store.come_due(tx, SWEPT_MAX)))
        for customer_id in due:
            with self._db.transaction() as tx:
                chosen = self._protections.for_change(tx, customer_id)
                if chosen is None:
                    continue
                after = {
                    name: one.folded(tx.now)
                    for name, one in chosen.settings.items()
                    if one.folded(tx.now) != one
                }
                self._protections.change(tx, _written(tx, chosen, after), leaves=0)
        return len(due)


def unregistered(limits: Limits) -> tuple[int, int] | None:
    """(limit, used today) of payees that are not designated; None while the service is off."""
    if limits.unregistered_per_day is None:
        return None
    return limits.unregistered_per_day, limits.use.unregistered


def _written(tx: Tx, chosen: Chosen, after: Mapping[Safeguard, Setting]) -> Chosen:
    """Put the settings. The ledger enforces the day's limit of unregistered payees, under its own
    lock, and is told.
    """
    store.lay_out(tx, chosen.customer_id)
    for name, setting in after.items():
        store.put(tx, chosen.customer_id, name, setting)
    chosen = chosen.with_settings(after)
    designating = after.get(Safeguard.DESIGNATED_ONLY)
    if designating is None:
        return chosen
    on = designating.value == ON
    accounts.designate(tx, chosen.customer_id, on=on)
    return replace(chosen, limits=chosen.limits._replace(designated=int(on)))


def _own_members(signed: Signed) -> dict[str, Any]:
    """What the act says beyond the members of every act."""
    members = messages.read(signed.message)[1]
    return {name: value for name, value in members.items() if name not in messages.ACT_MEMBERS}
