"""Who makes the certificate: this house's own test CA, or a recognised one behind an adapter.

A key is never touched inside a transaction, so an order is stored first (`service`), made here, and
becomes true there. Ordered twice, the same certificate is made: PKCS#1 v1.5 signs without chance.
"""

from dataclasses import dataclass, field
from typing import Protocol

from dojang.certificates.der import BadDer
from dojang.db import Database
from dojang.joint import profile, store
from dojang.joint.authority import OPENER, JointAuthority
from dojang.joint.model import FIRST_SERIAL, Kind, Reason
from dojang.joint.npki import certificate_rules, parsing
from dojang.joint.npki.certificate_rules import Beside
from dojang.joint.npki.names import Name
from dojang.joint.npki.vid import Identity
from dojang.joint.profile import Subject
from dojang.kernel.clock import Instant


class Unlinted(Exception):
    """The certificate is not what the profile says. Nothing was signed. Never the customer's."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One certificate, everything about it decided. `id` is that of the stored intent."""

    id: str
    kind: Kind
    subject: Name
    real_name: str = field(repr=False)
    policy: str
    spki: bytes
    virtual_id: bytes
    enclosed: bytes | None = field(default=None, repr=False)
    """R for another CA's eyes alone, where that wants it."""
    not_before: Instant
    not_after: Instant
    serial: int | None
    """The one it was given in an earlier attempt."""


@dataclass(frozen=True)
class Made:
    """A certificate, verified, not yet anybody's."""

    serial: int
    der: bytes


class JointCertificateIssuer(Protocol):
    """Not inside a transaction: it touches a key, or asks somebody else over the network."""

    kind: str
    """`local`: the certificates are this house's, and so are lists and OCSP."""

    def issue(self, order: Order) -> Made:
        """Raises `Unlinted`; for another CA `Unavailable` and `JointCaRefused`."""
        ...

    def enclosed(self, virtual_id: bytes, r: bytes) -> bytes | None:
        """R as the issuer wants to have it beside the order; None: it needs none."""
        ...

    def ended(self, serial: int, reason: Reason) -> None:
        """Tell another CA that one of its certificates is revoked. Raises as `issue`."""
        ...

    @property
    def encryption_certificate(self) -> bytes:
        """Whom the browser seals R to."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The CA's certificate first, the root's last."""
        ...


class LocalCa:
    """The test CA of this house."""

    kind = "local"

    def __init__(self, db: Database, authority: JointAuthority) -> None:
        self._db = db
        self._authority = authority

    @property
    def encryption_certificate(self) -> bytes:
        return self._authority.office(OPENER).der

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self._authority.chain

    def enclosed(self, virtual_id: bytes, r: bytes) -> bytes | None:  # noqa: ARG002 - needs neither
        return None

    def ended(self, serial: int, reason: Reason) -> None:
        """The lists read the rows."""

    def issue(self, order: Order) -> Made:
        """The serial is stored beside the intent before the key is touched."""
        serial = order.serial
        if serial is None:
            with self._db.transaction() as tx:
                serial = store.count(tx, store.SERIAL, first=FIRST_SERIAL)
                store.number(tx, order.id, serial)
        subject = Subject(
            serial=serial,
            name=order.subject,
            spki=order.spki,
            not_before=order.not_before,
            not_after=order.not_after,
        )
        identity = Identity(order.real_name, order.virtual_id)
        anchors = self._authority.anchors
        tbs = profile.holder(self._authority.plan, order.kind, anchors.issuer, subject, identity)
        beside = Beside(parsing.certificate(anchors.ca), frozenset({order.policy}))
        lint(profile.unsigned(tbs), beside, but="signature")
        made = self._authority.sign(tbs)
        lint(made, beside)
        return Made(serial, made)


def lint(content: bytes, beside: Beside, *, but: str | None = None) -> None:
    """Raises `Unlinted` with every rule of the import check that finds something."""
    try:
        seen = parsing.certificate(content)
        found = {
            code: words
            for code, rule in certificate_rules.RULES.items()
            if code != but and (words := rule(seen, beside)) is not None
        }
    except BadDer as wrong:
        raise Unlinted(str(wrong)) from None
    if found:
        raise Unlinted("; ".join(f"{code}: {words}" for code, words in found.items()))
