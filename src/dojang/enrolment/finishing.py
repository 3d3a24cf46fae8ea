"""The last steps: both keys are made and proved, then the certificate is issued, at once or never.

Certificates are prepared, linted and signed before the transaction (`certificates.issuing`). In it
everything becomes true together: both certificates, both keys, the end of the old credential, the
customer's number, what they agreed to. A crash before it leaves nothing the customer could use.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dojang.certificates import Credential, Issued, KeyProof, Order
from dojang.certificates import Kind as CertificateKind
from dojang.certificates import store as certificates
from dojang.crypto import csr
from dojang.crypto.encoding import Point
from dojang.crypto.messages import KeyKind
from dojang.customers import terms
from dojang.db.database import Tx
from dojang.enrolment import store
from dojang.enrolment.journeys import Bearer, Journeys, Parts
from dojang.enrolment.model import (
    Act,
    Enrolment,
    JourneyState,
    KeysNotProved,
    Step,
    assurance,
)
from dojang.kernel.problem import NotFound
from dojang.signing import keys
from dojang.signing.enrolling import KeyBegun, SharesAnswered
from dojang.signing.keys import Proved


@dataclass(frozen=True)
class Finished:
    """What the phone keeps. `certificates` are DER, in the order auth, sign; `chain` up to root."""

    state: JourneyState
    credential: Credential
    certificates: dict[str, bytes]
    chain: tuple[bytes, ...]


class Finishing:
    """E1, E2, and the end of the journey."""

    def __init__(self, parts: Parts, journeys: Journeys) -> None:
        self._parts = parts
        self._journeys = journeys

    def begin_key(
        self,
        bearer: Bearer,
        *,
        kind: KeyKind,
        secrets: Collection[str],
        c0: bytes,
        c1: bytes,
        proof: bytes,
    ) -> KeyBegun:
        """E1 for this journey's credential. Raises WrongStep and what signing refuses."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.MAKE_KEY)
        with self._parts.db.snapshot() as tx:
            known = self._parts.customers.by_id(tx, mine.customer_id or "")
        return self._parts.signing.begin_key(
            credential_id=mine.credential_id or "",
            customer_id=known.id,
            jkt=bearer.jkt,
            kind=kind,
            secrets=secrets,
            subject=(known.name, known.subject_id),
            c0=c0,
            c1=c1,
            proof=proof,
        )

    def answer_shares(
        self, bearer: Bearer, kid: bytes, *, share: bytes, blinded: Mapping[str, bytes]
    ) -> SharesAnswered:
        """E2 for a key of this journey. Raises WrongStep, NotFound and what signing refuses."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.MAKE_KEY)
        with self._parts.db.snapshot() as tx:
            own = {key.kid for key in keys.of_credential(tx, mine.credential_id or "")}
        if kid not in own:
            raise NotFound
        return self._parts.signing.answer_shares(kid, bearer.jkt, share=share, blinded=blinded)

    def finish(self, bearer: Bearer) -> Finished:
        """Issue; again: the same answer. Raises WrongStep, KeysNotProved."""
        mine = self._journeys.glance(bearer)
        mine.demand(Act.FINISH)
        if mine.step is not Step.DONE:
            self._issue(bearer, mine)
        with self._parts.db.snapshot() as tx:
            return self._answer(tx, self._journeys.read(tx, bearer))

    def _issue(self, bearer: Bearer, mine: Enrolment) -> None:
        with self._parts.db.snapshot() as tx:
            proved = self._proved(tx, mine)
            order = self._order(tx, mine, proved)
        issued = self._parts.issuing.redeem(self._parts.issuing.prepare(order))
        with self._journeys.locked(bearer) as (tx, now):
            following = now.after(Act.FINISH)
            if now.step is not Step.DONE:
                self._enact(tx, now, following, proved, issued)

    def _enact(
        self,
        tx: Tx,
        mine: Enrolment,
        following: Step,
        proved: dict[KeyKind, Proved],
        issued: Issued,
    ) -> None:
        """The one transaction. Keys begun anew since the certificates were written end it."""
        if self._proved(tx, mine) != proved or mine.credential_id is None:
            raise KeysNotProved
        parts = self._parts
        customer = parts.customers.by_id(tx, mine.customer_id or "")
        parts.lifecycle.activate(tx, issued)
        keys.activate(tx, mine.credential_id)
        claim = self._journeys.confirmed(mine).claim
        if claim.phone != customer.phone:
            parts.customers.change_phone(tx, customer.id, claim.phone, claim.carrier)
        parts.customers.speak(tx, customer.id, mine.locale)
        terms.remember(
            tx,
            customer_id=customer.id,
            enrolment_id=mine.id,
            agreed=list(mine.agreed),
            agreed_at=mine.agreed_at,
        )
        store.change(tx, mine.id, step=following, finished_at=tx.now, claim_sealed=None)

    def _proved(self, tx: Tx, mine: Enrolment) -> dict[KeyKind, Proved]:
        proved = keys.proved(tx, mine.credential_id or "")
        if set(proved) != set(KeyKind):
            raise KeysNotProved
        return proved

    def _order(self, tx: Tx, mine: Enrolment, proved: dict[KeyKind, Proved]) -> Order:
        customer = self._parts.customers.by_id(tx, mine.customer_id or "")
        return Order(
            credential_id=mine.credential_id or "",
            subject_id=customer.subject_id,
            name=customer.name,
            auth=_request(proved[KeyKind.AUTH]),
            sign=_request(proved[KeyKind.SIGN]),
            assurance=assurance(customer),
        )

    def _answer(self, tx: Tx, mine: Enrolment) -> Finished:
        credential = certificates.by_id(tx, mine.credential_id or "")
        if credential is None:
            raise LookupError("a finished journey has no credential")
        found = {
            one.kind: one.der or b"" for one in certificates.certificates_of(tx, credential.id)
        }
        by = self._parts.authority.issuer_of(found[CertificateKind.AUTH])
        return Finished(
            state=self._journeys.state(tx, mine),
            credential=credential,
            certificates={kind.value: found[kind] for kind in CertificateKind},
            chain=self._parts.authority.chain_of(by),
        )


def _request(proved: Proved) -> KeyProof:
    return KeyProof(Point(proved.public_key), csr.assemble(proved.cri, proved.signature))
