"""How a certificate of the house's own is made: written, linted, signed, linted again.

The serving bank does so with its issuing key, and whoever holds a ceremony with the root's.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import serialization

from dojang.certificates import profiles
from dojang.certificates.frame import Meant
from dojang.certificates.lint import Lint
from dojang.certificates.model import Plan
from dojang.certificates.profiles import (
    DOCUMENT,
    OCSP,
    ROOT,
    TSA,
    Fields,
    Profile,
    Signer,
    Writer,
)
from dojang.kernel.clock import Instant
from dojang.vault import Vault

ROOT_KEY: Final = "ca-root"
ISSUING_KEY: Final = "ca-issuing"
"""Of the first generation; `issuing_key` names the others."""
OFFLINE: Final = "offline"
"""In the place of a label: the key is in no vault that this bank can reach."""


class Uncertain(Exception):
    """The authority's own certificate failed its lint or its check; nothing was stored."""


class CeremonyNeeded(Exception):
    """The settings say that the root is elsewhere, and what is found does not fit that."""


def issuing_key(generation: int) -> str:
    """The label of a generation's key."""
    return ISSUING_KEY if generation == 1 else f"{ISSUING_KEY}-{generation}"


def issuing_name(plan: Plan, generation: int) -> bytes:
    """A generation's name. Each has its own: a list or an answer is one CA's, by its name."""
    text = plan.issuing_name if generation == 1 else f"{plan.issuing_name} G{generation}"
    return profiles.house_name(plan.organisation, text)


def house_fields(
    profile: Profile, subject: bytes, spki: bytes, *, serial: int, start: Instant, days: int
) -> Fields:
    """What this certificate of the house says of itself."""
    return Fields(
        serial=serial,
        subject=subject,
        spki=spki,
        key_id=profiles.spki_key_id(spki),
        not_before=start,
        not_after=profiles.last_moment(profile, start, days),
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


def root_signer(vault: Vault, plan: Plan) -> Signer:
    """The root as it signs itself and the issuing CA."""
    return Signer(
        name=name_of(ROOT, plan),
        key_id=profiles.spki_key_id(spki_of(vault, ROOT_KEY)),
        algorithm=profiles.ECDSA_SHA384,
    )


def name_of(profile: Profile, plan: Plan) -> bytes:
    """How the plan calls who stands in this role; for generations there is `issuing_name`."""
    names = {
        ROOT.name: plan.root_name,
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
