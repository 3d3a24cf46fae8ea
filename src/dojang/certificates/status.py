"""What the authority says about a certificate now: OCSP and CRL, from bytes to bytes.

Both read the rows that a revocation changed in its own transaction, so both are right at once.
Not inside a transaction: they sign.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.certificates import crl, der, ocsp, profiles, store, store_authority
from dojang.certificates.authority import Authority, Responder
from dojang.certificates.model import Certificate, Standing
from dojang.certificates.ocsp import Asked, Good, IssuerHashes, Revoked, Unknown, Verdict
from dojang.certificates.store_authority import CrlRow, Listed
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.vault import Vault

SERIAL_BITS: Final = 128
CRL_ATTEMPTS: Final = 5


class Busy(Exception):
    """Other processes kept taking the next CRL number. Ask again."""


@dataclass(frozen=True)
class Answer:
    """An OCSP answer, and until when a cache may repeat it (None: not at all)."""

    der: bytes
    this_update: Instant
    next_update: Instant
    cacheable: bool


class Status:
    """The responder and the list of one issuing CA."""

    def __init__(self, db: Database, vault: Vault, authority: Authority) -> None:
        self._db = db
        self._vault = vault
        self._authority = authority
        self._issuer = IssuerHashes(authority.signer.name, authority.issuing_key_bits)
        self._crl_mutex = threading.Lock()
        with db.transaction() as tx:
            store_authority.start_counting(tx)

    def ocsp(self, request: bytes) -> bytes:
        """An OCSPResponse for an OCSPRequest, whatever the bytes are."""
        return self.answer(request).der

    def about(self, serials: Sequence[int]) -> list[bytes]:
        """An OCSPResponse about each of our certificates, all as of one snapshot, no nonce."""
        responder = self._authority.responder()
        with self._db.snapshot() as tx:
            this_update = _whole_second(tx.now)
            seconds = policy.current(tx).status.ocsp_seconds
            asked = [self._issuer.asked(serial) for serial in serials]
            verdicts = [(one, self._verdict(tx, one)) for one in asked]
        next_update = Instant(this_update + seconds * SECOND)
        return [
            self._signed_answer(responder, [one], this_update, next_update, None)
            for one in verdicts
        ]

    def answer(self, request: bytes) -> Answer:
        """As `ocsp`, with the times a web cache wants to know (RFC 5019 6)."""
        try:
            parsed = ocsp.parse(request)
        except der.BadDer:
            refused = ocsp.trouble(ocsp.Trouble.MALFORMED_REQUEST)
            return Answer(refused, Instant(0), Instant(0), cacheable=False)
        responder = self._authority.responder()
        with self._db.snapshot() as tx:
            this_update = _whole_second(tx.now)
            seconds = policy.current(tx).status.ocsp_seconds
            answers = [(asked, self._verdict(tx, asked)) for asked in parsed.asked]
        next_update = Instant(this_update + seconds * SECOND)
        made = self._signed_answer(responder, answers, this_update, next_update, parsed.nonce)
        return Answer(made, this_update, next_update, cacheable=parsed.nonce is None)

    def crl(self) -> bytes:
        """The list of this moment: the stored one while nothing changed and half its life is left.

        Raises `Busy` when other processes were faster several times in a row.
        """
        with self._crl_mutex:
            for _ in range(CRL_ATTEMPTS):
                current = self._current_crl()
                if current is not None:
                    return current
        raise Busy

    def _signed_answer(
        self,
        responder: Responder,
        answers: Sequence[tuple[Asked, Verdict]],
        this_update: Instant,
        next_update: Instant,
        nonce: bytes | None,
    ) -> bytes:
        data = ocsp.response_data(
            responder.key_hash,
            answers,
            this_update=this_update,
            next_update=next_update,
            nonce=nonce,
        )
        signature = self._vault.sign(responder.key_label, data)
        return ocsp.response(data, profiles.ECDSA_SHA256, signature, responder.der)

    def _verdict(self, tx: Tx, asked: Asked) -> Verdict:
        """Never good for a serial that was not given out (RFC 6960 2.2, SECURITY 23)."""
        if not self._issuer.is_meant(asked) or asked.serial.bit_length() > SERIAL_BITS:
            return Unknown()
        serial = profiles.serial_text(asked.serial)
        found = store.certificate_by_serial(tx, serial)
        if found is not None:
            return _verdict_of(found)
        return Good() if store_authority.is_office(tx, serial) else Unknown()

    def _current_crl(self) -> bytes | None:
        with self._db.snapshot() as tx:
            newest = store_authority.newest_crl(tx)
            changes = store_authority.changes(tx)
            seconds = policy.current(tx).status.crl_seconds
            now = _whole_second(tx.now)
            if newest is not None and _still_true(newest, changes, now):
                return newest.der
            listed = store_authority.listed(tx)
        made = self._signed_crl(
            number=1 if newest is None else newest.number + 1,
            changes=changes,
            now=now,
            next_update=Instant(now + seconds * SECOND),
            listed=listed,
        )
        with self._db.transaction() as tx:
            return made.der if store_authority.add_crl(tx, made) else None

    def _signed_crl(
        self, *, number: int, changes: int, now: Instant, next_update: Instant, listed: list[Listed]
    ) -> CrlRow:
        signer = self._authority.signer
        tbs = crl.tbs(
            signer, number=number, this_update=now, next_update=next_update, listed=listed
        )
        signature = self._vault.sign(self._authority.issuing_label, tbs)
        made = profiles.assemble(tbs, signer.algorithm, signature)
        return CrlRow(number, changes, now, next_update, made)


def _verdict_of(found: Certificate) -> Verdict:
    if found.standing is Standing.ISSUED:
        return Good()
    if found.standing is Standing.PREPARED or found.reason is None:
        return Unknown()
    return Revoked(found.changed_at, found.reason)


def _still_true(newest: CrlRow, changes: int, now: Instant) -> bool:
    half = (newest.next_update - newest.this_update) // 2
    fresh = newest.this_update <= now < newest.next_update - half
    return newest.changes == changes and fresh


def _whole_second(now: Instant) -> Instant:
    return Instant(now - now % SECOND)
