"""Behind the log: for each signed transfer that was posted, its evidence and a time-stamp.

A cursor on the log, as the notifier is one. Evidence and cursor move in one transaction, so a
crash repeats a page and loses none; the first row stored for a transfer is the one for ever.
Nothing here stands in the way of money: it works in small pages with a rest after each.
"""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dojang.certificates import Authority, Status
from dojang.certificates.checking import read
from dojang.certificates.issuer import Issuer
from dojang.db import Database, Tx
from dojang.receipts import store
from dojang.receipts.model import Evidence
from dojang.receipts.store import Kept, Leaf
from dojang.timestamps import TimeStamps
from dojang.transfers import Order
from dojang.transfers import store as orders
from dojang.transfers.ordering import sign_certificate

PAGE: Final = 256
"""Leaves looked at between two transactions of ours."""
PAGES_AT_ONCE: Final = 40
"""Then it returns, to be called again: a house that stops does not wait for a backlog."""
REST_SECONDS: Final = 0.02


@dataclass(frozen=True)
class _Facts:
    """What the database knows of one posted transfer."""

    leaf: Leaf
    order: Order
    certificate: bytes


class Incomplete(LookupError):
    """A leaf speaks of an order, a signature or a certificate that is not there."""


class Collector:
    """One in each process; two do no harm."""

    def __init__(
        self,
        db: Database,
        authority: Authority,
        status: Status,
        time_stamps: TimeStamps,
        *,
        on_fault: Callable[[Exception], None],
    ) -> None:
        self._db = db
        self._authority = authority
        self._status = status
        self._time_stamps = time_stamps
        self._on_fault = on_fault
        self._resting = threading.Event()

    def catch_up(self) -> int:
        """What waits, up to a bound; how many receipts were begun.

        Raises what may be tried again: a database that is away, a time that cannot be had.
        """
        made = 0
        for _ in range(PAGES_AT_ONCE):
            with self._db.snapshot() as tx:
                first = store.position(tx)
                end = min(first + PAGE, store.log_size(tx))
                leaves = store.posted(tx, first, end)
                facts = self._known(tx, leaves)
            if not leaves and end - first < PAGE:
                return made
            made += self._kept(facts, end)
            if facts:
                self._resting.wait(REST_SECONDS)
        return made

    def owed(self, tx: Tx, customer_id: str, order_id: str) -> Callable[[], int] | None:
        """What makes a receipt that the cursor passed without making it; None: it is yet to come.

        Raises Incomplete.
        """
        reached = store.position(tx)
        leaf = store.leaf_of(tx, customer_id, store.POSTED, order_id, below=reached)
        if leaf is None:
            return None
        facts = _facts(tx, leaf)
        return lambda: self._kept([facts], reached)

    def _known(self, tx: Tx, leaves: Sequence[Leaf]) -> list[_Facts]:
        """Without those that break us, which must not hold up the rest: `owed` tries them again."""
        found = []
        for leaf in leaves:
            try:
                found.append(_facts(tx, leaf))
            except LookupError as fault:
                self._on_fault(fault)
        return found

    def _kept(self, facts: Sequence[_Facts], reached: int) -> int:
        made = self._collected(facts)
        with self._db.transaction() as tx:
            if made:
                store.keep(tx, made)
            store.advance(tx, reached)
        return len(made)

    def _collected(self, facts: Sequence[_Facts]) -> list[Kept]:
        """Outside transactions: the responder and the time-stamping authority sign."""
        serials = [read(one.certificate).serial_number for one in facts]
        made = []
        for one, answer in zip(facts, self._status.about(serials), strict=True):
            by = issuer_of(self._authority, one.certificate)
            evidence = self._evidence(one, answer, by)
            digest = hashlib.sha256(evidence.canonical()).digest()
            made.append(
                Kept(
                    evidence.transfer_id,
                    one.order.customer_id,
                    one.leaf.idx,
                    evidence.kept(),
                    self._time_stamps.token(digest, by),
                )
            )
        return made

    def _evidence(self, facts: _Facts, answer: bytes, by: Issuer) -> Evidence:
        order = facts.order
        return Evidence(
            transfer_id=order.id,
            payload=order.message,
            signature=order.signature or b"",
            certificate=facts.certificate,
            chain=self._authority.chain_of(by),
            ocsp=answer,
            tier=order.tier,
            factors=tuple(order.factors),
            policy_version=order.policy_version,
            leaf=facts.leaf.hash,
            posted_at=facts.leaf.fields["at"],
        )


def issuer_of(authority: Authority, certificate: bytes) -> Issuer:
    """Under whom a receipt stands whole: status, stamps and seal are of the customer's own CA."""
    by = authority.issuer_of(certificate)
    if by is None:
        raise Incomplete("a certificate of another CA")
    return by


def _facts(tx: Tx, leaf: Leaf) -> _Facts:
    order = orders.by_ids(tx, [leaf.order_id]).get(leaf.order_id)
    if order is None or order.signature is None:
        raise Incomplete("a posted transfer without a signed order")
    certificate = sign_certificate(tx, order.credential_id)
    if certificate is None:
        raise Incomplete("a posted transfer without a certificate")
    return _Facts(leaf, order, certificate)
