"""How a certificate of the house's own is made: written, tried with another key, linted, signed.

The serving bank does so with its issuing key, and whoever holds a ceremony with the root's.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import lint, profiles
from dojang.certificates.model import Plan
from dojang.certificates.profiles import (
    DOCUMENT,
    ISSUING,
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


OFFLINE: Final = "offline"
"""In the place of a label: the key is in no vault that this bank can reach."""


class Uncertain(Exception):
    """The authority's own certificate failed its lint or its check; nothing was stored."""


class CeremonyNeeded(Exception):
    """The settings say that the root is elsewhere, and what is found does not fit that."""


def house_fields(
    profile: Profile, plan: Plan, spki: bytes, *, serial: int, start: Instant, days: int
) -> Fields:
    """What this certificate of the house says of itself."""
    return Fields(
        serial=serial,
        subject=profiles.house_name(plan.organisation, name_of(profile, plan)),
        spki=spki,
        key_id=profiles.spki_key_id(spki),
        not_before=start,
        not_after=profiles.last_moment(profile, start, days),
    )


@dataclass(frozen=True)
class Linted:
    """What may be signed: tried with a throwaway key and found to say what it should."""

    tbs: bytes
    wanted: lint.Wanted

    @property
    def tbs_hash(self) -> bytes:
        return hashlib.sha256(self.tbs).digest()


def linted(
    vault: Vault, profile: Profile, fields: Fields, signer: Signer, signer_label: str, plan: Plan
) -> Linted:
    """The bytes, before the key that will sign them is used. Raises `Uncertain`."""
    tbs = Writer(profile, signer, plan).tbs(fields)
    throwaway = ec.generate_private_key(vault.public_key(signer_label).curve)
    trial = throwaway.sign(tbs, ec.ECDSA(digest_of(signer.algorithm)))
    wanted = lint.Wanted(profile, signer, plan, fields)
    assembled = profiles.assemble(tbs, signer.algorithm, trial)
    findings = lint.lint(assembled, wanted, throwaway.public_key())
    if findings:
        raise Uncertain("; ".join(str(finding) for finding in findings))
    return Linted(tbs, wanted)


def signed(vault: Vault, signer_label: str, what: Linted) -> bytes:
    """The certificate, looked at once more before it leaves. Raises `Uncertain`."""
    signature = vault.sign(signer_label, what.tbs)
    made = profiles.assemble(what.tbs, what.wanted.signer.algorithm, signature)
    if lint.lint(made, what.wanted, vault.public_key(signer_label)):
        raise Uncertain("the vault's signature does not verify")
    return made


def root_signer(vault: Vault, plan: Plan) -> Signer:
    """The root as it signs itself and the issuing CA."""
    return Signer(
        name=profiles.house_name(plan.organisation, plan.root_name),
        key_id=profiles.spki_key_id(spki_of(vault, ROOT_KEY)),
        algorithm=profiles.ECDSA_SHA384,
    )


def name_of(profile: Profile, plan: Plan) -> str:
    """How the plan calls who stands in this role."""
    names = {
        ROOT.name: plan.root_name,
        ISSUING.name: plan.issuing_name,
        OCSP.name: plan.responder_name,
        TSA.name: plan.time_stamper_name,
        DOCUMENT.name: plan.document_name,
    }
    return names[profile.name]


def digest_of(algorithm: bytes) -> hashes.HashAlgorithm:
    """The hash of an ECDSA AlgorithmIdentifier of ours."""
    return hashes.SHA384() if algorithm == profiles.ECDSA_SHA384 else hashes.SHA256()


def spki_of(vault: Vault, label: str) -> bytes:
    """The public half of an EC key as SubjectPublicKeyInfo."""
    return vault.public_key(label).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
