"""What each certificate of the house looks like: the profiles, and the bytes to be signed.

All eight are here: root, cross, issuing, ocsp, tsa, document, auth, sign. A profile is data; `tbs`
writes it as a TBSCertificate, `lint` reads it from one. Sections are of RFC 5280.
"""

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.model import Assurance, Plan
from dojang.kernel.clock import Instant
from dojang.kernel.entropy import Entropy

COUNTRY: Final = "KR"
SERIAL_BYTES: Final = 16
EVERYTHING: Final = 0
"""The list of all that the first generation of the issuing CA gave out and revoked."""
LISTS_EACH: Final = 10_000
"""So many list numbers each generation of the issuing CA has, more than it may have shards."""

ED25519: Final = der.sequence(der.oid("1.3.101.112"))
"""AlgorithmIdentifier without parameters (RFC 8410 3)."""
ECDSA_SHA256: Final = der.sequence(der.oid("1.2.840.10045.4.3.2"))
ECDSA_SHA384: Final = der.sequence(der.oid("1.2.840.10045.4.3.3"))
EC_P256: Final = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7"))
EC_P384: Final = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.34"))

UNSIGNED: Final = der.sequence(der.integer(0), der.integer(0))
"""In the place of a signature: a static value that verifies under no key (BR 4.3.1.2, the second
way to lint what is to be signed)."""

CLIENT_AUTH: Final = "1.3.6.1.5.5.7.3.2"
OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
DOCUMENT_SIGNING: Final = "1.3.6.1.5.5.7.3.36"
"""id-kp-documentSigning (RFC 9336)."""
ANY_POLICY: Final = "2.5.29.32.0"
_AD_OCSP: Final = "1.3.6.1.5.5.7.48.1"
_AD_CA_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"


class Extension(enum.StrEnum):
    SKI = "2.5.29.14"
    KEY_USAGE = "2.5.29.15"
    BASIC_CONSTRAINTS = "2.5.29.19"
    CRL_POINTS = "2.5.29.31"
    POLICIES = "2.5.29.32"
    AKI = "2.5.29.35"
    EXTENDED_KEY_USAGE = "2.5.29.37"
    AIA = "1.3.6.1.5.5.7.1.1"
    OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5"


class Usage(enum.IntEnum):
    """Bits of KeyUsage (4.2.1.3), those we use."""

    DIGITAL_SIGNATURE = 0
    NON_REPUDIATION = 1
    KEY_CERT_SIGN = 5
    CRL_SIGN = 6


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is the same in every certificate of this kind. `critical` names extensions."""

    name: str
    key: bytes
    """AlgorithmIdentifier of the subject's key."""
    usage: tuple[Usage, ...]
    extended: tuple[str, ...] = ()
    ca: bool = False
    path_length: int | None = None
    no_expiry: bool = False
    person: bool = False
    """The subject is C, CN, serialNumber; else C, O, CN."""
    policy: str | None = None
    """The certificate policy below the plan's arc; None: that of the level of assurance."""
    extensions: tuple[Extension, ...]
    critical: frozenset[Extension] = frozenset({Extension.KEY_USAGE, Extension.BASIC_CONSTRAINTS})


_E = Extension
_PERSON: Final = (
    _E.AKI, _E.SKI, _E.KEY_USAGE, _E.BASIC_CONSTRAINTS, _E.POLICIES, _E.CRL_POINTS, _E.AIA,
)  # fmt: skip

ROOT: Final = Profile(
    name="root",
    key=EC_P384,
    usage=(Usage.KEY_CERT_SIGN, Usage.CRL_SIGN),
    ca=True,
    extensions=(_E.AKI, _E.SKI, _E.KEY_USAGE, _E.BASIC_CONSTRAINTS),
)
CROSS: Final = Profile(
    name="cross",
    key=EC_P384,
    usage=(Usage.KEY_CERT_SIGN, Usage.CRL_SIGN),
    ca=True,
    extensions=(_E.AKI, _E.SKI, _E.KEY_USAGE, _E.BASIC_CONSTRAINTS, _E.POLICIES, _E.AIA),
)
"""One root's key, certified by another root (3.2). No path length: roots may stand over roots."""
ISSUING: Final = Profile(
    name="issuing",
    key=EC_P256,
    usage=(Usage.KEY_CERT_SIGN, Usage.CRL_SIGN),
    ca=True,
    path_length=0,
    extensions=(_E.AKI, _E.SKI, _E.KEY_USAGE, _E.BASIC_CONSTRAINTS, _E.POLICIES, _E.AIA),
)
OCSP: Final = Profile(
    name="ocsp",
    key=EC_P256,
    usage=(Usage.DIGITAL_SIGNATURE,),
    extended=(OCSP_SIGNING,),
    extensions=(
        _E.AKI, _E.SKI, _E.KEY_USAGE, _E.BASIC_CONSTRAINTS, _E.EXTENDED_KEY_USAGE, _E.OCSP_NOCHECK,
    ),
)  # fmt: skip
_HOUSE: Final = (
    _E.AKI, _E.SKI, _E.KEY_USAGE, _E.BASIC_CONSTRAINTS, _E.POLICIES, _E.CRL_POINTS, _E.AIA,
    _E.EXTENDED_KEY_USAGE,
)  # fmt: skip
TSA: Final = Profile(
    name="tsa",
    key=EC_P256,
    usage=(Usage.DIGITAL_SIGNATURE,),
    extended=(TIME_STAMPING,),
    policy="2.1",
    extensions=_HOUSE,
    critical=frozenset({_E.KEY_USAGE, _E.BASIC_CONSTRAINTS, _E.EXTENDED_KEY_USAGE}),
)
"""RFC 3161 2.3: one purpose, and critical."""
DOCUMENT: Final = Profile(
    name="document",
    key=EC_P256,
    usage=(Usage.DIGITAL_SIGNATURE, Usage.NON_REPUDIATION),
    extended=(DOCUMENT_SIGNING,),
    policy="3.1",
    extensions=_HOUSE,
)
AUTH: Final = Profile(
    name="auth",
    key=ED25519,
    usage=(Usage.DIGITAL_SIGNATURE,),
    extended=(CLIENT_AUTH,),
    no_expiry=True,
    person=True,
    extensions=(*_PERSON, _E.EXTENDED_KEY_USAGE),
)
SIGN: Final = Profile(
    name="sign",
    key=ED25519,
    usage=(Usage.NON_REPUDIATION,),
    no_expiry=True,
    person=True,
    extensions=_PERSON,
)


@dataclass(frozen=True)
class Addresses:
    """Where a CA's own documents are found: of a generation of the issuing CA, or of a root."""

    ocsp: str
    crl: str
    roots: tuple[str, ...]
    """The root's certificate, and the one by which the root before it vouches for it."""
    issuing: str

    @classmethod
    def under(cls, base_url: str, number: int = 1) -> "Addresses":
        pki = base_url.rstrip("/") + "/pki"
        names = ("root",) if number == 1 else (f"root/{number}", f"root/{number}-with-{number - 1}")
        issuing = f"{pki}/issuing" if number == 1 else f"{pki}/issuing/{number}"
        roots = tuple(f"{pki}/{name}.crt" for name in names)
        return cls(f"{pki}/ocsp", f"{issuing}.crl", roots, f"{issuing}.crt")

    def crl_of(self, scope: int) -> str:
        """The list of this number."""
        pki = self.ocsp.removesuffix("/ocsp")
        return self.crl if is_everything(scope) else f"{pki}/crl/{scope}.crl"

    def delta_of(self, scope: int) -> str:
        return self.crl_of(scope).removesuffix(".crl") + "-delta.crl"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who signs: its name (DER), key id and signature algorithm.

    `generation` is the issuing CA's, or a root's number: it decides at which addresses the signer's
    certificate and lists are looked up.
    """

    name: bytes
    key_id: bytes
    algorithm: bytes
    generation: int = 1


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What differs from certificate to certificate."""

    serial: int
    subject: bytes
    spki: bytes
    key_id: bytes
    not_before: Instant
    not_after: Instant
    shard: int = EVERYTHING
    """The number of the list that a person's certificate names."""


def person_name(name: str, subject_id: str) -> bytes:
    """C=KR, CN=name, serialNumber=subject id: the bytes of the CSR's subject (PROTOCOL 7)."""
    return der.sequence(
        _rdn("2.5.4.6", der.PRINTABLE, COUNTRY),
        _rdn("2.5.4.3", der.UTF8, name),
        _rdn("2.5.4.5", der.PRINTABLE, subject_id),
    )


def house_name(organisation: str, common_name: str) -> bytes:
    return der.sequence(
        _rdn("2.5.4.6", der.PRINTABLE, COUNTRY),
        _rdn("2.5.4.10", der.UTF8, organisation),
        _rdn("2.5.4.3", der.UTF8, common_name),
    )


def ed25519_spki(public_key: bytes) -> bytes:
    return der.sequence(ED25519, der.bits(public_key))


def key_id(key_bits: bytes) -> bytes:
    """The leftmost 160 bits of SHA-256 over the key's bits (RFC 7093 2, method 1)."""
    return hashlib.sha256(key_bits).digest()[:20]


def spki_key_id(spki: bytes) -> bytes:
    return key_id(der.read(spki).children()[1].value[1:])


def new_serial(entropy: Entropy) -> int:
    """128 random bits, never 0: positive, and below 2^159 (4.1.2.2)."""
    serial = 0
    while serial == 0:
        serial = int.from_bytes(entropy.bytes(SERIAL_BYTES), "big")
    return serial


def shard_of(serial: int, plan: Plan, generation: int) -> int:
    """The list on which a new certificate will stand: one of `crl_shards`, as its serial falls."""
    return everything_of(generation) + 1 + serial % plan.crl_shards


def everything_of(generation: int) -> int:
    """The list of all that this generation gave out and revoked; its shards' numbers follow."""
    return EVERYTHING + (generation - 1) * LISTS_EACH


def generation_of(scope: int) -> int:
    """Which generation of the issuing CA signs the list of this number, and whoever names it."""
    return 1 + scope // LISTS_EACH


def is_everything(scope: int) -> bool:
    return scope % LISTS_EACH == EVERYTHING


def serial_text(serial: int) -> str:
    """As rows and the log write it: 32 hex digits."""
    return f"{serial:032x}"


class Writer:
    """Writes TBSCertificates of one profile for one signer. What never changes is written once."""

    def __init__(
        self,
        profile: Profile,
        signer: Signer,
        plan: Plan,
        assurance: Assurance = Assurance.KNOWN_CUSTOMER,
    ) -> None:
        self.profile = profile
        self.signer = signer
        after = profile.extensions.index(Extension.SKI)
        self._around: dict[int, tuple[bytes, bytes]] = {}
        first = everything_of(signer.generation)
        shards = range(first, first + plan.crl_shards + 1) if profile.person else (EVERYTHING,)
        for shard in shards:
            fixed = _fixed(profile, signer, plan, assurance, shard)
            self._around[shard] = (
                b"".join(fixed[e] for e in profile.extensions[:after]),
                b"".join(fixed[e] for e in profile.extensions[after + 1 :]),
            )

    def tbs(self, fields: Fields) -> bytes:
        """TBSCertificate, version 3."""
        not_after = der.NO_EXPIRY if self.profile.no_expiry else der.time(fields.not_after)
        subject_key = _extension(Extension.SKI, der.octets(fields.key_id), critical=False)
        before, after = self._around[fields.shard]
        return der.sequence(
            b"\xa0\x03\x02\x01\x02",
            der.integer(fields.serial),
            self.signer.algorithm,
            self.signer.name,
            der.sequence(der.time(fields.not_before), not_after),
            fields.subject,
            fields.spki,
            der.explicit(3, der.sequence(before, subject_key, after)),
        )


def assemble(tbs: bytes, algorithm: bytes, signature: bytes) -> bytes:
    """The certificate (or CRL, or basic OCSP response without certificates)."""
    return der.sequence(tbs, algorithm, der.bits(signature))


def unsigned(tbs: bytes, signer: Signer) -> bytes:
    """A certificate to be linted before any key is used."""
    return assemble(tbs, signer.algorithm, UNSIGNED)


def policy_oid(plan: Plan, assurance: Assurance) -> str:
    """The certificate policy that names the level of assurance."""
    return f"{plan.policy_arc}.1.{int(assurance)}"


def policy_of(profile: Profile, plan: Plan, assurance: Assurance) -> str:
    """What a certificate of this profile says in certificatePolicies."""
    if profile.ca:
        return ANY_POLICY
    own = profile.policy
    return policy_oid(plan, assurance) if own is None else f"{plan.policy_arc}.{own}"


def _fixed(
    profile: Profile, signer: Signer, plan: Plan, assurance: Assurance, shard: int
) -> Mapping[Extension, bytes]:
    at = Addresses.under(plan.base_url, signer.generation)
    policy = policy_of(profile, plan, assurance)
    length = b"" if profile.path_length is None else der.integer(profile.path_length)
    values = {
        Extension.AKI: der.sequence(der.implicit(0, signer.key_id)),
        Extension.KEY_USAGE: der.named_bits(profile.usage),
        Extension.BASIC_CONSTRAINTS: der.sequence(der.true() if profile.ca else b"", length),
        Extension.POLICIES: der.sequence(der.sequence(der.oid(policy))),
        Extension.CRL_POINTS: _crl_point(at.crl_of(shard)),
        Extension.AIA: _access(profile, at),
        Extension.EXTENDED_KEY_USAGE: der.sequence(*(der.oid(use) for use in profile.extended)),
        Extension.OCSP_NOCHECK: der.NULL,
    }
    return {
        kind: _extension(kind, value, critical=kind in profile.critical)
        for kind, value in values.items()
    }


def _extension(kind: Extension, value: bytes, *, critical: bool) -> bytes:
    return der.sequence(der.oid(kind), der.true() if critical else b"", der.octets(value))


def _access(profile: Profile, at: Addresses) -> bytes:
    """A person's certificate names the responder and its issuer; a CA's names its root."""
    if profile.ca:
        return der.sequence(*(_described(_AD_CA_ISSUERS, url) for url in at.roots))
    return der.sequence(_described(_AD_OCSP, at.ocsp), _described(_AD_CA_ISSUERS, at.issuing))


def _described(method: str, url: str) -> bytes:
    return der.sequence(der.oid(method), der.implicit(6, url.encode("ascii")))


def _crl_point(url: str) -> bytes:
    name = der.explicit(0, der.explicit(0, der.implicit(6, url.encode("ascii"))))
    return der.sequence(der.sequence(name))


def _rdn(kind: str, tag: int, value: str) -> bytes:
    return der.tlv(der.SET, der.sequence(der.oid(kind), der.tlv(tag, value.encode())))
