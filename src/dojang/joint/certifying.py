"""From a signed request to a certificate, and the end of one.

    tx   the request is signed and still may; the intent is stored   (PREPARED)
    —    the issuer makes the certificate: serial, lint, key
    tx   may it still?; the old one is revoked, the new one counts    (ISSUED)

A crash anywhere is mended by asking again: the same intent, the same serial, the same bytes.
"""

import hashlib
from typing import Final

from dojang import policy
from dojang.db import Database, Tx
from dojang.joint import model, requesting, store, store_cmp
from dojang.joint.events import JointIssued, JointRevoked
from dojang.joint.issuing import JointCertificateIssuer, Made, Order
from dojang.joint.model import (
    CRL_REASONS,
    Certificate,
    JointNotSigned,
    JointRequestOver,
    Op,
    Plan,
    Reason,
    Request,
    Standing,
    Step,
)
from dojang.joint.requesting import Requests
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.ids import Ids
from dojang.kernel.problem import NotFound, Problem

SWEPT_MAX: Final = 100


class Certifying:
    """Issues, renews and reissues what was signed for; revokes."""

    def __init__(self, db: Database, ids: Ids, plan: Plan, issuer: JointCertificateIssuer) -> None:
        self._db = db
        self._ids = ids
        self._plan = plan
        self._issuer = issuer
        self.requests: Requests

    def certificate(self, customer_id: str, request_id: str) -> Certificate:
        """The certificate that was signed for; the same when asked again.

        Raises NotFound, JointNotSigned, JointRequestOver, Unavailable.
        """
        order = self._ordered(customer_id, request_id)
        if isinstance(order, Certificate):
            return order
        made = self._issuer.issue(order)
        outcome = self._counts(customer_id, request_id, made)
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    def revoke_asked(self, tx: Tx, request: Request) -> bool:
        """What a signed revocation asks for. False where it was ended meanwhile."""
        found = store.certificate(tx, request.customer_id, request.concerns or "", locked=True)
        if found is None or request.reason is None or found.standing is not Standing.ISSUED:
            return False
        return self.revoke(tx, found, request.reason)

    def revoke(self, tx: Tx, found: Certificate, reason: Reason) -> bool:
        """End it: CRL and OCSP say so from this commit on. False where it had ended."""
        if not store.revoke(tx, found.id, reason):
            return False
        tx.emit(
            JointRevoked(
                subject=found.customer_id,
                certificate_id=found.id,
                serial=found.serial or 0,
                reason=str(reason),
                crl_reason=CRL_REASONS[reason],
            )
        )
        return True

    def end(self, found: Certificate, reason: Reason) -> None:
        """As an operator does it, in a transaction of its own."""
        with self._db.transaction() as tx:
            self.revoke(tx, found, reason)

    def sweep(self) -> int:
        """End what nothing came of: intents, and what no CMP client confirmed (RFC 4210 5.3.18).

        An intent may be taken up again while its request lives, and not after.
        """
        with self._db.transaction() as tx:
            before = Instant(tx.now - 2 * policy.current(tx).joint.request_seconds * SECOND)
            found = store.left_behind(tx, before, SWEPT_MAX)
            for transaction_id, customer_id, certificate_id in store_cmp.unconfirmed(
                tx, before, SWEPT_MAX
            ):
                store_cmp.confirm(tx, transaction_id)
                found.append(_must(store.certificate(tx, customer_id, certificate_id, locked=True)))
            return sum(self.revoke(tx, one, Reason.NOT_ISSUED) for one in found)

    def tell(self) -> int:
        """Tell another CA of what ended; what it cannot hear now it hears at the next time.

        Raises Unavailable, JointCaRefused: all others were told.
        """
        if self._issuer.kind == "local":
            return 0
        with self._db.snapshot() as tx:
            found = store.untold(tx, SWEPT_MAX)
        refused: Problem | None = None
        for one in found:
            try:
                self._issuer.ended(one.serial or 0, one.reason or Reason.OTHER)
            except model.JointCaRefused as problem:
                refused = problem
                continue
            with self._db.transaction() as tx:
                store.told(tx, one.id)
        if refused is not None:
            raise refused
        return len(found)

    def _ordered(self, customer_id: str, request_id: str) -> Order | Certificate:
        """The stored intent, or the certificate where it was made before."""
        with self._db.transaction() as tx:
            request = self._ready(tx, customer_id, request_id)
            if request.step is Step.DONE and request.certificate_id is not None:
                return _must(store.certificate(tx, customer_id, request.certificate_id))
            certificate_id, serial = request.certificate_id, None
            if certificate_id is None:
                certificate_id = self._intend(tx, request)
            else:
                serial = _must(store.certificate(tx, customer_id, certificate_id)).serial
            name, real_name = self.requests.names_of(request)
        if request.spki is None or request.virtual_id is None:
            raise JointRequestOver
        return Order(
            id=certificate_id,
            kind=request.kind,
            subject=self._plan.subject(request.kind, name),
            real_name=real_name,
            policy=request.policy,
            spki=request.spki,
            virtual_id=request.virtual_id,
            enclosed=request.enclosed,
            not_before=request.not_before,
            not_after=request.not_after,
            serial=serial,
        )

    def _ready(self, tx: Tx, customer_id: str, request_id: str) -> Request:
        request = store.request(tx, customer_id, request_id, locked=True)
        if request is None:
            raise NotFound
        if request.step is Step.DONE and request.op is not Op.REVOKE:
            return request
        if request.step is Step.WAITING and tx.now <= request.expires_at:
            raise JointNotSigned
        if request.step is not Step.SIGNED or tx.now > request.expires_at:
            raise JointRequestOver
        if request.spki is None:
            raise JointRequestOver
        return request

    def _intend(self, tx: Tx, request: Request) -> str:
        certificate_id = self._ids.uuid7()
        row = {
            "id": certificate_id,
            "customer_id": request.customer_id,
            "kind": str(request.kind),
            "policy": request.policy,
            "standing": str(Standing.PREPARED),
            "current": None,
            "serial": None,
            "not_before": request.not_before,
            "not_after": request.not_after,
            "spki_hash": model.key_hash(request.spki or b""),
            "der": None,
            "issued_at": None,
            "changed_at": tx.now,
            "reason": None,
            "replaces": request.concerns,
        }
        if not store.prepare(tx, row):
            raise model.JointKeyRefused(reason="used")
        store.move(tx, request.id, Step.SIGNED, certificate_id)
        return certificate_id

    def _counts(self, customer_id: str, request_id: str, made: Made) -> Certificate | Problem:
        """Everything becomes true together. A refusal is remembered, hence a value."""
        with self._db.transaction() as tx:
            request = store.request(tx, customer_id, request_id, locked=True)
            if request is None or request.certificate_id is None:
                return JointRequestOver()
            if request.step is Step.DONE:
                return _must(store.certificate(tx, customer_id, request.certificate_id))
            refused = self._replaced(tx, request)
            if refused is None and not store.issue(
                tx, request.certificate_id, made.serial, made.der
            ):
                refused = JointRequestOver()
            if refused is not None:
                found = _must(store.certificate(tx, customer_id, request.certificate_id))
                store.number(tx, found.id, made.serial)
                self.revoke(tx, found, Reason.NOT_ISSUED)
                store.move(tx, request.id, Step.OVER)
                return JointRequestOver()
            store.move(tx, request.id, Step.DONE)
            _emit_issued(tx, request, made)
            return _must(store.certificate(tx, customer_id, request.certificate_id))

    def _replaced(self, tx: Tx, request: Request) -> Problem | None:
        """Make room: the one that is renewed or reissued ends, an expired one steps aside."""
        standing = store.current(tx, request.customer_id, request.kind)
        concerned = None
        if request.concerns is not None:
            concerned = store.certificate(tx, request.customer_id, request.concerns, locked=True)
        rules = policy.current(tx).joint
        refused = requesting.refused_now(tx, request, concerned, rules)
        if refused is not None:
            return refused
        if concerned is not None:
            self.revoke(tx, concerned, Reason.SUPERSEDED)
        elif standing is not None:
            store.let_go(tx, standing.id)
        return None


def _emit_issued(tx: Tx, request: Request, made: Made) -> None:
    tx.emit(
        JointIssued(
            subject=request.customer_id,
            certificate_id=request.certificate_id or "",
            op=str(request.op),
            serial=made.serial,
            fingerprint=hashlib.sha256(made.der).digest(),
            not_after=request.not_after,
            replaces=request.concerns or "",
            request_id=request.id,
        )
    )


def _must(found: Certificate | None) -> Certificate:
    if found is None:
        raise NotFound
    return found
