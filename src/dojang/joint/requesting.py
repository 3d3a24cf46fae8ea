"""A request: made by the app, signed with the PIN as the act `joint_certificate`, then used once.

What the certificate will say is decided when the request is made, shown in the act, and signed; the
signature decides whether, never what. R is opened here, only to hash it with the registered number,
and is kept nowhere: the request's row holds the VID, which the certificate will show anyway. For
another CA that wants R it is enclosed at once, so that only that CA can read it again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from dojang import policy
from dojang.crypto.encoding import b64u
from dojang.crypto.jcs import Json
from dojang.customers import Customers, Session
from dojang.db import Database, Tx
from dojang.joint import model, store
from dojang.joint.authority import OPENER, JointAuthority
from dojang.joint.issuing import JointCertificateIssuer
from dojang.joint.model import (
    Holder,
    JointExists,
    JointKeyRefused,
    JointProofRefused,
    JointRandomnessRefused,
    JointRequestOver,
    Kind,
    Op,
    Request,
    Step,
)
from dojang.joint.npki import parsing, vid
from dojang.joint.wishes import ABOUT_ONE, WITH_KEY, Wish, demand_key, demand_whole
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Forbidden, Malformed, NotFound, Problem
from dojang.kernel.secret import Secret
from dojang.policy.joint import Joint as Rules
from dojang.signing import Signing
from dojang.signing.acts import Asked
from dojang.signing.model import Signed
from dojang.vault import BadCiphertext, Padding, Vault
from dojang.vault.fields import FieldKeys

ACT: Final = "joint_certificate"
NAME_PURPOSE: Final = "joint.common_name"
REAL_NAME_PURPOSE: Final = "joint.real_name"
BUSINESS_PREFIX: Final = "business:"


@dataclass(frozen=True)
class Ordered:
    """`fields` are the exact members of the act, `signing_id` what the phone begins to sign."""

    request: Request
    common_name: str
    signing_id: str
    fields: dict[str, Json]


@dataclass(frozen=True)
class Named:
    """Who the certificate is for, as it will say."""

    kind: Kind
    common_name: str = field(repr=False)
    real_name: str = field(repr=False)
    policy: str


class Requests:
    """Makes requests and moves them. What happens to certificates is in `Certifying`."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        *,
        ids: Ids,
        fields: FieldKeys,
        customers: Customers,
        authority: JointAuthority,
        issuer: JointCertificateIssuer,
        signing: Signing,
        revoke: Callable[[Tx, Request], bool],
    ) -> None:
        """`revoke` does what a signed revocation asks for; False where nothing is left to do."""
        self._db = db
        self._vault = vault
        self._ids = ids
        self._fields = fields
        self._customers = customers
        self._authority = authority
        self._issuer = issuer
        self._signing = signing
        self._revoke = revoke
        signing.acts.register(ACT, self._prepare)
        signing.when_done(f"act:{ACT}", self._on_signed)

    def ask(self, session: Session, wish: Wish) -> Ordered:
        """Make the request that the PIN is to sign. Raises what the contract names."""
        demand_whole(wish)
        asked: dict[str, Json] = {
            "joint_id": self._ids.uuid7(),
            "op": str(wish.op),
            "certificate_id": wish.certificate_id or "",
            "reason": str(wish.reason or ""),
        }
        if wish.op is Op.REGISTER:
            self._demand_own_ca()
        if wish.op in WITH_KEY:
            self._demand_proved(wish)
            asked["spki"] = wish.spki.hex()
        if wish.sealed_r:
            with self._db.snapshot() as tx:
                holder = self._person(tx, session.customer_id)
            asked |= self._bound(holder, wish.sealed_r)
            asked["sealed_r_sha256"] = b64u(hashlib.sha256(wish.sealed_r).digest())
        made = self._signing.acts.order(session, ACT, asked)
        with self._db.snapshot() as tx:
            request = store.request(tx, session.customer_id, str(asked["joint_id"]))
        if request is None:
            raise JointRequestOver
        return Ordered(request, self.name_of(request), made.request_id, made.fields)

    def show(self, customer_id: str, request_id: str) -> Request:
        """Raises NotFound."""
        with self._db.snapshot() as tx:
            found = store.request(tx, customer_id, request_id)
        if found is None:
            raise NotFound
        return found

    def name_of(self, request: Request) -> str:
        return self._fields.open(NAME_PURPOSE, request.id, request.common_name_sealed)

    def names_of(self, request: Request) -> tuple[str, str]:
        """(common name, the holder's own)."""
        real_name = self._fields.open(REAL_NAME_PURPOSE, request.id, request.real_name_sealed)
        return self.name_of(request), real_name

    def for_old_key(self, old: model.Certificate, spki: bytes, virtual_id: bytes) -> Request:
        """A renewal that the old certificate's key asked for over CMP, in the PIN's place.

        Raises JointTooEarly, JointExpired, JointRevoked, JointKeyRefused, Forbidden.
        """
        self._demand_own_ca()
        asked: dict[str, Json] = {
            "joint_id": self._ids.uuid7(),
            "op": str(Op.RENEW),
            "reason": "",
            "spki": spki.hex(),
            "virtual_id": virtual_id.hex(),
        }
        with self._db.transaction() as tx:
            rules = policy.current(tx).joint
            living = store.certificate(tx, old.customer_id, old.id, locked=True)
            if living is None:
                raise NotFound
            _demand(Op.RENEW, living, tx.now, rules)
            if store.key_is_known(tx, model.key_hash(spki)):
                raise JointKeyRefused(reason="used")
            named = Named(
                living.kind, living.subject.common_name, living.identity.real_name, living.policy
            )
            row = self._row(tx, old.customer_id, asked, named, living, rules)
            store.add_request(tx, row | {"step": str(Step.SIGNED)})
        return self.show(old.customer_id, str(asked["joint_id"]))

    def number_of(self, customer_id: str) -> Secret[str] | None:
        """A person's registered number, to compute a VID with; None of a business."""
        if customer_id.startswith(BUSINESS_PREFIX):
            return None
        with self._db.snapshot() as tx:
            return self._person(tx, customer_id).number

    def for_business(self, holder: Holder, wish: Wish) -> Request:
        """A business, whose papers an operator has looked at: signed for by nobody's PIN.

        Only a first certificate, and only from a command of this house.
        """
        if holder.kind is not Kind.BUSINESS or wish.op is not Op.ISSUE:
            raise Malformed
        self._demand_proved(wish)
        customer_id = (
            f"business:{self._fields.index('joint.business', holder.number.reveal()).hex()}"
        )
        asked: dict[str, Json] = self._bound(holder, wish.sealed_r) | {
            "joint_id": self._ids.uuid7(),
            "op": str(wish.op),
            "reason": "",
            "spki": wish.spki.hex(),
        }
        with self._db.transaction() as tx:
            found = store.current(tx, customer_id, Kind.BUSINESS)
            if found is not None and found.active(tx.now):
                raise JointExists
            rules = policy.current(tx).joint
            row = self._row(tx, customer_id, asked, self._first_name(tx, holder), None, rules)
            store.add_request(tx, row | {"step": str(Step.SIGNED)})
        return self.show(customer_id, str(asked["joint_id"]))

    def _person(self, tx: Tx, customer_id: str) -> Holder:
        """As registered. Nothing of the number is kept."""
        claim = self._customers.claim_of(tx, customer_id)
        return Holder(Kind.PERSON, claim.name, claim.resident_number)

    def _demand_proved(self, wish: Wish) -> None:
        demand_key(wish.spki)
        if not parsing.verifies(wish.spki, wish.proof, wish.spki + wish.sealed_r):
            raise JointProofRefused

    def _demand_own_ca(self) -> None:
        """A CMP client brings its R to this house's CA, and another one would not get it."""
        if self._issuer.kind != "local":
            raise Forbidden

    def _bound(self, holder: Holder, sealed_r: bytes) -> dict[str, Json]:
        """R hashed with the number, and enclosed for an issuer that wants it; then forgotten."""
        office = self._authority.office(OPENER)
        try:
            r = self._vault.decrypt(office.key_label, sealed_r, Padding.OAEP_SHA256)
        except BadCiphertext:
            raise JointRandomnessRefused from None
        if len(r) != vid.R_BYTES:
            raise JointRandomnessRefused
        virtual_id = vid.virtual_id(holder.number.reveal(), r)
        enclosed = self._issuer.enclosed(virtual_id, r)
        bound: dict[str, Json] = {"virtual_id": virtual_id.hex()}
        return bound if enclosed is None else bound | {"enclosed": enclosed.hex()}

    def _prepare(self, tx: Tx, session: Session, asked: dict[str, Json]) -> Asked:
        """Inside the act's transaction: judge it, store the row, say what is signed."""
        rules = policy.current(tx).joint
        op = Op(str(asked["op"]))
        spki = bytes.fromhex(str(asked.get("spki", "")))
        if spki and store.key_is_known(tx, model.key_hash(spki)):
            raise JointKeyRefused(reason="used")
        concerned = None
        if op in ABOUT_ONE:
            certificate_id = str(asked["certificate_id"])
            concerned = store.certificate(tx, session.customer_id, certificate_id, locked=True)
            if concerned is None:
                raise NotFound
            _demand(op, concerned, tx.now, rules)
        else:
            _demand_none(tx, session.customer_id)
        holder = self._person(tx, session.customer_id)
        named = self._first_name(tx, holder) if concerned is None else _kept_name(holder, concerned)
        row = self._row(tx, session.customer_id, asked, named, concerned, rules)
        store.add_request(tx, row)
        name = self._fields.open(NAME_PURPOSE, row["id"], row["common_name_sealed"])
        serial = "" if concerned is None else str(concerned.serial)
        members: dict[str, Json] = {
            "op": str(op),
            "joint_id": row["id"],
            "common_name": name,
            "policy": row["policy"],
            "serial": serial,
            "not_after": 0 if op is Op.REVOKE else row["not_after"],
            "spki_sha256": b64u(model.key_hash(spki)) if spki else "",
            "sealed_r_sha256": str(asked.get("sealed_r_sha256", "")),
            "reason": str(asked["reason"]),
        }
        return Asked(members=members, reference=row["id"], expires_at=Instant(row["expires_at"]))

    def _first_name(self, tx: Tx, holder: Holder) -> Named:
        number = store.count(tx, store.HOLDER)
        name = model.common_name(self._authority.plan, holder.kind, holder.name, tx.now, number)
        return Named(holder.kind, name, holder.name, self._authority.plan.policy(holder.kind))

    def _row(
        self,
        tx: Tx,
        customer_id: str,
        asked: dict[str, Json],
        named: Named,
        concerned: model.Certificate | None,
        rules: Rules,
    ) -> dict[str, Any]:
        """A request's row: who is named, and from when to when."""
        request_id, op = str(asked["joint_id"]), Op(str(asked["op"]))
        seal = self._fields.seal
        return {
            "id": request_id,
            "customer_id": customer_id,
            "op": str(op),
            "step": str(Step.WAITING),
            "kind": str(named.kind),
            "common_name_sealed": seal(NAME_PURPOSE, request_id, named.common_name),
            "real_name_sealed": seal(REAL_NAME_PURPOSE, request_id, named.real_name),
            "policy": named.policy,
            "concerns": None if concerned is None else concerned.id,
            "spki": _bytes_of(asked, "spki"),
            "virtual_id": _bytes_of(asked, "virtual_id"),
            "enclosed": _bytes_of(asked, "enclosed"),
            "not_before": model.first_moment(tx.now),
            "not_after": _ends(op, concerned, tx.now, rules),
            "reason": str(asked["reason"]) or None,
            "expires_at": tx.now + rules.request_seconds * SECOND,
            "certificate_id": None,
        }

    def _on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE. A revocation is done with it, everything else may go on."""
        request = store.request(tx, signed.customer_id, signed.reference, locked=True)
        if request is None or request.step is not Step.WAITING:
            return
        if tx.now > request.expires_at:
            store.move(tx, request.id, Step.OVER)
        elif request.op is Op.REVOKE:
            done = self._revoke(tx, request)
            store.move(tx, request.id, Step.DONE if done else Step.OVER, request.concerns)
        else:
            store.move(tx, request.id, Step.SIGNED)


def _bytes_of(asked: dict[str, Json], name: str) -> bytes | None:
    return bytes.fromhex(str(asked[name])) if name in asked else None


def _kept_name(holder: Holder, concerned: model.Certificate) -> Named:
    """Relying parties are bound to the DN: it stays over renewals and reissues."""
    name = concerned.subject.common_name
    return Named(concerned.kind, name, holder.name, concerned.policy)


def refused_now(
    tx: Tx, request: Request, concerned: model.Certificate | None, rules: Rules
) -> Problem | None:
    """Why what was signed cannot be done any more; None where it can."""
    try:
        if request.op in ABOUT_ONE:
            if concerned is None:
                raise NotFound
            _demand(request.op, concerned, tx.now, rules)
        else:
            _demand_none(tx, request.customer_id)
    except Problem as problem:
        return problem
    return None


def _demand(op: Op, concerned: model.Certificate, now: Instant, rules: Rules) -> None:
    if op is Op.RENEW:
        model.demand_renewable(concerned, now, rules.renew_days)
    else:
        model.demand_living(concerned, now)


def _demand_none(tx: Tx, customer_id: str) -> None:
    found = store.current(tx, customer_id, Kind.PERSON)
    if found is not None and found.active(tx.now):
        raise JointExists


def _ends(op: Op, concerned: model.Certificate | None, now: Instant, rules: Rules) -> Instant:
    if concerned is None:
        return model.last_moment(now, rules.years)
    if op is Op.RENEW:
        return model.last_moment(concerned.not_after, rules.years)
    return concerned.not_after
