"""A receipt for its owner: collected when the money moved, completed when first asked for."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from dojang.certificates import Authority, Status
from dojang.certificates import store_authority as authorities
from dojang.crypto import jcs
from dojang.customers import Customers
from dojang.db import Database, Tx
from dojang.documents import Documents
from dojang.kernel.problem import NotFound
from dojang.receipts import model, store
from dojang.receipts.collecting import Collector, Incomplete, issuer_of
from dojang.receipts.model import (
    LOCALES,
    RETRY_AFTER_SECONDS,
    Bundle,
    Evidence,
    Logged,
    NoReceipt,
    ReceiptNotReady,
    Seal,
)
from dojang.receipts.store import Kept, Sealed
from dojang.timestamps import TimeNotAvailable, TimeStamps
from dojang.transfers import store as orders
from dojang.transfers.model import State
from dojang.transparency import Transparency

COMING: Final = frozenset({State.AUTHORISED, State.POSTED})
BankName = Callable[[str, str], str]
"""(bank code, locale) to the bank's name."""


class Receipts:
    """Opens its own transactions and touches the vault: never call it inside one."""

    def __init__(
        self,
        db: Database,
        *,
        authority: Authority,
        status: Status,
        time_stamps: TimeStamps,
        transparency: Transparency,
        documents: Documents,
        customers: Customers,
        bank_name: BankName,
        own_code: str,
        on_fault: Callable[[Exception], None],
    ) -> None:
        self._db = db
        self._authority = authority
        self._transparency = transparency
        self._documents = documents
        self._customers = customers
        self._bank_name = bank_name
        self._own_code = own_code
        self._on_fault = on_fault
        self._collector = Collector(db, authority, status, time_stamps, on_fault=on_fault)

    def catch_up(self) -> int:
        """Collect evidence for what was posted since the last time; how many receipts.

        While the clock is behind what was stamped before, receipts wait and others do not.
        """
        try:
            return self._collector.catch_up()
        except TimeNotAvailable as fault:
            self._on_fault(fault)
            return 0

    def bundle(self, customer_id: str, transfer_id: str) -> bytes:
        """The owner's receipt, the same bytes for ever.

        Raises NotFound, NoReceipt, ReceiptNotReady.
        """
        kept, evidence = self._evidence(customer_id, transfer_id)
        with self._db.snapshot() as tx:
            sealed = store.sealed(tx, transfer_id)
        if sealed is None:
            sealed = self._sealed(kept, evidence)
        return _bundle(kept, evidence, sealed).encode()

    def pdf(self, customer_id: str, transfer_id: str, locale: str | None) -> bytes:
        """The receipt as a signed PDF with the bundle inside, the same bytes for ever.

        Without a locale the customer's own. Raises as `bundle`.
        """
        bundle = self.bundle(customer_id, transfer_id)
        with self._db.snapshot() as tx:
            wanted = locale or self._customers.by_id(tx, customer_id).locale
            wanted = wanted if wanted in LOCALES else LOCALES[0]
            made = store.pdf(tx, transfer_id, wanted)
        return self._rendered(bundle, transfer_id, wanted) if made is None else made

    def _evidence(self, customer_id: str, transfer_id: str) -> tuple[Kept, Evidence]:
        with self._db.snapshot() as tx:
            kept = store.owned(tx, customer_id, transfer_id)
            make = None if kept is not None else self._owed(tx, customer_id, transfer_id)
            known = _certificates(tx)
        if make is not None:
            _made(make)
            with self._db.snapshot() as tx:
                kept = store.owned(tx, customer_id, transfer_id)
        if kept is None:
            raise ReceiptNotReady(retry_after_seconds=RETRY_AFTER_SECONDS)
        return kept, Evidence.from_kept(kept.evidence, known)

    def _owed(self, tx: Tx, customer_id: str, transfer_id: str) -> Callable[[], int] | None:
        """For an order without a receipt: what makes it now, or why there is none."""
        order = orders.by_ids(tx, [transfer_id]).get(transfer_id)
        if order is None or order.customer_id != customer_id:
            raise NotFound
        state = order.state_at(tx.now)
        if state not in COMING:
            raise NoReceipt(state=state.value)
        return self._collector.owed(tx, customer_id, transfer_id)

    def _sealed(self, kept: Kept, evidence: Evidence) -> Sealed:
        """Proofs and the bank's seal, stored; if somebody was quicker, theirs."""
        with self._db.snapshot() as tx:
            found = store.leaf_of(
                tx, kept.customer_id, store.AUTHORISED, kept.transfer_id, below=kept.log_idx
            )
        if found is None:
            raise Incomplete("a posted transfer that was never authorised")
        log = Logged(
            self._transparency.key,
            self._transparency.prove(found.idx),
            self._transparency.prove(kept.log_idx),
        )
        by = issuer_of(self._authority, evidence.certificate)
        given = self._documents.seal(
            lambda at: model.to_seal(evidence, kept.time_stamp, log, at), by
        )
        proofs = jcs.encode(log.to_json())
        made = Sealed(kept.transfer_id, proofs, given.at, given.certificate, given.signature)
        with self._db.transaction() as tx:
            store.seal(tx, made)
            first = store.sealed(tx, kept.transfer_id)
        return first or made

    def _rendered(self, bundle: bytes, transfer_id: str, locale: str) -> bytes:
        from dojang.receipts import picture

        def named(code: str) -> str:
            return self._bank_name(code, locale)

        own = named(self._own_code)
        page = picture.draw(bundle, locale=locale, own=own, bank_name=named)
        by = issuer_of(self._authority, model.parse(bundle).evidence.certificate)
        signed = self._documents.sign(page, reason=picture.title(locale), name=own, by=by)
        with self._db.transaction() as tx:
            store.keep_pdf(tx, transfer_id, locale, signed)
            first = store.pdf(tx, transfer_id, locale)
        return first or signed


def _made(make: Callable[[], int]) -> None:
    try:
        make()
    except TimeNotAvailable:
        raise ReceiptNotReady(retry_after_seconds=RETRY_AFTER_SECONDS) from None


def _certificates(tx: Tx) -> Mapping[bytes, bytes]:
    """Every CA certificate the house ever had, by SHA-256."""
    return {hashlib.sha256(row.der).digest(): row.der for row in authorities.cas(tx)}


def _bundle(kept: Kept, evidence: Evidence, sealed: Sealed) -> Bundle:
    log: dict[str, Any] = jcs.decode(sealed.log)
    seal = Seal(sealed.certificate, sealed.signature)
    proofs = Logged.from_json(log)
    return Bundle(evidence, kept.time_stamp, proofs, sealed.sealed_at, seal)
