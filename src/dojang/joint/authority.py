"""The joint CA: a root, a CA, and three offices with keys of their own; made when first asked for.

Five RSA keys take a second to draw, and most banks of the tests never issue a joint certificate.
The CA's key signs certificates and lists only: it has no digitalSignature, so CMP messages and OCSP
answers are signed by offices, and R is encrypted to a third.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import serialization

from dojang.certificates.profiles import assemble
from dojang.db import Database
from dojang.joint import model, profile, store, store_authority
from dojang.joint.model import FIRST_SERIAL, Plan
from dojang.joint.npki import parsing
from dojang.joint.npki.names import Name
from dojang.joint.profile import CA_SERIAL, ROOT_SERIAL, SHA256_RSA, Issuer, Subject
from dojang.joint.store_authority import AuthorityRow
from dojang.kernel.clock import DAY, Clock, Instant
from dojang.vault import KeyKind, Vault, ensure

ROOT: Final = "root"
CA: Final = "ca"
RESPONDER: Final = "ocsp"
MESSENGER: Final = "cmp"
OPENER: Final = "opener"
LABELS: Final = {role: f"joint-{role}" for role in (ROOT, CA, RESPONDER, MESSENGER, OPENER)}
_OFFICE_NAMES: Final = {
    RESPONDER: "OpenSign Test OCSP",
    MESSENGER: "OpenSign Test CMP",
    OPENER: "OpenSign Test Encryption",
}
_OFFICE_PROFILES: Final[dict[str, Callable[[Plan, Issuer, Subject], bytes]]] = {
    RESPONDER: profile.responder,
    MESSENGER: profile.messenger,
    OPENER: profile.opener,
}


class Uncertain(Exception):
    """A certificate that was just signed does not verify; nothing was stored."""


@dataclass(frozen=True)
class Office:
    """Who holds an office now."""

    key_label: str
    der: bytes

    @property
    def spki(self) -> bytes:
        return parsing.certificate(self.der).spki


@dataclass(frozen=True)
class Anchors:
    """What never changes once it was made."""

    root: bytes
    ca: bytes
    above: Issuer
    issuer: Issuer


class JointAuthority:
    """Names, public bytes and offices. Never inside a transaction: it may draw keys and store."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, plan: Plan) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._mutex = threading.RLock()
        self._anchors: Anchors | None = None
        self._held: dict[str, AuthorityRow] = {}
        self.plan: Final = plan

    @property
    def anchors(self) -> Anchors:
        with self._mutex:
            if self._anchors is None:
                self._anchors = self._founded()
            return self._anchors

    @property
    def chain(self) -> tuple[bytes, bytes]:
        """The CA's certificate, then the root's."""
        return self.anchors.ca, self.anchors.root

    def office(self, role: str) -> Office:
        """The holder of this moment; the next certificate is made before the old one ends."""
        now = self._clock.now()
        with self._mutex:
            row = self._held.get(role)
            if row is None or not self._serves(row, now):
                row = self._held[role] = self._appointed(role, now)
            return Office(row.key_label, row.der)

    def sign(self, tbs: bytes) -> bytes:
        """A certificate or list of the CA, verified before it leaves."""
        return self._signed(tbs, CA)

    def sign_as_root(self, tbs: bytes) -> bytes:
        return self._signed(tbs, ROOT)

    def _serves(self, row: AuthorityRow, now: Instant) -> bool:
        ends = row.not_after - self.plan.office_renew_days * DAY
        return row.not_before <= now < ends

    def _founded(self) -> Anchors:
        plan = self.plan
        for role in (ROOT, CA):
            ensure(self._vault, LABELS[role], KeyKind.RSA_2048)
        above = Issuer(plan.root, profile.key_id(self._spki(ROOT)), plan.root, ROOT_SERIAL)
        issuer = Issuer(plan.ca, profile.key_id(self._spki(CA)), plan.root, CA_SERIAL)
        root = self._once(
            ROOT, ROOT_SERIAL, plan.root, plan.root_days, lambda s: profile.root(above, s)
        )
        ca = self._once(CA, CA_SERIAL, plan.ca, plan.ca_days, lambda s: profile.ca(plan, above, s))
        return Anchors(root, ca, above, issuer)

    def _once(
        self, role: str, serial: int, name: Name, days: int, written: Callable[[Subject], bytes]
    ) -> bytes:
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, role)
        if row is None:
            subject = self._subject(role, serial, name, self._clock.now(), days)
            row = self._stored(role, 1, subject, self._signed(written(subject), ROOT))
        if parsing.certificate(row.der).spki != self._spki(role):
            raise Uncertain("the vault's joint key is not the one in the database")
        return row.der

    def _appointed(self, role: str, now: Instant) -> AuthorityRow:
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, role)
        if row is not None and self._serves(row, now):
            return row
        kind = KeyKind.RSA_2048_DECRYPT if role == OPENER else KeyKind.RSA_2048
        ensure(self._vault, LABELS[role], kind)
        anchors = self.anchors
        with self._db.transaction() as tx:
            serial = store.count(tx, store.SERIAL, first=FIRST_SERIAL)
        name = self.plan.office(_OFFICE_NAMES[role])
        subject = self._subject(role, serial, name, now, self.plan.office_days)
        tbs = _OFFICE_PROFILES[role](self.plan, anchors.issuer, subject)
        number = 1 if row is None else row.number + 1
        return self._stored(role, number, subject, self._signed(tbs, CA))

    def _stored(self, role: str, number: int, subject: Subject, der: bytes) -> AuthorityRow:
        row = AuthorityRow(
            role=role,
            number=number,
            key_label=LABELS[role],
            serial=subject.serial,
            not_before=subject.not_before,
            not_after=subject.not_after,
            der=der,
        )
        with self._db.transaction() as tx:
            return store_authority.add_or_find(tx, row)

    def _subject(self, role: str, serial: int, name: Name, now: Instant, days: int) -> Subject:
        start = model.first_moment(now)
        return Subject(
            serial=serial,
            name=name,
            spki=self._spki(role),
            not_before=start,
            not_after=model.last_moment(Instant(start + (days - 1) * DAY), 0),
        )

    def _signed(self, tbs: bytes, role: str) -> bytes:
        signature = self._vault.sign(LABELS[role], tbs)
        if not parsing.verifies(self._spki(role), signature, tbs):
            raise Uncertain("the vault's signature does not verify")
        return assemble(tbs, SHA256_RSA, signature)

    def _spki(self, role: str) -> bytes:
        return self._vault.rsa_public_key(LABELS[role]).public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
