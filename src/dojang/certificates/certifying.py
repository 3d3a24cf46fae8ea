"""How a certificate of the house's own is made: written, linted, signed, linted again.

The serving bank does so with its issuing key, and whoever holds a ceremony with the root's.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from dojang.certificates import profiles
from dojang.certificates.frame import Meant
from dojang.certificates.lint import Lint
from dojang.certificates.model import NO_EXPIRY, Plan
from dojang.certificates.profiles import (
    DOCUMENT,
    OCSP,
    TSA,
    Fields,
    Profile,
    Signer,
    Writer,
)
from dojang.kernel.clock import DAY, SECOND, Instant
from dojang.vault import Vault

ROOT_KEY: Final = "ca-root"
ISSUING_KEY: Final = "ca-issuing"
"""Of the first generation; `issuing_key` names the others, and `root_key` the later roots'."""
OFFLINE: Final = "offline"
"""In the place of a label: the key is in no vault that this bank can reach."""


class Uncertain(Exception):
    """The authority's own certificate failed its lint or its check; nothing was stored."""


class CeremonyNeeded(Exception):
    """The settings say that the root is elsewhere, and what is found does not fit that."""


class RootEnded(Exception):
    """A root past its end signs nothing new."""


def root_key(number: int) -> str:
    """The label of a root's key."""
    return ROOT_KEY if number == 1 else f"{ROOT_KEY}-{number}"


def root_name(plan: Plan, number: int) -> bytes:
    """A root's name. Each has its own, as generations of the issuing CA have."""
    text = plan.root_name if number == 1 else f"{plan.root_name} G{number}"
    return profiles.house_name(plan.organisation, text)


def issuing_key(generation: int) -> str:
    """The label of a generation's key."""
    return ISSUING_KEY if generation == 1 else f"{ISSUING_KEY}-{generation}"


def issuing_name(plan: Plan, generation: int) -> bytes:
    """A generation's name. Each has its own: a list or an answer is one CA's, by its name."""
    text = plan.issuing_name if generation == 1 else f"{plan.issuing_name} G{generation}"
    return profiles.house_name(plan.organisation, text)


@dataclass(frozen=True)
class Span:
    """From when to when a certificate is valid, both inclusive (4.1.2.5)."""

    start: Instant
    end: Instant

    @classmethod
    def of_days(cls, now: Instant, days: int, *, until: Instant = NO_EXPIRY) -> "Span":
        """From this second, and not longer than until then."""
        start = Instant(now - now % SECOND)
        return cls(start, min(Instant(start + days * DAY - SECOND), until))


def house_fields(subject: bytes, spki: bytes, span: Span, *, serial: int) -> Fields:
    """What this certificate of the house says of itself."""
    return Fields(
        serial=serial,
        subject=subject,
        spki=spki,
        key_id=profiles.spki_key_id(spki),
        not_before=span.start,
        not_after=span.end,
    )


@dataclass(frozen=True)
class Linted:
    """What may be signed: it was found to say what it should."""

    tbs: bytes
    fields: Fields
    lint: Lint

    @property
    def tbs_hash(self) -> bytes:
        return hashlib.sha256(self.tbs).digest()


def linted(profile: Profile, fields: Fields, signer: Signer, plan: Plan) -> Linted:
    """The bytes, before the key that will sign them is used. Raises `Uncertain`."""
    tbs = Writer(profile, signer, plan).tbs(fields)
    lint = Lint(Meant(profile, signer, plan))
    findings = lint.before_signing(tbs, fields)
    if findings:
        raise Uncertain("; ".join(str(finding) for finding in findings))
    return Linted(tbs, fields, lint)


def signed(vault: Vault, signer_label: str, what: Linted) -> bytes:
    """The certificate, looked at once more before it leaves. Raises `Uncertain`."""
    signature = vault.sign(signer_label, what.tbs)
    made = profiles.assemble(what.tbs, what.lint.meant.signer.algorithm, signature)
    if what.lint.findings(made, what.fields, vault.public_key(signer_label)):
        raise Uncertain("the vault's signature does not verify")
    return made


def root_signer(vault: Vault, plan: Plan, number: int = 1) -> Signer:
    """The root as it signs itself, other roots and the issuing CA."""
    return Signer(
        name=root_name(plan, number),
        key_id=profiles.spki_key_id(spki_of(vault, root_key(number))),
        algorithm=profiles.ECDSA_SHA384,
        generation=number,
    )


def name_of(profile: Profile, plan: Plan) -> bytes:
    """How the plan calls an office; for CAs there are `root_name` and `issuing_name`."""
    names = {
        OCSP.name: plan.responder_name,
        TSA.name: plan.time_stamper_name,
        DOCUMENT.name: plan.document_name,
    }
    return profiles.house_name(plan.organisation, names[profile.name])


def spki_of(vault: Vault, label: str) -> bytes:
    """The public half of an EC key as SubjectPublicKeyInfo."""
    return vault.public_key(label).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def spki_in(certificate: x509.Certificate) -> bytes:
    """The key that a certificate is for, as SubjectPublicKeyInfo."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
