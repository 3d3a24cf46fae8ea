"""The authority: a root and an issuing CA made once, and the responder they lend their word to.

Keys live in the vault, certificates in the database. `establish` may run at every start, in several
processes at once: whoever comes second finds what the first one made.
"""

import threading
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import der, profiles, store_authority, unfinished
from dojang.certificates.certifying import (
    ISSUING_KEY,
    OFFLINE,
    ROOT_KEY,
    CeremonyNeeded,
    Uncertain,
    house_fields,
    linted,
    root_signer,
    signed,
    spki_of,
)
from dojang.certificates.der import Node
from dojang.certificates.model import Plan
from dojang.certificates.profiles import (
    DOCUMENT,
    ISSUING,
    OCSP,
    ROOT,
    TSA,
    Profile,
    Signer,
)
from dojang.certificates.store_authority import AuthorityRow
from dojang.db import Database
from dojang.kernel.clock import DAY, SECOND, Clock, Instant
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, Vault, ensure

RESPONDER_KEY: Final = "ocsp-responder"
TIME_STAMPER_KEY: Final = "tsa"
DOCUMENT_KEY: Final = "document"
LOOK_SECONDS: Final = 5
"""How old what a process knows of its offices may be: it then looks whether another rolled over."""
_SIGNED_BY_ISSUING: Final = ec.ECDSA(hashes.SHA256())
"""As `Authority.signer` says."""


@dataclass(frozen=True)
class Responder:
    """Who signs OCSP answers now."""

    key_label: str
    der: bytes
    key_hash: bytes
    """SHA-1 of its key, how an answer names it (RFC 6960 4.2.1)."""


@dataclass(frozen=True)
class Office:
    """A certificate of the house's own, and which of the vault's keys it is for."""

    key_label: str
    der: bytes


@dataclass(frozen=True)
class _Term:
    """How long a certificate of the house lasts, and how long before its end the next is made."""

    key_label: str
    days: int
    renew_days: int


class Authority:
    """The issuing CA as the rest of the house sees it: names and public bytes, and a renewal."""

    issuing_label: Final = ISSUING_KEY

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, entropy: Entropy, plan: Plan
    ) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._entropy = entropy
        self._mutex = threading.Lock()
        self._held: dict[str, tuple[Instant, Office]] = {}
        self._responder: Responder | None = None
        self._terms = {
            OCSP: _Term(RESPONDER_KEY, plan.responder_days, plan.responder_renew_days),
            TSA: _Term(TIME_STAMPER_KEY, plan.time_stamper_days, plan.time_stamper_renew_days),
            DOCUMENT: _Term(DOCUMENT_KEY, plan.document_days, plan.document_renew_days),
        }
        self.plan: Final = plan
        self._make_keys()
        made = self._adopted() if plan.offline_root else self._made_here()
        self.root_der, self.issuing_der = made
        self._issuing: Final = x509.load_der_x509_certificate(self.issuing_der)
        self.signer: Final = Signer(
            name=self._issuing.subject.public_bytes(),
            key_id=profiles.spki_key_id(spki_of(vault, ISSUING_KEY)),
            algorithm=profiles.ECDSA_SHA256,
        )
        key = self._issuing.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)  # the profile's
        self._issuing_key: Final = key
        if _spki_of(self._issuing) != spki_of(vault, ISSUING_KEY):
            raise Uncertain("the vault's issuing key is not the one in the database")
        with db.transaction() as tx:
            unfinished.give_up(tx)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Issuing certificate, then root, in DER."""
        return self.issuing_der, self.root_der

    @property
    def issuing_key_bits(self) -> bytes:
        """The issuing key as OCSP hashes it: the BIT STRING's content without unused bits."""
        return _bits(self._vault, ISSUING_KEY)

    def signed(self, certificate: bytes) -> bool:
        """Did the issuing CA sign this certificate? Name and signature are looked at."""
        try:
            x509.load_der_x509_certificate(certificate).verify_directly_issued_by(self._issuing)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def made(self, tbs: Node, signature: Node) -> bool:
        """Is this BIT STRING the issuing CA's signature over these bytes?"""
        try:
            self._issuing_key.verify(signature.value[1:], tbs.raw, _SIGNED_BY_ISSUING)
        except InvalidSignature:
            return False
        return signature.tag == der.BIT_STRING and signature.value[:1] == b"\x00"

    def responder(self) -> Responder:
        """Who signs OCSP answers at this moment. Not inside a transaction, like the other two."""
        held, known = self._office(OCSP), self._responder
        if known is None or known.der != held.der:
            key_hash = _sha1(_bits(self._vault, held.key_label))
            known = self._responder = Responder(held.key_label, held.der, key_hash)
        return known

    def time_stamper(self) -> Office:
        """Who stamps times at this moment (RFC 3161)."""
        return self._office(TSA)

    def document_signer(self) -> Office:
        """Who signs the house's documents at this moment."""
        return self._office(DOCUMENT)

    def roll_over(self, profile: Profile) -> Office:
        """A new key for an office, and its certificate; the old ones stay good to their end.

        Processes that serve take it within `LOOK_SECONDS`. Not inside a transaction.
        Raises `Uncertain` where another process was quicker.
        """
        term = self._terms[profile]
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, profile.name)
        number = 1 if row is None else row.number + 1
        label = f"{term.key_label}-{number}"
        ensure(self._vault, label, KeyKind.EC_P256)
        made = self._certify(profile, number, label, self.signer, ISSUING_KEY, term.days)
        if made.key_label != label:
            raise Uncertain("another process made a certificate for this office meanwhile")
        with self._mutex:
            self._held.pop(profile.name, None)
        return Office(made.key_label, made.der)

    def _office(self, profile: Profile) -> Office:
        """The holder of this moment; a new certificate is made before the old one ends.

        What another process made is taken within `LOOK_SECONDS`.

        Not inside a transaction: a renewal touches the issuing key and stores a row.
        """
        now = self._clock.now()
        with self._mutex:
            held = self._held.get(profile.name)
            if held is None or not 0 <= now - held[0] < LOOK_SECONDS * SECOND:
                held = self._held[profile.name] = now, self._current(profile, now)
            return held[1]

    def _current(self, profile: Profile, now: Instant) -> Office:
        term = self._terms[profile]
        renew_before = term.renew_days * DAY
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, profile.name)
        if row is None or not row.not_before <= now < row.not_after - renew_before:
            number, label = (1, term.key_label) if row is None else (row.number + 1, row.key_label)
            row = self._certify(profile, number, label, self.signer, ISSUING_KEY, term.days)
        return Office(row.key_label, row.der)

    def _make_keys(self) -> None:
        ensure(self._vault, ISSUING_KEY, KeyKind.EC_P256)
        for term in self._terms.values():
            ensure(self._vault, term.key_label, KeyKind.EC_P256)

    def _made_here(self) -> tuple[bytes, bytes]:
        """Root and issuing certificate, each made once with the root's key in this vault."""
        with self._db.snapshot() as tx:
            root = store_authority.newest(tx, ROOT.name)
        if root is not None and root.key_label == OFFLINE:
            raise CeremonyNeeded("the root was made in a ceremony: set pki.offline_root")
        ensure(self._vault, ROOT_KEY, KeyKind.EC_P384)
        signer, days = root_signer(self._vault, self.plan), self.plan
        return (
            self._once(ROOT, ROOT_KEY, signer, ROOT_KEY, days.root_days),
            self._once(ISSUING, ISSUING_KEY, signer, ROOT_KEY, days.issuing_days),
        )

    def _adopted(self) -> tuple[bytes, bytes]:
        """Root and issuing certificate as a ceremony brought them. Raises `CeremonyNeeded`."""
        if ROOT_KEY in self._vault.labels():
            raise CeremonyNeeded("the vault of a bank with an offline root holds a root's key")
        with self._db.snapshot() as tx:
            rows = [store_authority.newest(tx, role.name) for role in (ROOT, ISSUING)]
        root, issuing = rows
        if root is None or issuing is None:
            raise CeremonyNeeded("no issuing certificate yet: hold `dojang ca ceremony`")
        if root.key_label != OFFLINE:
            raise CeremonyNeeded("this bank made its root itself: pki.offline_root is for new ones")
        return root.der, issuing.der

    def _once(
        self, profile: Profile, label: str, signer: Signer, signer_label: str, days: int
    ) -> bytes:
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, profile.name)
        if row is None:
            row = self._certify(profile, 1, label, signer, signer_label, days)
        return row.der

    def _certify(
        self,
        profile: Profile,
        number: int,
        label: str,
        signer: Signer,
        signer_label: str,
        days: int,
    ) -> AuthorityRow:
        now = self._clock.now()
        start = Instant(now - now % SECOND)
        fields = house_fields(
            profile,
            self.plan,
            spki_of(self._vault, label),
            serial=profiles.new_serial(self._entropy),
            start=start,
            days=days,
        )
        what = linted(profile, fields, signer, self.plan)
        serial = profiles.serial_text(fields.serial)
        with self._db.transaction() as tx:
            unfinished.prepared(tx, profile.name, serial, what.tbs_hash)
        row = AuthorityRow(
            role=profile.name,
            number=number,
            key_label=label,
            serial=serial,
            not_before=fields.not_before,
            not_after=fields.not_after,
            der=signed(self._vault, signer_label, what),
        )
        with self._db.transaction() as tx:
            kept = store_authority.add_or_find(tx, row)
            if kept.serial != serial:
                unfinished.abandoned(tx, profile.name, serial)
        return kept


def _spki_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _bits(vault: Vault, label: str) -> bytes:
    return vault.public_key(label).public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _sha1(content: bytes) -> bytes:
    """OCSP's way of naming keys; nothing rests on its strength."""
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303
    digest.update(content)
    return digest.finalize()
