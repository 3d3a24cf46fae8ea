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

from dojang.certificates import lint, profiles, store_authority
from dojang.certificates.model import Plan
from dojang.certificates.profiles import ISSUING, OCSP, ROOT, Fields, Profile, Signer, Writer
from dojang.certificates.store_authority import AuthorityRow
from dojang.db import Database
from dojang.kernel.clock import DAY, SECOND, Clock, Instant
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, Vault, ensure

ROOT_KEY: Final = "ca-root"
ISSUING_KEY: Final = "ca-issuing"
RESPONDER_KEY: Final = "ocsp-responder"


class Uncertain(Exception):
    """The authority's own certificate failed its lint or its check; nothing was stored."""


@dataclass(frozen=True)
class Responder:
    """Who signs OCSP answers now."""

    key_label: str
    der: bytes
    key_hash: bytes
    """SHA-1 of its key, how an answer names it (RFC 6960 4.2.1)."""


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
        self._responder: tuple[Instant, Responder] | None = None
        self.plan: Final = plan
        self._make_keys()
        root_signer = self._signer(ROOT_KEY, plan.root_name, profiles.ECDSA_SHA384)
        self.root_der: Final = self._once(ROOT, ROOT_KEY, root_signer, ROOT_KEY, plan.root_days)
        self.issuing_der: Final = self._once(
            ISSUING, ISSUING_KEY, root_signer, ROOT_KEY, plan.issuing_days
        )
        self._issuing: Final = x509.load_der_x509_certificate(self.issuing_der)
        self.signer: Final = Signer(
            name=self._issuing.subject.public_bytes(),
            key_id=profiles.spki_key_id(_spki(vault, ISSUING_KEY)),
            algorithm=profiles.ECDSA_SHA256,
        )
        if _spki_of(self._issuing) != _spki(vault, ISSUING_KEY):
            raise Uncertain("the vault's issuing key is not the one in the database")

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

    def responder(self) -> Responder:
        """The responder of this moment; a new certificate is made before the old one ends.

        Not inside a transaction: a renewal touches the issuing key and stores a row.
        """
        now = self._clock.now()
        with self._mutex:
            if self._responder is None or now >= self._responder[0]:
                self._responder = self._current_responder(now)
            return self._responder[1]

    def _current_responder(self, now: Instant) -> tuple[Instant, Responder]:
        renew_before = self.plan.responder_renew_days * DAY
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, OCSP.name)
        if row is None or not row.not_before <= now < row.not_after - renew_before:
            number = 1 if row is None else row.number + 1
            row = self._certify(
                OCSP, number, RESPONDER_KEY, self.signer, ISSUING_KEY, self.plan.responder_days
            )
        held = Responder(row.key_label, row.der, _sha1(_bits(self._vault, row.key_label)))
        return Instant(row.not_after - renew_before), held

    def _make_keys(self) -> None:
        ensure(self._vault, ROOT_KEY, KeyKind.EC_P384)
        ensure(self._vault, ISSUING_KEY, KeyKind.EC_P256)
        ensure(self._vault, RESPONDER_KEY, KeyKind.EC_P256)

    def _signer(self, label: str, name: str, algorithm: bytes) -> Signer:
        return Signer(
            name=profiles.house_name(self.plan.organisation, name),
            key_id=profiles.spki_key_id(_spki(self._vault, label)),
            algorithm=algorithm,
        )

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
        spki = _spki(self._vault, label)
        fields = Fields(
            serial=profiles.new_serial(self._entropy),
            subject=profiles.house_name(self.plan.organisation, self._name_of(profile)),
            spki=spki,
            key_id=profiles.spki_key_id(spki),
            not_before=start,
            not_after=profiles.last_moment(profile, start, days),
        )
        row = AuthorityRow(
            role=profile.name,
            number=number,
            key_label=label,
            serial=profiles.serial_text(fields.serial),
            not_before=fields.not_before,
            not_after=fields.not_after,
            der=self._linted_and_signed(profile, fields, signer, signer_label),
        )
        with self._db.transaction() as tx:
            return store_authority.add_or_find(tx, row)

    def _linted_and_signed(
        self, profile: Profile, fields: Fields, signer: Signer, signer_label: str
    ) -> bytes:
        tbs = Writer(profile, signer, self.plan).tbs(fields)
        public = self._vault.public_key(signer_label)
        throwaway = ec.generate_private_key(public.curve)
        trial = throwaway.sign(tbs, ec.ECDSA(digest_of(signer.algorithm)))
        wanted = lint.Wanted(profile, signer, self.plan, fields)
        assembled = profiles.assemble(tbs, signer.algorithm, trial)
        findings = lint.lint(assembled, wanted, throwaway.public_key())
        if findings:
            raise Uncertain("; ".join(str(finding) for finding in findings))
        made = profiles.assemble(tbs, signer.algorithm, self._vault.sign(signer_label, tbs))
        if lint.lint(made, wanted, public):
            raise Uncertain("the vault's signature does not verify")
        return made

    def _name_of(self, profile: Profile) -> str:
        plan = self.plan
        names = {
            ROOT.name: plan.root_name,
            ISSUING.name: plan.issuing_name,
            OCSP.name: plan.responder_name,
        }
        return names[profile.name]


def digest_of(algorithm: bytes) -> hashes.HashAlgorithm:
    """The hash of an ECDSA AlgorithmIdentifier of ours."""
    return hashes.SHA384() if algorithm == profiles.ECDSA_SHA384 else hashes.SHA256()


def _spki(vault: Vault, label: str) -> bytes:
    return vault.public_key(label).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


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
