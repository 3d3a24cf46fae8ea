"""The joint certificate as the doors see it."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.customers import Customers
from dojang.db import Database
from dojang.joint import model, store
from dojang.joint.authority import JointAuthority
from dojang.joint.certifying import Certifying
from dojang.joint.cmp.door import Door
from dojang.joint.issuing import JointCertificateIssuer, LocalCa
from dojang.joint.model import Certificate, Kind, Plan
from dojang.joint.npki import names, parsing
from dojang.joint.registering import Registrations
from dojang.joint.relying import Authorities, RelyingParties
from dojang.joint.requesting import Requests
from dojang.joint.status import JointStatus
from dojang.kernel.clock import Clock, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.policy.joint import Joint as Rules
from dojang.signing import Signing
from dojang.vault import Vault
from dojang.vault.fields import FieldKeys


class AnotherIssuer(Exception):
    """The certificates of this database are another CA's."""


@dataclass(frozen=True)
class Overview:
    """What a customer has, and by which rules, at `now`."""

    certificates: list[Certificate]
    rules: Rules
    may_issue: bool
    now: Instant


class Joint:
    """`requests`, `certifying` and `status` are its parts; each opens its own transactions."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        *,
        ids: Ids,
        entropy: Entropy,
        fields: FieldKeys,
        customers: Customers,
        signing: Signing,
        plan: Plan,
        issuer: Callable[[JointAuthority], JointCertificateIssuer] | None = None,
    ) -> None:
        """Without `issuer` the test CA of this house issues."""
        self._db = db
        self.plan: Final = plan
        self.authority: Final = JointAuthority(db, vault, clock, plan)
        self.issuer: Final = (
            LocalCa(db, self.authority) if issuer is None else issuer(self.authority)
        )
        self.status: Final = JointStatus(db, vault, self.authority, ours=self._local)
        self.certifying: Final = Certifying(db, ids, plan, self.issuer)
        self.requests: Final = Requests(
            db,
            vault,
            ids=ids,
            fields=fields,
            customers=customers,
            authority=self.authority,
            issuer=self.issuer,
            signing=signing,
            revoke=self.certifying.revoke_asked,
        )
        self.certifying.requests = self.requests
        self.registrations: Final = Registrations(db, fields, entropy, self.requests)
        self.cmp: Final = Door(
            db,
            vault,
            clock,
            entropy,
            authority=self.authority,
            registrations=self.registrations,
            certifying=self.certifying,
        )
        self._clock, self._ids, self._entropy = clock, ids, entropy

    def demand_same_issuer(self) -> None:
        """Lists and OCSP speak of one CA's certificates. Raises AnotherIssuer."""
        with self._db.snapshot() as tx:
            issued = store.any_issued(tx)
        if issued is None:
            return
        if not parsing.certificate(issued).signed_by(parsing.certificate(self.issuer.chain[0])):
            raise AnotherIssuer

    @property
    def _local(self) -> bool:
        return self.issuer.kind == "local"

    @functools.cached_property
    def relying(self) -> RelyingParties:
        """The demo's relying parties; what they hear of the CA is what everyone hears."""
        with self._db.snapshot() as tx:
            seconds = policy.current(tx).joint.challenge_seconds
        authorities = Authorities(
            chain=lambda: self.authority.chain,
            ocsp=lambda asked: self.status.answer(asked).der,
            list_of_root=self.status.root_crl,
        )
        return RelyingParties(
            self._clock,
            self._entropy,
            self._ids,
            authorities,
            policies=frozenset(self.plan.policy(kind) for kind in Kind),
            seconds=seconds,
        )

    def overview(self, customer_id: str) -> Overview:
        with self._db.snapshot() as tx:
            found = store.of_customer(tx, customer_id)
            living = any(one.active(tx.now) and one.kind is Kind.PERSON for one in found)
            return Overview(found, policy.current(tx).joint, not living, tx.now)

    @property
    def encryption_spki(self) -> bytes:
        """The key that R is sealed to."""
        return parsing.certificate(self.issuer.encryption_certificate).spki

    @property
    def issuer_name(self) -> str:
        return names.read(parsing.certificate(self.issuer.chain[0]).subject).common_name

    def folder(self, found: Certificate) -> str:
        """Where it lies below a base: NPKI/…/USER/…"""
        return model.folder(self.plan, found.kind, found.subject.common_name)

    def sweep(self) -> int:
        """Requests whose time is over, and certificates that nobody has. How many."""
        with self._db.transaction() as tx:
            late = store.sweep(tx)
        return late + self.certifying.sweep()
