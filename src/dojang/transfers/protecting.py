"""A customer's safeguards and designated payees: shown, changed by a signed act, removed."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    TooManyDesignated,
)
from dojang.transfers.payees import Payees
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

    def __init__(self, db: Database, ids: Ids, payees: Payees) -> None:
        self._db = db
        self._ids = ids
        self._payees = payees

    def show(self, customer_id: str) -> Protection:
        with self._db.snapshot() as tx:
            chosen = store.of_customer(tx, customer_id)
            present = policy.current(tx)
            return Protection(
                settings={name: chosen.get(name, Setting()).folded(tx.now) for name in Safeguard},
                rules=present.safeguards,
                unregistered_per_day=present.transfers.unregistered_per_day,
                unregistered=unregistered(accounts.limits(tx, customer_id)),
            )

    def designated(self, customer_id: str) -> list[DesignatedPayee]:
        """The list, also with those that do not count yet."""
        with self._db.snapshot() as tx:
            return store.payees(tx, customer_id)

    def remove(self, customer_id: str, payee_id: str) -> None:
        """At once, without a signature: less may be sent afterwards. Raises NotFound."""
        with self._db.transaction() as tx:
            if not store.remove_payee(tx, customer_id, payee_id):
                raise NotFound
            tx.emit(PayeeRemoved(subject=customer_id, payee_id=payee_id))

    def prepare(self, tx: Tx, session: Session, asked: dict[str, Json]) -> Asked:
        """The act `safeguards`. Raises Malformed outside the policy's bounds, IdentityNeeded."""
        wishes = checked(asked, policy.current(tx).safeguards)
        identified = session.identified(tx.now)
        settings = store.of_customer(tx, session.customer_id)
        if not identified and needs_identity(settings, wishes, tx.now):
            raise IdentityNeeded
        members = {name.value: figure for name, figure in wishes.items()}
        return Asked(members=members, reference=IDENTIFIED if identified else "")

    def on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE, by the rules of now: a wish that the policy no longer knows does nothing.

        Neither does one that weakens by now and was asked for by somebody not identified then.
        """
        rules = policy.current(tx).safeguards
        try:
            wishes = checked(_own_members(signed), rules)
        except Malformed:
            return
        settings = store.of_customer_locked(tx, signed.customer_id)
        if signed.reference != IDENTIFIED and needs_identity(settings, wishes, tx.now):
            return
        after = changed(settings, wishes, rules, tx.now)
        for name, setting in after.items():
            store.put(tx, signed.customer_id, name, setting)
        _tell_the_ledger(tx, signed.customer_id, after)
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
        bank, account = str(asked["payee_bank"]), str(asked["payee_account"])
        if store.payee_since(tx, session.customer_id, bank, account) is not None:
            raise AlreadyDesignated
        most = policy.current(tx).safeguards.designated_max
        if store.payee_count(tx, session.customer_id) >= most:
            raise TooManyDesignated(limit=most)
        return Asked(members=asked)

    def on_payee_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE. Signed twice, the account stands on the list once."""
        members = _own_members(signed)
        rules = policy.current(tx).safeguards
        if store.payee_count(tx, signed.customer_id) >= rules.designated_max:
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
                before = store.of_customer_locked(tx, customer_id)
                after = {
                    name: one.folded(tx.now)
                    for name, one in before.items()
                    if one.folded(tx.now) != one
                }
                for name, setting in after.items():
                    store.put(tx, customer_id, name, setting)
                _tell_the_ledger(tx, customer_id, after)
        return len(due)


def unregistered(limits: Limits) -> tuple[int, int] | None:
    """(limit, used today) of payees that are not designated; None while the service is off."""
    if limits.unregistered_per_day is None:
        return None
    return limits.unregistered_per_day, limits.use.unregistered


def is_designated(tx: Tx, customer_id: str, bank: str, account: str, owner: str | None) -> bool:
    """Whether this payee counts as designated now. One's own accounts always do."""
    if owner == customer_id:
        return True
    since = store.payee_since(tx, customer_id, bank, account)
    return since is not None and tx.now >= since


def _tell_the_ledger(tx: Tx, customer_id: str, after: Mapping[Safeguard, Setting]) -> None:
    """The ledger enforces the day's limit of unregistered payees, under its own lock."""
    setting = after.get(Safeguard.DESIGNATED_ONLY)
    if setting is not None:
        accounts.designate(tx, customer_id, on=setting.value == ON)


def _own_members(signed: Signed) -> dict[str, Any]:
    """What the act says beyond the members of every act."""
    members = messages.read(signed.message)[1]
    return {name: value for name, value in members.items() if name not in messages.ACT_MEMBERS}
