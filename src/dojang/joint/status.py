"""What the joint CA says about its certificates now: OCSP and two lists, from bytes to bytes.

Both read the rows that a revocation changed in its own transaction, so both are right at once. The
lists carry a critical issuingDistributionPoint whose address is that of the certificates.
Not inside a transaction: they sign.
"""

import hashlib
import threading
from collections.abc import Sequence
from typing import Final

from dojang import policy
from dojang.certificates import der, ocsp
from dojang.certificates.lists import Busy
from dojang.certificates.model import CrlReason
from dojang.certificates.ocsp import GOOD, UNKNOWN, Asked, Form, IssuerHashes, Revoked, Verdict
from dojang.certificates.status import Answer
from dojang.db import Database, Tx
from dojang.joint import profile, store, store_authority
from dojang.joint.authority import CA, RESPONDER, ROOT, JointAuthority
from dojang.joint.model import CRL_REASONS, SERIAL_MAX, Reason, Standing
from dojang.joint.npki import parsing
from dojang.joint.profile import SHA256_RSA, Issuer
from dojang.joint.store_authority import CrlRow
from dojang.kernel.clock import SECOND, Instant
from dojang.vault import Vault

CRL_ATTEMPTS: Final = 5
_CRL_NUMBER: Final = "2.5.29.20"
_REASON: Final = "2.5.29.21"
_IDP: Final = "2.5.29.28"
_FILES: Final = {CA: "ca.crl", ROOT: "root.crl"}
Listed = tuple[int, Instant, Reason]


class JointStatus:
    """The responder and the lists of the joint CA."""

    def __init__(
        self, db: Database, vault: Vault, authority: JointAuthority, *, ours: bool = True
    ) -> None:
        """Not `ours`: another CA issues to holders, and says itself how they stand."""
        self._db = db
        self._vault = vault
        self._authority = authority
        self._ours = ours
        self._mutex = threading.Lock()

    def answer(self, request: bytes) -> Answer:
        """An OCSPResponse for an OCSPRequest, whatever the bytes are."""
        try:
            parsed = ocsp.parse(request)
        except der.BadDer:
            refused = ocsp.trouble(ocsp.Trouble.MALFORMED_REQUEST)
            return Answer(refused, Instant(0), Instant(0), cacheable=False)
        responder = self._authority.office(RESPONDER)
        ca = parsing.certificate(self._authority.anchors.ca)
        issuer = IssuerHashes(ca.subject, _key_bits(ca.spki))
        with self._db.snapshot() as tx:
            now = _whole_second(tx.now)
            seconds = policy.current(tx).status.ocsp_seconds
            answers = [(asked, self._verdict(tx, issuer, asked)) for asked in parsed.asked]
        ends = Instant(now + seconds * SECOND)
        key_hash = hashlib.sha1(_key_bits(responder.spki)).digest()  # noqa: S324 - a name
        form = Form(responder.der, key_hash, this_update=now, next_update=ends)
        data = form.data(answers, parsed.nonce)
        signature = self._vault.sign(responder.key_label, data)
        made = form.response(data, SHA256_RSA, signature)
        return Answer(made, now, ends, cacheable=parsed.nonce is None)

    def _verdict(self, tx: Tx, issuer: IssuerHashes, asked: Asked) -> Verdict:
        """Never good for a serial that was not given out (RFC 6960 2.2)."""
        if not issuer.is_meant(asked) or asked.serial > SERIAL_MAX:
            return UNKNOWN
        found = store.by_serial(tx, asked.serial) if self._ours else None
        if found is None:
            return GOOD if store_authority.is_office(tx, asked.serial) else UNKNOWN
        if found.standing is Standing.ISSUED:
            return GOOD
        if found.standing is Standing.PREPARED or found.reason is None:
            return UNKNOWN
        return Revoked(found.changed_at, CrlReason(CRL_REASONS[found.reason]))

    def crl(self) -> bytes:
        """Of holders and offices: the stored list while nothing changed and half its life is left.

        Raises `Busy` when other processes were faster several times in a row.
        """
        return self._list(CA)

    def root_crl(self) -> bytes:
        """Of CAs: nothing ever stood in it."""
        return self._list(ROOT)

    def _list(self, issuer: str) -> bytes:
        self._authority.chain  # noqa: B018 - made before the database is read
        with self._mutex:
            for _ in range(CRL_ATTEMPTS):
                found = self._current(issuer)
                if found is not None:
                    return found
        raise Busy

    def _current(self, issuer: str) -> bytes | None:
        with self._db.snapshot() as tx:
            newest = store_authority.newest_crl(tx, issuer)
            changes = store.counted(tx, store.CHANGES) if issuer == CA else 0
            seconds = policy.current(tx).joint.crl_seconds
            now = _whole_second(tx.now)
            if newest is not None and _still_true(newest, changes, now):
                return newest.der
            listed = store.listed(tx) if issuer == CA and self._ours else []
        number = 1 if newest is None else newest.number + 1
        ends = Instant(now + seconds * SECOND)
        row = CrlRow(
            issuer=issuer,
            number=number,
            changes=changes,
            this_update=now,
            next_update=ends,
            der=self._signed(issuer, number, now, ends, listed),
        )
        with self._db.transaction() as tx:
            return row.der if store_authority.add_crl(tx, row) else None

    def _signed(
        self, issuer: str, number: int, now: Instant, ends: Instant, listed: Sequence[Listed]
    ) -> bytes:
        anchors, address = self._authority.anchors, self._authority.plan.url(_FILES[issuer])
        if issuer == CA:
            return self._authority.sign(tbs(anchors.issuer, address, number, now, ends, listed))
        return self._authority.sign_as_root(tbs(anchors.above, address, number, now, ends, listed))


def tbs(
    issuer: Issuer,
    address: str,
    number: int,
    this_update: Instant,
    next_update: Instant,
    listed: Sequence[Listed],
) -> bytes:
    """TBSCertList, version 2 (RFC 5280 5.1; KCAC.TS.CRLPROF 1.50)."""
    entries = b"".join(_entry(one) for one in listed)
    point = der.sequence(profile.point_name(address))
    extensions = der.sequence(
        profile.authority_key(issuer),
        profile.extension(_CRL_NUMBER, der.integer(number)),
        profile.extension(_IDP, point, critical=True),
    )
    return der.sequence(
        der.integer(1),
        SHA256_RSA,
        issuer.name.der,
        der.time(this_update),
        der.time(next_update),
        der.sequence(entries) if entries else b"",
        der.explicit(0, extensions),
    )


def _entry(one: Listed) -> bytes:
    serial, since, reason = one
    code = profile.extension(_REASON, der.enumerated(CRL_REASONS[reason]))
    return der.sequence(der.integer(serial), der.time(since), der.sequence(code))


def _key_bits(spki: bytes) -> bytes:
    return der.read(spki).children()[1].value[1:]


def _still_true(newest: CrlRow, changes: int, now: Instant) -> bool:
    half = (newest.next_update - newest.this_update) // 2
    fresh = newest.this_update <= now < newest.next_update - half
    return newest.changes == changes and fresh


def _whole_second(now: Instant) -> Instant:
    return Instant(now - now % SECOND)
