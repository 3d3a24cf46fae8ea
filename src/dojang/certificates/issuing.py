"""Issue both certificates of a credential: prepare, lint, store the intent, and only then sign.

    prepared = issuing.prepare(order)       its own transaction: serials and hashes are stored
    issued = issuing.redeem(prepared)       no transaction: touches the key, once
    with db.transaction() as tx:
        lifecycle.activate(tx, issued)      everything becomes true together

`prepare` verifies both requests, writes both TBSCertificates and lints them, with a static value in
the place of the signature. `redeem` signs those same bytes; a `Prepared` is a token good for one
redemption.
A crash in between leaves PREPARED rows that the worker revokes (`jobs.sweep_intents`).
"""

import hashlib
import threading
from dataclasses import dataclass, field

from dojang.certificates import der, profiles, store
from dojang.certificates.authority import Authority
from dojang.certificates.frame import Finding, Meant
from dojang.certificates.issuer import Issuer
from dojang.certificates.lint import Lint
from dojang.certificates.model import (
    NO_EXPIRY,
    Assurance,
    Certificate,
    CredentialId,
    Kind,
    Standing,
)
from dojang.certificates.profiles import AUTH, SIGN, Fields, Profile, Writer
from dojang.crypto import csr
from dojang.crypto.ed25519 import SIGNATURE_BYTES, BadSignature
from dojang.crypto.encoding import Point
from dojang.db import Database
from dojang.kernel.clock import SECOND, Clock, Instant
from dojang.kernel.entropy import Entropy
from dojang.vault import Vault


class Refused(Exception):
    """Nothing was signed: our order, our profile or our key is wrong. Never a customer's fault."""


class AlreadyRedeemed(Refused):
    """The token was used before."""


class NotTheKey(Refused):
    """The request is not for this key and subject, or not signed by it (PROTOCOL I12)."""


class Unlinted(Refused):
    """The lint found something. `findings` say which rules."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = findings


@dataclass(frozen=True)
class KeyProof:
    """A public key and the PKCS#10 request that it signed."""

    public_key: Point
    csr: bytes


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to issue, to whom. `name` goes into the certificate; it is not stored or logged here."""

    credential_id: CredentialId
    subject_id: str
    name: str
    auth: KeyProof
    sign: KeyProof
    assurance: Assurance = Assurance.KNOWN_CUSTOMER

    def __repr__(self) -> str:
        return f"Order({self.credential_id})"


@dataclass(frozen=True)
class Draft:
    """One certificate that was linted and may be signed."""

    kind: Kind
    serial: str
    shard: int
    tbs: bytes
    tbs_hash: bytes


@dataclass
class Prepared:
    """A one-time token. Only `Issuing` looks inside."""

    credential_id: CredentialId
    assurance: Assurance
    by: Issuer
    _drafts: tuple[Draft, ...] | None
    _mutex: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self) -> tuple[Draft, ...]:
        """The drafts, the first time. Raises `AlreadyRedeemed`."""
        with self._mutex:
            drafts, self._drafts = self._drafts, None
        if drafts is None:
            raise AlreadyRedeemed
        return drafts


@dataclass(frozen=True)
class Made:
    """One signed certificate, not yet the credential's."""

    kind: Kind
    serial: str
    tbs_hash: bytes
    der: bytes


@dataclass(frozen=True)
class Issued:
    """Both certificates, for `Lifecycle.activate`."""

    credential_id: CredentialId
    assurance: Assurance
    certificates: tuple[Made, ...]

    def of(self, kind: Kind) -> Made:
        return next(made for made in self.certificates if made.kind is kind)


@dataclass(frozen=True)
class _Desk:
    """Who writes certificates of one kind under one issuer, and who lints them."""

    writer: Writer
    lint: Lint


class Issuing:
    """The only way to the issuing key for customers' certificates."""

    def __init__(
        self, db: Database, vault: Vault, authority: Authority, clock: Clock, entropy: Entropy
    ) -> None:
        self._db = db
        self._vault = vault
        self._authority = authority
        self._clock = clock
        self._entropy = entropy
        self._desks: dict[tuple[int, str, Assurance], _Desk] = {}

    def prepare(self, order: Order) -> Prepared:
        """Verify, write, lint, and store the intent in a transaction of its own.

        Raises `NotTheKey` and `Unlinted`; then nothing is stored.
        """
        by, now = self._authority.issuer, self._clock.now()
        start = Instant(now - now % SECOND)
        drafts = (
            self._draft(by, AUTH, order, order.auth, start),
            self._draft(by, SIGN, order, order.sign, start),
        )
        with self._db.transaction() as tx:
            store.prepare(tx, [_intent(order.credential_id, draft, start) for draft in drafts])
        return Prepared(order.credential_id, order.assurance, by, drafts)

    def redeem(self, prepared: Prepared) -> Issued:
        """Sign what was linted, once, and look at it again before it leaves.

        Raises `AlreadyRedeemed`; `Refused` when the vault's signature does not verify.
        """
        by = prepared.by
        made = tuple(self._signed(by, draft) for draft in prepared.take())
        return Issued(prepared.credential_id, prepared.assurance, made)

    def _desk(self, by: Issuer, profile: Profile, level: Assurance) -> _Desk:
        """What each certificate of this kind shares is written and looked at once."""
        key = by.generation, profile.name, level
        if key not in self._desks:
            plan = self._authority.plan
            meant = Meant(profile, by.signer, plan, level)
            self._desks[key] = _Desk(Writer(profile, by.signer, plan, level), Lint(meant))
        return self._desks[key]

    def _draft(
        self, by: Issuer, profile: Profile, order: Order, proof: KeyProof, start: Instant
    ) -> Draft:
        _verify(order, proof)
        desk = self._desk(by, profile, order.assurance)
        serial = profiles.new_serial(self._entropy)
        fields = Fields(
            serial=serial,
            subject=profiles.person_name(order.name, order.subject_id),
            spki=profiles.ed25519_spki(proof.public_key),
            key_id=profiles.key_id(proof.public_key),
            not_before=start,
            not_after=NO_EXPIRY,
            shard=profiles.shard_of(serial, self._authority.plan, by.generation),
        )
        tbs = desk.writer.tbs(fields)
        findings = desk.lint.before_signing(tbs, fields)
        if findings:
            raise Unlinted(findings)
        text, digest = profiles.serial_text(serial), hashlib.sha256(tbs).digest()
        return Draft(Kind(profile.name), text, fields.shard, tbs, digest)

    def _signed(self, by: Issuer, draft: Draft) -> Made:
        signature, algorithm = self._vault.sign(by.key_label, draft.tbs), by.signer.algorithm
        certificate = profiles.assemble(draft.tbs, algorithm, signature)
        tbs, given, bits = der.read(certificate).children()
        if (tbs.raw, given.raw) != (draft.tbs, algorithm):
            raise Refused("the certificate is not what was linted")
        if not by.made(tbs, bits):
            raise Refused("the vault's signature does not verify under the issuing certificate")
        return Made(draft.kind, draft.serial, draft.tbs_hash, certificate)


def _verify(order: Order, proof: KeyProof) -> None:
    """The request is for exactly this key and this subject. Raises `NotTheKey`."""
    try:
        expected = csr.request_info(proof.public_key, name=order.name, subject_id=order.subject_id)
        csr.verify(proof.csr, proof.public_key)
        fits = proof.csr == csr.assemble(expected, proof.csr[-SIGNATURE_BYTES:])
    except (ValueError, BadSignature):
        raise NotTheKey from None
    if not fits:
        raise NotTheKey


def _intent(credential_id: CredentialId, draft: Draft, start: Instant) -> Certificate:
    return Certificate(
        serial=draft.serial,
        credential_id=credential_id,
        kind=draft.kind,
        standing=Standing.PREPARED,
        not_before=start,
        tbs_hash=draft.tbs_hash,
        der=None,
        changed_at=start,
        reason=None,
        shard=draft.shard,
    )
